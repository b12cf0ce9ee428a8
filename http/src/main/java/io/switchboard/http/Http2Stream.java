package io.switchboard.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.unix.Socket;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Headers;
import io.switchboard.http.http2.Http2Frames;
import io.switchboard.http.http2.ResponseHead;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One stream of an HTTP/2 connection (RFC 9113, section 5): it carries a request, and then what came of it. What finds
 * no room in the peer's windows, or behind what other streams have sent, waits here; whoever asks for room before is told
 * that there is none, and when there is. Belongs to its connection's loop.
 */
final class Http2Stream implements StreamWire {
    /** What the peer may send before it is told that there is room for more. */
    private static final int WINDOW_BYTES = 65_535; // RFC 9113, section 6.9.2

    /** The same for the body of a request, which is put together as it comes. */
    private static final int BODY_WINDOW_BYTES = 256 * 1024;

    /** Of one stream before others have their turn. */
    private static final int TURN_BYTES = 64 * 1024;

    private final Http2Connection connection;
    private final Http2Output output;
    private final int id;
    private final long bornMillis;
    private Carried carried;
    private boolean lasting; // what came of the request is carried, and no longer it

    private int granted = WINDOW_BYTES; // bytes that the peer may send yet
    private int windowBytes = WINDOW_BYTES;
    private int taken; // bytes since it was last told that there is room
    private long announced = LENGTH_UNKNOWN; // content to come yet
    private boolean reading = true;
    private boolean inputEnded;

    private int window; // bytes that the peer takes yet
    private @Nullable Backlog waiting; // null while nothing is
    private long waitingBytes;
    private boolean refused; // somebody was told that there is no room
    private boolean held; // by the output
    private boolean ending; // END_STREAM behind what waits
    private boolean finishing; // and then the stream is over, whatever the peer has yet to say
    private boolean outputEnded;

    private @Nullable Runnable whenClosed;
    private boolean over;

    Http2Stream(Http2Connection connection, Http2Output output, int id) {
        this.connection = connection;
        this.output = output;
        this.id = id;
        window = output.streamWindow();
        bornMillis = connection.nowMillis();
        StreamRequest request = new StreamRequest(connection, this);
        carried = request;
        request.begin(this);
    }

    int id() {
        return id;
    }

    long bornMillis() {
        return bornMillis;
    }

    /** What it carries at first. */
    StreamRequest request() {
        if (!(carried instanceof StreamRequest request)) throw new IllegalStateException("no request any more");
        return request;
    }

    /** Whether nothing of its request is known yet. */
    boolean awaitsHead() {
        return carried instanceof StreamRequest request && !request.hasBegun();
    }

    @Override
    public void carry(Carried next) {
        carried = next;
        lasting = true;
    }

    // --- what arrives

    boolean isInputEnded() {
        return inputEnded;
    }

    /** @param length of the content, as the request's head has it */
    void announce(long length) {
        announced = length;
    }

    @Override
    public void expect(long length) {
        if (length != LENGTH_UNKNOWN && length <= WINDOW_BYTES) return;
        windowBytes = BODY_WINDOW_BYTES;
        int more = BODY_WINDOW_BYTES - WINDOW_BYTES;
        granted += more;
        output.control(Http2Frames.windowUpdate(id, more, Http2Output.allocator()));
    }

    /**
     * Content has arrived.
     *
     * @param bytes that count against the window: the content, and what it was padded with
     */
    void arrived(ByteBuf content, int bytes, boolean end) {
        granted -= bytes;
        if (granted < 0) {
            fault(Http2Error.FLOW_CONTROL_ERROR);
            return;
        }
        if (announced != LENGTH_UNKNOWN) {
            announced -= content.readableBytes();
            if (announced < 0 || (end && announced > 0)) {
                misused();
                return;
            }
        }
        taken += bytes;
        if (content.isReadable()) carried.received(content);
        if (!over) carried.receivedAll();
        if (end) inputEnded();
        grant();
    }

    /** The peer has sent all it wants to. */
    void inputEnded() {
        if (inputEnded || over) return;
        if (announced > 0) {
            misused();
            return;
        }
        inputEnded = true;
        carried.inputEnded();
        if (outputEnded && !over) over(false);
    }

    /** Nothing more comes on the connection. */
    void inputLost() {
        if (carried instanceof StreamRequest request) request.inputLost();
        else carried.inputEnded();
    }

    // What the peer has sent is kept and counted elsewhere, or done with.
    private void grant() {
        if (over || inputEnded || !reading || taken < windowBytes / 2) return;
        output.control(Http2Frames.windowUpdate(id, taken, Http2Output.allocator()));
        granted += taken;
        taken = 0;
    }

    @Override
    public void read(boolean wanted) {
        reading = wanted;
        grant();
    }

    // --- what is sent

    @Override
    public void goOn() {
        headers(ResponseHead.goOn(), false);
    }

    @Override
    public void head(int status, HttpHeaders headers, boolean end) {
        headers(ResponseHead.of(status, headers), end);
    }

    private void headers(Http2Headers fields, boolean end) {
        if (over) return;
        output.headers(id, fields, end);
        if (end) {
            ending = true;
            finishing = true;
            outputEnded();
        }
    }

    @Override
    public void write(ByteBuf bytes) {
        write(bytes, null, false);
    }

    @Override
    public void write(ByteBuf bytes, Runnable gone) {
        write(bytes, gone, false);
    }

    @Override
    public void writeLast(ByteBuf bytes) {
        finishing = true;
        write(bytes, null, true);
    }

    // Mostly there is room, and nothing to be kept for it.
    private void write(ByteBuf bytes, @Nullable Runnable gone, boolean end) {
        int length = bytes.readableBytes();
        boolean fits =
                length > 0 && length <= Math.min(Math.min(window, output.window()), Http2Frames.CONTENT_BYTES_MAX);
        if (fits && waiting == null && !ending && !over && output.hasRoom()) {
            ending = end;
            send(bytes, gone, end);
        } else {
            add(bytes, gone);
            ending |= end;
            go();
        }
    }

    private void send(ByteBuf bytes, @Nullable Runnable gone, boolean end) {
        window -= bytes.readableBytes();
        outputEnded = end; // before it is sent: what is told of room comes back here
        output.data(id, bytes, end, gone);
        if (end) outputEnded();
    }

    private void add(ByteBuf bytes, @Nullable Runnable gone) {
        if (over || ending || !bytes.isReadable()) {
            bytes.release();
            if (gone != null) gone.run();
            return;
        }
        Backlog behind = waiting == null ? new Backlog() : waiting;
        waiting = behind;
        behind.add(bytes, gone);
        count(bytes.readableBytes());
    }

    private void count(long more) {
        waitingBytes += more;
        output.queued(more);
    }

    // Frames of what waits, as many as there is room for.
    private void go() {
        int turn = TURN_BYTES;
        while (!over && waiting != null && window > 0 && turn > 0 && output.hasRoom()) turn -= frame(waiting, turn);
        if (over) return;
        if (waiting != null) {
            if (window > 0) output.hold(this);
        } else if (ending && !outputEnded) {
            outputEnded = true;
            output.end(id);
            outputEnded();
        }
    }

    private int frame(Backlog pieces, int turn) {
        int most = Math.min(Math.min(window, output.window()), Math.min(turn, Http2Frames.CONTENT_BYTES_MAX));
        int length = Math.min(most, pieces.first());
        count(-length);
        pieces.give(length, (bytes, gone) -> {
            if (pieces.isEmpty()) waiting = null; // before it is sent, as what comes behind it then need not wait
            send(bytes, gone, ending && waiting == null);
        });
        return length;
    }

    private void outputEnded() {
        if (over) return;
        outputEnded = true;
        if (inputEnded) over(false);
        else if (finishing) reset(Http2Error.NO_ERROR); // what it sends yet means nothing (RFC 9113, section 8.1)
    }

    @Override
    public void flush() {} // the connection does, at the end of each turn

    @Override
    public boolean share(ByteBuf shared) {
        return false; // as any other piece: nothing goes straight to a socket that streams share
    }

    @Override
    public long pending() {
        return refused ? waitingBytes + 1 : waitingBytes; // a closed window is stalled too, whatever waits for it
    }

    @Override
    public long untaken() {
        return waitingBytes;
    }

    @Override
    public boolean hasRoom() {
        refused = over || waiting != null || window <= 0 || !output.hasRoom();
        if (refused && !over && window > 0) output.hold(this);
        return !refused;
    }

    /** The peer takes more; false if that is more than a window can be. */
    boolean widen(int more) {
        if (more > 0 && window > Integer.MAX_VALUE - more) return false;
        window += more;
        return true;
    }

    /** @return whether it was not held before */
    boolean hold() {
        boolean before = held;
        held = true;
        return !before;
    }

    /** There may be room. */
    void proceed() {
        held = false;
        if (over) return;
        go();
        if (refused && hasRoom()) carried.roomAgain();
    }

    // --- the end

    // A socket ends as one of TCP does: the peer has its own end to say yet (RFC 8441, section 5).
    @Override
    public void finish() {
        if (over) return;
        finishing = !isSocket();
        if (outputEnded) outputEnded(); // an answer without content
        else endOutput();
    }

    @Override
    public void endOutput() {
        if (ending) return;
        ending = true;
        go();
    }

    // As a socket is closed whose peer was first: that peer is told the same (RFC 8441, section 5).
    @Override
    public void close() {
        if (isSocket() && inputEnded && waiting == null) finish();
        else reset(Http2Error.CANCEL);
    }

    private boolean isSocket() {
        return carried instanceof WebSocketConnection;
    }

    @Override
    public void abandon() {
        reset(Http2Error.CANCEL);
    }

    @Override
    public void misused() {
        fault(Http2Error.PROTOCOL_ERROR);
    }

    /** The peer did on it what it must not. */
    void fault(Http2Error error) {
        reset(error);
        connection.wasted();
    }

    @Override
    public void drop() {
        reset(Http2Error.ENHANCE_YOUR_CALM);
    }

    // From this side.
    private void reset(Http2Error error) {
        if (over) return;
        output.control(Http2Frames.reset(id, error, Http2Output.allocator()));
        over(true);
    }

    /** The peer has reset it, or there is no connection any more. */
    void lost() {
        if (!over) over(false);
    }

    private void over(boolean resetHere) {
        over = true;
        connection.streams().ended(this, resetHere);
        if (held) output.forget(this);
        List<Runnable> dropped = Backlog.drop(waiting);
        waiting = null;
        count(-waitingBytes);
        connection.turns().next();
        if (lasting) connection.loop().execute(() -> tell(dropped)); // not in the middle of what is carried
        else tell(dropped);
    }

    private void tell(List<Runnable> dropped) {
        Backlog.tell(dropped, carried, whenClosed);
    }

    @Override
    public void whenClosed(Runnable told) {
        whenClosed = Wire.both(whenClosed, told);
    }

    @Override
    public String httpVersion() {
        return "2";
    }

    @Override
    public @Nullable Socket descriptor() {
        return connection.wire().descriptor();
    }
}
