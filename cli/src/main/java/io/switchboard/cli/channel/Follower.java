package io.switchboard.cli.channel;

import io.switchboard.client.Message;
import java.time.Duration;

/** Who follows a channel through a {@link Tail}. All calls come on the thread that runs it. */
public interface Follower {
    /**
     * Takes the next message; each comes once, in order. Returns whether more is wanted.
     *
     * @param kind that of the channel
     */
    boolean message(Message message, Kind kind);

    /** Nothing more has come yet: show what came. Returns whether more is wanted. */
    boolean idle();

    void connected();

    /** The connection is lost; the next one is tried after {@code duration}. */
    void away(Duration duration);

    /** Messages after {@code from} are gone; it goes on after {@code to}. */
    void gap(String from, String to);

    /** That was the last message of a closed channel. */
    void closed();
}
