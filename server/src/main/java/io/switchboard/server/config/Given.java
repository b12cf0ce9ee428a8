package io.switchboard.server.config;

/**
 * A value as somebody wrote it.
 *
 * @param place where: {@code file:line}, the name of a variable, a flag, or {@code default}
 */
record Given(String text, String place) {}
