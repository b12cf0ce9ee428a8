package io.switchboard.cli.doctor;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/** How long quiet connections stay: a WebSocket that only answers pings, and an event stream. */
final class IdleCheck implements Check {
    private static final int MESSAGE_BYTES_MAX = 64 << 10;

    /**
     * What was noticed on one of them.
     *
     * @param ended how long it was open, if it was cut
     * @param silence at its end
     * @param signs of life from the server
     */
    private record Held(Optional<Duration> ended, Duration silence, int signs) {}

    private interface Hold {
        Finding hold(Visit visit) throws WireFailure;
    }

    private static final Finding NOT_OPEN =
            Finding.skipped(Step.IDLE, "idle-not-open", "One of the two was not held, as it does not open; see above.");

    /** Counts what comes, until the time is up or the connection is. */
    private static final class Listening {
        private final long beganNanos = System.nanoTime();
        private Duration last = Duration.ZERO;
        private int signs;

        void sign() {
            last = Visit.since(beganNanos);
            signs++;
        }

        Held over(boolean ended) {
            Duration now = Visit.since(beganNanos);
            return new Held(ended ? Optional.of(now) : Optional.empty(), now.minus(last), signs);
        }
    }

    @Override
    public Step step() {
        return Step.IDLE;
    }

    @Override
    public void run(Visit visit) throws WireFailure, InterruptedException {
        if (visit.examination().idle().isZero()) {
            visit.found(Finding.skipped(
                    Step.IDLE,
                    "idle-skipped",
                    "Quiet connections were not held; --idle 70 does, for so many seconds."));
            return;
        }
        List<FutureTask<Finding>> holds = new ArrayList<>();
        for (Hold hold : List.<Hold>of(IdleCheck::webSocket, IdleCheck::events)) {
            FutureTask<Finding> task = new FutureTask<>(() -> hold.hold(visit));
            holds.add(task);
            Thread.ofVirtual().start(task);
        }
        for (FutureTask<Finding> hold : holds) {
            try {
                visit.found(hold.get());
            } catch (ExecutionException failed) {
                if (!(failed.getCause() instanceof WireFailure)) throw new IllegalStateException(failed.getCause());
                visit.found(NOT_OPEN);
            }
        }
    }

    private static Finding webSocket(Visit visit) throws WireFailure {
        if (!visit.hasWebSocket()) return NOT_OPEN;
        try (Wire wire = visit.open()) {
            wire.within(visit.patience());
            wire.send(Handshake.ofLine(visit).ask().bytes(visit.target()));
            if (wire.head().status() != 101) return NOT_OPEN;
            wire.within(visit.examination().idle());
            Frames frames = new Frames(wire);
            Listening listening = new Listening();
            try {
                while (true) {
                    Frames.Frame frame = frames.next(MESSAGE_BYTES_MAX);
                    if (frame.kind() == Frames.CLOSE) return closed(frame.closeCode(), listening.over(true));
                    listening.sign();
                    if (frame.kind() == Frames.PING) frames.send(Frames.PONG, frame.payload());
                }
            } catch (WireFailure over) {
                boolean cut = over.kind() != WireFailure.Kind.LATE;
                return judge(visit, "WebSocket", "websocket", listening.over(cut));
            }
        }
    }

    private static Finding closed(int code, Held held) {
        return Finding.warning(
                Step.IDLE,
                "idle-websocket-closed",
                "The server closed a quiet WebSocket after "
                        + Excerpt.time(held.ended().orElse(Duration.ZERO)) + ", with the code " + code + ".");
    }

    private static Finding events(Visit visit) throws WireFailure {
        try (Wire wire = visit.open()) {
            wire.within(visit.patience());
            wire.send(EventsCheck.ask(visit).bytes(visit.target()));
            Head head = wire.head();
            if (head.status() != 200) return NOT_OPEN;
            Body body = new Body(wire, head);
            if (body.next().length == 0) return NOT_OPEN;
            wire.within(visit.examination().idle());
            Listening listening = new Listening();
            boolean cut = true;
            try {
                while (body.next().length > 0) listening.sign();
            } catch (WireFailure over) {
                cut = over.kind() != WireFailure.Kind.LATE;
            }
            return judge(visit, "event stream", "events", listening.over(cut));
        }
    }

    private static Finding judge(Visit visit, String what, String code, Held held) {
        if (held.ended().isPresent()) {
            return Finding.trouble(
                    Step.IDLE,
                    "idle-" + code + "-cut",
                    "A quiet " + what + " was cut by " + visit.proxy() + " after " + Excerpt.time(held.silence())
                            + " of silence; the server shows life every 25 s.",
                    Remedy.IDLE);
        }
        String signs = held.signs() == 0
                ? "."
                : ", with " + held.signs() + (held.signs() == 1 ? " sign" : " signs") + " of life from the server.";
        return Finding.ok(
                Step.IDLE,
                "idle-" + code,
                "A quiet " + what + " stayed for "
                        + Excerpt.time(visit.examination().idle()) + signs);
    }
}
