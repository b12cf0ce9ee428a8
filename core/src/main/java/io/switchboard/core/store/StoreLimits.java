package io.switchboard.core.store;

/**
 * How much a store takes on.
 *
 * @param requestsMax in flight; beyond it {@link Failure#BUSY}
 * @param requestBytesMax payload bytes in flight; beyond it {@link Failure#BUSY}
 * @param batchRequestsMax in one commit; the rest waits for the next
 * @param batchBytesMax payload bytes in one commit, or one append
 * @param channelsCachedMax channels whose state is kept at hand
 * @param producersMax that a channel remembers
 * @param forkDepthMax forks of forks
 */
public record StoreLimits(
        int requestsMax,
        long requestBytesMax,
        int batchRequestsMax,
        int batchBytesMax,
        int channelsCachedMax,
        int producersMax,
        int forkDepthMax) {
    public static final StoreLimits DEFAULT = new StoreLimits(65_536, 128L << 20, 4_096, 4 << 20, 131_072, 10_000, 256);

    public StoreLimits {
        if (requestsMax < 1
                || requestBytesMax < 1
                || batchRequestsMax < 1
                || batchBytesMax < 1
                || channelsCachedMax < 1
                || producersMax < 1
                || forkDepthMax < 1) {
            throw new IllegalArgumentException("limits are 1 or more");
        }
    }
}
