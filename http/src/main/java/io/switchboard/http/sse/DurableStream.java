package io.switchboard.http.sse;

import io.netty.buffer.ByteBuf;
import io.switchboard.core.channel.ChannelName;
import io.switchboard.core.channel.Offset;
import io.switchboard.core.reading.Delivery;
import io.switchboard.core.reading.Form;
import io.switchboard.core.reading.Reader;
import io.switchboard.core.time.Ticker;
import io.switchboard.http.Framing;
import io.switchboard.http.wire.Cursor;
import org.jspecify.annotations.Nullable;

/**
 * The outlet of Durable Streams' SSE (section 5.8): a control event behind every data event, and one
 * when the reader has caught up. A gap ends it; the reconnect is told by status.
 */
final class DurableStream extends EventStream {
    private record Messages(Framing framing, long cursor) implements Form<ByteBuf> {
        @Override
        public ByteBuf encode(Delivery delivery) {
            boolean closes = delivery.closes();
            DurableEvents.Control control = new DurableEvents.Control(
                    delivery.lastOffset(), closes ? null : Long.toString(cursor), delivery.reachesTail(), closes);
            return DurableEvents.messages(delivery.run(), delivery.type().kind(), control, framing, allocator());
        }

        @Override
        public void release(ByteBuf encoded) {
            encoded.release();
        }
    }

    private final Ticker ticker;
    private @Nullable String clientCursor;
    private boolean toldUpToDate;
    private boolean toldClosed;

    /** @param clientCursor what the client sent; null for none */
    DurableStream(
            ChannelName channel, long heartbeatMillis, long endAtMillis, Ticker ticker, @Nullable String clientCursor) {
        super(channel, heartbeatMillis, endAtMillis);
        this.ticker = ticker;
        this.clientCursor = clientCursor;
    }

    private long cursor() {
        if (clientCursor == null) return Cursor.at(ticker.nowMillis());
        long cursor = Cursor.after(clientCursor, ticker.nowMillis());
        if (cursor == Cursor.at(ticker.nowMillis())) clientCursor = null; // time has overtaken it
        return cursor;
    }

    @Override
    public Offer offer(Reader reader, Delivery delivery) {
        if (!sink().isWritable()) return Offer.FULL;
        toldUpToDate = delivery.reachesTail();
        toldClosed = delivery.closes();
        return write(delivery.as(new Messages(framing(), cursor())));
    }

    @Override
    public void caughtUp(Reader reader) {
        if (!toldUpToDate) control(new DurableEvents.Control(reader.position(), Long.toString(cursor()), true, false));
        toldUpToDate = true;
    }

    private void control(DurableEvents.Control control) {
        sink().write(DurableEvents.control(control, framing(), allocator()));
    }

    @Override
    public AfterGap gap(Reader reader, Offset from, Offset to) {
        sink().end();
        return AfterGap.STOP;
    }

    @Override
    public void ended(Reader reader, End end) {
        if (end == End.CLOSED && !toldClosed) control(new DurableEvents.Control(reader.position(), null, true, true));
        sink().end();
    }
}
