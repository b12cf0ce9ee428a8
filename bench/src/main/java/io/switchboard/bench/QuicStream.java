package io.switchboard.bench;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.ChannelInputShutdownReadComplete;
import io.netty.handler.codec.http3.DefaultHttp3DataFrame;
import io.netty.handler.codec.http3.DefaultHttp3HeadersFrame;
import io.netty.handler.codec.http3.Http3;
import io.netty.handler.codec.http3.Http3DataFrame;
import io.netty.handler.codec.http3.Http3Headers;
import io.netty.handler.codec.http3.Http3HeadersFrame;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.util.ReferenceCountUtil;
import org.jspecify.annotations.Nullable;

/**
 * Lets a client of HTTP/1.1 use a stream of HTTP/3 as its connection; where it asks again, the client moves on to a further stream.
 * One thread.
 */
final class QuicStream extends ChannelDuplexHandler {
    private final QuicChannel connection;
    private final Client client;
    private final Translation translation;
    private final boolean alone;
    private final @Nullable ByteBuf first; // of a further stream, what it is there for
    private boolean asked;
    private boolean untilEnd = true; // no answer yet, or none that told its length
    private boolean over; // the client has moved on

    /** @param alone whether the connection ends with the client */
    QuicStream(QuicChannel connection, Client client, Translation translation, boolean alone) {
        this(connection, client, translation, alone, null);
    }

    private QuicStream(
            QuicChannel connection, Client client, Translation translation, boolean alone, @Nullable ByteBuf first) {
        this.connection = connection;
        this.client = client;
        this.translation = translation;
        this.alone = alone;
        this.first = first;
    }

    void open() {
        Http3.newRequestStream(connection, new ChannelInitializer<QuicStreamChannel>() {
                    @Override
                    protected void initChannel(QuicStreamChannel stream) {
                        stream.pipeline().addLast(QuicStream.this, client);
                    }
                })
                .addListener(done -> {
                    if (done.cause() == null) return;
                    if (first != null) first.release();
                    client.gone(Trouble.of(done.cause()));
                });
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        if (first == null) {
            context.fireChannelActive();
        } else if (client.isGone()) { // meanwhile
            first.release();
            context.close();
        } else {
            request(context, first);
            context.flush();
        }
    }

    @Override
    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
        ByteBuf bytes = (ByteBuf) message;
        if (!asked) {
            request(context, bytes);
        } else if (translation.isSocket()) {
            context.write(new DefaultHttp3DataFrame(bytes), context.newPromise());
        } else {
            further(bytes);
        }
    }

    private void further(ByteBuf request) {
        over = true;
        new QuicStream(connection, client, translation, alone, request).open();
    }

    private void request(ChannelHandlerContext context, ByteBuf bytes) {
        asked = true;
        int end = OwnStreams.headLength(bytes);
        Http3Headers head = translation.head3(bytes.toString(bytes.readerIndex(), end, US_ASCII));
        bytes.skipBytes(end);
        ChannelFuture last = context.write(new DefaultHttp3HeadersFrame(head), context.newPromise());
        // A slice begins at 0: of others Netty 4.2.18 sends what stands there.
        if (bytes.isReadable()) {
            ByteBuf body = bytes.readRetainedSlice(bytes.readableBytes());
            last = context.write(new DefaultHttp3DataFrame(body), context.newPromise());
        }
        bytes.release();
        if (!translation.isSocket()) last.addListener(QuicStreamChannel.SHUTDOWN_OUTPUT);
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        switch (message) {
            case Http3HeadersFrame frame -> {
                if (frame.headers().status() == null) return; // fields behind an answer, of which none is of use here
                untilEnd = !isBare(frame.headers().status()) && !frame.headers().contains("content-length");
                context.fireChannelRead(translation.answer(frame.headers()));
            }
            case Http3DataFrame frame -> context.fireChannelRead(frame.content());
            default -> ReferenceCountUtil.release(message);
        }
    }

    /** No body follows, so none has to tell its length (RFC 9110, section 8.6). */
    private static boolean isBare(CharSequence status) {
        return "204".contentEquals(status) || "304".contentEquals(status);
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event instanceof ChannelInputShutdownReadComplete && untilEnd && !over) context.close();
    }

    /** An answer that was whole ends its stream, and not the client, who asks again at once or later. */
    @Override
    public void channelInactive(ChannelHandlerContext context) {
        if (over) return;
        if (untilEnd || !connection.isActive()) context.fireChannelInactive();
        else client.pauses(new Between());
    }

    private final class Between implements Client.Pause {
        @Override
        public void end(ByteBuf request) {
            further(request);
        }

        @Override
        public void close() {
            if (alone) connection.close();
        }
    }

    @Override
    public void close(ChannelHandlerContext context, ChannelPromise promise) {
        context.close(promise);
        if (alone) connection.close();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        if (!over) context.fireExceptionCaught(cause);
    }
}
