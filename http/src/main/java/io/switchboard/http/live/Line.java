package io.switchboard.http.live;

import io.netty.buffer.ByteBuf;
import io.switchboard.core.channel.ChannelName;
import io.switchboard.core.channel.Offset;
import io.switchboard.core.reading.Delivery;
import io.switchboard.core.reading.Outlet;
import io.switchboard.core.reading.ReadFrom;
import io.switchboard.core.reading.Reader;
import io.switchboard.core.time.Loop;
import io.switchboard.http.Socket;
import io.switchboard.http.socket.MessageFrames;
import io.switchboard.http.wire.ErrorCode;
import io.switchboard.http.wire.Problem;
import org.jspecify.annotations.Nullable;

/**
 * One subscription of a line. With a rate it sends the newest message only, at most so often: whatever comes
 * in between is left in the log, like what any reader has no room for, and is skipped when the time has come.
 */
final class Line implements Outlet {
    // There may be hundreds on each connection: what few need is kept apart.
    private final LineSocket owner;
    private ChannelName channel; // the client's own word until it is read, then as all readers have it
    private final @Nullable Extras extras; // null for one that wants every message, and not to be seen
    private @Nullable Reader reader;
    private boolean over;
    private boolean woken;

    /** What few need. */
    private static final class Extras {
        private final @Nullable Pace pace; // null without a rate
        private final boolean seen;
        private @Nullable Attending attending;

        Extras(@Nullable Pace pace, boolean seen) {
            this.pace = pace;
            this.seen = seen;
        }
    }

    /** What a line with a rate keeps. */
    private static final class Pace {
        private final long everyMillis;
        private long toldSequence = -1; // of the newest message that was sent, or skipped over a gap; -1 before
        private long nextMillis;
        private Loop.@Nullable Timer wake;

        Pace(double rate) {
            everyMillis = (long) Math.ceil(1_000 / rate);
        }
    }

    /**
     * @param rate messages a second; 0 for all
     * @param seen whether its client is seen on the channel
     */
    Line(LineSocket owner, ChannelName channel, double rate, boolean seen) {
        this.owner = owner;
        this.channel = channel;
        this.extras = rate == 0 && !seen ? null : new Extras(rate == 0 ? null : new Pace(rate), seen);
    }

    private @Nullable Pace pace() {
        return extras == null ? null : extras.pace;
    }

    /** How often it wants a message at most; 0 if it wants all. */
    double everySeconds() {
        Pace pace = pace();
        return pace == null ? 0 : pace.everyMillis / 1_000.0;
    }

    ChannelName channel() {
        return channel;
    }

    boolean isOver() {
        return over;
    }

    boolean isSeen() {
        return extras != null && extras.seen && !over;
    }

    /** For one that {@link #isSeen}. */
    void attend(Attending begun) {
        if (extras == null) throw new IllegalStateException("it is not seen");
        extras.attending = begun;
    }

    void begin(Reader from, ReadFrom position) {
        Pace pace = pace();
        if (pace != null && position instanceof ReadFrom.At(Offset offset)) pace.toldSequence = offset.sequence();
        reader = from;
        channel = from.channel();
    }

    /** Ends the subscription without a word. */
    void close() {
        stop();
        if (reader != null) reader.close();
    }

    private void stop() {
        over = true;
        Pace pace = pace();
        if (pace != null && pace.wake != null) pace.wake.cancel();
        if (extras != null && extras.attending != null) extras.attending.leave();
        answered();
    }

    /** Whether there is more than the socket has room for; what waits for its time is none of it. */
    boolean isLagging() {
        Pace pace = pace();
        return (pace == null || pace.wake == null) && reader != null && reader.state() == Reader.State.LAGGING;
    }

    boolean waitsForRoom() {
        return !woken && isLagging();
    }

    /** There is room for it. */
    void wake() {
        woken = true;
        goOn();
    }

    /** It need not tell any more that it has had its answer. */
    void forgetWoken() {
        woken = false;
        if (extras != null && extras.attending != null) extras.attending.writable();
    }

    private void goOn() {
        if (reader == null) return;
        if (pace() == null) reader.writable();
        else reader.skipToNewest();
    }

    private void answered() {
        if (!woken) return;
        woken = false;
        owner.answered();
    }

    @Override
    public Offer offer(Delivery delivery) {
        Socket to = owner.socket();
        Pace pace = pace();
        if (pace != null && pace.toldSequence < 0)
            pace.toldSequence = delivery.run().firstSequence() - 1;
        Offer offer = to.isWritable() ? send(delivery, to) : Offer.FULL;
        answered();
        return offer;
    }

    private Offer send(Delivery delivery, Socket to) {
        Pace pace = pace();
        if (pace != null) return paced(delivery, to, pace);
        // What several channels have in one turn of the loop takes one write.
        if (owner.isOneLine()) to.share(delivery.as(owner.form()));
        else to.write(delivery.as(owner.form()).retainedDuplicate());
        return Offer.ACCEPTED;
    }

    private Offer paced(Delivery delivery, Socket to, Pace own) {
        long now = owner.nowMillis();
        if (now < own.nextMillis && own.nextMillis - now <= own.everyMillis) { // else the clock was set back
            if (own.wake == null) own.wake = to.loop().after(own.nextMillis - now, () -> due(own));
            return Offer.LATER;
        }
        own.nextMillis = now + own.everyMillis;
        long newest = delivery.run().lastSequence();
        long skipped = newest - own.toldSequence - 1;
        own.toldSequence = newest;
        to.write(owner.isBare() ? bare(delivery, to) : Envelopes.of(to).newest(delivery, skipped));
        return Offer.ACCEPTED;
    }

    private static ByteBuf bare(Delivery delivery, Socket to) {
        var last = delivery.run().slices().getLast();
        int i = last.to() - 1;
        return MessageFrames.message(
                MessageFrames.kind(delivery.type()),
                last.block().bytes(),
                last.block().start(i),
                last.block().end(i),
                to.deflateWindowBits());
    }

    private void due(Pace own) {
        own.wake = null;
        if (!over) goOn();
    }

    @Override
    public void caughtUp(Offset at) {
        answered();
    }

    @Override
    public AfterGap gap(Offset from, Offset to) {
        Pace pace = pace();
        if (pace != null) pace.toldSequence = to.sequence();
        owner.tell(
                "{\"event\":\"gap\",\"channel\":\"" + channel + "\",\"from\":\"" + from + "\",\"to\":\"" + to + "\"}",
                Problem.of(ErrorCode.GONE, "Messages of " + channel + " are gone that were not seen here; it goes on.")
                        .with("channel", channel.value())
                        .with("reason", "gap"));
        return AfterGap.RESUME;
    }

    @Override
    public void ended(End end, Offset at) {
        stop();
        owner.ended(this);
        switch (end) {
            case CLOSED -> tellEnd("closed", ErrorCode.GONE, "The channel " + channel + " is closed; this was all.");
            case DELETED -> tellEnd("deleted", ErrorCode.GONE, "The channel " + channel + " was deleted.");
            case FAILED ->
                owner.fail(Problem.of(
                                ErrorCode.UNAVAILABLE,
                                "The store does not answer now, and the subscription has ended; subscribe again.")
                        .with("channel", channel.value()));
        }
    }

    private void tellEnd(String event, ErrorCode code, String sentence) {
        owner.tell(
                "{\"event\":\"" + event + "\",\"channel\":\"" + channel + "\"}",
                Problem.of(code, sentence).with("channel", channel.value()).with("reason", event));
    }
}
