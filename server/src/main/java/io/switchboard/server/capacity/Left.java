package io.switchboard.server.capacity;

/**
 * What there is for further connections; {@link #UNTOLD} of whatever a system does not tell.
 *
 * @param files that the process may still open
 * @param heapBytes that are neither taken nor garbage for sure
 * @param machineBytes that the machine, or the container, can still give this process
 */
public record Left(long files, long heapBytes, long machineBytes) {
    public static final long UNTOLD = Long.MAX_VALUE;

    public Left {
        if (files < 0 || heapBytes < 0 || machineBytes < 0) throw new IllegalArgumentException("less than nothing");
    }
}
