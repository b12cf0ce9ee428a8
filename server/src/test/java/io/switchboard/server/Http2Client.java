package io.switchboard.server;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.DefaultHttp2HeadersEncoder;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/**
 * A client of HTTP/2 that sends what no library would, and sees each frame. It begins with the preface, without TLS. One
 * thread.
 */
final class Http2Client implements AutoCloseable {
    static final int DATA = 0;
    static final int HEADERS = 1;
    static final int PRIORITY = 2;
    static final int RST_STREAM = 3;
    static final int SETTINGS = 4;
    static final int PING = 6;
    static final int GOAWAY = 7;
    static final int WINDOW_UPDATE = 8;
    static final int CONTINUATION = 9;

    static final int END_STREAM = 1;
    static final int END_HEADERS = 4;
    static final int ACK = 1;

    /** A setting. */
    static final int HEADER_TABLE_SIZE = 1;

    static final int NO_ERROR = 0;
    static final int PROTOCOL_ERROR = 1;
    static final int FLOW_CONTROL_ERROR = 3;
    static final int SETTINGS_TIMEOUT = 4;
    static final int STREAM_CLOSED = 5;
    static final int REFUSED_STREAM = 7;
    static final int CANCEL = 8;
    static final int ENHANCE_YOUR_CALM = 11;

    private static final int PATIENCE_MILLIS = 15_000;
    private static final byte[] PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    /** One frame. */
    @SuppressWarnings("ArrayRecordComponent") // a carrier; compared by nobody
    record Frame(int type, int flags, int stream, byte[] content) {
        boolean is(int wanted, int id) {
            return type == wanted && stream == id;
        }

        boolean ends() {
            return (flags & END_STREAM) != 0 && (type == DATA || type == HEADERS);
        }

        /** Of RST_STREAM or GOAWAY. */
        int error() {
            return ByteBuffer.wrap(content).getInt(type == GOAWAY ? 4 : 0);
        }

        /** Of GOAWAY. */
        int lastStream() {
            return ByteBuffer.wrap(content).getInt();
        }

        String text() {
            return new String(content, StandardCharsets.UTF_8);
        }
    }

    /**
     * An answer.
     *
     * @param headBytes as they came
     */
    record Answer(Http2Headers headers, int headBytes, String body) {
        int status() {
            return Integer.parseInt(String.valueOf(headers.status()));
        }

        @Nullable
        String header(String name) {
            CharSequence value = headers.get(name);
            return value == null ? null : value.toString();
        }
    }

    private final Socket socket;
    private final DataInputStream in;
    private final OutputStream out;
    private final DefaultHttp2HeadersEncoder encoder = new DefaultHttp2HeadersEncoder();
    private final DefaultHttp2HeadersDecoder decoder = new DefaultHttp2HeadersDecoder(false, 1 << 16);
    private final List<Frame> passed = new ArrayList<>(); // that nobody wanted yet
    private int nextStream = 1;
    private boolean agrees = true;

    private Http2Client(Socket socket) throws IOException {
        this.socket = socket;
        socket.setSoTimeout(PATIENCE_MILLIS);
        socket.setTcpNoDelay(true);
        in = new DataInputStream(new BufferedInputStream(socket.getInputStream(), 1 << 16));
        out = socket.getOutputStream();
    }

    /** @param settings identifiers and values by turns */
    static Http2Client connect(int port, int... settings) {
        try {
            Socket socket = new Socket();
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), PATIENCE_MILLIS);
            return new Http2Client(socket).send(PREFACE).send(settings(settings));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Over TLS, where it is agreed on. */
    static Http2Client connect(int port, SSLContext trust) {
        try {
            SSLSocket socket = (SSLSocket) trust.getSocketFactory().createSocket();
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), PATIENCE_MILLIS);
            SSLParameters parameters = socket.getSSLParameters();
            parameters.setApplicationProtocols(new String[] {"h2"});
            socket.setSSLParameters(parameters);
            socket.startHandshake();
            if (!socket.getApplicationProtocol().equals("h2")) throw new AssertionError("no HTTP/2");
            return new Http2Client(socket).send(PREFACE).send(settings());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    // --- frames as bytes

    static byte[] frame(int type, int flags, int stream, byte... content) {
        return ByteBuffer.allocate(9 + content.length)
                .put((byte) (content.length >> 16))
                .putShort((short) content.length)
                .put((byte) type)
                .put((byte) flags)
                .putInt(stream)
                .put(content)
                .array();
    }

    static byte[] settings(int... values) {
        ByteBuffer content = ByteBuffer.allocate(3 * values.length);
        for (int i = 0; i < values.length; i += 2)
            content.putShort((short) values[i]).putInt(values[i + 1]);
        return frame(SETTINGS, 0, 0, content.array());
    }

    static byte[] integer(int type, int stream, int value) {
        return frame(type, 0, stream, ByteBuffer.allocate(4).putInt(value).array());
    }

    byte[] fields(String... fields) {
        Http2Headers headers = new DefaultHttp2Headers(false);
        for (int i = 0; i < fields.length; i += 2) headers.add(fields[i], fields[i + 1]);
        ByteBuf block = Unpooled.buffer();
        try {
            encoder.encodeHeaders(1, headers, block);
        } catch (Http2Exception e) {
            throw new AssertionError(e);
        }
        return Arrays.copyOf(block.array(), block.readableBytes());
    }

    /** The head of a request with what it has to have. */
    byte[] head(String method, String path, String... more) {
        List<String> fields =
                new ArrayList<>(List.of(":method", method, ":scheme", "http", ":authority", "h", ":path", path));
        fields.addAll(List.of(more));
        return fields(fields.toArray(String[]::new));
    }

    static byte[] join(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) all.writeBytes(part);
        return all.toByteArray();
    }

    // --- what is sent

    Http2Client send(byte[] bytes) {
        try {
            out.write(bytes);
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** From now on it does not acknowledge settings. */
    void agreesToNothing() {
        agrees = false;
    }

    int newStream() {
        int stream = nextStream;
        nextStream += 2;
        return stream;
    }

    /** Asks without a body; returns the stream. */
    int ask(String method, String path, String... more) {
        int stream = newStream();
        send(frame(HEADERS, END_HEADERS | END_STREAM, stream, head(method, path, more)));
        return stream;
    }

    /** Asks with a body; returns the stream. */
    int ask(String method, String path, byte[] body, String... more) {
        int stream = newStream();
        send(frame(HEADERS, END_HEADERS, stream, head(method, path, more)));
        for (int at = 0; at < body.length; at += 16_384) {
            int end = Math.min(body.length, at + 16_384);
            send(frame(DATA, end == body.length ? END_STREAM : 0, stream, Arrays.copyOfRange(body, at, end)));
        }
        return stream;
    }

    /** Asks for a WebSocket (RFC 8441); returns the stream. */
    int askForSocket(String path, String... fields) {
        List<String> all = new ArrayList<>(List.of(":protocol", "websocket", "sec-websocket-version", "13"));
        for (String field : fields) {
            String[] parts = field.split(": ", 2);
            all.addAll(List.of(parts[0].toLowerCase(Locale.ROOT), parts[1]));
        }
        int stream = newStream();
        send(frame(HEADERS, END_HEADERS, stream, head("CONNECT", path, all.toArray(String[]::new))));
        return stream;
    }

    /** What is written goes out as content of a stream. */
    OutputStream contentFor(int stream) {
        return new OutputStream() {
            @Override
            public void write(int b) {
                write(new byte[] {(byte) b}, 0, 1);
            }

            @Override
            public void write(byte[] bytes, int from, int length) {
                send(frame(DATA, 0, stream, Arrays.copyOfRange(bytes, from, from + length)));
            }
        };
    }

    /** The content of a stream, until that or the connection ends; the peer's windows are kept open. */
    InputStream contentOf(int stream) {
        return new InputStream() {
            private byte[] arrived = new byte[0];
            private int taken;
            private boolean ended;

            @Override
            public int read() {
                byte[] one = new byte[1];
                return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
            }

            @Override
            public int read(byte[] into, int at, int length) {
                while (taken == arrived.length) {
                    if (ended) return -1;
                    more();
                }
                int some = Math.min(length, arrived.length - taken);
                System.arraycopy(arrived, taken, into, at, some);
                taken += some;
                return some;
            }

            private void more() {
                Frame frame = Http2Client.this.read();
                if (frame == null || frame.is(RST_STREAM, stream)) {
                    ended = true;
                } else if (frame.is(DATA, stream)) {
                    ended = frame.ends();
                    arrived = frame.content();
                    taken = 0;
                    if (arrived.length > 0 && !ended) {
                        grant(stream, arrived.length);
                        grant(0, arrived.length);
                    }
                }
            }
        };
    }

    /** The peer may send so much more; on stream 0, on all together. */
    void grant(int stream, int bytes) {
        send(integer(WINDOW_UPDATE, stream, bytes));
    }

    // --- what arrives

    /** The next frame; null at the end of the connection. Settings are agreed to, mostly. */
    @Nullable
    Frame read() {
        try {
            int length = in.readUnsignedByte() << 16 | in.readUnsignedShort();
            int type = in.readUnsignedByte();
            int flags = in.readUnsignedByte();
            int stream = in.readInt();
            Frame frame = new Frame(type, flags, stream, in.readNBytes(length));
            if (agrees && type == SETTINGS && flags == 0) send(frame(SETTINGS, ACK, 0));
            return frame;
        } catch (EOFException | SocketException e) {
            return null;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The connection has ended where more was expected: a failure, but for who expects servers to go. */
    static final class Ended extends AssertionError {
        Ended(String message) {
            super(message);
        }
    }

    /** The next frame that is wanted; others wait for those who want them. Fails at the end of the connection. */
    Frame next(Predicate<Frame> wanted) {
        for (Frame frame : passed) {
            if (wanted.test(frame)) {
                passed.remove(frame);
                return frame;
            }
        }
        while (true) {
            Frame frame = read();
            if (frame == null) throw new Ended("the connection has ended; there were " + passed);
            if (wanted.test(frame)) return frame;
            passed.add(frame);
        }
    }

    Frame next(int type, int stream) {
        return next(frame -> frame.is(type, stream));
    }

    /** The head of an answer. */
    Http2Headers headOf(int stream) {
        return decoded(next(HEADERS, stream));
    }

    private Http2Headers decoded(Frame frame) {
        try {
            return decoder.decodeHeaders(frame.stream(), Unpooled.wrappedBuffer(frame.content()));
        } catch (Http2Exception e) {
            throw new AssertionError(e);
        }
    }

    /** The whole answer on a stream; of the peer's windows, nothing is given back. Heads have to be asked for in order. */
    Answer answer(int stream) {
        Frame head = next(HEADERS, stream);
        Http2Headers headers = decoded(head);
        StringBuilder body = new StringBuilder();
        boolean ended = head.ends();
        while (!ended) {
            Frame frame = next(DATA, stream);
            body.append(frame.text());
            ended = frame.ends();
        }
        return new Answer(headers, head.content().length, body.toString());
    }

    /** What the connection ended with. Fails if it did not. */
    Frame goAway() {
        return next(GOAWAY, 0);
    }

    /** Waits for the end of the connection. */
    void awaitEnd() {
        while (read() != null) passed.clear();
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
