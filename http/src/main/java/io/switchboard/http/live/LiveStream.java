package io.switchboard.http.live;

import io.netty.buffer.ByteBufAllocator;
import io.switchboard.core.channel.Block;
import io.switchboard.core.channel.ChannelName;
import io.switchboard.core.channel.Offset;
import io.switchboard.core.channel.Run;
import io.switchboard.core.exchange.Exchange;
import io.switchboard.core.reading.Delivery;
import io.switchboard.core.reading.Outlet;
import io.switchboard.core.reading.ReadFrom;
import io.switchboard.core.reading.Reader;
import io.switchboard.core.time.Loop;
import io.switchboard.http.Occupation;
import io.switchboard.http.Sink;
import io.switchboard.http.Waiting;
import io.switchboard.http.sse.PlainEvents;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One event stream over several readers. Its id is where all of them stand, in the order of the query,
 * so what it sends is encoded for each client alone.
 */
final class LiveStream implements Outlet, Waiting {
    /** The part of an id for a channel of which nothing was seen: neither a message nor its tail. */
    static final String NOWHERE = "-";

    /** What most positions take in an id, with a comma; longer ones make it grow. */
    private static final int POSITION_CHARS = 16;

    private final long heartbeatMillis;
    private final List<Reader> readers = new ArrayList<>(); // in the order of the query; those that ended too
    private final List<Reader> unseen = new ArrayList<>(0); // of which the client knows no position
    private @Nullable Sink sink;
    private int open; // readers that have not ended
    private boolean over;

    LiveStream(long heartbeatMillis) {
        this.heartbeatMillis = heartbeatMillis;
    }

    /** @param from where each of the channels begins */
    void begin(Sink to, List<ChannelName> channels, List<ReadFrom> from, Exchange exchange, Loop loop) {
        sink = to;
        if (over) return;
        open = channels.size();
        for (int i = 0; i < open; i++) {
            // Whoever has an offset of a channel has seen it: if it is not there, it was deleted.
            boolean awaitsCreation = !(from.get(i) instanceof ReadFrom.At);
            Reader reader = exchange.read(channels.get(i), from.get(i), awaitsCreation, loop, this);
            readers.add(reader);
            if (awaitsCreation) unseen.add(reader);
        }
        // Also of channels that are not there: its first bytes are what shows a client that no proxy holds them back.
        tellPosition();
        to.wakeAt(to.lastWriteMillis() + heartbeatMillis);
    }

    @Override
    public Offer offer(Reader reader, Delivery delivery) {
        Sink to = sink();
        if (!to.isWritable()) return Offer.FULL;
        unseen.remove(reader);
        LiveEvents events = new LiveEvents();
        for (Run.Slice slice : delivery.run().slices()) {
            Block block = slice.block();
            for (int i = slice.from(); i < slice.to(); i++) {
                Offset at = new Offset(block.generation(), block.firstSequence() + i);
                events.message(id(reader, at), reader.channel(), delivery.type(), block, i);
            }
        }
        write(events);
        return Offer.ACCEPTED;
    }

    @Override
    public void caughtUp(Reader reader) {
        if (unseen.remove(reader)) tellPosition();
    }

    @Override
    public AfterGap gap(Reader reader, Offset gone, Offset to) {
        unseen.remove(reader);
        LiveEvents events = new LiveEvents();
        events.gap(id(reader, to), reader.channel(), gone, to);
        write(events);
        return AfterGap.RESUME;
    }

    @Override
    public void ended(Reader reader, End end) {
        switch (end) {
            case CLOSED -> tellEnd("closed", reader);
            case DELETED -> tellEnd("deleted", reader);
            case FAILED -> {
                finish(); // the client comes back by itself
                return;
            }
        }
        if (--open == 0) finish();
    }

    private void tellEnd(String event, Reader reader) {
        LiveEvents events = new LiveEvents();
        events.ended(event, reader.channel());
        write(events);
    }

    private void tellPosition() {
        LiveEvents events = new LiveEvents();
        events.position(id(null, Offset.ZERO));
        write(events);
    }

    private Sink sink() {
        if (sink == null) throw new IllegalStateException("not begun");
        return sink;
    }

    private void write(LiveEvents events) {
        sink().write(sink().framing().frame(events.bytes(), allocator()));
    }

    private static ByteBufAllocator allocator() {
        return ByteBufAllocator.DEFAULT;
    }

    // Where all of them stand, the one that is just told of something at `at`.
    private String id(@Nullable Reader told, Offset at) {
        StringBuilder id = new StringBuilder(readers.size() * POSITION_CHARS);
        for (Reader reader : readers) {
            if (!id.isEmpty()) id.append(',');
            Offset seen = reader == told ? at : reader.seen();
            if (seen == null) id.append(NOWHERE);
            else id.append(seen);
        }
        return id.toString();
    }

    private void finish() {
        closeReaders();
        sink().end();
    }

    private void closeReaders() {
        over = true;
        for (Reader reader : readers) reader.close();
    }

    @Override
    public void due(long nowMillis) {
        Sink to = sink();
        if (nowMillis - to.lastWriteMillis() >= heartbeatMillis && to.isWritable()) {
            to.write(PlainEvents.heartbeat(to.framing(), allocator()));
        }
        to.wakeAt(Math.max(nowMillis, to.lastWriteMillis()) + heartbeatMillis);
    }

    @Override
    public void writable() {
        for (Reader reader : readers) reader.writable();
    }

    @Override
    public void gone() {
        closeReaders();
    }

    @Override
    public void expire() {
        finish();
    }

    @Override
    public Occupation occupation() {
        int lagging = 0;
        for (Reader reader : readers) {
            if (reader.state() == Reader.State.LAGGING) lagging++;
        }
        String channel = readers.size() == 1 ? readers.getFirst().channel().value() : null;
        return new Occupation("sse", channel, readers.size(), lagging);
    }

    @Override
    public void drain(long afterMillis) {
        sink().write(PlainEvents.retry(afterMillis, sink().framing(), allocator()));
        finish();
    }
}
