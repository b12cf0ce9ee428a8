package io.switchboard.core.channel;

/**
 * How much of a channel's log is kept. Each limit is exact to a message for {@code messagesMax} and to
 * a block (at most 64 KB, or one message) for the others; the newest message is always kept.
 *
 * @param messagesMax 1 or more messages
 * @param bytesMax 1 or more bytes of payload
 * @param ageMaxMillis 1 or more milliseconds since commit
 */
public record Retention(long messagesMax, long bytesMax, long ageMaxMillis) {
    public static final long UNLIMITED = Long.MAX_VALUE;
    public static final Retention FOREVER = new Retention(UNLIMITED, UNLIMITED, UNLIMITED);

    public Retention {
        if (messagesMax < 1 || bytesMax < 1 || ageMaxMillis < 1) {
            throw new IllegalArgumentException("retention keeps at least 1 of each");
        }
    }
}
