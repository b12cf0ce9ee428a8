package io.switchboard.bench;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.Headers;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http3.DefaultHttp3Headers;
import io.netty.handler.codec.http3.Http3Headers;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * The heads of one request after the other: those of HTTP/1.1 that a client writes become those of HTTP/2 or HTTP/3, a WebSocket's
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
        Http2Headers head = new DefaultHttp2Headers(false);
        fill(head, request);
        return head;
    }

    /** The same for HTTP/3 (RFC 9114, section 4.3; RFC 9220). */
    Http3Headers head3(String request) {
        Http3Headers head = new DefaultHttp3Headers(false);
        fill(head, request);
        return head;
    }

    private void fill(Headers<CharSequence, CharSequence, ?> head, String request) {
        String[] lines = request.split("\r\n", -1);
        String[] first = lines[0].split(" ", -1);
        List<String> fields = new ArrayList<>();
        String authority = "";
        socket = false;
        for (int i = 1; i < lines.length && !lines[i].isEmpty(); i++) {
            int colon = lines[i].indexOf(": ");
            String name = lines[i].substring(0, colon).toLowerCase(Locale.ROOT);
            String value = lines[i].substring(colon + 2);
            socket |= name.equals("upgrade");
            if (name.equals("host")) authority = value;
            else if (!OF_A_CONNECTION.contains(name)) fields.addAll(List.of(name, value));
        }
        head.add(":method", socket ? "CONNECT" : first[0]);
        head.add(":authority", authority);
        head.add(":scheme", scheme);
        head.add(":path", first[1]);
        if (socket) head.add(":protocol", "websocket");
        for (int i = 0; i < fields.size(); i += 2) head.add(fields.get(i), fields.get(i + 1));
    }

    /** Without a length the answer ends with its stream, as with HTTP/1.1 it does with its connection. */
    ByteBuf answer(Http2HeadersFrame frame) {
        return answer(frame.headers(), frame.headers().status(), frame.isEndStream());
    }

    /** The same of HTTP/3, where the end comes by itself. */
    ByteBuf answer(Http3Headers head) {
        return answer(head, head.status(), false);
    }

    private ByteBuf answer(Headers<CharSequence, CharSequence, ?> head, CharSequence status, boolean ends) {
        boolean agreed = socket && "200".contentEquals(status);
        StringBuilder answer = new StringBuilder("HTTP/1.1 ")
                .append(agreed ? "101" : status)
                .append(" \r\n")
                .append(agreed ? "sec-websocket-accept: " + SocketPeer.ACCEPT + "\r\n" : "");
        if (ends && !head.contains(LENGTH)) answer.append(LENGTH + ": 0\r\n");
        for (Map.Entry<CharSequence, CharSequence> field : head) {
            if (field.getKey().charAt(0) == ':') continue;
            answer.append(field.getKey()).append(": ").append(field.getValue()).append("\r\n");
        }
        return Unpooled.copiedBuffer(answer.append("\r\n"), US_ASCII);
    }
}
