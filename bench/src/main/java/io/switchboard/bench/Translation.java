package io.switchboard.bench;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.util.ReferenceCountUtil;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Lets a client of HTTP/1.1 use a stream of HTTP/2 as its connection: its one request becomes a head, a WebSocket's
 * handshake an extended CONNECT (RFC 8441), and answers the bytes that HTTP/1.1 would have. One thread.
 */
final class Translation extends ChannelDuplexHandler {
    private static final Set<String> OF_A_CONNECTION = Set.of("connection", "upgrade", "sec-websocket-key");

    private final String scheme;
    private boolean asked;
    private boolean socket; // a WebSocket was asked for

    Translation(String scheme) {
        this.scheme = scheme;
    }

    @Override
    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
        ByteBuf bytes = (ByteBuf) message;
        if (asked) {
            context.write(new DefaultHttp2DataFrame(bytes), context.newPromise());
            return;
        }
        asked = true;
        Http2Headers head = head(bytes.toString(US_ASCII));
        bytes.release();
        context.write(new DefaultHttp2HeadersFrame(head, !socket), context.newPromise());
    }

    private Http2Headers head(String request) {
        String[] lines = request.split("\r\n", -1);
        String[] first = lines[0].split(" ", -1);
        Http2Headers head = new DefaultHttp2Headers(false);
        for (int i = 1; i < lines.length && !lines[i].isEmpty(); i++) {
            int colon = lines[i].indexOf(": ");
            String name = lines[i].substring(0, colon).toLowerCase(Locale.ROOT);
            String value = lines[i].substring(colon + 2);
            socket |= name.equals("upgrade");
            if (name.equals("host")) head.authority(value);
            else if (!OF_A_CONNECTION.contains(name)) head.add(name, value);
        }
        head.method(socket ? "CONNECT" : first[0]).scheme(scheme).path(first[1]);
        if (socket) head.add(Http2Headers.PseudoHeaderName.PROTOCOL.value(), "websocket");
        return head;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        boolean ends = false;
        switch (message) {
            case Http2HeadersFrame frame -> {
                ends = frame.isEndStream();
                context.fireChannelRead(Unpooled.copiedBuffer(answer(frame.headers()), US_ASCII));
            }
            case Http2DataFrame frame -> {
                ends = frame.isEndStream();
                context.fireChannelRead(frame.content());
            }
            default -> ReferenceCountUtil.release(message);
        }
        if (ends) context.close(); // as the end of a connection is
    }

    private String answer(Http2Headers head) {
        boolean agreed = socket && "200".contentEquals(head.status());
        StringBuilder answer = new StringBuilder("HTTP/1.1 ")
                .append(agreed ? "101" : head.status())
                .append(" \r\n")
                .append(agreed ? "sec-websocket-accept: " + SocketPeer.ACCEPT + "\r\n" : "");
        for (Map.Entry<CharSequence, CharSequence> field : head) {
            if (field.getKey().charAt(0) == ':') continue;
            answer.append(field.getKey()).append(": ").append(field.getValue()).append("\r\n");
        }
        return answer.append("\r\n").toString();
    }
}
