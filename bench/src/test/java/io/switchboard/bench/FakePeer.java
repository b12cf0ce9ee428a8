package io.switchboard.bench;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * As much of a server as a fan-out over WebSockets needs, written on plain sockets, whose mistakes a test chooses. Each
 * connection has a thread.
 */
final class FakePeer implements AutoCloseable {
    /** What readers get of each publication. */
    interface Delivery {
        /** @param number of the publication, from 1 */
        List<String> of(int number, String message);
    }

    private final ServerSocket listening;
    private final Delivery delivery;
    private final int handshakeStatus;
    private final List<OutputStream> readers = new CopyOnWriteArrayList<>();
    private final List<Socket> all = new CopyOnWriteArrayList<>();
    final List<String> requests = new CopyOnWriteArrayList<>();
    private int publications; // one publisher, so one thread

    /** @param handshakeStatus of readers: 101, or why not */
    FakePeer(int handshakeStatus, Delivery delivery) throws IOException {
        this.handshakeStatus = handshakeStatus;
        this.delivery = delivery;
        this.listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().start(() -> {
            try {
                while (true) {
                    Socket socket = listening.accept();
                    all.add(socket);
                    Thread.ofVirtual().start(() -> serve(socket));
                }
            } catch (IOException closed) {
                // the test is over
            }
        });
    }

    URI url() {
        return URI.create("http://127.0.0.1:" + listening.getLocalPort());
    }

    private void serve(Socket socket) {
        try (socket) {
            DataInputStream in = new DataInputStream(socket.getInputStream());
            OutputStream out = socket.getOutputStream();
            while (true) {
                String head = head(in);
                requests.add(head.substring(0, head.indexOf('\r')));
                if (head.contains("Upgrade: websocket")) {
                    upgrade(head, in, out);
                    return;
                }
                answer(out, head.startsWith("PUT") ? 201 : head.startsWith("GET /metrics") ? 404 : 200);
            }
        } catch (IOException gone) {
            // the client left
        }
    }

    private void upgrade(String head, DataInputStream in, OutputStream out) throws IOException {
        boolean publishes = head.startsWith("GET /live");
        if (!publishes && handshakeStatus != 101) {
            answer(out, handshakeStatus);
            return;
        }
        out.write("HTTP/1.1 101 Switching Protocols\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"
                .getBytes(ISO_8859_1));
        if (!publishes) readers.add(out);
        while (true) {
            String message = frame(in);
            if (publishes) publish(message, out);
        }
    }

    private void publish(String action, OutputStream out) throws IOException {
        int data = action.indexOf("\"data\":") + "\"data\":".length();
        String message = action.substring(data, action.length() - 1);
        for (String each : delivery.of(++publications, message)) {
            for (OutputStream reader : readers) send(reader, each);
        }
        send(out, "{\"reply\":1,\"ok\":{\"offset\":\"1\"}}");
    }

    private static void send(OutputStream out, String text) throws IOException {
        byte[] frame = new byte[text.length() + 4];
        frame[0] = (byte) 0x81;
        frame[1] = 126;
        frame[2] = (byte) (text.length() >> 8);
        frame[3] = (byte) text.length();
        System.arraycopy(text.getBytes(ISO_8859_1), 0, frame, 4, text.length());
        synchronized (out) {
            out.write(frame);
        }
    }

    // Masked with 0.
    private static String frame(DataInputStream in) throws IOException {
        in.readByte();
        int length = in.readByte() & 127;
        if (length == 126) length = in.readUnsignedShort();
        in.readInt();
        return new String(in.readNBytes(length), ISO_8859_1);
    }

    private static String head(DataInputStream in) throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) head.append((char) in.readUnsignedByte());
        return head.toString();
    }

    private static void answer(OutputStream out, int status) throws IOException {
        out.write(("HTTP/1.1 " + status + " Fake\r\nContent-Length: 0\r\n\r\n").getBytes(ISO_8859_1));
    }

    /** All connections end, and no new ones are taken. */
    void vanish() {
        try {
            listening.close();
            for (Socket socket : all) socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        vanish();
    }
}
