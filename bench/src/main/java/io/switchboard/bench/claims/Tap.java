package io.switchboard.bench.claims;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Stands between a client that is not ours and the server, passes everything on as it is, and counts it. What came through has
 * been counted.
 */
final class Tap implements AutoCloseable {
    private static final int CONNECTIONS_MAX = 16;

    private final URI server;
    private final ServerSocket listener;
    private final AtomicLong up = new AtomicLong();
    private final AtomicLong down = new AtomicLong();

    Tap(URI server) throws IOException {
        this.server = server;
        this.listener = new ServerSocket(0, CONNECTIONS_MAX, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().start(this::accept);
    }

    int port() {
        return listener.getLocalPort();
    }

    /** Bytes from the client so far. */
    long up() {
        return up.get();
    }

    /** Bytes from the server so far. */
    long down() {
        return down.get();
    }

    private void accept() {
        try {
            while (true) {
                Socket client = listener.accept();
                Socket origin = new Socket(server.getHost(), server.getPort());
                client.setTcpNoDelay(true);
                origin.setTcpNoDelay(true);
                Thread.ofVirtual().start(() -> pass(client, origin, up));
                Thread.ofVirtual().start(() -> pass(origin, client, down));
            }
        } catch (IOException closed) {
            // the end of it
        }
    }

    private static void pass(Socket from, Socket to, AtomicLong count) {
        try (from;
                to) {
            byte[] bytes = new byte[64 * 1024];
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int length = in.read(bytes); length >= 0; length = in.read(bytes)) {
                count.addAndGet(length);
                out.write(bytes, 0, length);
            }
        } catch (IOException gone) {
            // one side went, and the other goes with it
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
    }
}
