package io.switchboard.http.live;

import io.switchboard.core.channel.ChannelName;
import io.switchboard.core.channel.Payloads;
import io.switchboard.core.channel.Producer;
import io.switchboard.core.reading.ReadFrom;
import org.jspecify.annotations.Nullable;

/** What a client can ask for on the line (spec/protocol.md, section 5). */
sealed interface Action {
    /** Who the client is. */
    record Auth(String token) implements Action {}

    /**
     * @param rate messages a second at most, 0.1 to 100, the newest wins; 0 for all of them
     * @param presence whether the client is to be seen on the channel, and sees who comes and goes
     */
    record Subscribe(ChannelName channel, ReadFrom from, double rate, boolean presence) implements Action {}

    record Unsubscribe(ChannelName channel) implements Action {}

    /** @param content what to append; null together with {@code close} only */
    record Publish(
            ChannelName channel,
            @Nullable Content content,
            boolean close,
            @Nullable Producer producer) implements Action {}

    record Presence(ChannelName channel) implements Action {}

    record Ping() implements Action {}

    /** Messages as a publication carries them. */
    sealed interface Content {
        /**
         * JSON values.
         *
         * @param texts what they say if all of them are strings, for channels of text; null otherwise
         */
        record Json(Payloads values, @Nullable Payloads texts) implements Content {}

        /** Bytes that came in base64. */
        record Bytes(Payloads messages) implements Content {}
    }
}
