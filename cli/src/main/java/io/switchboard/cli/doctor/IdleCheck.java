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

    /** What was noticed on one of them; all times since it was open. */
    private record Held(Duration quietSince, Optional<Duration> ended, int signs, Duration longestSilence) {}

    private interface Hold {
        Optional<Finding> hold(Visit visit) throws WireFailure;
    }

    /** Counts what comes, until the time is up or the connection is. */
    private static final class Listening {
        private final long beganNanos = System.nanoTime();
        private Duration last = Duration.ZERO;
        private Duration longest = Duration.ZERO;
        private int signs;

        void sign() {
            Duration now = Visit.since(beganNanos);
            Duration silence = now.minus(last);
            if (silence.compareTo(longest) > 0) longest = silence;
            last = now;
            signs++;
        }

        Held over(boolean ended) {
            return new Held(last, ended ? Optional.of(Visit.since(beganNanos)) : Optional.empty(), signs, longest);
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
        List<FutureTask<Optional<Finding>>> holds = new ArrayList<>();
        for (Hold hold : List.<Hold>of(IdleCheck::webSocket, IdleCheck::events)) {
            FutureTask<Optional<Finding>> task = new FutureTask<>(() -> hold.hold(visit));
            holds.add(task);
            Thread.ofVirtual().start(task);
        }
        for (FutureTask<Optional<Finding>> hold : holds) {
            try {
                hold.get().ifPresent(visit::found);
            } catch (ExecutionException failed) {
                if (failed.getCause() instanceof WireFailure wire) throw wire;
                throw new IllegalStateException(failed.getCause());
            }
        }
    }

    // That one does not open was said before.
    private static Optional<Finding> webSocket(Visit visit) throws WireFailure {
        try (Wire wire = visit.open()) {
            Handshake handshake = Handshake.ofLine(visit);
            wire.within(visit.patience());
            wire.send(handshake.ask().bytes(visit.target()));
            if (wire.head().status() != 101) return Optional.empty();
            wire.within(visit.examination().idle());
            Frames frames = new Frames(wire);
            Listening listening = new Listening();
            try {
                while (true) {
                    Frames.Frame frame = frames.next(MESSAGE_BYTES_MAX);
                    if (frame.kind() == Frames.CLOSE) {
                        return Optional.of(closed(frame.closeCode(), listening.over(true)));
                    }
                    listening.sign();
                    if (frame.kind() == Frames.PING) frames.send(Frames.PONG, frame.payload());
                }
            } catch (WireFailure over) {
                return Optional.of(judge(
                        visit,
                        "WebSocket",
                        "websocket",
                        "pings",
                        listening.over(over.kind() != WireFailure.Kind.LATE)));
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

    private static Optional<Finding> events(Visit visit) throws WireFailure {
        try (Wire wire = visit.open()) {
            wire.within(visit.patience());
            wire.send(EventsCheck.ask(visit).bytes(visit.target()));
            Head head = wire.head();
            if (head.status() != 200) return Optional.empty();
            wire.within(visit.examination().idle());
            Body body = new Body(wire, head);
            Listening listening = new Listening();
            try {
                while (body.next().length > 0) listening.sign();
                return Optional.of(judge(visit, "event stream", "events", "events", listening.over(true)));
            } catch (WireFailure over) {
                return Optional.of(judge(
                        visit,
                        "event stream",
                        "events",
                        "heartbeats or events",
                        listening.over(over.kind() != WireFailure.Kind.LATE)));
            }
        }
    }

    private static Finding judge(Visit visit, String what, String code, String signs, Held held) {
        if (held.ended().isPresent()) {
            Duration quiet = held.ended().get().minus(held.quietSince());
            return Finding.trouble(
                    Step.IDLE,
                    "idle-" + code + "-cut",
                    "A quiet " + what + " was cut by " + visit.proxy() + " after " + Excerpt.time(quiet)
                            + " of silence; the server shows life every 25 s.",
                    Remedy.IDLE);
        }
        return Finding.ok(
                Step.IDLE,
                "idle-" + code,
                "A quiet " + what + " stayed for "
                        + Excerpt.time(visit.examination().idle()) + ", with " + held.signs() + " " + signs
                        + (held.signs() == 0 ? "" : ", silent for " + Excerpt.time(held.longestSilence()) + " at most")
                        + ".");
    }
}
