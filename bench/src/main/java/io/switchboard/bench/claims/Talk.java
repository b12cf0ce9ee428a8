package io.switchboard.bench.claims;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.switchboard.bench.Conversation;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.util.Base64;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * One connection on which one thing after the other is asked as over HTTP/1.1, whatever carries it, or a WebSocket once it is one;
 * with all of its bytes counted. One thread, which blocks.
 */
final class Talk implements AutoCloseable {
    static final int TEXT = 1;
    static final int CLOSE = 8;
    static final int PING = 9;
    static final int PONG = 10;

    /** Nobody waits longer for anything. */
    static final int ANSWER_MILLIS_MAX = 10_000;

    private static final int HEAD_BYTES_MAX = 32 * 1024;
    private static final int BODY_BYTES_MAX = 16 << 20;
    private static final int COMPRESSED = 0x40;

    private final URI server;
    private final Conversation carrier;
    private final DataInputStream in;
    private final OutputStream out;

    /** @param server as requests name it */
    Talk(URI server, Conversation carrier) throws IOException {
        this.server = server;
        this.carrier = carrier;
        this.in = new DataInputStream(new BufferedInputStream(carrier.input()));
        this.out = carrier.output();
    }

    /**
     * An answer.
     *
     * @param headBytes of its status line and fields, with the empty line
     */
    record Reply(int status, String head, int headBytes, String body) {
        /** The value of the first field of this name, in lower case. */
        Optional<String> field(String name) {
            return head.lines()
                    .filter(line -> line.toLowerCase(Locale.ROOT).startsWith(name + ":"))
                    .map(line -> line.substring(name.length() + 1).strip())
                    .findFirst();
        }
    }

    /** A frame as it came; {@code headBytes} stood in front of its payload. */
    static final class Frame {
        final int opcode;
        final boolean compressed;
        final int headBytes;
        final byte[] payload;

        Frame(int opcode, boolean compressed, int headBytes, byte[] payload) {
            this.opcode = opcode;
            this.compressed = compressed;
            this.headBytes = headBytes;
            this.payload = payload;
        }
    }

    /**
     * Over HTTP/1.1.
     *
     * @param tls how to speak it; null for none
     */
    static Talk open(URI server, @Nullable SSLContext tls) throws IOException {
        CountedSocket counted = new CountedSocket();
        try {
            counted.setTcpNoDelay(true);
            counted.setSoTimeout(ANSWER_MILLIS_MAX);
            counted.connect(new InetSocketAddress(server.getHost(), server.getPort()), ANSWER_MILLIS_MAX);
            Socket socket = tls == null
                    ? counted
                    : tls.getSocketFactory().createSocket(counted, server.getHost(), server.getPort(), true);
            return new Talk(server, new Tcp(counted, socket));
        } catch (IOException failed) {
            counted.close();
            throw failed;
        }
    }

    /** Received since it began, of TCP or UDP. */
    long bytesIn() {
        return carrier.bytesIn();
    }

    /** Sent since it began, to TCP or UDP. */
    long bytesOut() {
        return carrier.bytesOut();
    }

    /** @throws java.net.SocketTimeoutException by all that waits, after so long */
    void patience(int millis) throws IOException {
        carrier.patience(millis);
    }

    /** @param fields further ones, each with its line's end */
    Reply get(String path, String fields) throws IOException {
        out.write(head("GET", path, fields));
        out.flush();
        return reply();
    }

    /** With a body of JSON; the head and the body in one piece. */
    Reply send(String method, String path, String body) throws IOException {
        byte[] content = body.getBytes(UTF_8);
        byte[] head =
                head(method, path, "Content-Type: application/json\r\nContent-Length: " + content.length + "\r\n");
        ByteArrayOutputStream all = new ByteArrayOutputStream(head.length + content.length);
        all.writeBytes(head);
        all.writeBytes(content);
        out.write(all.toByteArray());
        out.flush();
        return reply();
    }

    private byte[] head(String method, String path, String fields) {
        return (method + " " + path + " HTTP/1.1\r\nHost: " + server.getRawAuthority() + "\r\n" + fields + "\r\n")
                .getBytes(ISO_8859_1);
    }

    /** Begins an event stream; what follows is for {@link #some}. */
    void stream(String path) throws IOException {
        out.write(head("GET", path, "Accept: text/event-stream\r\n"));
        out.flush();
        Reply reply = head();
        if (reply.status() != 200) throw new IOException("The server answers " + reply.status() + ".");
    }

    /** Waits for bytes, whatever they are; returns how many came, or -1 at the end. */
    int some() throws IOException {
        return in.read(new byte[4_096]);
    }

    private Reply reply() throws IOException {
        Reply bare = head();
        if (bare.status() == 101 || bare.status() == 204 || bare.status() == 304) return bare;
        int length = bare.field("content-length").map(Integer::parseInt).orElse(-1);
        if (length < 0 || length > BODY_BYTES_MAX) {
            throw new IOException("The server answers " + bare.status() + " with a body of no told length.");
        }
        return new Reply(bare.status(), bare.head(), bare.headBytes(), new String(in.readNBytes(length), UTF_8));
    }

    private Reply head() throws IOException {
        StringBuilder head = new StringBuilder(512);
        while (head.length() < 4 || head.charAt(head.length() - 1) != '\n' || !isWhole(head)) {
            if (head.length() == HEAD_BYTES_MAX) throw new IOException("The head of an answer does not end.");
            head.append((char) in.readUnsignedByte());
        }
        String text = head.toString();
        return new Reply(Integer.parseInt(text.substring(9, 12)), text, head.length(), "");
    }

    private static boolean isWhole(StringBuilder head) {
        int end = head.length();
        return head.charAt(end - 2) == '\r' && head.charAt(end - 3) == '\n' && head.charAt(end - 4) == '\r';
    }

    /**
     * Makes a WebSocket of it.
     *
     * @param fields further ones, each with its line's end
     */
    Reply upgrade(String path, String fields) throws IOException {
        byte[] key = new byte[16];
        ThreadLocalRandom.current().nextBytes(key);
        Reply reply = get(
                path,
                "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: "
                        + Base64.getEncoder().encodeToString(key) + "\r\n" + fields);
        if (reply.status() != 101) throw new IOException("The server answers a handshake with " + reply.status() + ".");
        return reply;
    }

    /** As a client has to: masked. */
    void frame(int opcode, byte[] payload) throws IOException {
        int more = payload.length < 126 ? 0 : payload.length < 65_536 ? 2 : 8;
        byte[] frame = new byte[2 + more + 4 + payload.length];
        frame[0] = (byte) (0x80 | opcode);
        frame[1] = (byte) (0x80 | (more == 0 ? payload.length : more == 2 ? 126 : 127));
        for (int i = 0; i < more; i++) frame[2 + i] = (byte) ((long) payload.length >>> (8 * (more - 1 - i)));
        int mask = ThreadLocalRandom.current().nextInt();
        for (int i = 0; i < 4; i++) frame[2 + more + i] = (byte) (mask >>> (24 - 8 * i));
        for (int i = 0; i < payload.length; i++) {
            frame[6 + more + i] = (byte) (payload[i] ^ (mask >>> (24 - 8 * (i & 3))));
        }
        out.write(frame);
        out.flush();
    }

    void text(String message) throws IOException {
        frame(TEXT, message.getBytes(UTF_8));
    }

    /** Waits for the next one. @throws EOFException if the connection was closed */
    Frame frame() throws IOException {
        int first = in.readUnsignedByte();
        int second = in.readUnsignedByte();
        long length = second & 0x7f;
        int headBytes = 2;
        if (length == 126) {
            length = in.readUnsignedShort();
            headBytes = 4;
        } else if (length == 127) {
            length = in.readLong();
            headBytes = 10;
        }
        if (length < 0 || length > BODY_BYTES_MAX) throw new IOException("A frame of " + length + " bytes came.");
        byte[] payload = in.readNBytes((int) length);
        if (payload.length < length) throw new EOFException("The connection was closed within a frame.");
        return new Frame(first & 15, (first & COMPRESSED) != 0, headBytes, payload);
    }

    /** Waits for the next one that is no ping, and answers those that are. */
    Frame message() throws IOException {
        while (true) {
            Frame frame = frame();
            if (frame.opcode == PING) frame(PONG, frame.payload);
            else return frame;
        }
    }

    @Override
    public void close() {
        carrier.close();
    }

    /** @param socket what is spoken over it: TLS, or itself */
    private record Tcp(CountedSocket counted, Socket socket) implements Conversation {
        @Override
        public InputStream input() throws IOException {
            return socket.getInputStream();
        }

        @Override
        public OutputStream output() throws IOException {
            return socket.getOutputStream();
        }

        @Override
        public long bytesIn() {
            return counted.bytesIn();
        }

        @Override
        public long bytesOut() {
            return counted.bytesOut();
        }

        @Override
        public void patience(int millis) throws IOException {
            counted.setSoTimeout(millis);
        }

        /** Resets the connection, so that its port is free at once. */
        @Override
        public void close() {
            try {
                counted.setSoLinger(true, 0);
            } catch (IOException gone) {
                // closed already
            }
            try {
                counted.close();
                socket.close();
            } catch (IOException gone) {
                // as good as closed
            }
        }
    }
}
