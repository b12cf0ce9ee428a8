package io.switchboard.server.capacity;

/**
 * What a further connection is reckoned with while it is idle: a WebSocket or an event stream, rounded up from what was
 * measured (docs/performance.md, Memory of idle connections).
 *
 * @param heapBytes its objects
 * @param machineBytes all that the process takes for it, and the kernel for its socket
 */
public record Cost(long heapBytes, long machineBytes) {
    private static final long KERNEL = 4_096; // assumed, not measured

    public static final Cost PLAIN = new Cost(640, 1_216 + KERNEL);
    /** A library keeps the state of each. */
    public static final Cost TLS = new Cost(1_536, 11_008 + KERNEL);

    public Cost {
        if (heapBytes < 1 || machineBytes < 1) throw new IllegalArgumentException("nothing is free");
    }
}
