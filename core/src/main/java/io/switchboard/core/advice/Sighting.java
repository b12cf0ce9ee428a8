package io.switchboard.core.advice;

import io.switchboard.core.channel.ChannelName;

/**
 * What was observed of one channel in the last hour or so: counts that fade, so that an event weighs 1 when it happens and
 * 1/e after {@value #WINDOW_SECONDS} s. {@code seconds} fades with them, so that a count divided by it is a rate from the
 * first minute on. There may be 100,000 of these, so it is 88 bytes, and nothing else hangs on it.
 *
 * <p>Ticks are tenths of a second by a clock that need not be right: one that is set back lets no time pass, one that leaps
 * ahead lets all counts fade. Counts are exact up to 4,600 events a second; beyond, they stay there.
 *
 * <p>Belongs to the loop that owns the channel.
 */
public final class Sighting {
    /** How long it remembers. */
    static final int WINDOW_SECONDS = 3_600;

    /** A second has so many ticks. What is appended within one tick arrives together at whoever asks again each time. */
    public static final int TICKS_PER_SECOND = 10;

    private static final float SIZES_MAX = 256; // that the mean of them is made of
    private static final float SIZES_TELLING = 8; // from so many on one alone does not count for much
    private static final float LARGER_MAX = 8;
    private static final float LARGER_MAX_BYTES = 1_024;

    private final ChannelName channel;
    private int at; // when the counts had these values
    private float seconds;
    private float posts;
    private float said; // over sockets
    private float messages;
    private float rounds; // ticks with an append
    private float bytesPerMessage;
    private float polls; // that go on from an offset
    private float emptyPolls;
    private float polledMessages;
    private float longPolls;
    private float looks; // reads that do not go on from anywhere
    private float pagesBehind;
    private int events; // readers now, as the next two
    private int sockets;
    private int paced;
    private float everySeconds; // that paced readers ask for
    private byte largest; // binary digits of the size of the largest message
    private boolean spoken; // in this tick
    private boolean forgotten;

    Sighting(ChannelName channel, int tick) {
        this.channel = channel;
        this.at = tick;
    }

    boolean isForgotten() {
        return forgotten;
    }

    void forget() {
        forgotten = true;
    }

    private void advance(int tick) {
        int passed = tick - at;
        if (passed == 0) return;
        at = tick;
        spoken = false;
        if (passed > 0) fade((double) passed / TICKS_PER_SECOND / WINDOW_SECONDS);
    }

    private void fade(double windows) {
        float keep = (float) Math.exp(-windows);
        seconds = (float) (seconds * keep - WINDOW_SECONDS * Math.expm1(-windows));
        posts *= keep;
        said *= keep;
        messages *= keep;
        rounds *= keep;
        polls *= keep;
        emptyPolls *= keep;
        polledMessages *= keep;
        longPolls *= keep;
        looks *= keep;
        pagesBehind *= keep;
    }

    /**
     * Messages were stored.
     *
     * @param bySocket whether whoever spoke holds a WebSocket, and did not post
     * @param count 0 of a mere close
     */
    public void appended(int tick, boolean bySocket, int count, long bytes) {
        if (count <= 0) return;
        advance(tick);
        if (bySocket) said++;
        else posts++;
        messages += count;
        if (!spoken) rounds++;
        spoken = true;
        float size = (float) Math.max(0, bytes) / count;
        float counted =
                messages < SIZES_TELLING ? size : Math.min(size, LARGER_MAX * bytesPerMessage + LARGER_MAX_BYTES);
        bytesPerMessage += (counted - bytesPerMessage) * Math.min(1f, count / Math.min(messages, SIZES_MAX));
        largest = (byte) Math.max(largest, Long.SIZE - Long.numberOfLeadingZeros((long) size));
    }

    /** Somebody asked for what follows an offset, and was given {@code count} messages. */
    public void polled(int tick, long count) {
        advance(tick);
        polls++;
        if (count == 0) emptyPolls++;
        polledMessages += count;
    }

    /** Somebody asked for what follows an offset, and waits for it if there is nothing. */
    public void longPolled(int tick) {
        advance(tick);
        longPolls++;
    }

    /** Somebody asked for a page of the channel, without going on from an offset. */
    public void looked(int tick) {
        advance(tick);
        looks++;
    }

    /** A reader that lasts was given messages from the log: it was behind, or came later than they. */
    public void wasBehind(int tick) {
        advance(tick);
        pagesBehind++;
    }

    /** A reader came, or left. */
    public void held(int tick, Held held, int more) {
        advance(tick);
        switch (held) {
            case NOTHING -> {}
            case EVENTS -> events = Math.max(0, events + more);
            case SOCKET -> sockets = Math.max(0, sockets + more);
            case PACED_SOCKET -> {
                sockets = Math.max(0, sockets + more);
                paced = Math.max(0, paced + more);
            }
        }
    }

    /** A reader asks for no more than a message in so many seconds; whoever asks for the most sets what all need. */
    public void asked(int tick, double seconds) {
        advance(tick);
        float asked = (float) seconds;
        boolean first = everySeconds == 0 || paced <= 1;
        everySeconds = first ? asked : Math.min(asked, everySeconds + (asked - everySeconds) / 16);
    }

    /** What is known at a moment. */
    public Traffic traffic(int tick) {
        advance(tick);
        return new Traffic(
                channel,
                seconds,
                posts,
                said,
                messages,
                rounds,
                bytesPerMessage,
                largest == 0 ? 0 : 1L << (largest - 1),
                polls,
                emptyPolls,
                polledMessages,
                longPolls,
                looks,
                pagesBehind,
                events,
                sockets,
                paced,
                everySeconds);
    }
}
