package io.switchboard.bench;

import io.netty.channel.EventLoop;
import java.util.function.LongSupplier;
import org.HdrHistogram.Histogram;

/** One event loop of the tool, with its scratch and what it counts. All of it belongs to that loop's thread. */
final class Lane {
    /** Of delays: a microsecond, and ten minutes, as nobody waits longer. */
    private static final long DELAY_MAX_NANOS = 600_000_000_000L;

    private static final int DIGITS = 3;

    final EventLoop eventLoop;
    final LongSupplier clock;
    final Span span;
    final byte[] scratch = new byte[64 * 1024];
    final HttpHead head = new HttpHead();
    /** What is sent next is written into it. */
    final byte[] message;

    private final Histogram delays = newDelays();

    long sent;
    long answered;
    long refused;
    long messages;
    long bytesIn;
    long bytesOut;
    long stalls;
    /** Requests and handshakes of readers. */
    long requests;
    /** Bytes as TCP carries them, where they are counted. */
    long wireIn;

    long wireOut;

    Lane(EventLoop eventLoop, LongSupplier clock, Span span, int size) {
        this.eventLoop = eventLoop;
        this.clock = clock;
        this.span = span;
        this.message = Stamp.message(size);
    }

    static Histogram newDelays() {
        return new Histogram(1_000, DELAY_MAX_NANOS, DIGITS);
    }

    /** Counts only if it was meant to be sent in the span. */
    void delay(long intended, long now) {
        took(delays, intended, now);
    }

    /** The same into another histogram of this lane. */
    void took(Histogram into, long intended, long now) {
        if (span.has(intended)) into.recordValue(Math.min(DELAY_MAX_NANOS, Math.max(0, now - intended)));
    }

    Totals totals() {
        return new Totals(sent, answered, refused, messages, bytesIn, bytesOut, stalls);
    }

    /** What came since this was asked the last time. */
    Histogram takeDelays() {
        Histogram taken = delays.copy();
        delays.reset();
        return taken;
    }
}
