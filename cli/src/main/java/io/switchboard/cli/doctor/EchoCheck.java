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
        try (Wire wire = visit.open()) {
            if (WebSocketCheck.open(visit, wire, Handshake.ofEcho(visit), Step.ECHO)
                    .isEmpty()) return;
            Frames frames = new Frames(wire);
            int largest = visit.examination().largestBytes();
            long beganNanos = System.nanoTime();
            int passed = 0;
            for (int size = FIRST_BYTES; passed < largest; size = Math.min(largest, size * GROWTH)) {
                beganNanos = System.nanoTime();
                Optional<Finding> problem = tryOne(visit, wire, frames, size, passed);
                if (problem.isPresent()) {
                    visit.found(problem.get());
                    return;
                }
                passed = size;
            }
            visit.found(Finding.ok(
                    Step.ECHO,
                    "echo",
                    "Messages of up to " + Excerpt.size(passed) + " come back as they were sent, within "
                            + Excerpt.time(Visit.since(beganNanos)) + "."));
        }
    }

    private static Optional<Finding> tryOne(Visit visit, Wire wire, Frames frames, int size, int passed) {
        byte[] message = new byte[size];
        ThreadLocalRandom.current().nextBytes(message);
        String range = passed == 0
                ? "A message of " + Excerpt.size(size)
                : "Messages of " + Excerpt.size(passed) + " pass, but one of " + Excerpt.size(size);
        wire.within(visit.patience());
        try {
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
        } catch (WireFailure failed) {
            return Optional.of(Finding.trouble(
                    Step.ECHO,
                    passed == 0 ? "echo-mute" : "echo-limit-in-front",
                    range + " does not come back: what is there " + failed.predicate() + ".",
                    passed == 0 ? Remedy.BUFFERING : Remedy.SIZE));
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
