package io.switchboard.benchmarks;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Reads a URL to its end over one connection, as fast as it can, following {@code Stream-Next-Offset} where
 * there is one: a channel like any reader that catches up, a file of another server in one response. Prints
 * bytes, seconds, and MB/s.
 *
 * <p>With {@code ahead} it asks for the next answer as soon as the head of this one has said where it begins, so that
 * the server need not wait while the body is read (RFC 9112, section 9.3.2).
 *
 * <p>Usage: {@code Download URL [ahead]}
 */
public final class Download {
    private static final int BUFFER_BYTES = 1 << 20;

    private final SocketChannel socket;
    private final ByteBuffer in = ByteBuffer.allocateDirect(BUFFER_BYTES);
    private final URI url;
    private final boolean ahead;
    private long bytes;

    private Download(URI url, boolean ahead) throws IOException {
        this.url = url;
        this.ahead = ahead;
        socket = SocketChannel.open(new InetSocketAddress(url.getHost(), url.getPort()));
        in.limit(0);
    }

    public static void main(String[] arguments) throws IOException {
        boolean ahead = arguments.length == 2 && arguments[1].equals("ahead");
        if (arguments.length != 1 && !ahead) {
            System.err.println("usage: Download URL [ahead]");
            System.exit(2);
        }
        Download download = new Download(URI.create(arguments[0]), ahead);
        long start = System.nanoTime();
        download.run();
        double seconds = (System.nanoTime() - start) / 1e9;
        System.out.printf(
                Locale.ROOT,
                "bytes=%d seconds=%.3f mb_per_s=%.0f%n",
                download.bytes,
                seconds,
                download.bytes / seconds / 1e6);
    }

    private void run() throws IOException {
        ask(url.getRawPath());
        while (true) {
            String head = head();
            long length = Long.parseLong(required(head, "content-length"));
            String next = field(head, "stream-next-offset");
            boolean last = next == null || field(head, "stream-up-to-date") != null;
            String target = url.getRawPath() + "?offset=" + next;
            if (ahead && !last) ask(target);
            skip(length);
            bytes += length;
            if (last) break;
            if (!ahead) ask(target);
        }
        socket.close();
    }

    private void ask(String target) throws IOException {
        String request = "GET " + target + " HTTP/1.1\r\nHost: " + url.getAuthority() + "\r\n\r\n";
        socket.write(ByteBuffer.wrap(request.getBytes(StandardCharsets.US_ASCII)));
    }

    private String head() throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.length() < 4 || !head.substring(head.length() - 4).equals("\r\n\r\n")) {
            if (!in.hasRemaining()) fill();
            head.append((char) in.get());
        }
        if (!head.toString().startsWith("HTTP/1.1 200")) throw new IOException("unexpected answer: " + head);
        return head.toString();
    }

    private void skip(long length) throws IOException {
        long left = length;
        while (left > 0) {
            if (!in.hasRemaining()) fill();
            int step = (int) Math.min(left, in.remaining());
            in.position(in.position() + step);
            left -= step;
        }
    }

    private void fill() throws IOException {
        in.clear();
        if (socket.read(in) < 0) throw new EOFException("the server closed the connection");
        in.flip();
    }

    private static String required(String head, String name) throws IOException {
        String value = field(head, name);
        if (value == null) throw new IOException("no " + name + " in " + head);
        return value;
    }

    private static @Nullable String field(String head, String name) {
        for (String line : head.split("\r\n", -1)) {
            if (line.regionMatches(true, 0, name + ":", 0, name.length() + 1)) {
                return line.substring(name.length() + 1).strip();
            }
        }
        return null;
    }
}
