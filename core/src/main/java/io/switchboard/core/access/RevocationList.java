package io.switchboard.core.access;

import io.switchboard.core.access.Revocations.Revocation;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Where nodes keep their revocations in common; of each subject and each token the latest. Any thread; nothing blocks.
 * Answers come on any thread, within the time that the settings of the store allow.
 */
public interface RevocationList {
    /** What became of revocations to be kept. */
    enum Kept {
        KEPT,
        /** There are as many as may be. */
        FULL,
        /** It cannot be told. */
        UNKNOWN
    }

    /** Some of them, the latest first. */
    record Page(int all, List<Revocation> revocations) {
        public Page {
            revocations = List.copyOf(revocations);
        }
    }

    /** @param countMax how many are kept at most */
    void add(List<Revocation> revocations, int countMax, Consumer<Kept> answer);

    /**
     * Forgets those whose moment is before {@code oldestMillis}, and tells of others.
     *
     * @param skip how many of the latest are known already
     * @param answer gets null if it cannot be told
     */
    void latest(long oldestMillis, int skip, int limit, Consumer<@Nullable Page> answer);
}
