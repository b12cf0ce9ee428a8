package io.switchboard.bench.claims;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.switchboard.bench.BenchFailure;
import io.switchboard.bench.Text;
import io.switchboard.bench.own.OwnServer;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** How much stands around a message on a WebSocket. */
final class Framing {
    private static final int MIN = 2;
    private static final int MAX = 10;
    /** On both sides of where the length of a frame takes more bytes (RFC 6455, section 5.2). */
    private static final List<Integer> SIZES = List.of(1, 125, 126, 16_000);

    /** The JDK's client would send them in pieces. */
    private static final List<Integer> LONG_SIZES = List.of(65_535, 65_536);

    private static final String ECHO = "/v1/stream/claims/echo?echo";
    private static final int LINE_SIZE = 128;

    static final Claim CLAIM = new Claim(
            "framing",
            "A WebSocket message carries only 2 to 10 bytes of framing.",
            "The usual first argument for WebSockets, against the headers of a request.",
            "True if it is " + MIN + " to " + MAX
                    + " bytes both ways; true within limits if it is from the server only.",
            "The JDK's own WebSocket client sends messages of several sizes to `?echo` and gets them back, through a relay that"
                    + " counts every byte both ways; two longer ones, which it would send in pieces, are sent whole by a client"
                    + " of ours, as all are over HTTP/2 and HTTP/3, which it does not speak."
                    + " The line is a WebSocket of `switchboard.v1` at /live, where each message has its offset.",
            "TCP and IP, which are 52 bytes for each segment on most machines, and TLS, which adds 22 for each record; what an application's own"
                    + " protocol adds, of which the line is one example.",
            3,
            false,
            Framing::measure);

    private Framing() {}

    /** Of one size: bytes beside the payload, each way. */
    record Around(int size, long fromServer, long fromClient) {}

    private static Finding measure(Stage stage) throws BenchFailure, IOException {
        try (OwnServer own = stage.server(false, 10, Map.of());
                Talks talks = Talks.with(own)) {
            List<Around> all = new ArrayList<>();
            if (stage.http() > 1) {
                stage.say("echo");
                whole(stage, talks, SIZES, all);
                whole(stage, talks, LONG_SIZES, all);
                return judge(all, line(talks));
            }
            stage.say("echo through a relay");
            try (Tap tap = new Tap(own.url());
                    HttpClient client = HttpClient.newHttpClient()) {
                Echo echo = Echo.open(client, URI.create("ws://127.0.0.1:" + tap.port() + ECHO));
                for (int size : SIZES) {
                    long up = tap.up();
                    long down = tap.down();
                    echo.echo("x".repeat(size));
                    all.add(new Around(size, tap.down() - down - size, tap.up() - up - size));
                }
                echo.end();
            }
            whole(stage, talks, LONG_SIZES, all);
            return judge(all, line(talks));
        }
    }

    private static void whole(Stage stage, Talks talks, List<Integer> sizes, List<Around> all)
            throws BenchFailure, IOException {
        try (Talk talk = talks.open()) {
            talk.upgrade(ECHO, "");
            for (int size : sizes) {
                stage.still();
                long up = talk.bytesOut();
                long down = talk.bytesIn();
                talk.text("x".repeat(size));
                if (talk.message().payload.length != size) throw new IOException("The echo came in pieces.");
                stage.still();
                all.add(new Around(size, talk.bytesIn() - down - size, talk.bytesOut() - up - size));
            }
        }
    }

    /** What stands around a message on a line. */
    private static long line(Talks talks) throws IOException {
        String path = "/v1/stream/claims/line";
        try (Talk publisher = talks.publisher();
                Talk reader = talks.open()) {
            publisher.send("PUT", path, "");
            reader.upgrade("/live", "Sec-WebSocket-Protocol: switchboard.v1\r\n");
            reader.text("{\"id\":1,\"action\":\"subscribe\",\"channel\":\"claims/line\"}");
            String message = "\"" + "x".repeat(LINE_SIZE - 2) + "\"";
            for (Talk.Frame frame = reader.message(); !new String(frame.payload, UTF_8).contains("\"ok\""); ) {
                frame = reader.message();
            }
            publisher.send("POST", path, "[" + message + "]");
            Talk.Frame frame = reader.message();
            return (long) frame.headBytes + frame.payload.length - LINE_SIZE;
        }
    }

    static Finding judge(List<Around> all, long line) {
        List<Measure> measures = new ArrayList<>();
        for (Around each : all) {
            measures.add(Measure.bytes("from the server, message of " + Text.count(each.size()), each.fromServer()));
        }
        for (Around each : all) {
            measures.add(Measure.bytes("from a client, message of " + Text.count(each.size()), each.fromClient()));
        }
        measures.add(Measure.bytes("on a line with channel and offset, message of " + LINE_SIZE, line));
        boolean down = all.stream().allMatch(each -> isSmall(each.fromServer()));
        boolean up = all.stream().allMatch(each -> isSmall(each.fromClient()));
        Verdict verdict = down && up ? Verdict.TRUE : down ? Verdict.WITHIN_LIMITS : Verdict.FALSE_HERE;
        return new Finding(
                verdict,
                "From the server " + range(all, true) + ", from a client " + range(all, false) + ".",
                measures);
    }

    private static boolean isSmall(long bytes) {
        return bytes >= MIN && bytes <= MAX;
    }

    private static String range(List<Around> all, boolean down) {
        long[] each = all.stream()
                .mapToLong(around -> down ? around.fromServer() : around.fromClient())
                .sorted()
                .toArray();
        return each[0] + " to " + each[each.length - 1] + " bytes";
    }

    /** The JDK's client, one message at a time. */
    private static final class Echo implements WebSocket.Listener {
        private static final int SECONDS_MAX = 10;

        private final SynchronousQueue<Integer> echoed = new SynchronousQueue<>();
        private @Nullable WebSocket socket;
        private int length; // of what came of a message so far; the client's thread

        static Echo open(HttpClient client, URI url) throws BenchFailure {
            Echo echo = new Echo();
            echo.socket = await(client.newWebSocketBuilder().buildAsync(url, echo));
            return echo;
        }

        private static <T> T await(CompletionStage<T> stage) throws BenchFailure {
            try {
                return stage.toCompletableFuture().get(SECONDS_MAX, TimeUnit.SECONDS);
            } catch (ExecutionException | TimeoutException failed) {
                throw BenchFailure.failed("The WebSocket through the relay failed: " + failed + ".");
            } catch (InterruptedException ended) {
                Thread.currentThread().interrupt();
                throw BenchFailure.stopped();
            }
        }

        void echo(String message) throws BenchFailure {
            WebSocket open = socket;
            if (open == null) throw new IllegalStateException("not open");
            await(open.sendText(message, true));
            try {
                Integer length = echoed.poll(SECONDS_MAX, TimeUnit.SECONDS);
                if (length == null || length != message.length()) {
                    throw BenchFailure.failed("A message of " + message.length() + " bytes did not come back whole.");
                }
            } catch (InterruptedException ended) {
                Thread.currentThread().interrupt();
                throw BenchFailure.stopped();
            }
        }

        void end() {
            WebSocket open = socket;
            if (open != null) open.abort();
        }

        @Override
        public @Nullable CompletionStage<?> onText(WebSocket open, CharSequence data, boolean last) {
            length += data.length();
            open.request(1);
            if (!last) return null;
            int whole = length;
            length = 0;
            try {
                boolean taken = echoed.offer(whole, SECONDS_MAX, TimeUnit.SECONDS);
                if (!taken) open.abort();
            } catch (InterruptedException ended) {
                Thread.currentThread().interrupt();
            }
            return null;
        }
    }
}
