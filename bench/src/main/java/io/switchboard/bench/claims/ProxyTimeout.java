package io.switchboard.bench.claims;

import io.switchboard.bench.BenchFailure;
import io.switchboard.bench.Text;
import io.switchboard.bench.own.Front;
import io.switchboard.bench.own.Launch;
import io.switchboard.bench.own.OwnServer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** What a proxy does to connections on which nothing is said. */
final class ProxyTimeout {
    private static final String PATH = "/v1/stream/claims/quiet";
    private static final int TIMEOUT_SECONDS = 60;
    private static final int AROUND_SECONDS = 5;
    private static final int WATCH_SECONDS = 70;
    private static final int SAY_SECONDS = 10;
    private static final int BEGINNING_SECONDS = 2;
    private static final String NO_HEARTBEAT = "10min";

    static final Claim CLAIM = new Claim(
            "proxy-timeout",
            "A proxy ends a connection that is quiet for 60 seconds, and a heartbeat prevents it.",
            "Why event streams and WebSockets that worked on the desk are cut off behind a proxy.",
            "True if a WebSocket and an event stream without heartbeats both end within " + AROUND_SECONDS + " s of "
                    + TIMEOUT_SECONDS + " s, and both stand for " + WATCH_SECONDS
                    + " s with them; true within limits if that is so of one of the two; else false.",
            "nginx with its own time-outs, which are " + TIMEOUT_SECONDS
                    + " s (`proxy_read_timeout`), before two servers: one as it is, which shows every 25 s that"
                    + " it is there, and one told to do so every ten minutes. A WebSocket and an event stream through each, on a channel that nobody writes to,"
                    + " all four beside each other for " + WATCH_SECONDS + " s, while other claims are measured.",
            "Other proxies, load balancers and mobile networks, whose limits are their own (docs/proxies).",
            WATCH_SECONDS + 6,
            true,
            ProxyTimeout::measure);

    private ProxyTimeout() {}

    /**
     * What became of one connection.
     *
     * @param endedSeconds after it began; 0 if it stood to the end
     * @param heartbeats that came
     */
    record Fate(double endedSeconds, int heartbeats) {}

    record Fates(Fate socket, Fate events) {}

    private static Finding measure(Stage stage) throws BenchFailure, IOException {
        if (stage.http() > 1) {
            return Finding.notTold(
                    "The proxy that is tried, nginx, passes no WebSocket over HTTP/" + stage.http()
                            + " and speaks HTTP/1.1 with the server whatever its viewers speak, so there is nothing of it to be seen here.");
        }
        if (!OwnServer.hasNginx()) return Finding.notTold("nginx is not installed, or not in PATH.");
        stage.check();
        try (OwnServer steady = OwnServer.start(new Launch(1, false, Front.NGINX_BARE, 10, Map.of()));
                OwnServer quiet = OwnServer.start(
                        new Launch(1, false, Front.NGINX_BARE, 10, Map.of("--live-heartbeat", NO_HEARTBEAT)));
                Watch steadySocket = new Watch(steady, true);
                Watch steadyEvents = new Watch(steady, false);
                Watch quietSocket = new Watch(quiet, true);
                Watch quietEvents = new Watch(quiet, false)) {
            List<Watch> all = List.of(steadySocket, steadyEvents, quietSocket, quietEvents);
            for (Watch watch : all) watch.begin();
            for (int second = 0; second < WATCH_SECONDS; second++) {
                if (second % SAY_SECONDS == 0)
                    stage.say("watching four quiet connections for another " + (WATCH_SECONDS - second) + " s");
                stage.pause(1_000);
            }
            return judge(
                    new Fates(steadySocket.fate(), steadyEvents.fate()),
                    new Fates(quietSocket.fate(), quietEvents.fate()));
        }
    }

    /** One connection, and a thread that hears what comes over it. */
    private static final class Watch implements AutoCloseable {
        private final Talk talk;
        private final boolean socket;
        private final AtomicInteger heartbeats = new AtomicInteger();
        private final long began = System.nanoTime();
        private volatile double endedSeconds;
        private volatile boolean over;

        Watch(OwnServer own, boolean socket) throws IOException {
            this.socket = socket;
            this.talk = Talk.open(own.url(), null);
            talk.send("PUT", PATH, "");
            if (socket) talk.upgrade(PATH, "");
            else talk.stream(PATH);
            talk.patience((int) TimeUnit.SECONDS.toMillis(2 * WATCH_SECONDS));
        }

        void begin() {
            Thread.ofVirtual().start(this::hear);
        }

        private void hear() {
            try {
                while (true) {
                    if (!socket) {
                        if (talk.some() < 0) break;
                        beat();
                        continue;
                    }
                    Talk.Frame frame = talk.frame();
                    if (frame.opcode == Talk.CLOSE) break;
                    beat();
                    if (frame.opcode == Talk.PING) talk.frame(Talk.PONG, frame.payload);
                }
            } catch (IOException ended) {
                // told below
            }
            if (!over) endedSeconds = (System.nanoTime() - began) / 1e9;
        }

        // What comes at once is the beginning of the stream.
        private void beat() {
            if (System.nanoTime() - began > TimeUnit.SECONDS.toNanos(BEGINNING_SECONDS)) heartbeats.incrementAndGet();
        }

        Fate fate() {
            return new Fate(endedSeconds, heartbeats.get());
        }

        @Override
        public void close() {
            over = true;
            talk.close();
        }
    }

    static Finding judge(Fates steady, Fates quiet) {
        boolean socket = isSaid(steady.socket(), quiet.socket());
        boolean events = isSaid(steady.events(), quiet.events());
        Verdict verdict =
                socket && events ? Verdict.TRUE : socket || events ? Verdict.WITHIN_LIMITS : Verdict.FALSE_HERE;
        List<Measure> measures = new ArrayList<>();
        add(measures, "without heartbeats, WebSocket", quiet.socket());
        add(measures, "without heartbeats, event stream", quiet.events());
        add(measures, "with them, WebSocket", steady.socket());
        add(measures, "with them, event stream", steady.events());
        return new Finding(
                verdict,
                "Without heartbeats: WebSocket " + words(quiet.socket()) + ", event stream " + words(quiet.events())
                        + ". With them: WebSocket " + words(steady.socket()) + ", event stream "
                        + words(steady.events()) + ".",
                measures);
    }

    private static boolean isSaid(Fate steady, Fate quiet) {
        return steady.endedSeconds() == 0
                && steady.heartbeats() > 0
                && Math.abs(quiet.endedSeconds() - TIMEOUT_SECONDS) <= AROUND_SECONDS;
    }

    private static String words(Fate fate) {
        return fate.endedSeconds() == 0
                ? "stood for " + WATCH_SECONDS + " s"
                : "ended after " + Text.rate(fate.endedSeconds()) + " s";
    }

    private static void add(List<Measure> measures, String which, Fate fate) {
        measures.add(new Measure(
                which + ": " + (fate.endedSeconds() == 0 ? "stood for" : "ended after"),
                fate.endedSeconds() == 0 ? WATCH_SECONDS : fate.endedSeconds(),
                Unit.SECONDS));
        measures.add(new Measure(which + ": heartbeats", fate.heartbeats(), Unit.COUNT));
    }
}
