package io.switchboard.cli.doctor;

import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;

/** How large a message may be, there and back, whole and unchanged. */
final class EchoCheck implements Check {
    private static final int FIRST_BYTES = 1 << 10;
    private static final int GROWTH = 8;
    private static final int TOO_LARGE = 1009;
    private static final int FRAMES_MAX = 100;

    @Override
    public Step step() {
        return Step.ECHO;
    }

    @Override
    public void run(Visit visit) throws WireFailure {
        if (!visit.hasWebSocket()) {
            visit.found(Finding.skipped(Step.ECHO, "echo-skipped", "Messages were not tried, as no WebSocket works."));
            return;
        }
        int passed = 0;
        long beganNanos = System.nanoTime();
        try (Wire wire = visit.open()) {
            if (WebSocketCheck.open(visit, wire, Handshake.ofEcho(visit), Step.ECHO)
                    .isEmpty()) return;
            Frames frames = new Frames(wire);
            int largest = visit.examination().largestBytes();
            for (int size = FIRST_BYTES; passed < largest; size = Math.min(largest, size * GROWTH)) {
                beganNanos = System.nanoTime();
                try {
                    Optional<Finding> problem = echo(visit, wire, frames, size, range(size, passed));
                    if (problem.isPresent()) {
                        visit.found(problem.get());
                        return;
                    }
                } catch (WireFailure failed) {
                    visit.found(judge(visit, failed, size, passed));
                    return;
                }
                passed = size;
            }
        }
        visit.found(Finding.ok(
                Step.ECHO,
                "echo",
                "Messages of up to " + Excerpt.size(passed) + " come back as they were sent, within "
                        + Excerpt.time(Visit.since(beganNanos)) + "."));
    }

    private static String range(int size, int passed) {
        return passed == 0
                ? "A message of " + Excerpt.size(size)
                : "Messages of " + Excerpt.size(passed) + " pass, but one of " + Excerpt.size(size);
    }

    /** Sends a message and takes it back; a problem is one of the message and not of the connection. */
    private static Optional<Finding> echo(Visit visit, Wire wire, Frames frames, int size, String range)
            throws WireFailure {
        byte[] message = new byte[size];
        ThreadLocalRandom.current().nextBytes(message);
        wire.within(visit.patience());
        frames.send(Frames.BINARY, message);
        Frames.Frame frame = frames.next(size);
        for (int i = 0; i < FRAMES_MAX && (frame.kind() == Frames.PING || frame.kind() == Frames.PONG); i++) {
            if (frame.kind() == Frames.PING) frames.send(Frames.PONG, frame.payload());
            frame = frames.next(size);
        }
        if (frame.kind() == Frames.CLOSE) return Optional.of(closed(frame.closeCode(), range));
        if (Arrays.equals(frame.payload(), message)) return Optional.empty();
        return Optional.of(Finding.trouble(
                Step.ECHO, "echo-changed", range + " came back changed: something in between rewrites messages."));
    }

    private static Finding judge(Visit visit, WireFailure failed, int size, int passed) {
        if (passed > 0 && diesWithoutIt(visit, size, passed)) {
            return Finding.trouble(
                    Step.ECHO,
                    "connection-dies",
                    "A connection is of no use after some " + Excerpt.size(passed)
                            + ", however small its messages: something in between "
                            + (failed.kind() == WireFailure.Kind.LATE
                                    ? "goes silent without closing it"
                                    : "breaks it off")
                            + ". Look at firewalls and address translation on the way.");
        }
        return Finding.trouble(
                Step.ECHO,
                passed == 0 ? "echo-mute" : "echo-limit-in-front",
                range(size, passed) + " does not come back: what is there " + failed.predicate() + ".",
                passed == 0 ? Remedy.BUFFERING : Remedy.SIZE);
    }

    /** Whether as many bytes in messages that passed before do not pass either. */
    private static boolean diesWithoutIt(Visit visit, int size, int passed) {
        try (Wire wire = visit.open()) {
            wire.within(visit.patience());
            Handshake handshake = Handshake.ofEcho(visit);
            wire.send(handshake.ask().bytes(visit.target()));
            if (wire.head().status() != 101) return false;
            Frames frames = new Frames(wire);
            for (int sent = 0; sent <= size; sent += passed) {
                if (echo(visit, wire, frames, passed, "").isPresent()) return false;
            }
            return false;
        } catch (WireFailure dead) {
            return true;
        }
    }

    private static Finding closed(int code, String range) {
        return code == TOO_LARGE
                ? Finding.ok(
                        Step.ECHO,
                        "echo-limit",
                        range + " is too large for the server (1009): its limits.messageBytes is in between.")
                : Finding.trouble(Step.ECHO, "echo-closed", range + " had the WebSocket closed with " + code + ".");
    }
}
