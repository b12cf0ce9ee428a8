package io.switchboard.server;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/** A client that sends what no library would, and reads answers byte by byte. One thread reads, one sends. */
final class RawClient implements Conversation {
    private static final int PATIENCE_MILLIS = 10_000;

    /**
     * An answer.
     *
     * @param headers each line as it came
     */
    record Answer(String statusLine, List<String> headers, String body) {
        int status() {
            return Integer.parseInt(statusLine.substring(9, 12));
        }

        /** The value of a header field; fails if it came twice, is null if not at all. */
        @Nullable
        String header(String name) {
            List<String> values = headers.stream()
                    .filter(line -> line.regionMatches(true, 0, name + ":", 0, name.length() + 1))
                    .map(line -> line.substring(name.length() + 1).strip())
                    .toList();
            if (values.size() > 1) throw new AssertionError(name + " came as " + values);
            return values.isEmpty() ? null : values.getFirst();
        }

        boolean closes() {
            return "close".equalsIgnoreCase(header("Connection"));
        }
    }

    private final Socket socket;
    private final InputStream in;
    private final OutputStream out;

    private RawClient(Socket socket) throws IOException {
        this.socket = socket;
        socket.setSoTimeout(PATIENCE_MILLIS);
        socket.setTcpNoDelay(true);
        in = new BufferedInputStream(socket.getInputStream(), 1 << 16);
        out = socket.getOutputStream();
    }

    static RawClient connect(int port) {
        return connect(port, 0);
    }

    /** @param receiveBufferBytes what the kernel takes for a client that does not read; 0 for its default */
    static RawClient connect(int port, int receiveBufferBytes) {
        try {
            Socket socket = new Socket();
            if (receiveBufferBytes > 0) socket.setReceiveBufferSize(receiveBufferBytes);
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), PATIENCE_MILLIS);
            return new RawClient(socket);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Over TLS; the handshake is done. */
    static RawClient connect(int port, SSLContext trust) {
        try {
            SSLSocket socket = (SSLSocket) trust.getSocketFactory().createSocket();
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), PATIENCE_MILLIS);
            socket.setSoTimeout(PATIENCE_MILLIS);
            socket.startHandshake();
            return new RawClient(socket);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    RawClient send(String text) {
        return send(text.getBytes(StandardCharsets.UTF_8));
    }

    RawClient send(byte[] bytes) {
        try {
            out.write(bytes);
            out.flush();
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public RawClient ask(String requestLine, String... fields) {
        StringBuilder head = new StringBuilder(requestLine).append(" HTTP/1.1\r\nHost: test\r\n");
        for (String field : fields) head.append(field).append("\r\n");
        return send(head.append("\r\n").toString());
    }

    @Override
    public RawClient post(String channel, String type, String body, String... fields) {
        StringBuilder head =
                new StringBuilder("POST /v1/stream/" + channel + " HTTP/1.1\r\nHost: test\r\nContent-Type: " + type
                        + "\r\nContent-Length: " + body.getBytes(StandardCharsets.UTF_8).length + "\r\n");
        for (String field : fields) head.append(field).append("\r\n");
        return send(head.append("\r\n").append(body).toString());
    }

    RawClient endOutput() {
        try {
            socket.shutdownOutput();
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The next bytes, whatever they mean. */
    byte[] bytes(int count) {
        try {
            byte[] bytes = in.readNBytes(count);
            if (bytes.length < count) throw new EOFException("the connection ended after " + bytes.length + " bytes");
            return bytes;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public Answer answer() {
        return answer(false);
    }

    /** The next answer, to a HEAD request: without a body, whatever its header says. */
    Answer answerToHead() {
        return answer(true);
    }

    private Answer answer(boolean head) {
        Answer begun = head();
        int status = begun.status();
        if (head || status < 200 || status == 204 || status == 304) return begun;
        try {
            byte[] body;
            if ("chunked".equals(begun.header("Transfer-Encoding"))) {
                ByteArrayOutputStream all = new ByteArrayOutputStream();
                for (byte[] chunk = chunk(); chunk.length > 0; chunk = chunk()) all.writeBytes(chunk);
                body = all.toByteArray();
            } else if (begun.header("Content-Length") == null) {
                body = in.readAllBytes();
            } else {
                int length = Integer.parseInt(begun.header("Content-Length"));
                body = in.readNBytes(length);
                if (body.length < length) throw new EOFException(body.length + " of " + length + " bytes");
            }
            return new Answer(begun.statusLine(), begun.headers(), new String(body, StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public Answer head() {
        String status = line();
        if (!status.startsWith("HTTP/1.1 ")) throw new AssertionError("no status line: " + status);
        List<String> headers = new ArrayList<>();
        for (String line = line(); !line.isEmpty(); line = line()) headers.add(line);
        return new Answer(status, headers, "");
    }

    @Override
    public byte[] chunk() {
        try {
            int size = Integer.parseInt(line(), 16);
            byte[] chunk = in.readNBytes(size);
            if (chunk.length < size) throw new EOFException("in a chunk");
            if (!line().isEmpty()) throw new AssertionError("a chunk does not end where it said");
            return chunk;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String line() {
        try {
            ByteArrayOutputStream line = new ByteArrayOutputStream();
            for (int b = in.read(); b != '\n'; b = in.read()) {
                if (b < 0) throw new EOFException("the connection ended after: " + line);
                line.write(b);
            }
            String text = line.toString(StandardCharsets.ISO_8859_1);
            if (!text.endsWith("\r")) throw new AssertionError("a line ends without CR: " + text);
            return text.substring(0, text.length() - 1);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public int read(byte[] bytes, int max) {
        try {
            return Math.max(0, in.read(bytes, 0, max));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Everything up to the end of the connection. */
    byte[] rest() {
        try {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Waits for the server to end the connection; whether it did so within {@code millis}, without another byte. */
    boolean endsWithin(int millis) {
        try {
            socket.setSoTimeout(Math.max(1, millis));
            return in.read() < 0;
        } catch (SocketTimeoutException e) {
            return false;
        } catch (SocketException reset) {
            return true;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The next byte that comes within {@code millis}. */
    OptionalInt byteWithin(int millis) {
        try {
            socket.setSoTimeout(Math.max(1, millis));
            int b;
            try {
                b = in.read();
            } catch (SocketTimeoutException e) {
                b = -1;
            }
            socket.setSoTimeout(PATIENCE_MILLIS);
            return b < 0 ? OptionalInt.empty() : OptionalInt.of(b);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Ends with RST in place of FIN, as a peer that crashed. */
    void reset() {
        try {
            socket.setSoLinger(true, 0);
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
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
