package io.switchboard.cli.doctor;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Future;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/**
 * A connection to whoever answers there, bounded in time and bytes: after {@link #within} it is closed, whatever the peer
 * does. One thread reads; another may send meanwhile.
 */
final class Wire implements AutoCloseable {
    private static final int HEAD_BYTES_MAX = 64 << 10;
    private static final int FIELDS_MAX = 200;
    private static final int INTERIM_MAX = 5; // answers such as 103 before the one that counts

    private final Socket plain;
    private final Watch watch;
    private Socket spoken; // plain, or the TLS on it
    private InputStream in;
    private OutputStream out;
    private Duration max;
    private Future<?> alarm;
    private volatile boolean late;

    private Wire(Socket plain, Watch watch, Duration max) throws IOException {
        this.plain = plain;
        this.watch = watch;
        this.max = max;
        spoken = plain;
        in = new BufferedInputStream(plain.getInputStream());
        out = plain.getOutputStream();
        alarm = watch.closeAfter(max, this::tooLate, plain);
    }

    private void tooLate() {
        late = true;
    }

    /** @param max for the connection, and for what follows until {@link #within} says otherwise */
    static Wire connect(InetSocketAddress address, Watch watch, Duration max) throws WireFailure {
        Socket socket = new Socket();
        try {
            socket.connect(address, Math.toIntExact(max.toMillis()));
            socket.setTcpNoDelay(true);
            return new Wire(socket, watch, max);
        } catch (SocketTimeoutException silent) {
            closeQuietly(socket);
            throw new WireFailure(
                    WireFailure.Kind.UNREACHABLE, "does not answer within " + Excerpt.time(max) + " (a firewall?)");
        } catch (IOException refused) {
            closeQuietly(socket);
            throw new WireFailure(
                    WireFailure.Kind.UNREACHABLE,
                    "takes no connection (" + Excerpt.of(String.valueOf(refused.getMessage())) + ")");
        }
    }

    private static void closeQuietly(Socket socket) {
        try {
            socket.close();
        } catch (IOException alreadyGone) {
            // It was never of use.
        }
    }

    /** From now on everything together may take so long. */
    void within(Duration time) {
        alarm.cancel(false);
        max = time;
        if (!late) alarm = watch.closeAfter(time, this::tooLate, plain);
    }

    /**
     * Speaks TLS from now on.
     *
     * @param identified whether the certificate has to be trusted, and one of this host
     * @param versions none for those that are usual
     * @param alpn in the order of preference
     */
    SSLSocket secure(SSLContext context, String host, boolean identified, List<String> versions, String... alpn)
            throws WireFailure {
        try {
            SSLSocket tls = (SSLSocket) context.getSocketFactory().createSocket(plain, host, plain.getPort(), true);
            SSLParameters parameters = tls.getSSLParameters();
            if (identified) parameters.setEndpointIdentificationAlgorithm("HTTPS");
            if (!versions.isEmpty()) parameters.setProtocols(versions.toArray(String[]::new));
            parameters.setApplicationProtocols(alpn);
            tls.setSSLParameters(parameters);
            tls.startHandshake();
            spoken = tls;
            in = new BufferedInputStream(tls.getInputStream());
            out = tls.getOutputStream();
            return tls;
        } catch (IOException failed) {
            throw failure(failed);
        }
    }

    void send(byte[] bytes) throws WireFailure {
        try {
            out.write(bytes);
            out.flush();
        } catch (IOException failed) {
            throw failure(failed);
        }
    }

    /** The next byte; -1 at the end. */
    int read() throws WireFailure {
        try {
            int next = in.read();
            if (next < 0 && late) throw WireFailure.late(max);
            return next;
        } catch (IOException failed) {
            throw failure(failed);
        }
    }

    /** At least a byte of what comes next; negative at the end. */
    int read(byte[] into, int length) throws WireFailure {
        try {
            int count = in.read(into, 0, Math.min(into.length, length));
            if (count < 0 && late) throw WireFailure.late(max);
            return count;
        } catch (IOException failed) {
            throw failure(failed);
        }
    }

    byte[] exactly(int length) throws WireFailure {
        byte[] bytes = new byte[length];
        try {
            if (in.readNBytes(bytes, 0, length) == length) return bytes;
        } catch (IOException failed) {
            throw failure(failed);
        }
        throw late ? WireFailure.late(max) : ended();
    }

    static WireFailure ended() {
        return new WireFailure(WireFailure.Kind.ENDED, "ended the connection without an answer");
    }

    /** The next head that is not an interim one. */
    Head head() throws WireFailure {
        for (int interim = 0; interim <= INTERIM_MAX; interim++) {
            Head head = Head.parse(headLines());
            if (head.status() >= 200 || head.status() == 101) return head;
        }
        throw new WireFailure(WireFailure.Kind.ENDLESS, "sends one interim answer after the other");
    }

    private List<String> headLines() throws WireFailure {
        List<String> lines = new ArrayList<>();
        StringBuilder line = new StringBuilder();
        for (int read = 0; read < HEAD_BYTES_MAX; read++) {
            int next = read();
            if (next < 0) throw lines.isEmpty() && line.isEmpty() ? ended() : cutShort(lines, line);
            if (next != '\n') {
                line.append((char) next);
                // What does not begin like HTTP need not be waited for to its end.
                if (lines.isEmpty() && line.length() == 5 && !line.toString().equals("HTTP/"))
                    Head.parse(List.of(readOn(line)));
                continue;
            }
            if (!line.isEmpty() && line.charAt(line.length() - 1) == '\r') line.setLength(line.length() - 1);
            if (line.isEmpty() && !lines.isEmpty()) return lines;
            lines.add(line.toString());
            line.setLength(0);
            if (lines.size() > FIELDS_MAX) break;
        }
        throw new WireFailure(
                WireFailure.Kind.ENDLESS,
                "sends a header without end (more than " + FIELDS_MAX + " fields or " + Excerpt.size(HEAD_BYTES_MAX)
                        + ")");
    }

    // What of the first line is there already, for the sentence.
    private String readOn(StringBuilder line) throws WireFailure {
        byte[] rest = new byte[80];
        try {
            int count = in.available() > 0 ? in.read(rest) : 0;
            return line + new String(rest, 0, Math.max(0, count), StandardCharsets.ISO_8859_1);
        } catch (IOException failed) {
            throw failure(failed);
        }
    }

    private static WireFailure cutShort(List<String> lines, StringBuilder line) {
        return new WireFailure(
                WireFailure.Kind.ENDED,
                "ended the connection in the middle of a header: \""
                        + Excerpt.of(lines.isEmpty() ? line.toString() : lines.getFirst()) + "\"");
    }

    private WireFailure failure(IOException failed) {
        if (late) return WireFailure.late(max);
        String why = Excerpt.of(String.valueOf(failed.getMessage()));
        if (failed instanceof SSLException)
            return new WireFailure(WireFailure.Kind.TLS, "makes TLS fail (" + why + ")");
        return new WireFailure(WireFailure.Kind.ENDED, "broke the connection (" + why + ")");
    }

    /** Without a word of TLS, which could wait for the peer. */
    @Override
    public void close() {
        alarm.cancel(false);
        closeQuietly(plain);
    }

    /** The TLS that is spoken; null if none is. */
    @Nullable
    SSLSocket tls() {
        return spoken instanceof SSLSocket tls ? tls : null;
    }
}
