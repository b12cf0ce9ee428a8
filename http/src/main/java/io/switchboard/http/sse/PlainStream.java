package io.switchboard.http.sse;

import io.netty.buffer.ByteBuf;
import io.switchboard.core.channel.ChannelName;
import io.switchboard.core.channel.Offset;
import io.switchboard.core.reading.Delivery;
import io.switchboard.core.reading.Form;
import io.switchboard.core.reading.Reader;
import io.switchboard.http.Framing;

/** The outlet of plain SSE: one event a message, a gap and the end told as events of their own. */
final class PlainStream extends EventStream {
    private record Messages(Framing framing) implements Form<ByteBuf> {
        @Override
        public ByteBuf encode(Delivery delivery) {
            return PlainEvents.messages(delivery.run(), delivery.type().kind(), framing, allocator());
        }

        @Override
        public void release(ByteBuf encoded) {
            encoded.release();
        }
    }

    private static final Messages CHUNKED = new Messages(Framing.CHUNKED);
    private static final Messages BARE = new Messages(Framing.BARE);

    private boolean toldPosition;

    PlainStream(ChannelName channel, long heartbeatMillis) {
        super(channel, heartbeatMillis, Long.MAX_VALUE);
    }

    @Override
    public Offer offer(Reader reader, Delivery delivery) {
        if (!sink().isWritable()) return Offer.FULL;
        toldPosition = true;
        return write(delivery.as(framing() == Framing.CHUNKED ? CHUNKED : BARE));
    }

    @Override
    public void caughtUp(Reader reader) {
        // Who began now and comes back before the first message would begin at a later now, with a hole between.
        if (!toldPosition) sink().write(PlainEvents.position(reader.position(), framing(), allocator()));
        toldPosition = true;
    }

    @Override
    public AfterGap gap(Reader reader, Offset from, Offset to) {
        toldPosition = true;
        sink().write(PlainEvents.gap(from, to, framing(), allocator()));
        return AfterGap.RESUME;
    }

    @Override
    public void ended(Reader reader, End end) {
        switch (end) {
            case CLOSED -> sink().write(PlainEvents.closed(framing(), allocator()));
            case DELETED -> sink().write(PlainEvents.deleted(framing(), allocator()));
            case FAILED -> {} // the client comes back by itself, from where it stood
        }
        sink().end();
    }
}
