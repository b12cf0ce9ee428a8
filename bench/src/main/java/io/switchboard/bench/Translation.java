package io.switchboard.bench;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * The heads of one request after the other: those of HTTP/1.1 that a client writes become those of HTTP/2, a WebSocket's
 * handshake an extended CONNECT (RFC 8441), and the heads of answers the bytes that HTTP/1.1 would have. One thread.
 */
final class Translation {
    private static final Set<String> OF_A_CONNECTION = Set.of("connection", "upgrade", "sec-websocket-key");
    private static final String LENGTH = "content-length";

    private final String scheme;
    private boolean socket;

    /** @param scheme http or https */
    Translation(String scheme) {
        this.scheme = scheme;
    }

    /** Whether the last request asked for a WebSocket. */
    boolean isSocket() {
        return socket;
    }

    /** Of a request, up to its empty line. */
    Http2Headers head(String request) {
        String[] lines = request.split("\r\n", -1);
        String[] first = lines[0].split(" ", -1);
        Http2Headers head = new DefaultHttp2Headers(false);
        socket = false;
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

    /** Without a length the answer ends with its stream, as with HTTP/1.1 it does with its connection. */
    ByteBuf answer(Http2HeadersFrame frame) {
        Http2Headers head = frame.headers();
        boolean agreed = socket && "200".contentEquals(head.status());
        StringBuilder answer = new StringBuilder("HTTP/1.1 ")
                .append(agreed ? "101" : head.status())
                .append(" \r\n")
                .append(agreed ? "sec-websocket-accept: " + SocketPeer.ACCEPT + "\r\n" : "");
        if (frame.isEndStream() && !head.contains(LENGTH)) answer.append(LENGTH + ": 0\r\n");
        for (Map.Entry<CharSequence, CharSequence> field : head) {
            if (field.getKey().charAt(0) == ':') continue;
            answer.append(field.getKey()).append(": ").append(field.getValue()).append("\r\n");
        }
        return Unpooled.copiedBuffer(answer.append("\r\n"), US_ASCII);
    }
}
