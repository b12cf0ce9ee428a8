package io.switchboard.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Exception.HeaderListSizeException;
import io.netty.handler.codec.http2.Http2Exception.StreamException;
import io.netty.handler.codec.http2.Http2Flags;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Headers.PseudoHeaderName;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.util.collection.IntObjectHashMap;
import io.netty.util.collection.IntObjectMap;
import io.switchboard.http.http2.ClosedStreams;
import io.switchboard.http.http2.HeadReader;
import io.switchboard.http.http2.Http2Frames;
import io.switchboard.http.http2.RequestHead;
import java.util.ArrayList;
import org.jspecify.annotations.Nullable;

/**
 * The streams of an HTTP/2 connection, and what each frame means for them (RFC 9113, sections 5 and 6): which are open,
 * which were, how much the peer may send, and what is its mistake. Belongs to its connection's loop.
 */
final class Http2Streams implements Http2Input.Listener {
    /** What the peer may send on all streams together before it is told that there is room for more. */
    private static final int WINDOW_BYTES = 1024 * 1024;

    /** Beyond what every connection begins with (RFC 9113, section 6.9.2). */
    static final int WINDOW_MORE_BYTES = WINDOW_BYTES - 65_535;

    /** Content for a stream that was reset is on its way yet; pieces of less than this are chatter. */
    private static final int LATE_BYTES_MIN = 256;

    /** For each piece of content that is sent, the peer may say so often that there is room again. */
    private static final int UPDATES_A_FRAME = 2;

    private final Http2Connection connection;
    private final Http2Output output;
    private final int streamsMax;
    private final HeadReader.Limits headLimits;
    private final IntObjectMap<Http2Stream> streams = new IntObjectHashMap<>(8);
    private final ClosedStreams closed = new ClosedStreams();
    private int last; // that the peer has opened
    private int lastTaken = Integer.MAX_VALUE; // those beyond are not looked at
    private int granted = WINDOW_BYTES; // bytes that the peer may send yet
    private int taken; // bytes since it was last told that there is room
    private long updatesDue; // that it may yet send for what it was sent

    Http2Streams(Http2Connection connection, Http2Output output, HttpLimits limits) {
        this.connection = connection;
        this.output = output;
        streamsMax = limits.streamsMax();
        headLimits = new HeadReader.Limits(limits.requestLineBytesMax(), limits.headersMax(), limits.headerBytesMax());
    }

    boolean isEmpty() {
        return streams.isEmpty();
    }

    /** The last one that was looked at. */
    int last() {
        return Math.min(last, lastTaken);
    }

    /** The peer knows that the server goes down: what it opens from now on is not looked at. Returns the last one. */
    int takeNoMore() {
        lastTaken = last;
        return last;
    }

    /** There is no connection any more. */
    void lost() {
        for (Http2Stream stream : new ArrayList<>(streams.values())) stream.lost();
    }

    /** The connection brings nothing more. */
    void inputLost() {
        for (Http2Stream stream : new ArrayList<>(streams.values())) stream.inputLost();
    }

    /** One is over. */
    void ended(Http2Stream stream, boolean resetHere) {
        streams.remove(stream.id());
        closed.add(stream.id(), resetHere);
        connection.leaveIfIdle();
    }

    /** A piece of content has gone out. */
    void sentContent() {
        updatesDue += UPDATES_A_FRAME;
    }

    // --- the peer's mistakes

    @Override
    public boolean isClosing() {
        return connection.isClosing();
    }

    @Override
    public void fail(Http2Error error) {
        connection.fail(error);
    }

    /** Whether a frame means anything: it is neither the first one nor behind the end. */
    private boolean means() {
        if (!connection.isOpen()) fail(Http2Error.PROTOCOL_ERROR); // where it is not closing already
        return connection.isOpen();
    }

    // The reader met it; of a head, the fields have been read, so that others can be.
    @Override
    public void fault(StreamException fault) {
        int id = fault.streamId();
        Http2Stream stream = streams.get(id);
        if (stream == null && connection.isOpen() && id > last) stream = open(id);
        if (stream == null) {
            if (!connection.isOpen() || closed.how(id) == ClosedStreams.How.ENDED) fail(fault.error());
            else connection.chatter();
        } else if (fault instanceof HeaderListSizeException && stream.awaitsHead()) {
            stream.request().refuse(HeadReader.tooLarge());
        } else {
            stream.fault(fault.error());
        }
    }

    // Something has come for a stream that is not open (RFC 9113, section 5.1).
    private void late(int id, int bytes) {
        if (id > last) {
            fail(Http2Error.PROTOCOL_ERROR);
            return;
        }
        switch (closed.how(id)) {
            case RESET_HERE, UNKNOWN -> {
                if (bytes < LATE_BYTES_MIN) connection.chatter();
            }
            case ENDED -> fail(Http2Error.STREAM_CLOSED);
        }
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
        switch (HeadReader.read(fields, RequestHead.VERSION, end, headLimits)) {
            case RequestHead.Accepted accepted -> {
                stream.announce(end ? StreamWire.LENGTH_UNKNOWN : accepted.contentLength());
                stream.request().begin(accepted, end);
            }
            case RequestHead.Refused(var problem) -> stream.request().refuse(problem);
            case RequestHead.Malformed() -> stream.misused();
        }
        if (end) stream.inputEnded();
    }

    // What they say is nothing that anybody here asks for.
    private static void trailers(Http2Stream stream, Http2Headers fields, boolean end) {
        if (stream.isInputEnded()) {
            stream.fault(Http2Error.STREAM_CLOSED);
            return;
        }
        boolean pseudo = false;
        for (CharSequence name : fields.names()) pseudo |= PseudoHeaderName.hasPseudoHeaderFormat(name);
        if (pseudo || !end) stream.misused();
        else stream.inputEnded();
    }

    // Null if there is none, which has been said.
    private @Nullable Http2Stream open(int id) {
        if (id <= last) {
            if (closed.how(id) == ClosedStreams.How.UNKNOWN) fail(Http2Error.PROTOCOL_ERROR);
            else late(id, 0);
            return null;
        }
        if (id % 2 == 0) {
            fail(Http2Error.PROTOCOL_ERROR);
            return null;
        }
        last = id;
        if (id > lastTaken) return null; // the peer knows, and asks elsewhere
        if (streams.size() + connection.orphans() >= streamsMax) {
            closed.add(id, true);
            output.control(Http2Frames.reset(id, Http2Error.REFUSED_STREAM, Http2Output.allocator()));
            connection.wasted();
            return null;
        }
        Http2Stream stream = new Http2Stream(connection, output, id);
        streams.put(id, stream);
        connection.busy();
        return stream;
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
        if (bytes == 0 && !end) connection.chatter();
        Http2Stream stream = streams.get(id);
        if (stream == null) late(id, bytes);
        else if (stream.isInputEnded()) stream.fault(Http2Error.STREAM_CLOSED);
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
            if (id > last) fail(Http2Error.PROTOCOL_ERROR);
            else connection.chatter();
            return;
        }
        boolean waste = connection.nowMillis() - stream.bornMillis() < Multiplex.WASTED_WITHIN_MILLIS;
        stream.lost();
        if (waste) connection.wasted();
    }

    // --- windows

    @Override
    public void onWindowUpdateRead(ChannelHandlerContext ctx, int id, int more) {
        if (!means()) return;
        if (updatesDue > 0) updatesDue--;
        else connection.chatter();
        if (id == 0) {
            if (!output.widen(more)) fail(Http2Error.FLOW_CONTROL_ERROR);
            output.proceed();
            connection.turns().next();
            return;
        }
        Http2Stream stream = streams.get(id);
        if (stream == null) {
            if (id > last) fail(Http2Error.PROTOCOL_ERROR);
        } else if (stream.widen(more)) {
            stream.proceed();
            connection.turns().next();
        } else {
            stream.fault(Http2Error.FLOW_CONTROL_ERROR);
        }
    }

    @Override
    public void onSettingsRead(ChannelHandlerContext ctx, Http2Settings settings) throws Http2Exception {
        connection.settled();
        if (!connection.isOpen()) return;
        connection.chatter();
        output.control(Http2Frames.settingsAck(Http2Output.allocator())); // before anything that is as they want it
        Long table = settings.headerTableSize();
        if (table != null) output.tableBytes(table);
        Integer window = settings.initialWindowSize();
        if (window != null) streamWindow(window);
        output.proceed();
        connection.turns().next();
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

    // --- the connection itself

    @Override
    public void onSettingsAckRead(ChannelHandlerContext ctx) {
        if (means() && !connection.acknowledged()) connection.chatter();
    }

    @Override
    public void onPingRead(ChannelHandlerContext ctx, long content) {
        if (!means()) return;
        output.control(Http2Frames.pingAck(content, Http2Output.allocator()));
        connection.chatter();
    }

    @Override
    public void onPingAckRead(ChannelHandlerContext ctx, long content) {
        if (means() && !connection.answeredPing(content)) connection.chatter();
    }

    // It asks for nothing more; what it has asked for is answered yet.
    @Override
    public void onGoAwayRead(ChannelHandlerContext ctx, int lastId, long error, ByteBuf debug) {
        if (means()) connection.chatter();
    }

    @Override
    public void onPriorityRead(ChannelHandlerContext ctx, int id, int dependency, short weight, boolean exclusive) {
        if (means()) connection.chatter(); // deprecated (RFC 9113, section 5.3.2)
    }

    @Override
    public void onUnknownFrame(ChannelHandlerContext ctx, byte type, int id, Http2Flags flags, ByteBuf payload) {
        if (means()) connection.chatter(); // of an extension (RFC 9113, section 5.5)
    }

    @Override
    public void onPushPromiseRead(ChannelHandlerContext ctx, int id, int promised, Http2Headers headers, int padding) {
        if (means()) fail(Http2Error.PROTOCOL_ERROR); // clients do not push
    }
}
