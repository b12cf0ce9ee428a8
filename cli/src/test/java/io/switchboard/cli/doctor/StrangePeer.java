package io.switchboard.cli.doctor;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Whoever may listen on a port: each connection is given to a behaviour, with the head of its request. */
final class StrangePeer implements AutoCloseable {
    /** What is done with a connection; it is closed afterwards. */
    interface Behaviour {
        void answer(String request, Line line) throws IOException;
    }

    /** A connection, from the peer's end. */
    record Line(InputStream in, OutputStream out, Socket socket) {
        void say(String text) throws IOException {
            say(text.getBytes(StandardCharsets.ISO_8859_1));
        }

        void say(byte[] bytes) throws IOException {
            out.write(bytes);
            out.flush();
        }

        /** Until the client is gone. */
        void staySilent() throws IOException {
            while (in.read() >= 0) {
                // What it says is of no interest.
            }
        }

        /** Until the client is gone, at the pace of a drop. */
        void drip(String drops) throws IOException {
            socket.setSoTimeout(20);
            for (int i = 0; ; i++) {
                say(drops.substring(i % drops.length(), i % drops.length() + 1));
                try {
                    if (in.read() < 0) return;
                } catch (SocketTimeoutException nothingSaid) {
                    // That was the pace.
                }
            }
        }

        /** Until the client is gone, as fast as it goes. */
        void pour(String text) throws IOException {
            while (true) say(text);
        }
    }

    private static final String PROBLEM = "{\"type\":\"about:blank\",\"code\":\"not_acceptable\"}";

    private final ServerSocket listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final List<Socket> open = new CopyOnWriteArrayList<>();

    StrangePeer(Behaviour behaviour) throws IOException {
        Thread.ofVirtual().start(() -> {
            while (true) {
                Socket socket;
                try {
                    socket = listening.accept();
                } catch (IOException over) {
                    return;
                }
                open.add(socket);
                Thread.ofVirtual().start(() -> serve(socket, behaviour));
            }
        });
    }

    /** One that passes for Switchboard until something other than a plain GET is wanted. */
    static StrangePeer likeSwitchboard(Behaviour behaviour) throws IOException {
        return new StrangePeer((request, line) -> {
            boolean plain = request.startsWith("GET /live HTTP") && !request.contains("Upgrade: websocket");
            if (plain) line.say(answer("406 Not Acceptable", "application/problem+json", PROBLEM));
            else if (request.startsWith("GET /health/ready ")) line.say(answer("200 OK", "text/plain", "ok\n"));
            else behaviour.answer(request, line);
        });
    }

    static String answer(String status, String type, String body) {
        return "HTTP/1.1 " + status + "\r\nContent-Type: " + type + "\r\nContent-Length: " + body.length()
                + "\r\nConnection: close\r\n\r\n" + body;
    }

    String url() {
        return "http://127.0.0.1:" + port();
    }

    int port() {
        return listening.getLocalPort();
    }

    private static void serve(Socket socket, Behaviour behaviour) {
        try (socket) {
            InputStream in = socket.getInputStream();
            StringBuilder head = new StringBuilder();
            while (head.indexOf("\r\n\r\n") < 0) {
                int next = in.read();
                if (next < 0) return;
                head.append((char) next);
            }
            behaviour.answer(head.toString(), new Line(in, socket.getOutputStream(), socket));
        } catch (IOException over) {
            // The doctor has left.
        }
    }

    @Override
    public void close() throws IOException {
        listening.close();
        for (Socket socket : open) socket.close();
    }
}
