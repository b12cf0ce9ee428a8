package io.switchboard.core.store;

import io.switchboard.core.channel.ChannelName;
import java.util.List;

/**
 * Where a local store keeps what it knows. It decides nothing.
 *
 * <p>Threads: {@link #write} and {@link #reserveGenerations} come from one at a time, {@link #sync} from
 * one at a time, everything else from any, at any time, all at once. A look-up sees every write that
 * returned before it began. All may block and may throw {@link PersistenceException}.
 */
public interface Persistence extends Lookup {
    /** Channels that are not retired, whose name begins with {@code prefix} and is greater than {@code after}. */
    List<ChannelState> list(String prefix, String after, int limit);

    /** Channels whose deadline is at or before {@code nowMillis}, the earliest first. */
    List<ChannelName> expired(long nowMillis, int limit);

    /** Makes the changes. When it throws, the logged ones were not made. */
    void write(Changes changes);

    /** Whatever was logged before this call survives a power cut once it returns. */
    void sync();

    /** The generations to go on from. */
    Generations generations();

    /** From now on, generations up to {@code through} may be in use: survives a power cut once it returns. */
    void reserveGenerations(long through);

    /** Makes everything durable and lets go of it. Called once, when no other call is under way. */
    void close(Generations generations);

    /**
     * Where the counter of generations stands.
     *
     * @param last the highest that may have been used; 0 for none
     * @param floor messages are appended in this generation or a later one, because a tail of an
     *     earlier one may have been lost
     */
    record Generations(long last, long floor) {}
}
