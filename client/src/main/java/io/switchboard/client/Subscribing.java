package io.switchboard.client;

/**
 * How to read a channel.
 *
 * @param from where to begin: an offset, {@code -1} for the earliest message that is retained, or {@code now}
 * @param rate at most so many messages a second, 0.1 to 100, the newest of each interval; 0 is every message
 * @param presence whether to be seen on the channel, and to be told who is there
 */
public record Subscribing(String from, double rate, boolean presence) {
    private static final double RATE_MIN = 0.1;
    private static final double RATE_MAX = 100;
    private static final int FROM_LENGTH_MAX = 256;

    public Subscribing {
        if (from.isEmpty() || from.length() > FROM_LENGTH_MAX || !from.matches("[A-Za-z0-9_-]+")) {
            throw new IllegalArgumentException("not an offset, -1 or now: " + from);
        }
        if (rate != 0 && !(rate >= RATE_MIN && rate <= RATE_MAX)) {
            throw new IllegalArgumentException("not a rate from 0.1 to 100: " + rate);
        }
    }

    /** Every message from there on. */
    public static Subscribing from(String from) {
        return new Subscribing(from, 0, false);
    }

    /** The same at a rate. */
    public Subscribing rate(double messagesPerSecond) {
        return new Subscribing(from, messagesPerSecond, presence);
    }

    /** The same, seen by others, and told of them. */
    public Subscribing withPresence() {
        return new Subscribing(from, rate, true);
    }
}
