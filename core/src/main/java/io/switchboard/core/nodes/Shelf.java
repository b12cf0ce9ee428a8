package io.switchboard.core.nodes;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Where one node lays down what another one takes, once. Any thread; nothing blocks. Answers come on any thread, within the
 * time that the settings of the store allow.
 */
public interface Shelf {
    /** What became of something to be laid down. */
    enum Laid {
        LAID,
        /** Its owner has as much there as may be. */
        TOO_MUCH,
        /** It cannot be told. */
        UNKNOWN
    }

    /** What was found. */
    sealed interface Taken {
        /** It is gone from the shelf; nobody else has these bytes. */
        @SuppressWarnings("ArrayRecordComponent") // handed over
        record Found(byte[] content) implements Taken {}

        /** It was never there, is too old, or was taken before. */
        record Nothing() implements Taken {}

        /** It cannot be told; it may be gone. */
        record Unknown() implements Taken {}
    }

    /**
     * Lays something down until it is taken, or that time is over.
     *
     * @param key letters, digits, {@code -} and {@code _}, which nothing else has
     * @param owner the same, for whom it is counted; null for nobody
     * @param ownerMax what lies there of one owner at most
     */
    void lay(String key, @Nullable String owner, int ownerMax, byte[] content, long lifeMillis, Consumer<Laid> answer);

    void take(String key, Consumer<Taken> answer);

    /**
     * Has all nodes use one value: the one that was proposed first stays.
     *
     * @param name letters, digits and {@code -}
     * @param answer gets what all use; null if it cannot be told
     */
    void agree(String name, byte[] proposal, Consumer<byte @Nullable []> answer);
}
