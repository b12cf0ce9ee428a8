package io.switchboard.server;

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
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** A WebSocket client that sends what no library would, and sees every frame. One thread reads, one sends. */
final class FrameClient implements AutoCloseable {
    static final int FIN = 0x80;
    static final int CONTINUATION = 0x0;
    static final int TEXT = 0x1;
    static final int BINARY = 0x2;
    static final int CLOSE = 0x8;
    static final int PING = 0x9;
    static final int PONG = 0xa;
    /** The fields of a request that asks for a WebSocket. */
    static final String UPGRADE = String.join(
            "\r\n",
            "Upgrade: websocket",
            "Connection: keep-alive, Upgrade",
            "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
            "");

    private static final int PATIENCE_MILLIS = 10_000;
    private static final byte[] MASK = {0x12, (byte) 0xf3, 0x44, (byte) 0x85};

    /** A frame from the server. */
    @SuppressWarnings("ArrayRecordComponent") // a carrier in a test
    record Frame(int first, byte[] payload) {
        int opcode() {
            return first & 0xf;
        }

        String text() {
            return new String(payload, StandardCharsets.UTF_8);
        }

        /** The code of a close frame; 0 if it has none. */
        int code() {
            return payload.length < 2
                    ? 0
                    : Short.toUnsignedInt(ByteBuffer.wrap(payload).getShort());
        }

        @Override
        public String toString() {
            return opcode() == CLOSE ? "close " + code() : Integer.toHexString(first) + ":" + text();
        }
    }

    private final AutoCloseable carrier;
    private final DataInputStream in;
    private final OutputStream out;
    private final List<String> head = new ArrayList<>();

    private FrameClient(AutoCloseable carrier, InputStream in, OutputStream out) {
        this.carrier = carrier;
        this.in = new DataInputStream(new BufferedInputStream(in, 1 << 16));
        this.out = out;
    }

    /** Asks for a WebSocket on a stream of HTTP/2 (RFC 8441); the client is closed with it, and where there is no answer. */
    static FrameClient ask(Http2Client client, String target, String... fields) {
        int stream = client.askForSocket(target, fields);
        FrameClient asked = new FrameClient(client, client.contentOf(stream), client.contentFor(stream));
        try {
            asked.head.add("HTTP/2.0 " + client.headOf(stream).status());
        } catch (Http2Client.Ended e) {
            asked.close();
            throw new UncheckedIOException(new EOFException(e.getMessage()));
        }
        return asked;
    }

    /** Asks for a WebSocket on a stream of HTTP/3 (RFC 9220), which ends with it. */
    static FrameClient ask(Http3Network network, String target, String... fields) {
        Http3Network.Answered answered = network.askForSocket(target, fields);
        FrameClient asked = new FrameClient(answered, answered.content(), answered.said());
        asked.head.add(answered.head("").statusLine());
        return asked;
    }

    /** Connects and asks; the answer is the caller's to look at. */
    static FrameClient ask(int port, int receiveBufferBytes, String target, String... fields) {
        try {
            Socket socket = new Socket();
            if (receiveBufferBytes > 0) socket.setReceiveBufferSize(receiveBufferBytes);
            socket.setSoTimeout(PATIENCE_MILLIS);
            socket.setTcpNoDelay(true);
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), PATIENCE_MILLIS);
            return ask(socket, target, fields);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Asks on a socket that is connected. */
    static FrameClient ask(Socket socket, String target, String... fields) {
        try {
            FrameClient client = new FrameClient(socket, socket.getInputStream(), socket.getOutputStream());
            StringBuilder request = new StringBuilder("GET " + target + " HTTP/1.1\r\nHost: test\r\n" + UPGRADE);
            for (String field : fields) request.append(field).append("\r\n");
            client.raw(request.append("\r\n").toString().getBytes(StandardCharsets.UTF_8));
            client.readHead();
            return client;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Opens a WebSocket, or fails. */
    static FrameClient open(int port, String target, String... fields) {
        return open(port, 0, target, fields);
    }

    /** @param receiveBufferBytes what the kernel takes for a client that does not read; 0 for its default */
    static FrameClient open(int port, int receiveBufferBytes, String target, String... fields) {
        FrameClient client = ask(port, receiveBufferBytes, target, fields);
        if (client.status() != 101) throw new AssertionError("no upgrade: " + client.head);
        return client;
    }

    /** Opens a WebSocket over TLS, or fails. */
    static FrameClient open(int port, SSLContext trust, String target, String... fields) {
        try {
            Socket socket = trust.getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), port);
            socket.setSoTimeout(PATIENCE_MILLIS);
            FrameClient client = ask(socket, target, fields);
            if (client.status() != 101) throw new AssertionError("no upgrade: " + client.head);
            return client;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void readHead() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        while (true) {
            int c = in.readUnsignedByte();
            if (c == '\n') {
                String text = line.toString(StandardCharsets.ISO_8859_1).strip();
                if (text.isEmpty()) return;
                head.add(text);
                line.reset();
            } else {
                line.write(c);
            }
        }
    }

    /** Whether the server has agreed. */
    boolean isOpen() {
        return status() == (head.getFirst().startsWith("HTTP/1") ? 101 : 200);
    }

    int status() {
        return Integer.parseInt(head.getFirst().substring(9, 12));
    }

    @Nullable
    String header(String name) {
        for (String line : head) {
            if (line.regionMatches(true, 0, name + ":", 0, name.length() + 1)) {
                return line.substring(name.length() + 1).strip();
            }
        }
        return null;
    }

    FrameClient raw(byte[] bytes) {
        try {
            out.write(bytes);
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A masked frame with the least length that holds its payload. */
    static byte[] frame(int first, byte[] payload) {
        ByteBuffer out = ByteBuffer.allocate(payload.length + 14);
        out.put((byte) first);
        if (payload.length < 126) out.put((byte) (0x80 | payload.length));
        else if (payload.length < 65_536) out.put((byte) (0x80 | 126)).putShort((short) payload.length);
        else out.put((byte) (0x80 | 127)).putLong(payload.length);
        out.put(MASK);
        for (int i = 0; i < payload.length; i++) out.put((byte) (payload[i] ^ MASK[i & 3]));
        byte[] bytes = new byte[out.position()];
        out.flip().get(bytes);
        return bytes;
    }

    FrameClient send(int first, byte[] payload) {
        return raw(frame(first, payload));
    }

    FrameClient text(String text) {
        return send(FIN | TEXT, text.getBytes(StandardCharsets.UTF_8));
    }

    /** The next frame; null at the end of the connection. */
    @Nullable
    Frame nextOrEnd() {
        try {
            int first = in.read();
            if (first < 0) return null;
            int length = in.readUnsignedByte();
            if (length > 127) throw new AssertionError("a server's frame is not masked");
            if (length == 126) length = in.readUnsignedShort();
            else if (length == 127) length = Math.toIntExact(in.readLong());
            byte[] payload = new byte[length];
            in.readFully(payload);
            return new Frame(first, payload);
        } catch (EOFException end) {
            return null;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Frame next() {
        Frame frame = nextOrEnd();
        if (frame == null) throw new AssertionError("the server closed the connection");
        return frame;
    }

    /** The text of the next frame, which is a whole text message; pings are passed over. */
    String nextText() {
        Frame frame = next();
        while (frame.first() == (FIN | PING)) frame = next();
        if (frame.first() != (FIN | TEXT)) throw new AssertionError(frame);
        return frame.text();
    }

    /** The close frame that comes next; fails if anything else does. */
    Frame nextClose() {
        Frame frame = next();
        if (frame.first() != (FIN | CLOSE)) throw new AssertionError(frame);
        return frame;
    }

    /** Whether the connection has ended, or does so within moments. */
    boolean ends() {
        try {
            return nextOrEnd() == null;
        } catch (UncheckedIOException reset) {
            return true;
        }
    }

    @Override
    public void close() {
        try {
            carrier.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }
}
