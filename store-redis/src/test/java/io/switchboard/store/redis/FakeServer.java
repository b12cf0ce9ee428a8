package io.switchboard.store.redis;

import io.lettuce.core.cluster.SlotHash;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;

/**
 * Speaks like the only primary of a cluster, but for what a test has it say to scripts: real servers are neither slow nor
 * wrong when they are asked to be.
 */
final class FakeServer implements AutoCloseable {
    private static final String INFO = """
            redis_version:7.0.15
            redis_mode:cluster
            run_id:fake
            role:master
            maxmemory_policy:noeviction
            cluster_enabled:1
            cluster_current_epoch:1
            """.replace("\n", "\r\n");

    private final ServerSocket socket = listening();
    private final Queue<String> asked = new ConcurrentLinkedQueue<>();
    private volatile Duration pauseOfInfo = Duration.ZERO;
    private volatile Duration pauseOfScripts = Duration.ZERO;
    private volatile String toScripts = "-ERR nothing is to be said";

    FakeServer() {
        Thread.startVirtualThread(() -> {
            while (!socket.isClosed()) {
                try {
                    Socket one = socket.accept();
                    Thread.startVirtualThread(() -> serve(one));
                } catch (IOException e) {
                    return; // the test is over
                }
            }
        });
    }

    private static ServerSocket listening() {
        try {
            return new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Place place() {
        return new Place("127.0.0.1", socket.getLocalPort());
    }

    /** Before each answer about itself from now on. */
    void takeTime(Duration each) {
        pauseOfInfo = each;
    }

    /** What it says to each script, without the end of the line, and how long that takes. */
    void sayToScripts(String line, Duration after) {
        toScripts = line;
        pauseOfScripts = after;
    }

    /** What it says of a key that another one keeps. */
    static String moved(byte[] key, FakeServer to) {
        return "MOVED " + SlotHash.getSlot(key) + " " + to.place();
    }

    /** Names of commands with a script, in their order. */
    List<String> scripts() {
        return asked.stream().filter(name -> name.startsWith("EVAL")).toList();
    }

    private void serve(Socket one) {
        try (one;
                DataInputStream in = new DataInputStream(one.getInputStream())) {
            while (true) {
                List<String> words = command(in);
                asked.add(words.getFirst());
                LockSupport.parkNanos(pauseBefore(words.getFirst()).toNanos());
                one.getOutputStream().write((answer(words) + "\r\n").getBytes(StandardCharsets.UTF_8));
            }
        } catch (IOException e) {
            // it was closed
        }
    }

    private Duration pauseBefore(String command) {
        if (command.startsWith("EVAL")) return pauseOfScripts;
        return command.equals("INFO") ? pauseOfInfo : Duration.ZERO;
    }

    private String answer(List<String> words) {
        if (words.getFirst().startsWith("EVAL")) return toScripts;
        String what = String.join(" ", words);
        if (what.startsWith("INFO") || what.equals("CLUSTER INFO")) return "$" + INFO.length() + "\r\n" + INFO;
        if (!what.equals("CLUSTER SLOTS")) return "+OK";
        return "*1\r\n*3\r\n:0\r\n:16383\r\n*2\r\n$9\r\n127.0.0.1\r\n:" + socket.getLocalPort();
    }

    private static List<String> command(DataInputStream in) throws IOException {
        int count = number(in);
        List<String> words = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            words.add(new String(in.readNBytes(number(in)), StandardCharsets.UTF_8));
            in.skipNBytes(2);
        }
        return words;
    }

    // A line of a sign and digits.
    private static int number(DataInputStream in) throws IOException {
        in.skipNBytes(1);
        int number = 0;
        for (int next = in.readUnsignedByte(); next != '\r'; next = in.readUnsignedByte()) {
            number = 10 * number + next - '0';
        }
        in.skipNBytes(1);
        return number;
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
