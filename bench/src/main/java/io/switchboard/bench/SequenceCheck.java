package io.switchboard.bench;

/**
 * What one reader got of each publisher: each message once, in order, or not. A message that comes behind a later one is
 * told apart from one that came twice as far back as {@value #WINDOW} messages; older ones count as doubled. One thread.
 */
final class SequenceCheck {
    static final int WINDOW = 64;

    private final long[] newest; // a publisher's last sequence
    private final long[] seen; // bit n: whether the message n before the newest came
    private long distinct;
    private long doubled;
    private long reordered;

    SequenceCheck(int publishers) {
        newest = new long[publishers];
        seen = new long[publishers];
    }

    void take(int publisher, long sequence) {
        if (publisher >= newest.length) return; // of another run
        long ahead = sequence - newest[publisher];
        if (ahead > 0) {
            seen[publisher] = ahead >= WINDOW ? 1 : seen[publisher] << ahead | 1;
            newest[publisher] = sequence;
            distinct++;
        } else {
            long bit = -ahead >= WINDOW ? 0 : 1L << -ahead;
            if (bit != 0 && (seen[publisher] & bit) == 0) {
                seen[publisher] |= bit;
                distinct++;
                reordered++;
            } else {
                doubled++;
            }
        }
    }

    /** Different messages that came. */
    long distinct() {
        return distinct;
    }

    long doubled() {
        return doubled;
    }

    long reordered() {
        return reordered;
    }
}
