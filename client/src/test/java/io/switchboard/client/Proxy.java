package io.switchboard.client;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;

/**
 * A TCP proxy in front of a server, as bad as it is told to be: it delays, cuts, half-closes, swallows and holds back, and
 * changes no byte. What it does by chance follows from its seed and the order of connections.
 */
final class Proxy implements AutoCloseable {
    /** What becomes of a connection, decided at each of its requests. */
    enum Treatment {
        PASS,
        /** Takes everything, and never says a word. */
        SWALLOW,
        /** Gives the head of an answer, and holds back what follows. */
        HEAD_ONLY,
        /** Ends at once. */
        REFUSE,
        /** Answers 503 with {@code Retry-After: 1}. */
        BUSY,
        /** Answers 200 itself, as a page to log in to a network does. */
        STRANGER,
        /** Gives nothing of an answer, but ends once the request has gone through. */
        LOSE_ANSWER,
        /** By chance: delays, and at some point cuts, half-closes, or swallows from there on. */
        CHAOS
    }

    private static final String BUSY_ANSWER =
            "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    private static final String STRANGE_ANSWER =
            "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 7\r\nConnection: close\r\n\r\nWelcome";
    private static final int PIECE = 16 * 1024;

    private final ServerSocket listening;
    private final int target;
    private final Random random;
    private final Set<Connection> open = ConcurrentHashMap.newKeySet();
    private volatile Function<String, Treatment> rule = head -> Treatment.PASS;

    final AtomicInteger connections = new AtomicInteger();
    final AtomicInteger treated = new AtomicInteger(); // requests that did not just pass

    Proxy(int target, long seed) {
        this.target = target;
        this.random = new Random(seed);
        try {
            listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        Thread.ofVirtual().start(this::accept);
    }

    static boolean isSocket(String head) {
        return head.contains("websocket");
    }

    static boolean isEventStream(String head) {
        return head.contains("text/event-stream");
    }

    static boolean isAppend(String head) {
        return head.startsWith("POST");
    }

    URI url() {
        return URI.create("http://127.0.0.1:" + listening.getLocalPort());
    }

    /** @param treatment of a request, by its head */
    void treat(Function<String, Treatment> treatment) {
        rule = treatment;
    }

    /** Ends all connections. */
    void cut() {
        open.forEach(Connection::cut);
    }

    private void accept() {
        try {
            while (true) {
                Connection connection = new Connection(listening.accept(), chance());
                connections.incrementAndGet();
                open.add(connection);
                Thread.ofVirtual().start(connection::run);
            }
        } catch (IOException closed) {
            cut();
        }
    }

    private Random chance() {
        return new Random(random.nextLong());
    }

    @Override
    public void close() {
        try {
            listening.close();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        cut();
    }

    private final class Connection {
        private final Socket client;
        private final Random chance;
        private final Socket server = new Socket();
        private volatile Treatment treatment = Treatment.PASS;
        private final AtomicLong bytesLeft = new AtomicLong(Long.MAX_VALUE); // of answers, until it happens

        Connection(Socket client, Random chance) {
            this.client = client;
            this.chance = chance;
        }

        void run() {
            try {
                client.setTcpNoDelay(true);
                // So that connections do not arrive in the order in which they were opened.
                if (chance.nextInt(4) == 0) LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(chance.nextInt(30)));
                server.connect(new java.net.InetSocketAddress(InetAddress.getLoopbackAddress(), target));
                server.setTcpNoDelay(true);
                Thread.ofVirtual().start(this::answers);
                requests();
            } catch (IOException ended) {
                cut();
            }
        }

        private void requests() throws IOException {
            byte[] piece = new byte[PIECE];
            InputStream in = client.getInputStream();
            OutputStream out = server.getOutputStream();
            for (int n = in.read(piece); n >= 0; n = in.read(piece)) {
                String text = new String(piece, 0, n, StandardCharsets.ISO_8859_1);
                if (text.startsWith("GET ") || text.startsWith("POST ")) decide(text);
                if (treatment == Treatment.SWALLOW) continue;
                out.write(piece, 0, n);
            }
            server.shutdownOutput();
        }

        private void decide(String head) throws IOException {
            if (treatment == Treatment.SWALLOW) return; // it stays as it is
            treatment = rule.apply(head);
            if (treatment == Treatment.PASS) return;
            treated.incrementAndGet();
            switch (treatment) {
                case REFUSE -> throw new IOException("refused");
                case BUSY -> {
                    client.getOutputStream().write(BUSY_ANSWER.getBytes(StandardCharsets.ISO_8859_1));
                    client.shutdownOutput();
                    throw new IOException("busy");
                }
                case STRANGER -> {
                    client.getOutputStream().write(STRANGE_ANSWER.getBytes(StandardCharsets.ISO_8859_1));
                    client.shutdownOutput();
                    throw new IOException("a stranger");
                }
                case CHAOS -> bytesLeft.set(chance.nextInt(chance.nextInt(4) == 0 ? 400 : 200_000));
                default -> {}
            }
        }

        private void answers() {
            byte[] piece = new byte[PIECE];
            boolean headGiven = false;
            try {
                InputStream in = server.getInputStream();
                OutputStream out = client.getOutputStream();
                for (int n = in.read(piece); n >= 0; n = in.read(piece)) {
                    switch (treatment) {
                        case SWALLOW -> {}
                        case LOSE_ANSWER -> cut();
                        case HEAD_ONLY -> {
                            if (headGiven) continue;
                            headGiven = true;
                            String text = new String(piece, 0, n, StandardCharsets.ISO_8859_1);
                            int end = text.indexOf("\r\n\r\n");
                            out.write(piece, 0, end < 0 ? n : end + 4);
                        }
                        case CHAOS -> chaos(out, piece, n);
                        default -> out.write(piece, 0, n);
                    }
                }
                client.shutdownOutput();
            } catch (IOException ended) {
                cut();
            }
        }

        private void chaos(OutputStream out, byte[] piece, int n) throws IOException {
            if (chance.nextInt(8) == 0) LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(chance.nextInt(30)));
            int given = (int) Math.min(n, bytesLeft.get());
            out.write(piece, 0, given);
            if (bytesLeft.addAndGet(-given) > 0) return;
            switch (chance.nextInt(4)) {
                case 0 -> treatment = Treatment.SWALLOW;
                case 1 -> {
                    treatment = Treatment.SWALLOW;
                    client.shutdownOutput();
                }
                case 2 -> {
                    client.setSoLinger(true, 0); // a reset
                    cut();
                }
                default -> cut();
            }
        }

        void cut() {
            open.remove(this);
            try {
                client.close();
                server.close();
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        }
    }
}
