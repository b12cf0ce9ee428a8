package io.switchboard.core.advice;

/**
 * What readers cost the server and its wire.
 *
 * @param requestsPerHour answered, long-polls included
 * @param bytesPerHour on the wire in both directions, heads, frames and heartbeats included
 * @param cpuSecondsPerHour of the server
 * @param memoryBytes that connections hold between messages
 * @param delaySeconds how old a message is on average when it arrives, beside the network
 */
public record Cost(
        double requestsPerHour,
        double bytesPerHour,
        double cpuSecondsPerHour,
        double memoryBytes,
        double delaySeconds) {
    public static final Cost NONE = new Cost(0, 0, 0, 0, 0);

    /** Both together; of the delays the longer one. */
    public Cost plus(Cost other) {
        return new Cost(
                requestsPerHour + other.requestsPerHour,
                bytesPerHour + other.bytesPerHour,
                cpuSecondsPerHour + other.cpuSecondsPerHour,
                memoryBytes + other.memoryBytes,
                Math.max(delaySeconds, other.delaySeconds));
    }

    /** Which part of a processor with its memory and its part of the network it takes (docs/advice.md, rule 5). */
    public double share() {
        return cpuSecondsPerHour / 3_600
                + memoryBytes / Rules.MEMORY_BYTES_PER_CORE
                + bytesPerHour / 3_600 / Rules.WIRE_BYTES_PER_SECOND_PER_CORE;
    }
}
