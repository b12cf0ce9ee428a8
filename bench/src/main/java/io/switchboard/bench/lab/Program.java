package io.switchboard.bench.lab;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.switchboard.bench.Json;
import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * The lab as a process of its own, started by a server for its page: {@code Program ADDRESS PORT} of that server. Wishes come
 * as lines, figures go as lines of JSON, and with the end of the input, however the server ended, it ends too.
 */
public final class Program {
    private static final long FIGURES_EVERY_MILLIS = 250;

    private Program() {}

    public static void main(String[] arguments) throws IOException {
        InetSocketAddress server =
                new InetSocketAddress(InetAddress.getByName(arguments[0]), Integer.parseInt(arguments[1]));
        OutputStream out = new FileOutputStream(FileDescriptor.out);
        ScheduledExecutorService telling = Executors.newSingleThreadScheduledExecutor(
                task -> Thread.ofPlatform().daemon().name("figures").unstarted(task));
        try (Lab lab = new Lab(server);
                BufferedReader in =
                        new BufferedReader(new InputStreamReader(new FileInputStream(FileDescriptor.in), UTF_8))) {
            telling.scheduleWithFixedDelay(() -> tell(lab, out), 0, FIGURES_EVERY_MILLIS, TimeUnit.MILLISECONDS);
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                lab.become(Wish.parse(line));
                telling.execute(() -> tell(lab, out));
            }
        } finally {
            telling.shutdownNow();
        }
    }

    private static void tell(Lab lab, OutputStream out) {
        try {
            out.write((Json.of(lab.figures()) + "\n").getBytes(UTF_8));
        } catch (IOException nobody) {
            // The server is gone, and the end of the input says so.
        }
    }
}
