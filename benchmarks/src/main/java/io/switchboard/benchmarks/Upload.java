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
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Appends a file to a channel of bytes, so many bytes a message, over 64 connections with one request in flight
 * on each; the pieces land in whatever order the connections are served.
 *
 * <p>Usage: {@code Upload URL FILE BYTES}
 */
public final class Upload {
    private static final int CONNECTIONS = 64;
    private static final int ANSWER_BYTES_MAX = 64 * 1024;

    private final URI url;
    private final InputStream file;
    private final int size;

    private Upload(URI url, InputStream file, int size) {
        this.url = url;
        this.file = file;
        this.size = size;
    }

    public static void main(String[] arguments) throws IOException, InterruptedException, ExecutionException {
        if (arguments.length != 3) {
            System.err.println("usage: Upload URL FILE BYTES");
            System.exit(2);
        }
        try (InputStream file = Files.newInputStream(Path.of(arguments[1]));
                ExecutorService connections = Executors.newVirtualThreadPerTaskExecutor()) {
            Upload upload = new Upload(URI.create(arguments[0]), file, Integer.parseInt(arguments[2]));
            List<Future<?>> ends = new ArrayList<>();
            for (int i = 0; i < CONNECTIONS; i++) ends.add(connections.submit(upload::connection));
            for (Future<?> end : ends) end.get();
        }
    }

    private Void connection() throws IOException {
        try (SocketChannel socket = SocketChannel.open(new InetSocketAddress(url.getHost(), url.getPort()))) {
            ByteBuffer answer = ByteBuffer.allocate(ANSWER_BYTES_MAX);
            for (byte[] message = next(); message.length > 0; message = next()) {
                send(socket, message);
                awaitAnswer(socket, answer);
            }
        }
        return null;
    }

    private synchronized byte[] next() throws IOException {
        return file.readNBytes(size);
    }

    private void send(SocketChannel socket, byte[] message) throws IOException {
        String head = "POST " + url.getRawPath() + " HTTP/1.1\r\nHost: " + url.getAuthority()
                + "\r\nContent-Type: application/octet-stream\r\nContent-Length: " + message.length + "\r\n\r\n";
        ByteBuffer[] request = {ByteBuffer.wrap(head.getBytes(StandardCharsets.US_ASCII)), ByteBuffer.wrap(message)};
        while (request[1].hasRemaining()) socket.write(request);
    }

    // An answer of 204 has no body, so it ends at an empty line.
    private static void awaitAnswer(SocketChannel socket, ByteBuffer answer) throws IOException {
        answer.clear();
        String text = "";
        while (!text.endsWith("\r\n\r\n")) {
            if (socket.read(answer) < 0) throw new EOFException("the server closed the connection");
            text = new String(answer.array(), answer.arrayOffset(), answer.position(), StandardCharsets.US_ASCII);
        }
        if (!text.startsWith("HTTP/1.1 204")) throw new IOException(text);
    }
}
