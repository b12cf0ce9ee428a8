package io.switchboard.http.live;

import io.netty.buffer.ByteBuf;
import io.switchboard.core.channel.Offset;
import io.switchboard.core.reading.Delivery;
import io.switchboard.core.reading.Outlet;
import io.switchboard.core.reading.ReadFrom;
import io.switchboard.core.reading.Reader;
import io.switchboard.core.time.Loop;
import io.switchboard.http.Socket;
import io.switchboard.http.socket.MessageFrames;
import org.jspecify.annotations.Nullable;

/**
 * One subscription of {@link Lines} that has a rate, or is seen on its channel, or both. With a rate it sends the
 * newest message only, at most so often: whatever comes in between is left in the log, like what any reader has no room
 * for, and is skipped when the time has come.
 */
final class Line implements Outlet {
    private final LineSocket owner;
    private final Lines lines;
    private final long everyMillis; // 0 without a rate
    private long toldSequence = -1; // of the newest message that was sent, or skipped over a gap; -1 before
    private long nextMillis;
    private Loop.@Nullable Timer wake;
    private @Nullable Attending attending;

    /**
     * @param rate messages a second; 0 for all
     * @param from where it begins to read
     */
    Line(LineSocket owner, Lines lines, double rate, ReadFrom from) {
        this.owner = owner;
        this.lines = lines;
        everyMillis = rate == 0 ? 0 : (long) Math.ceil(1_000 / rate);
        if (from instanceof ReadFrom.At(Offset offset)) toldSequence = offset.sequence();
    }

    /** Its client is seen on the channel. */
    void attend(Attending begun) {
        attending = begun;
    }

    /** Its reader has ended. */
    void stop() {
        if (wake != null) wake.cancel();
        if (attending != null) attending.leave();
    }

    /** There is room for what is said of others on the channel. */
    void writable() {
        if (attending != null) attending.writable();
    }

    /** There is room for messages, or time for the next. */
    void goOn(Reader reader) {
        if (everyMillis == 0) reader.writable();
        else reader.skipToNewest();
    }

    @Override
    public Offer offer(Reader reader, Delivery delivery) {
        if (everyMillis == 0) return lines.offer(reader, delivery);
        if (toldSequence < 0) toldSequence = delivery.run().firstSequence() - 1;
        Offer offer = owner.socket().isWritable() ? paced(reader, delivery, owner.socket()) : Offer.FULL;
        lines.answered(reader);
        return offer;
    }

    private Offer paced(Reader reader, Delivery delivery, Socket to) {
        long now = owner.nowMillis();
        if (now < nextMillis && nextMillis - now <= everyMillis) { // else the clock was set back
            if (wake == null) wake = to.loop().after(nextMillis - now, () -> due(reader));
            return Offer.LATER;
        }
        nextMillis = now + everyMillis;
        long newest = delivery.run().lastSequence();
        long skipped = newest - toldSequence - 1;
        toldSequence = newest;
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

    private void due(Reader reader) {
        wake = null;
        goOn(reader);
    }

    @Override
    public void caughtUp(Reader reader) {
        lines.caughtUp(reader);
    }

    @Override
    public AfterGap gap(Reader reader, Offset from, Offset to) {
        toldSequence = to.sequence();
        return lines.gap(reader, from, to);
    }

    @Override
    public void ended(Reader reader, End end) {
        lines.ended(reader, end);
    }
}
