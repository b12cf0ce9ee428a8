package io.switchboard.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.haproxy.HAProxyCommand;
import io.netty.handler.codec.haproxy.HAProxyMessage;
import io.netty.handler.codec.haproxy.HAProxyMessageDecoder;
import io.netty.handler.codec.haproxy.HAProxySSLTLV;
import io.netty.handler.codec.haproxy.HAProxyTLV;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.ReferenceCountUtil;
import io.switchboard.http.caller.Caller;
import io.switchboard.http.caller.Networks;
import io.switchboard.http.http2.Http2Frames;
import io.switchboard.http.tls.Certificates;
import io.switchboard.http.wire.ErrorCode;
import io.switchboard.http.wire.Problem;
import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/**
 * A connection before HTTP is spoken on it: a proxy says for whom it speaks, the first byte tells what is spoken,
 * and TLS is agreed on. All of it has one deadline, from the opening on. Nothing is kept for a connection
 * that has not spoken yet. Belongs to its loop.
 *
 * <pre>
 *   PROXY_HEADER ──► FIRST_BYTE ──► HANDSHAKE ──► {@link Hall}
 *        only where       └──── without TLS ─────────┘
 *        it is due
 * </pre>
 */
final class Entrance extends Peer {
    /** PROXY headers of version 2 with more than this beside the addresses end the connection. */
    private static final int PROXY_EXTRAS_BYTES_MAX = 1_024;

    private static final int TLS_HANDSHAKE = 0x16; // the type of its first record (RFC 8446, section 5.1)

    private static final Problem SPEAKS_HTTPS =
            Problem.of(ErrorCode.INVALID, "This port speaks HTTPS: ask with https:// in place of http://.");
    private static final Problem SPEAKS_HTTP =
            Problem.of(ErrorCode.INVALID, "This port speaks HTTP without TLS: ask with http:// in place of https://.");

    /** Where a connection goes from here. */
    interface Hall {
        /** A proxy has said who speaks; null if that one is welcome. */
        @Nullable
        Problem refusal(InetAddress address);

        /**
         * Makes the rest of the pipeline: what comes now is HTTP.
         *
         * @param http2 whether it is HTTP/2, from its preface on
         */
        void open(ChannelPipeline pipeline, Caller caller, boolean http2);
    }

    private enum Phase {
        PROXY_HEADER,
        FIRST_BYTE,
        HANDSHAKE,
        OVER
    }

    private final @Nullable Certificates certificates;
    private final boolean http2;
    private final Hall hall;
    private Phase phase;
    private InetAddress address;
    private boolean secureBefore; // a proxy said that its client speaks TLS with it
    private @Nullable Problem refusal;
    private long deadlineMillis;
    private @Nullable ByteBuf preface; // the beginning of one, perhaps

    /**
     * @param address of who is connected
     * @param proxyHeader whether that is a proxy which says for whom it speaks
     */
    Entrance(
            Connections connections,
            HttpLimits limits,
            Front front,
            InetAddress address,
            boolean proxyHeader,
            Hall hall) {
        super(connections, limits);
        certificates = front.certificates();
        http2 = front.http2();
        this.address = address;
        this.hall = hall;
        phase = proxyHeader ? Phase.PROXY_HEADER : Phase.FIRST_BYTE;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        super.handlerAdded(ctx);
        deadlineMillis = nowMillis() + limits.headerTimeoutMillis();
        if (phase == Phase.PROXY_HEADER) {
            ctx.pipeline().addBefore(ctx.name(), null, new HAProxyMessageDecoder(PROXY_EXTRAS_BYTES_MAX));
        }
    }

    @Override
    void look(long now) {
        if (now >= deadlineMillis) abandon();
    }

    @Override
    void drain(long leaveMillis, long backMillis) {
        close(); // nothing was asked yet
    }

    @Override
    InetAddress client() {
        return address;
    }

    @Override
    @Nullable
    Occupation occupation() {
        return null; // nothing lasts here
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        if (phase != Phase.OVER) connections.remove(this);
        phase = Phase.OVER;
        if (preface != null) preface.release();
        preface = null;
    }

    @Override
    @SuppressWarnings("deprecation") // overridden to keep Netty from logging the peer's mistakes
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (!isOfThePeer(cause)) log(cause);
        ctx.close();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        switch (message) {
            case HAProxyMessage header
            when phase == Phase.PROXY_HEADER -> {
                try {
                    proxied(header);
                } finally {
                    header.release();
                }
            }
            case ByteBuf bytes when phase == Phase.FIRST_BYTE && bytes.isReadable() -> firstByte(ctx, bytes);
            default -> ReferenceCountUtil.release(message);
        }
    }

    // --- for whom a proxy speaks

    private void proxied(HAProxyMessage header) {
        phase = Phase.FIRST_BYTE;
        if (header.command() == HAProxyCommand.LOCAL) return; // the proxy itself, to see whether the server is there
        switch (header.proxiedProtocol()) {
            case TCP4, TCP6 -> {
                InetAddress client = Networks.address(header.sourceAddress());
                if (client == null) {
                    close();
                    return;
                }
                address = client;
            }
            case UDP4, UDP6, UNIX_STREAM, UNIX_DGRAM, UNKNOWN -> {
                return; // not told
            }
        }
        for (HAProxyTLV extra : header.tlvs()) {
            if (extra instanceof HAProxySSLTLV ssl && ssl.isPP2ClientSSL()) secureBefore = true;
        }
        refusal = hall.refusal(address);
    }

    // --- what is spoken

    private void firstByte(ChannelHandlerContext ctx, ByteBuf bytes) {
        boolean tls = preface == null && bytes.getByte(bytes.readerIndex()) == TLS_HANDSHAKE;
        ChannelPipeline pipeline = ctx.pipeline();
        if (tls != (certificates != null)) {
            bytes.release();
            phase = Phase.OVER;
            connections.remove(this);
            pipeline.replace(this, null, new LastWord(tls ? SPEAKS_HTTP : SPEAKS_HTTPS, null));
        } else if (certificates != null) {
            phase = Phase.HANDSHAKE;
            pipeline.addFirst(certificates.newHandler(ctx.alloc()));
            pipeline.fireChannelRead(bytes);
        } else {
            first(pipeline, bytes);
        }
    }

    // Without TLS, HTTP/2 shows by its first bytes (RFC 9113, section 3.3), which come all at once or nearly.
    private void first(ChannelPipeline pipeline, ByteBuf bytes) {
        if (!http2 || (preface == null && bytes.getByte(bytes.readerIndex()) != 'P')) {
            leave(pipeline, false, false);
            pipeline.fireChannelRead(bytes);
            return;
        }
        ByteBuf all = preface == null ? bytes : preface.writeBytes(bytes);
        if (preface != null) bytes.release();
        preface = null;
        ByteBuf expected = Http2Frames.PREFACE;
        int length = Math.min(all.readableBytes(), expected.readableBytes());
        boolean alike = ByteBufUtil.equals(all, all.readerIndex(), expected, expected.readerIndex(), length);
        if (alike && length < expected.readableBytes()) {
            preface = context().alloc().buffer(2 * expected.readableBytes()).writeBytes(all);
            all.release();
            return;
        }
        leave(pipeline, false, alike);
        pipeline.fireChannelRead(all);
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof ChannelInputShutdownEvent) ctx.close();
        else if (event instanceof SslHandshakeCompletionEvent end && phase == Phase.HANDSHAKE) {
            if (end.isSuccess()) leave(ctx.pipeline(), true, isHttp2(ctx.pipeline()));
            else ctx.close();
        }
    }

    // As agreed on in the handshake (RFC 9113, section 3.2).
    private boolean isHttp2(ChannelPipeline pipeline) {
        return http2
                && ApplicationProtocolNames.HTTP_2.equals(
                        pipeline.get(SslHandler.class).applicationProtocol());
    }

    private void leave(ChannelPipeline pipeline, boolean secure, boolean overHttp2) {
        phase = Phase.OVER;
        connections.remove(this);
        Problem refused = refusal;
        LastWord last = refused == null ? null : new LastWord(refused, null);
        if (last == null) hall.open(pipeline, new Caller(address, secure || secureBefore), overHttp2);
        else pipeline.addLast(overHttp2 ? last.overHttp2() : last);
        pipeline.remove(this);
    }
}
