package io.switchboard.server.config;

/**
 * One mistake in the configuration.
 *
 * @param place where it stands: {@code file:line}, the name of a variable, or a flag
 * @param sentence the key, the value and what is allowed
 */
public record Problem(String place, String sentence) {
    @Override
    public String toString() {
        return place + ": " + sentence;
    }
}
