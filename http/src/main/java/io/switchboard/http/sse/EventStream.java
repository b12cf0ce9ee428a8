package io.switchboard.http.sse;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.switchboard.core.channel.ChannelName;
import io.switchboard.core.reading.Outlet;
import io.switchboard.core.reading.Reader;
import io.switchboard.http.Framing;
import io.switchboard.http.Occupation;
import io.switchboard.http.Sink;
import io.switchboard.http.Waiting;
import org.jspecify.annotations.Nullable;

/**
 * What all event streams of one reader have in common: room, heartbeats, and the end. Belongs to its
 * request's loop.
 */
abstract class EventStream implements Outlet, Waiting {
    private final ChannelName channel;
    private final long heartbeatMillis;
    private final long endAtMillis;
    private @Nullable Sink sink;
    private @Nullable Reader reader;
    private boolean gone;

    /** @param endAtMillis when it ends of itself; {@link Long#MAX_VALUE} for never */
    EventStream(ChannelName channel, long heartbeatMillis, long endAtMillis) {
        this.channel = channel;
        this.heartbeatMillis = heartbeatMillis;
        this.endAtMillis = endAtMillis;
    }

    /** Both ends are there: begins. */
    void begin(Sink to, Reader from) {
        sink = to;
        reader = from;
        if (gone) from.close();
        else sleep();
    }

    final Sink sink() {
        if (sink == null) throw new IllegalStateException("not begun");
        return sink;
    }

    final Framing framing() {
        return sink().framing();
    }

    static ByteBufAllocator allocator() {
        return ByteBufAllocator.DEFAULT;
    }

    /** Offers what readers of this form share. */
    final Offer write(ByteBuf shared) {
        sink().share(shared);
        return Offer.ACCEPTED;
    }

    /** Ends the stream from this side. */
    final void finish() {
        if (reader != null) reader.close();
        sink().end();
    }

    private void sleep() {
        sink().wakeAt(Math.min(endAtMillis, sink().lastWriteMillis() + heartbeatMillis));
    }

    @Override
    public void due(long nowMillis) {
        if (nowMillis >= endAtMillis) {
            finish();
            return;
        }
        boolean quiet = nowMillis - sink().lastWriteMillis() >= heartbeatMillis;
        if (quiet && sink().isWritable()) sink().write(PlainEvents.heartbeat(framing(), allocator()));
        if (quiet && !sink().isWritable()) sink().wakeAt(nowMillis + heartbeatMillis);
        else sleep();
    }

    @Override
    public void writable() {
        if (reader != null) reader.writable();
    }

    @Override
    public void gone() {
        gone = true;
        if (reader != null) reader.close();
    }

    @Override
    public void expire() {
        finish();
    }

    @Override
    public Occupation occupation() {
        return Occupation.of("sse", channel.value(), reader != null && reader.state() == Reader.State.LAGGING);
    }

    @Override
    public void drain(long afterMillis) {
        if (sink().isWritable()) sink().write(PlainEvents.retry(afterMillis, framing(), allocator()));
        finish();
    }
}
