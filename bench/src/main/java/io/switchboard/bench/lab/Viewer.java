package io.switchboard.bench.lab;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.switchboard.bench.FrameReader;
import io.switchboard.bench.HttpAnswer;
import io.switchboard.bench.HttpHead;
import io.switchboard.bench.Malformed;
import org.jspecify.annotations.Nullable;

/** One connection that reads a channel and looks at no message: it takes bytes, answers pings, and asks on. One loop. */
final class Viewer extends ChannelInboundHandlerAdapter implements HttpAnswer.Reader, FrameReader.Reader {
    private static final byte[] NEXT_OFFSET = HttpHead.name("stream-next-offset");
    private static final byte[] CURSOR = HttpHead.name("stream-cursor");
    /** With the key of RFC 6455, section 1.3: one for all, as there is no cache here to be protected. */
    private static final String UPGRADE = String.join(
            "\r\n",
            "Upgrade: websocket",
            "Connection: Upgrade",
            "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
            "");

    /** A pong whose mask is 0, which leaves its payload as it is (RFC 6455, section 5.3). */
    private static final int PONG = 0x8a;

    private static final int MASKED = 0x80;

    private final Viewers all;
    private final Carrier carrier;
    private final HttpAnswer answer;
    private final FrameReader frames = new FrameReader();
    private @Nullable Channel channel;
    private boolean ready;
    private boolean over;
    private String offset = "now";
    private @Nullable String cursor;

    Viewer(Viewers all, Carrier carrier, HttpHead scratch) {
        this.all = all;
        this.carrier = carrier;
        this.answer = new HttpAnswer(scratch);
    }

    boolean isReady() {
        return ready;
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        channel = context.channel();
        if (over) end();
        else ask();
    }

    /** Sends the request that is due: the only one of its connection, or the next. */
    void ask() {
        if (over) return;
        all.asked();
        String fields =
                switch (carrier) {
                    case SSE -> "Accept: text/event-stream\r\n";
                    case WEBSOCKET -> UPGRADE;
                    case POLL, LONG_POLL -> "";
                };
        String query =
                switch (carrier) {
                    case SSE, WEBSOCKET -> "";
                    case POLL -> "?offset=" + offset;
                    case LONG_POLL ->
                        "?offset=" + offset
                                + (ready ? "&live=long-poll" + (cursor == null ? "" : "&cursor=" + cursor) : "");
                };
        write(all.request(query, fields).getBytes(US_ASCII));
    }

    private void write(byte[] bytes) {
        Channel open = channel;
        if (open == null || over) return;
        all.tally().bytesUp += bytes.length;
        ByteBuf out = open.alloc().buffer(bytes.length).writeBytes(bytes);
        open.writeAndFlush(out, open.voidPromise());
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ByteBuf in = (ByteBuf) message;
        try {
            byte[] scratch = all.scratch();
            while (in.isReadable() && !over) {
                int length = Math.min(in.readableBytes(), scratch.length);
                in.readBytes(scratch, 0, length);
                all.tally().bytesDown += length;
                int at = answer.isUpgraded() ? 0 : answer.feed(scratch, 0, length, this);
                if (answer.isUpgraded() && !over) frames.feed(scratch, at, length, this);
            }
        } catch (Malformed nonsense) {
            gone("what came was no HTTP or WebSocket");
        } finally {
            in.release();
        }
    }

    @Override
    public void head(HttpHead head) {
        if (carrier == Carrier.WEBSOCKET ? head.status() != 101 : !head.isGood()) {
            gone("the server answered " + head.status());
            return;
        }
        String next = head.text(NEXT_OFFSET);
        if (next != null) offset = next;
        cursor = head.text(CURSOR);
        if (carrier == Carrier.SSE || carrier == Carrier.WEBSOCKET) becomeReady();
    }

    private void becomeReady() {
        if (ready) return;
        ready = true;
        all.isReady();
    }

    @Override
    public void content(byte[] bytes, int from, int to) {}

    @Override
    public void answered() {
        if (over) return;
        switch (carrier) {
            case POLL -> {
                becomeReady();
                all.later(this);
            }
            case LONG_POLL -> {
                becomeReady();
                ask();
            }
            case SSE -> gone("the server ended the event stream");
            case WEBSOCKET -> {}
        }
    }

    @Override
    public void payload(byte[] bytes, int from, int to) {}

    @Override
    public void message() {}

    @Override
    public void ping(byte[] payload, int length) {
        byte[] pong = new byte[6 + length];
        pong[0] = (byte) PONG;
        pong[1] = (byte) (MASKED | length);
        System.arraycopy(payload, 0, pong, 6, length);
        write(pong);
    }

    @Override
    public void closed(int code) {
        gone("the server closed the WebSocket (" + code + ")");
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        gone("the server closed the connection");
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        gone("the connection broke");
    }

    /** It could not be opened, or did not last. The first reason counts. */
    void gone(String why) {
        if (over) return;
        end();
        all.gone(this, why);
    }

    /** Ends it, as its crowd wishes. */
    void end() {
        over = true;
        if (channel != null) Passage.reset(channel);
    }
}
