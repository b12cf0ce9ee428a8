package io.switchboard.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.util.ReferenceCountUtil;
import io.switchboard.http.http2.Http2Frames;
import io.switchboard.http.wire.ErrorCode;
import io.switchboard.http.wire.Problem;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * Turns a client away with one answer, whatever it asks; in HTTP/1.1, unless it is known to speak HTTP/2. A flood is answered before anything of it is
 * read, so that it costs no parsing; a probe that asks whether the server goes down is let finish its question, so
 * that the answer reaches it. Belongs to its connection's loop.
 */
final class LastWord extends ChannelInboundHandlerAdapter {
    /** Clients that are turned away together come back apart. */
    private static final int RETRY_AFTER_MAX_SECONDS = 5;

    private final Problem problem;
    private final @Nullable Farewell farewell;
    private boolean http2;
    private boolean answered;

    /** @param farewell of a server that goes down; null for any other reason */
    LastWord(Problem problem, @Nullable Farewell farewell) {
        this.problem = problem;
        this.farewell = farewell;
    }

    /** Says it to somebody who speaks HTTP/2: no request is looked at (RFC 9113, section 6.8). */
    LastWord overHttp2() {
        http2 = true;
        return this;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        if (farewell == null && ctx.channel().isActive()) answer(ctx);
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        if (farewell == null) answer(ctx);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object bytes) {
        ReferenceCountUtil.release(bytes);
        answer(ctx);
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof ChannelInputShutdownEvent) ctx.close(); // nothing will be asked
    }

    @Override
    @SuppressWarnings("deprecation") // overridden to keep Netty from logging the peer's mistakes
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        ctx.close();
    }

    private void answer(ChannelHandlerContext ctx) {
        if (answered) return;
        answered = true;
        ctx.writeAndFlush(http2 ? frames(problem) : bytes(problem, farewell)).addListener(ChannelFutureListener.CLOSE);
    }

    private static ByteBuf frames(Problem problem) {
        Http2Error error = problem.code() == ErrorCode.TOO_MANY ? Http2Error.ENHANCE_YOUR_CALM : Http2Error.NO_ERROR;
        ByteBufAllocator allocator = ByteBufAllocator.DEFAULT;
        return Unpooled.wrappedBuffer(
                Http2Frames.settings(Map.of(), allocator), Http2Frames.goAway(0, error, allocator));
    }

    // The whole answer. Where trying again may help, it says when: each time another moment.
    private static ByteBuf bytes(Problem problem, @Nullable Farewell farewell) {
        byte[] body = problem.json();
        StringBuilder head = new StringBuilder("HTTP/1.1 ")
                .append(problem.status())
                .append(' ')
                .append(problem.code().title())
                .append("\r\nContent-Type: ")
                .append(Problem.CONTENT_TYPE)
                .append("\r\nContent-Length: ")
                .append(body.length);
        if (problem.status() == 503 || problem.status() == 429) {
            int seconds = farewell != null
                    ? farewell.retryAfterSeconds()
                    : ThreadLocalRandom.current().nextInt(1, RETRY_AFTER_MAX_SECONDS + 1);
            head.append("\r\nRetry-After: ").append(seconds);
        }
        head.append("\r\nConnection: close\r\n\r\n");
        return Unpooled.wrappedBuffer(head.toString().getBytes(StandardCharsets.ISO_8859_1), body);
    }
}
