package io.switchboard.server;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/**
 * Thousands of readers over sockets, on two threads. Each asks, counts what it gets, and notes how and when it ended.
 */
final class Crowd implements AutoCloseable {
    private static final int THREADS = 2;
    /** Readers of one thread that have not had their first answer: a backlog of connections holds no more. */
    private static final int OPENING_MAX = 48;

    private static final int BUFFER_BYTES = 2_048;
    private static final Duration PATIENCE = Duration.ofSeconds(40);

    /** How to read. */
    enum Way {
        LINE,
        SOCKET,
        EVENTS,
        LONG_POLL
    }

    private final int port;
    private final String channel;
    private final List<Crew> crews = new ArrayList<>();
    private int next;

    Crowd(int port, String channel) {
        this.port = port;
        this.channel = channel;
        try {
            for (int i = 0; i < THREADS; i++) {
                Crew crew = new Crew(Selector.open());
                crews.add(crew);
                crew.thread.start();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Lets {@code count} readers in, and returns when all of them read. */
    List<Reader> enter(int count, Way way, String bearer) {
        List<Reader> readers = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Reader reader = new Reader(way, bearer);
            readers.add(reader);
            crews.get(next++ % THREADS).waiting.add(reader);
        }
        for (Crew crew : crews) crew.selector.wakeup();
        await().atMost(PATIENCE).until(() -> readers.stream().allMatch(reader -> reader.reads || reader.end != null));
        return readers;
    }

    @Override
    public void close() {
        try {
            for (Crew crew : crews) {
                crew.over = true;
                crew.selector.wakeup();
                crew.thread.join();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** One client. Belongs to its crew; what others may look at is volatile. */
    final class Reader {
        final Way way;
        private final String bearer;
        private final ByteBuffer in = ByteBuffer.allocate(BUFFER_BYTES);
        private boolean upgraded;
        private String tail = ""; // of an event stream
        private volatile boolean reads;
        private volatile boolean heard; // a frame, a part of a stream, or an answer
        private volatile @Nullable String end;
        private volatile long endNanos;

        private Reader(Way way, String bearer) {
            this.way = way;
            this.bearer = bearer;
        }

        /** A close code, a status, {@code end} of a stream, or what else happened; null while it reads. */
        @Nullable
        String end() {
            return end;
        }

        /** When that was, by {@link System#nanoTime}. */
        long endNanos() {
            return endNanos;
        }

        /** Whether it was told anything since it came in. */
        boolean heard() {
            return heard;
        }

        private String request(String offset) {
            String stream = "/v1/stream/" + channel + "?offset=" + offset;
            return switch (way) {
                case LINE -> get("/live", FrameClient.UPGRADE + "Sec-WebSocket-Protocol: switchboard.v1\r\n");
                case SOCKET -> get(stream, FrameClient.UPGRADE);
                case EVENTS -> get(stream, "Accept: text/event-stream\r\n");
                case LONG_POLL -> get(stream + "&live=long-poll", "");
            };
        }

        private String get(String target, String fields) {
            return "GET " + target + " HTTP/1.1\r\nHost: test\r\n" + bearer + "\r\n" + fields + "\r\n";
        }

        private void send(SocketChannel socket, String text) throws IOException {
            send(socket, text.getBytes(StandardCharsets.UTF_8));
        }

        private void send(SocketChannel socket, byte[] bytes) throws IOException {
            ByteBuffer out = ByteBuffer.wrap(bytes);
            socket.write(out);
            if (out.hasRemaining()) throw new IOException("a socket takes no request");
        }

        private void ended(String how) {
            endNanos = System.nanoTime();
            end = how;
        }

        /** Takes what came, as far as it is complete. */
        private void take(SocketChannel socket) throws IOException {
            in.flip();
            while (end == null && takeOne(socket)) {}
            in.compact();
            if (!in.hasRemaining()) throw new IOException("more than expected at once");
        }

        private boolean takeOne(SocketChannel socket) throws IOException {
            return switch (way) {
                case LINE, SOCKET -> upgraded ? takeFrame(socket) : takeUpgrade(socket);
                case EVENTS -> takeEvents();
                case LONG_POLL -> takeAnswer(socket);
            };
        }

        private @Nullable String takeHead() {
            String all = StandardCharsets.ISO_8859_1.decode(in.duplicate()).toString();
            int end = all.indexOf("\r\n\r\n");
            if (end < 0) return null;
            in.position(in.position() + end + 4);
            return all.substring(0, end + 2);
        }

        private static String status(String head) {
            return head.substring(9, 12);
        }

        private boolean takeUpgrade(SocketChannel socket) throws IOException {
            String head = takeHead();
            if (head == null) return false;
            if (!status(head).equals("101")) {
                ended(status(head));
                return false;
            }
            upgraded = true;
            if (way == Way.SOCKET) reads = true;
            else subscribe(socket);
            return true;
        }

        private void subscribe(SocketChannel socket) throws IOException {
            String action = "{\"id\":1,\"action\":\"subscribe\",\"channel\":\"" + channel + "\"}";
            byte[] bytes = action.getBytes(StandardCharsets.UTF_8);
            send(socket, FrameClient.frame(FrameClient.FIN | FrameClient.TEXT, bytes));
        }

        private boolean takeFrame(SocketChannel socket) throws IOException {
            if (in.remaining() < 2) return false;
            int at = in.position();
            int opcode = in.get(at) & 0xf;
            int length = in.get(at + 1) & 0xff;
            int head = 2;
            if (length > 126) throw new IOException("a frame too long");
            if (length == 126) {
                if (in.remaining() < 4) return false;
                length = Short.toUnsignedInt(in.getShort(at + 2));
                head = 4;
            }
            if (in.remaining() < head + length) return false;
            in.position(at + head + length);
            if (opcode == FrameClient.CLOSE) {
                ended(String.valueOf(Short.toUnsignedInt(in.getShort(at + head))));
            } else if (opcode == FrameClient.PING) {
                send(socket, FrameClient.frame(FrameClient.FIN | FrameClient.PONG, new byte[0]));
            } else {
                reads = true; // on a line the first is the reply
                heard = true;
            }
            return true;
        }

        // Chunks are not taken apart: the last one shows by itself.
        private boolean takeEvents() {
            if (!reads) {
                String head = takeHead();
                if (head == null) return false;
                if (!status(head).equals("200")) ended(status(head));
                reads = true;
            }
            if (!in.hasRemaining()) return false;
            String all = tail + StandardCharsets.ISO_8859_1.decode(in);
            heard = true;
            tail = all.substring(Math.max(0, all.length() - 7));
            if (tail.equals("\r\n0\r\n\r\n")) ended("end");
            return false;
        }

        private boolean takeAnswer(SocketChannel socket) throws IOException {
            int at = in.position();
            String head = takeHead();
            if (head == null) return false;
            String length = field(head, "content-length");
            int body = length.isEmpty() ? 0 : Integer.parseInt(length);
            if (in.remaining() < body) {
                in.position(at);
                return false;
            }
            in.position(in.position() + body);
            if (!status(head).equals("200") && !status(head).equals("204")) {
                ended(status(head));
                return false;
            }
            reads = true;
            heard = true;
            send(socket, request(field(head, "stream-next-offset")));
            return true;
        }

        private static String field(String head, String name) {
            int start = head.toLowerCase(Locale.ROOT).indexOf("\r\n" + name + ":");
            if (start < 0) return "";
            int value = start + name.length() + 3;
            return head.substring(value, head.indexOf("\r\n", value)).strip();
        }
    }

    /** A thread with the readers it serves. */
    private final class Crew {
        private final Selector selector;
        private final Queue<Reader> waiting = new ConcurrentLinkedQueue<>();
        private final Thread thread = Thread.ofPlatform().name("crowd").unstarted(this::run);
        private final List<Reader> opening = new ArrayList<>(); // only its thread
        private volatile boolean over;

        private Crew(Selector selector) {
            this.selector = selector;
        }

        private void run() {
            try {
                while (!over) {
                    selector.select(100);
                    for (Iterator<SelectionKey> keys = selector.selectedKeys().iterator(); keys.hasNext(); ) {
                        serve(keys.next());
                        keys.remove();
                    }
                    opening.removeIf(reader -> reader.reads || reader.end != null);
                    while (opening.size() < OPENING_MAX && !waiting.isEmpty()) connect(waiting.remove());
                }
                for (SelectionKey key : selector.keys()) key.channel().close();
                selector.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private void connect(Reader reader) throws IOException {
            opening.add(reader);
            SocketChannel socket = SocketChannel.open();
            socket.setOption(StandardSocketOptions.SO_RCVBUF, 16 * 1024);
            socket.configureBlocking(false);
            socket.register(selector, SelectionKey.OP_CONNECT, reader);
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        }

        private void serve(SelectionKey key) {
            Reader reader = (Reader) key.attachment();
            SocketChannel socket = (SocketChannel) key.channel();
            try {
                if (key.isConnectable()) {
                    socket.finishConnect();
                    key.interestOps(SelectionKey.OP_READ);
                    reader.send(socket, reader.request("now"));
                } else if (socket.read(reader.in) < 0) {
                    reader.ended("cut off");
                } else {
                    reader.take(socket);
                }
            } catch (IOException | RuntimeException failed) {
                reader.ended(failed.toString());
            }
            if (reader.end != null) leave(key);
        }

        private void leave(SelectionKey key) {
            try {
                key.channel().close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
