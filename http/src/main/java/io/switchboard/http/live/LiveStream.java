package io.switchboard.http.live;

import io.netty.buffer.ByteBufAllocator;
import io.switchboard.core.advice.Held;
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
final class LiveStream implements Waiting {
    /** The part of an id for a channel of which nothing was seen: neither a message nor its tail. */
    static final String NOWHERE = "-";

    private static final long UNSEEN = -1;

    /** What most positions take in an id, with a comma; longer ones make it grow. */
    private static final int POSITION_CHARS = 16;

    /** One of the channels. */
    private final class Line implements Outlet {
        private ChannelName channel; // the client's own word until it is read, then as all readers have it
        private long generation = UNSEEN;
        private long sequence;
        private @Nullable Reader reader;

        Line(ChannelName channel, ReadFrom from) {
            this.channel = channel;
            if (from instanceof ReadFrom.At(Offset offset)) stand(offset);
        }

        void begin(Reader reads) {
            reader = reads;
            channel = reads.channel();
        }

        boolean isSeen() {
            return generation != UNSEEN;
        }

        private void stand(Offset at) {
            generation = at.generation();
            sequence = at.sequence();
        }

        String position() {
            return isSeen() ? new Offset(generation, sequence).toString() : NOWHERE;
        }

        @Override
        public Offer offer(Delivery delivery) {
            Sink to = sink();
            if (!to.isWritable()) return Offer.FULL;
            LiveEvents events = new LiveEvents();
            for (Run.Slice slice : delivery.run().slices()) {
                Block block = slice.block();
                for (int i = slice.from(); i < slice.to(); i++) {
                    stand(new Offset(block.generation(), block.firstSequence() + i));
                    events.message(id(), channel, delivery.type(), block, i);
                }
            }
            write(events);
            return Offer.ACCEPTED;
        }

        @Override
        public void caughtUp(Offset at) {
            boolean first = !isSeen();
            stand(at);
            if (first) {
                LiveEvents events = new LiveEvents();
                events.position(id());
                write(events);
            }
        }

        @Override
        public AfterGap gap(Offset gone, Offset to) {
            stand(to);
            LiveEvents events = new LiveEvents();
            events.gap(id(), channel, gone, to);
            write(events);
            return AfterGap.RESUME;
        }

        @Override
        public void ended(End end, Offset at) {
            switch (end) {
                case CLOSED -> tell("closed");
                case DELETED -> tell("deleted");
                case FAILED -> {
                    finish(); // the client comes back by itself
                    return;
                }
            }
            if (--open == 0) finish();
        }

        private void tell(String event) {
            LiveEvents events = new LiveEvents();
            events.ended(event, channel);
            write(events);
        }
    }

    private final List<Line> lines;
    private List<ReadFrom> from; // of the lines, until they begin
    private final long heartbeatMillis;
    private @Nullable Sink sink;
    private int open;
    private boolean over;

    LiveStream(List<ChannelName> channels, List<ReadFrom> from, long heartbeatMillis) {
        this.heartbeatMillis = heartbeatMillis;
        this.from = from;
        lines = new ArrayList<>(channels.size());
        for (int i = 0; i < channels.size(); i++) lines.add(new Line(channels.get(i), from.get(i)));
        open = lines.size();
    }

    void begin(Sink to, Exchange exchange, Loop loop) {
        sink = to;
        if (over) return;
        // Also of channels that are not there: its first bytes are what shows a client that no proxy holds them back.
        LiveEvents events = new LiveEvents();
        events.position(id());
        write(events);
        for (int i = 0; i < lines.size(); i++) {
            Line line = lines.get(i);
            // Whoever has an offset of a channel has seen it: if it is not there, it was deleted.
            boolean awaitsCreation = !(from.get(i) instanceof ReadFrom.At);
            line.begin(exchange.read(line.channel, from.get(i), awaitsCreation, loop, line, Held.EVENTS));
        }
        from = List.of();
        to.wakeAt(to.lastWriteMillis() + heartbeatMillis);
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

    private String id() {
        StringBuilder id = new StringBuilder(lines.size() * POSITION_CHARS);
        for (Line line : lines) {
            if (!id.isEmpty()) id.append(',');
            id.append(line.position());
        }
        return id.toString();
    }

    private void finish() {
        closeReaders();
        sink().end();
    }

    private void closeReaders() {
        over = true;
        for (Line line : lines) {
            if (line.reader != null) line.reader.close();
        }
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
        for (Line line : lines) {
            if (line.reader != null) line.reader.writable();
        }
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
        for (Line line : lines) {
            if (line.reader != null && line.reader.state() == Reader.State.LAGGING) lagging++;
        }
        String channel = lines.size() == 1 ? lines.getFirst().channel.value() : null;
        return new Occupation("sse", channel, lines.size(), lagging);
    }

    @Override
    public void drain(long afterMillis) {
        sink().write(PlainEvents.retry(afterMillis, sink().framing(), allocator()));
        finish();
    }
}
