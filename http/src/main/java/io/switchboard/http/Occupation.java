package io.switchboard.http;

import org.jspecify.annotations.Nullable;

/**
 * What a connection is used for at the moment.
 *
 * @param transport such as {@code sse}
 * @param channel the name of what is read; null if it is none, or several
 * @param channels how many are read
 * @param lagging how many of them have more than the client's socket has room for
 */
public record Occupation(String transport, @Nullable String channel, int channels, int lagging) {
    /** One channel is read. */
    public static Occupation of(String transport, String channel, boolean lagging) {
        return new Occupation(transport, channel, 1, lagging ? 1 : 0);
    }
}
