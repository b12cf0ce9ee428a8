package io.switchboard.benchmarks;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Appends a file to a channel of bytes, so many bytes a message, over one connection and a few hundred
 * requests ahead of their answers.
 *
 * <p>Usage: {@code Upload URL FILE BYTES}
 */
public final class Upload {
    private static final int AHEAD_MAX = 64;
    private static final int ANSWER_BYTES_MAX = 64 * 1024;

    private Upload() {}

    public static void main(String[] arguments) throws IOException {
        if (arguments.length != 3) {
            System.err.println("usage: Upload URL FILE BYTES");
            System.exit(2);
        }
        URI url = URI.create(arguments[0]);
        int size = Integer.parseInt(arguments[2]);
        try (SocketChannel socket = SocketChannel.open(new InetSocketAddress(url.getHost(), url.getPort()));
                InputStream file = Files.newInputStream(Path.of(arguments[1]))) {
            ByteBuffer answers = ByteBuffer.allocate(ANSWER_BYTES_MAX);
            int ahead = 0;
            for (byte[] message = file.readNBytes(size); message.length > 0; message = file.readNBytes(size)) {
                send(socket, url, message);
                if (++ahead == AHEAD_MAX) ahead -= answered(socket, answers);
            }
            while (ahead > 0) ahead -= answered(socket, answers);
        }
    }

    private static void send(SocketChannel socket, URI url, byte[] message) throws IOException {
        String head = "POST " + url.getRawPath() + " HTTP/1.1\r\nHost: " + url.getAuthority()
                + "\r\nContent-Type: application/octet-stream\r\nContent-Length: " + message.length + "\r\n\r\n";
        ByteBuffer[] request = {ByteBuffer.wrap(head.getBytes(StandardCharsets.US_ASCII)), ByteBuffer.wrap(message)};
        while (request[1].hasRemaining()) socket.write(request);
    }

    // Answers of 204 have no body, so each ends at an empty line.
    private static int answered(SocketChannel socket, ByteBuffer answers) throws IOException {
        int count = 0;
        while (count == 0) {
            if (socket.read(answers) < 0) throw new EOFException("the server closed the connection");
            String text =
                    new String(answers.array(), answers.arrayOffset(), answers.position(), StandardCharsets.US_ASCII);
            int from = 0;
            for (int end = text.indexOf("\r\n\r\n"); end >= 0; end = text.indexOf("\r\n\r\n", from)) {
                if (!text.startsWith("HTTP/1.1 204", from)) throw new IOException(text.substring(from));
                from = end + 4;
                count++;
            }
            answers.limit(answers.position()).position(from);
            answers.compact();
        }
        return count;
    }
}
