package io.switchboard.server;

import io.netty.handler.codec.http3.Http3Headers;
import io.switchboard.server.Http3Client.Event;
import java.io.EOFException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Whoever talks with one server over HTTP/3 through a network that loses packets: all on one connection, until the server
 * wants another one or there is no room on it; then on the next. Any thread.
 */
final class Http3Network implements AutoCloseable {
    /** A connection of which nothing is heard for so long is over, or does not come to be. */
    private static final int SILENT_SECONDS = 4;
    /** A handshake of which too much is lost is begun anew. */
    private static final int TRIES = 8;

    private static final long H3_REQUEST_REJECTED = 0x10b; // RFC 9114, section 8.1

    private record Line(Relay relay, Http3Client client) {}

    private final int port;
    private final double loss;
    private final long seed;
    private final List<Line> lines = new ArrayList<>();
    private int tries;
    private volatile boolean closed;

    /**
     * @param port of the server
     * @param loss of packets, each way, 0 to 1
     */
    Http3Network(int port, double loss, long seed) {
        this.port = port;
        this.loss = loss;
        this.seed = seed;
    }

    boolean isClosed() {
        return closed;
    }

    /** The server goes: what is open goes on to its end, and nobody looks for another connection. */
    void leave() {
        closed = true;
    }

    /** Whether the server has told a connection to take no more streams. */
    synchronized boolean isToldToGo() {
        return lines.stream().anyMatch(line -> line.client().isToldToGo());
    }

    /** Packets that did not arrive, up to now. */
    synchronized int lost() {
        return lines.stream().mapToInt(line -> line.relay().lost()).sum();
    }

    private synchronized Http3Client.Stream open(UnaryOperator<Http3Client.Stream> said) {
        Http3Client client = lines.isEmpty() ? another() : lines.getLast().client();
        if (!client.takesMore()) client = another();
        try {
            return said.apply(client.open());
        } catch (AssertionError ended) { // in this moment
            throw over("no stream: " + ended.getMessage());
        }
    }

    private Http3Client another() {
        for (int i = 0; i < TRIES && !closed; i++) {
            Relay relay = Relay.to(port, loss, seed + tries++);
            try {
                Http3Client client = Http3Client.patient(relay.port(), SILENT_SECONDS);
                lines.add(new Line(relay, client));
                return client;
            } catch (AssertionError lost) {
                relay.close();
            }
        }
        throw over("no connection");
    }

    /**
     * Asks, and again on another connection where the server has not looked at it.
     *
     * @param body null for a stream that is left open
     */
    Answered ask(Http3Headers head, byte @Nullable [] body) {
        while (true) {
            Http3Client.Stream stream = open(opened -> {
                opened.send(head);
                if (body == null) return opened;
                return body.length == 0 ? opened.end() : opened.send(body).end();
            });
            switch (stream.next()) {
                case Event.Head(Http3Headers fields) -> {
                    return new Answered(stream, fields);
                }
                case Event.Reset(long error) when error == H3_REQUEST_REJECTED -> {}
                case Event other -> throw over(other + " in place of an answer");
            }
        }
    }

    /** A WebSocket (RFC 9220), perhaps. */
    Answered askForSocket(String target, String... fields) {
        Http3Headers head = Http3Client.head("CONNECT", "localhost", target, ":protocol", "websocket");
        head.add("sec-websocket-version", "13");
        return ask(with(head, fields), null);
    }

    /** @param fields each {@code Name: value} */
    static Http3Headers with(Http3Headers head, String... fields) {
        for (String field : fields) {
            String[] parts = field.split(": ", 2);
            head.add(parts[0].toLowerCase(Locale.ROOT), parts[1]);
        }
        return head;
    }

    static UncheckedIOException over(String why) {
        return new UncheckedIOException(new EOFException(why));
    }

    @Override
    public void close() {
        leave(); // whoever connects gives up
        closeAll();
    }

    private synchronized void closeAll() {
        for (Line line : lines) {
            line.client().close();
            line.relay().close();
        }
    }

    /** A stream on which an answer has begun. One thread reads. */
    static final class Answered implements AutoCloseable {
        private static final int H3_REQUEST_CANCELLED = 0x10c;

        private final Http3Client.Stream stream;
        private final Http3Headers fields;
        private byte[] arrived = {};
        private int taken;
        private boolean ended;

        private Answered(Http3Client.Stream stream, Http3Headers fields) {
            this.stream = stream;
            this.fields = fields;
        }

        RawClient.Answer head(String body) {
            List<String> headers = new ArrayList<>();
            fields.forEach(field -> headers.add(field.getKey() + ": " + field.getValue()));
            return new RawClient.Answer("HTTP/3.0 " + fields.status(), headers, body);
        }

        InputStream content() {
            return new InputStream() {
                @Override
                public int read() {
                    byte[] one = new byte[1];
                    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
                }

                @Override
                public int read(byte[] into, int at, int length) {
                    return take(into, at, length);
                }
            };
        }

        private int take(byte[] into, int at, int length) {
            while (taken == arrived.length) {
                if (ended) return -1;
                switch (stream.next()) {
                    case Event.Data(byte[] bytes) -> {
                        arrived = bytes;
                        taken = 0;
                    }
                    case Event.End() -> ended = true;
                    case Event other -> throw over(other + " in the middle of an answer");
                }
            }
            int some = Math.min(length, arrived.length - taken);
            System.arraycopy(arrived, taken, into, at, some);
            taken += some;
            return some;
        }

        /** What is written goes out as content. */
        OutputStream said() {
            return new OutputStream() {
                @Override
                public void write(int b) {
                    write(new byte[] {(byte) b}, 0, 1);
                }

                @Override
                public void write(byte[] bytes, int from, int length) {
                    stream.send(Arrays.copyOfRange(bytes, from, from + length));
                }
            };
        }

        /** Resets it where it has not ended. */
        @Override
        public void close() {
            if (!ended) stream.channel().shutdown(H3_REQUEST_CANCELLED);
        }
    }
}
