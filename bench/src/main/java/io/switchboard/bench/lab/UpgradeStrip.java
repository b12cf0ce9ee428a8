package io.switchboard.bench.lab;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Takes {@code Upgrade} out of the first request of a connection, and out of its {@code Connection}: fields of one hop, which
 * a proxy that was not told of WebSockets does not pass on (RFC 9110, section 7.6.1). One connection.
 */
final class UpgradeStrip {
    /** A longer head passes as it is. */
    static final int HEAD_BYTES_MAX = 32 * 1024;

    private static final String LINE_END = "\r\n";

    private byte[] begun = {};

    /** What goes on of the bytes that came; null as long as the head is not whole. */
    @Nullable
    ByteBuf pass(ByteBuf bytes) {
        byte[] all = new byte[begun.length + bytes.readableBytes()];
        System.arraycopy(begun, 0, all, 0, begun.length);
        bytes.readBytes(all, begun.length, bytes.readableBytes());
        begun = all;
        String text = new String(all, ISO_8859_1);
        int end = text.indexOf(LINE_END + LINE_END);
        if (end < 0) return all.length > HEAD_BYTES_MAX ? Unpooled.wrappedBuffer(all) : null;
        String head = strip(text.substring(0, end));
        return Unpooled.wrappedBuffer((head + text.substring(end)).getBytes(ISO_8859_1));
    }

    /** @param head without the empty line */
    static String strip(String head) {
        StringBuilder kept = new StringBuilder(head.length());
        for (String line : head.split(LINE_END, -1)) {
            String lower = line.toLowerCase(Locale.ROOT);
            if (lower.startsWith("upgrade:")) continue;
            boolean asks = lower.startsWith("connection:") && lower.contains("upgrade");
            if (!kept.isEmpty()) kept.append(LINE_END);
            kept.append(asks ? "Connection: keep-alive" : line);
        }
        return kept.toString();
    }
}
