package io.switchboard.cli.channel;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Answers requests with what a test wrote down, one a connection, as no real server would on demand.
 * An empty one is an answer that got lost. */
final class ScriptedServer implements AutoCloseable {
    /** At the end of an answer: the connection stays open, and silent. */
    static final String SILENCE = "(silence)";

    private static final Pattern LENGTH = Pattern.compile("(?i)content-length: (\\d+)");

    private final ServerSocket listening;
    private final List<String> requests = new CopyOnWriteArrayList<>();
    private final List<Socket> silent = new CopyOnWriteArrayList<>();

    ScriptedServer(String... answers) throws IOException {
        listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().start(() -> {
            for (String answer : answers) answer(answer);
        });
    }

    String url() {
        return "http://127.0.0.1:" + listening.getLocalPort();
    }

    /** The first lines of the requests so far. */
    List<String> requests() {
        return requests;
    }

    private void answer(String answer) {
        try {
            Socket socket = listening.accept();
            requests.add(request(socket.getInputStream()));
            if (answer.isEmpty()) {
                socket.close();
                return;
            }
            String text = answer.replace(SILENCE, "").replace("\n\n", "\nConnection: close\n\n");
            if (!answer.contains("\n\n")) text = answer.replace(SILENCE, "") + "\nConnection: close\n\n";
            int end = text.indexOf("\n\n") + 2;
            String head = text.substring(0, end).replace("\n", "\r\n");
            socket.getOutputStream().write((head + text.substring(end)).getBytes(StandardCharsets.UTF_8));
            if (answer.endsWith(SILENCE)) silent.add(socket);
            else socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    // Body and all: what is left unread would reset the connection, and take the answer with it.
    private static String request(InputStream in) throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            int c = in.read();
            if (c < 0) throw new IOException("the client left");
            head.append((char) c);
        }
        Matcher length = LENGTH.matcher(head);
        if (length.find()) in.readNBytes(Integer.parseInt(length.group(1)));
        return head.substring(0, head.indexOf("\r\n"));
    }

    @Override
    public void close() throws IOException {
        listening.close();
        for (Socket socket : silent) socket.close();
    }
}
