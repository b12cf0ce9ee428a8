package io.switchboard.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Exception.HeaderListSizeException;
import io.netty.handler.codec.http2.Http2Exception.StreamException;
import io.netty.handler.codec.http2.Http2Flags;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Headers.PseudoHeaderName;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.collection.IntObjectHashMap;
import io.netty.util.collection.IntObjectMap;
import io.switchboard.core.access.Revocations.Revocation;
import io.switchboard.core.time.Loop;
import io.switchboard.http.http2.Allowance;
import io.switchboard.http.http2.ClosedStreams;
import io.switchboard.http.http2.HeadReader;
import io.switchboard.http.http2.Http2Frames;
import io.switchboard.http.http2.RequestHead;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One HTTP/2 connection (RFC 9113): frames by Netty's reader, streams and everything about them by us.
 *
 * <pre>
 *   BEGINNING ──settings──► OPEN ──► CLOSING
 *                            └── each {@link Http2Stream} carries an {@link Http2Request}, then what came of it
 * </pre>
 *
 * What a peer does that costs this side something and brings nothing has an allowance ({@link #wasted}, chatter);
 * beyond it the connection ends with ENHANCE_YOUR_CALM. Answers that the peer does not take must not pile up: while much
 * waits, reads have to await their turn. Belongs to its loop.
 */
final class Http2Connection extends Peer implements Http2Input.Listener {
    /** Whoever has not agreed to the settings by then never will. */
    private static final long SETTINGS_ACK_MILLIS = 10_000;

    private static final long CLOSING_MILLIS = 2_000;
    /** What was asked before the peer could know that the server goes down is answered yet. */
    private static final long LAST_CALL_MILLIS = 1_000;

    /** What the peer may send on all streams together before it is told that there is room for more. */
    private static final int WINDOW_BYTES = 1024 * 1024;

    private static final int WINDOW_FIRST = 65_535; // RFC 9113, section 6.9.2

    /** Streams that the peer opens and drops at once, or brings to an error: so many at once, and again at each look. */
    private static final int WASTED_MAX = 200;

    private static final int WASTED_AGAIN = 5;
    /** A stream that the peer resets when it is older was no waste. */
    private static final long WASTED_WITHIN_MILLIS = 1_000;
    /** Frames that carry nothing: so many at once, and again at each look. */
    private static final int CHATTER_MAX = 1_000;

    private static final int CHATTER_AGAIN = 25;
    /** A trusted proxy speaks for so many clients, who may all leave at once. */
    private static final int CLIENTS_OF_A_PROXY = 50;
    /** Content for a stream that was reset is on its way yet; pieces of less than this are chatter. */
    private static final int LATE_BYTES_MIN = 256;

    /** For each piece of content that is sent, the peer may say so often that there is room again. */
    private static final int UPDATES_A_FRAME = 2;

    private static final int MAX_CONCURRENT_STREAMS = 3; // RFC 9113, section 6.5.2
    private static final int MAX_HEADER_LIST_SIZE = 6;
    private static final int ENABLE_CONNECT_PROTOCOL = 8; // RFC 8441, section 3

    /** What a header field counts for beside its name and value. */
    private static final int FIELD_OVERHEAD_BYTES = 32; // RFC 9113, section 6.5.2

    private static final int PSEUDO_FIELDS = 5;
    private static final long LAST_CALL = 0x6c6173742063616cL; // content of a ping

    private enum Phase {
        BEGINNING,
        OPEN,
        CLOSING
    }

    private final Http2Request.Reception reception;
    private final HeadReader.Limits headLimits;
    private final Http2Input input;
    private final Http2Output output = new Http2Output(this);
    private final IntObjectMap<Http2Stream> streams = new IntObjectHashMap<>(8);
    private final ClosedStreams closed = new ClosedStreams();
    private final Allowance wasted;
    private final Allowance chatter;
    private final Http2Turns turns = new Http2Turns(output);

    private Phase phase = Phase.BEGINNING;
    private boolean reading; // within a read, whose end flushes
    private int lastStream; // that the peer has opened
    private int granted = WINDOW_BYTES; // bytes that the peer may send yet
    private int taken; // bytes since it was last told that there is room
    private long updatesDue; // that it may yet send for what it was sent
    private int orphans; // requests in their handlers' hands whose streams are over

    private long partDeadlineMillis; // of what has begun and is not whole
    private long idleDeadlineMillis = NEVER;
    private long ackDeadlineMillis;
    private long closingDeadlineMillis = NEVER;

    private boolean inputEnded;
    private boolean draining;
    private long leaveAtMillis; // when this one goes, while draining
    private long backAtMillis; // when its client is to come back
    private boolean lastCalled; // and the peer knows
    private int lastTaken = Integer.MAX_VALUE; // streams beyond are not looked at

    Http2Connection(Connections connections, HttpLimits limits, Http2Request.Reception reception) {
        super(connections, limits);
        this.reception = reception;
        boolean isProxy =
                reception.forwarding().trusted().contains(reception.peer().address());
        int clients = isProxy ? CLIENTS_OF_A_PROXY : 1;
        wasted = new Allowance(clients * WASTED_MAX, clients * WASTED_AGAIN);
        chatter = new Allowance(clients * CHATTER_MAX, clients * CHATTER_AGAIN);
        headLimits = new HeadReader.Limits(limits.requestLineBytesMax(), limits.headersMax(), limits.headerBytesMax());
        input = new Http2Input(this, headerListBytesMax(limits));
    }

    private static int headerListBytesMax(HttpLimits limits) {
        return limits.requestLineBytesMax()
                + limits.headerBytesMax()
                + FIELD_OVERHEAD_BYTES * (limits.headersMax() + PSEUDO_FIELDS);
    }

    // --- its life

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        super.handlerAdded(ctx);
        partDeadlineMillis = nowMillis() + limits.headerTimeoutMillis();
        ackDeadlineMillis = nowMillis() + SETTINGS_ACK_MILLIS;
        output.control(Http2Frames.settings(
                Map.of(
                        MAX_CONCURRENT_STREAMS, limits.streamsMax(),
                        MAX_HEADER_LIST_SIZE, headerListBytesMax(limits),
                        ENABLE_CONNECT_PROTOCOL, 1),
                Http2Output.allocator()));
        output.control(Http2Frames.windowUpdate(0, WINDOW_BYTES - WINDOW_FIRST, Http2Output.allocator()));
    }

    @Override
    void look(long now) {
        wasted.refill();
        chatter.refill();
        if (hasStalled(now, pending()) || isSilent(now) || now >= closingDeadlineMillis) {
            abandon();
        } else if (phase == Phase.CLOSING) {
            return; // what was sent last is on its way
        } else if (now >= partDeadlineMillis) {
            fail(Http2Error.PROTOCOL_ERROR);
        } else if (now >= ackDeadlineMillis) {
            fail(Http2Error.SETTINGS_TIMEOUT);
        } else if (now >= idleDeadlineMillis) {
            if (draining && !lastCalled) lastCalled();
            else leave();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        connections.remove(this);
        phase = Phase.CLOSING;
        loseStreams();
        input.close();
        output.close();
    }

    private void loseStreams() {
        turns.close();
        for (Http2Stream stream : new ArrayList<>(streams.values())) stream.lost();
    }

    @Override
    @SuppressWarnings("deprecation") // overridden to keep Netty from logging the peer's mistakes
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (!isOfThePeer(cause)) log(cause);
        ctx.close();
    }

    // Its streams have each their own.
    @Override
    @Nullable
    Occupation occupation() {
        return null;
    }

    @Override
    InetAddress client() {
        return reception.peer().address();
    }

    @Override
    void revoke(Revocation revocation) {}

    Loop loop() {
        return connections.loop();
    }

    // --- the server goes down

    // The peer is told to open no streams any more; then, when it knows, which was the last (RFC 9113, section 6.8).
    @Override
    void drain(long leaveMillis, long backMillis) {
        if (draining || phase == Phase.CLOSING) return;
        draining = true;
        leaveAtMillis = nowMillis() + leaveMillis;
        backAtMillis = nowMillis() + backMillis;
        output.control(Http2Frames.goAway(Integer.MAX_VALUE, Http2Error.NO_ERROR, Http2Output.allocator()));
        output.control(Http2Frames.ping(LAST_CALL, Http2Output.allocator()));
        idleDeadlineMillis = nowMillis() + LAST_CALL_MILLIS;
    }

    private void lastCalled() {
        lastCalled = true;
        lastTaken = lastStream;
        idleDeadlineMillis = NEVER;
        output.control(Http2Frames.goAway(lastTaken, Http2Error.NO_ERROR, Http2Output.allocator()));
        leaveIfIdle();
    }

    boolean isDraining() {
        return draining;
    }

    // From now, as this connection was told when the server began to go down.
    long leaveMillis() {
        return Math.max(0, leaveAtMillis - nowMillis());
    }

    long backMillis() {
        return Math.max(leaveMillis(), backAtMillis - nowMillis());
    }

    // Nothing is under way, so that nothing is lost.
    private void leaveIfIdle() {
        if (!streams.isEmpty() || phase == Phase.CLOSING) return;
        if (inputEnded || lastCalled) leave();
        else if (!draining) idleDeadlineMillis = nowMillis() + limits.idleTimeoutMillis();
    }

    private void leave() {
        if (!lastCalled) {
            output.control(Http2Frames.goAway(lastStream, Http2Error.NO_ERROR, Http2Output.allocator()));
        }
        end();
    }

    // --- the peer's mistakes

    @Override
    public boolean isClosing() {
        return phase == Phase.CLOSING;
    }

    /** Ends the connection: nothing that comes on it means anything any more. */
    @Override
    public void fail(Http2Error error) {
        if (phase == Phase.CLOSING) return;
        connections.traffic().endedHttp2(error.name());
        output.control(Http2Frames.goAway(Math.min(lastStream, lastTaken), error, Http2Output.allocator()));
        end();
    }

    // What was said last goes out before the connection is reset under what the peer is still sending.
    private void end() {
        phase = Phase.CLOSING;
        closingDeadlineMillis = nowMillis() + CLOSING_MILLIS;
        loseStreams();
        context().writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(sent -> {
            if (sent.isSuccess() && !inputEnded) endOutput();
            else close();
        });
    }

    /** The peer did what it must not on one stream. */
    void fault(Http2Stream stream, Http2Error error) {
        stream.reset(error);
        wasted();
    }

    /** The peer has had something done for nothing. */
    void wasted() {
        if (!wasted.take()) fail(Http2Error.ENHANCE_YOUR_CALM);
    }

    private void chatter() {
        if (!chatter.take()) fail(Http2Error.ENHANCE_YOUR_CALM);
    }

    /** A request's stream is over, and its handler is not done with it. */
    void orphaned() {
        orphans++;
    }

    void adopted() {
        orphans--;
    }

    // --- what arrives

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        try {
            if (message instanceof ByteBuf bytes) received(ctx, bytes);
        } finally {
            ReferenceCountUtil.release(message);
        }
    }

    private void received(ChannelHandlerContext ctx, ByteBuf bytes) {
        reading = true;
        if (phase != Phase.CLOSING && input.received(ctx, bytes) && phase == Phase.OPEN) partDeadlineMillis = NEVER;
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        reading = false;
        if (phase == Phase.OPEN && input.isPartial() && partDeadlineMillis == NEVER) {
            partDeadlineMillis = nowMillis()
                    + (input.isContentPartial() ? limits.bodyTimeoutMillis() : limits.headerTimeoutMillis());
        }
        output.flush();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (!ctx.channel().isWritable()) return;
        output.proceed();
        turns.next();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (!(event instanceof ChannelInputShutdownEvent)) {
            ctx.fireUserEventTriggered(event);
            return;
        }
        // Answers that are under way still go out. Whoever waits for news looks the same as one who left.
        inputEnded = true;
        if (phase == Phase.CLOSING) close();
        for (Http2Stream stream : new ArrayList<>(streams.values())) stream.inputLost();
        leaveIfIdle();
    }

    /** Whether a frame means anything: it is neither the first one nor behind the end. */
    private boolean means() {
        if (phase == Phase.BEGINNING) fail(Http2Error.PROTOCOL_ERROR);
        return phase == Phase.OPEN;
    }

    // --- requests

    @Override
    public void onHeadersRead(
            ChannelHandlerContext ctx,
            int id,
            Http2Headers fields,
            int dependency,
            short weight,
            boolean exclusive,
            int padding,
            boolean end) {
        onHeadersRead(ctx, id, fields, padding, end); // priorities mean nothing here
    }

    @Override
    public void onHeadersRead(ChannelHandlerContext ctx, int id, Http2Headers fields, int padding, boolean end) {
        if (!means()) return;
        Http2Stream there = streams.get(id);
        if (there != null) {
            trailers(there, fields, end);
            return;
        }
        Http2Stream stream = open(id);
        if (stream == null) return;
        switch (HeadReader.read(fields, end, headLimits)) {
            case RequestHead.Accepted accepted -> {
                stream.announce(end ? Http2Stream.LENGTH_UNKNOWN : accepted.contentLength());
                stream.request().begin(accepted, end);
            }
            case RequestHead.Refused(var problem) -> stream.request().refuse(problem);
            case RequestHead.Malformed() -> fault(stream, Http2Error.PROTOCOL_ERROR);
        }
        if (end) stream.inputEnded();
    }

    // What they say is nothing that anybody here asks for.
    private void trailers(Http2Stream stream, Http2Headers fields, boolean end) {
        if (stream.isInputEnded()) {
            fault(stream, Http2Error.STREAM_CLOSED);
            return;
        }
        boolean pseudo = false;
        for (CharSequence name : fields.names()) pseudo |= PseudoHeaderName.hasPseudoHeaderFormat(name);
        if (pseudo || !end) fault(stream, Http2Error.PROTOCOL_ERROR);
        else stream.inputEnded();
    }

    // Null if there is none, which has been said.
    private @Nullable Http2Stream open(int id) {
        if (id <= lastStream) {
            if (closed.how(id) == ClosedStreams.How.UNKNOWN) fail(Http2Error.PROTOCOL_ERROR);
            else late(id, 0);
            return null;
        }
        if (id % 2 == 0) {
            fail(Http2Error.PROTOCOL_ERROR);
            return null;
        }
        lastStream = id;
        if (id > lastTaken) return null; // the peer knows, and asks elsewhere
        if (streams.size() + orphans >= limits.streamsMax()) {
            closed.add(id, true);
            output.control(Http2Frames.reset(id, Http2Error.REFUSED_STREAM, Http2Output.allocator()));
            wasted();
            return null;
        }
        Http2Stream stream = new Http2Stream(this, output, id, reception);
        streams.put(id, stream);
        idleDeadlineMillis = draining ? idleDeadlineMillis : NEVER;
        return stream;
    }

    // Something has come for a stream that is not open (RFC 9113, section 5.1).
    private void late(int id, int bytes) {
        if (id > lastStream) {
            fail(Http2Error.PROTOCOL_ERROR);
            return;
        }
        switch (closed.how(id)) {
            case RESET_HERE, UNKNOWN -> {
                if (bytes < LATE_BYTES_MIN) chatter();
            }
            case ENDED -> fail(Http2Error.STREAM_CLOSED);
        }
    }

    // The reader met it; of a head, the fields have been read, so that others can be.
    @Override
    public void fault(StreamException fault) {
        int id = fault.streamId();
        Http2Stream stream = streams.get(id);
        if (stream == null && phase == Phase.OPEN && id > lastStream) stream = open(id);
        if (stream == null) {
            if (phase != Phase.OPEN || closed.how(id) == ClosedStreams.How.ENDED) fail(fault.error());
            else chatter();
        } else if (fault instanceof HeaderListSizeException && stream.awaitsHead()) {
            stream.request().refuse(HeadReader.tooLarge());
        } else {
            fault(stream, fault.error());
        }
    }

    @Override
    public int onDataRead(ChannelHandlerContext ctx, int id, ByteBuf content, int padding, boolean end) {
        if (!means()) return 0;
        int bytes = content.readableBytes() + padding;
        granted -= bytes;
        if (granted < 0) {
            fail(Http2Error.FLOW_CONTROL_ERROR);
            return 0;
        }
        grant(bytes);
        if (bytes == 0 && !end) chatter();
        Http2Stream stream = streams.get(id);
        if (stream == null) late(id, bytes);
        else if (stream.isInputEnded()) fault(stream, Http2Error.STREAM_CLOSED);
        else stream.arrived(content, bytes, end);
        return 0;
    }

    private void grant(int bytes) {
        taken += bytes;
        if (taken < WINDOW_BYTES / 2) return;
        output.control(Http2Frames.windowUpdate(0, taken, Http2Output.allocator()));
        granted += taken;
        taken = 0;
    }

    @Override
    public void onRstStreamRead(ChannelHandlerContext ctx, int id, long error) {
        if (!means()) return;
        Http2Stream stream = streams.get(id);
        if (stream == null) {
            if (id > lastStream) fail(Http2Error.PROTOCOL_ERROR);
            else chatter();
            return;
        }
        boolean waste = nowMillis() - stream.bornMillis() < WASTED_WITHIN_MILLIS;
        stream.lost();
        if (waste) wasted();
    }

    Http2Turns turns() {
        return turns;
    }

    /** A stream is over. */
    void ended(Http2Stream stream, boolean resetHere) {
        streams.remove(stream.id());
        closed.add(stream.id(), resetHere);
        leaveIfIdle();
    }

    // --- the connection itself

    /** So many bytes go out, with so many pieces of content that the peer may make room for again. */
    void wrote(int bytes, int pieces) {
        passed(bytes);
        updatesDue += (long) UPDATES_A_FRAME * pieces;
        if (!reading) connections.flushLater(this);
    }

    @Override
    public void onSettingsRead(ChannelHandlerContext ctx, Http2Settings settings) throws Http2Exception {
        if (phase == Phase.BEGINNING) {
            phase = Phase.OPEN;
            leaveIfIdle();
        }
        if (phase != Phase.OPEN) return;
        chatter();
        output.control(Http2Frames.settingsAck(Http2Output.allocator())); // before anything that is as they want it
        Long table = settings.headerTableSize();
        if (table != null) output.tableBytes(table);
        Integer window = settings.initialWindowSize();
        if (window != null) streamWindow(window);
        output.proceed();
        turns.next();
    }

    private void streamWindow(int bytes) {
        int more = output.streamWindow(bytes);
        for (Http2Stream stream : new ArrayList<>(streams.values())) {
            if (!stream.widen(more)) {
                fail(Http2Error.FLOW_CONTROL_ERROR);
                return;
            }
            if (more > 0) stream.proceed();
        }
    }

    @Override
    public void onSettingsAckRead(ChannelHandlerContext ctx) {
        if (!means()) return;
        if (ackDeadlineMillis == NEVER) chatter();
        ackDeadlineMillis = NEVER;
    }

    @Override
    public void onPingRead(ChannelHandlerContext ctx, long content) {
        if (!means()) return;
        output.control(Http2Frames.pingAck(content, Http2Output.allocator()));
        chatter();
    }

    @Override
    public void onPingAckRead(ChannelHandlerContext ctx, long content) {
        if (!means()) return;
        if (draining && !lastCalled && content == LAST_CALL) lastCalled();
        else chatter();
    }

    @Override
    public void onWindowUpdateRead(ChannelHandlerContext ctx, int id, int more) {
        if (!means()) return;
        if (updatesDue > 0) updatesDue--;
        else chatter();
        if (id == 0) {
            if (!output.widen(more)) fail(Http2Error.FLOW_CONTROL_ERROR);
            output.proceed();
            turns.next();
            return;
        }
        Http2Stream stream = streams.get(id);
        if (stream == null) {
            if (id > lastStream) fail(Http2Error.PROTOCOL_ERROR);
        } else if (stream.widen(more)) {
            stream.proceed();
            turns.next();
        } else {
            fault(stream, Http2Error.FLOW_CONTROL_ERROR);
        }
    }

    // It asks for nothing more; what it has asked for is answered yet.
    @Override
    public void onGoAwayRead(ChannelHandlerContext ctx, int lastId, long error, ByteBuf debug) {
        if (means()) chatter();
    }

    @Override
    public void onPriorityRead(ChannelHandlerContext ctx, int id, int dependency, short weight, boolean exclusive) {
        if (means()) chatter(); // deprecated (RFC 9113, section 5.3.2)
    }

    @Override
    public void onUnknownFrame(ChannelHandlerContext ctx, byte type, int id, Http2Flags flags, ByteBuf payload) {
        if (means()) chatter(); // of an extension (RFC 9113, section 5.5)
    }

    @Override
    public void onPushPromiseRead(ChannelHandlerContext ctx, int id, int promised, Http2Headers headers, int padding) {
        if (means()) fail(Http2Error.PROTOCOL_ERROR); // clients do not push
    }
}
