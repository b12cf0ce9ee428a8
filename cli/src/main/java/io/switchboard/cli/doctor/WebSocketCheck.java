package io.switchboard.cli.doctor;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;

/** Whether a WebSocket opens, what came instead if not, and whether something passes through it. */
final class WebSocketCheck implements Check {
    private static final byte[] PING = "switchboard-doctor".getBytes(StandardCharsets.US_ASCII);
    private static final int REPLY_BYTES_MAX = 64 << 10;
    private static final int FRAMES_MAX = 100; // that are none of those waited for
    private static final int UNAUTHORIZED = 4001;

    @Override
    public Step step() {
        return Step.WEBSOCKET;
    }

    @Override
    public void run(Visit visit) throws WireFailure {
        Handshake handshake = Handshake.ofLine(visit).with("Sec-WebSocket-Extensions", "permessage-deflate");
        try (Wire wire = visit.open()) {
            Optional<Head> opened = open(visit, wire, handshake, Step.WEBSOCKET);
            if (opened.isEmpty()) return;
            Head head = opened.get();
            visit.found(Finding.ok(Step.WEBSOCKET, "websocket-open", "A WebSocket opens."));
            boolean kept = head.first("sec-websocket-protocol")
                    .filter(Handshake.LINE::equals)
                    .isPresent();
            visit.found(
                    kept
                            ? Finding.ok(
                                    Step.WEBSOCKET, "websocket-subprotocol", "The subprotocol arrives and comes back.")
                            : Finding.trouble(
                                    Step.WEBSOCKET,
                                    "websocket-subprotocol-lost",
                                    "The subprotocol " + Handshake.LINE + " is lost on the way: clients do not"
                                            + " understand what they are sent.",
                                    Remedy.SUBPROTOCOL));
            boolean deflate = head.first("sec-websocket-extensions").orElse("").startsWith("permessage-deflate");
            visit.found(Finding.ok(
                    Step.WEBSOCKET,
                    deflate ? "websocket-compressed" : "websocket-uncompressed",
                    deflate
                            ? "Compression is agreed on."
                            : "Compression is not agreed on: live.compression is none, or the offer was taken away"
                                    + " on the way. It works without."));
            speak(visit, wire, kept);
        }
    }

    /** Opens one, or tells why it does not. */
    static Optional<Head> open(Visit visit, Wire wire, Handshake handshake, Step step) throws WireFailure {
        long beganNanos = System.nanoTime();
        wire.within(visit.patience());
        wire.send(handshake.ask().bytes(visit.target()));
        Head head;
        try {
            head = wire.head();
        } catch (WireFailure failed) {
            visit.found(Finding.trouble(
                    step,
                    "websocket-unanswered",
                    "The handshake of a WebSocket has no answer: " + visit.proxy() + " " + failed.predicate() + ".",
                    Remedy.UPGRADE));
            return Optional.empty();
        }
        if (head.status() != 101) {
            Answer answer;
            try {
                answer = visit.answer(wire, head, beganNanos);
            } catch (WireFailure halfAnAnswer) {
                answer = new Answer(head, new byte[0], Visit.since(beganNanos));
            }
            visit.found(refused(visit, answer, step));
            return Optional.empty();
        }
        if (!handshake.isAnsweredBy(head)) {
            visit.found(Finding.trouble(
                    step,
                    "websocket-wrong-accept",
                    "The answer 101 is to another handshake (Sec-WebSocket-Accept): something in between answers by"
                            + " itself, or from a cache.",
                    Remedy.UPGRADE));
            return Optional.empty();
        }
        return Optional.of(head);
    }

    static Finding refused(Visit visit, Answer answer, Step step) {
        String problem = answer.problem().orElse("");
        if (problem.equals("upgrade_required")) {
            return Finding.trouble(
                    step,
                    "websocket-upgrade-lost",
                    "The handshake reaches the server as a plain GET (426): " + visit.proxy()
                            + " takes Upgrade away, or speaks HTTP/1.0 to the server.",
                    Remedy.UPGRADE);
        }
        if (problem.equals("forbidden") && visit.examination().origin().isPresent()) {
            return Finding.trouble(
                    step,
                    "websocket-origin",
                    "The server opens no WebSocket for pages of "
                            + Excerpt.of(visit.examination().origin().get())
                            + ", or the token does not allow it: put the origin into cors.origins.");
        }
        if (!problem.isEmpty()) return Refusals.of(visit, step, answer);
        return Finding.trouble(
                step,
                "websocket-refused-in-front",
                "A WebSocket is refused before it reaches the server: "
                        + answer.author().orElse("something that does not say its name") + " answers "
                        + answer.status() + " in place of 101.",
                Remedy.UPGRADE);
    }

    private static void speak(Visit visit, Wire wire, boolean asLine) throws WireFailure {
        Frames frames = new Frames(wire);
        long beganNanos = System.nanoTime();
        wire.within(visit.patience());
        frames.send(Frames.PING, PING);
        if (asLine) frames.send(Frames.TEXT, "{\"id\":1,\"action\":\"ping\"}".getBytes(StandardCharsets.US_ASCII));
        Optional<Duration> pong = Optional.empty();
        Optional<Duration> reply = asLine ? Optional.empty() : Optional.of(Duration.ZERO);
        for (int i = 0; i < FRAMES_MAX && (pong.isEmpty() || reply.isEmpty()); i++) {
            Frames.Frame frame;
            try {
                frame = frames.next(REPLY_BYTES_MAX);
            } catch (WireFailure failed) {
                visit.found(Finding.trouble(
                        Step.WEBSOCKET,
                        "websocket-mute",
                        "The WebSocket opened, but " + (pong.isEmpty() ? "a ping" : "a message")
                                + " got no answer: what is there " + failed.predicate() + ".",
                        Remedy.BUFFERING));
                return;
            }
            switch (frame.kind()) {
                case Frames.PONG -> {
                    if (Arrays.equals(frame.payload(), PING)) pong = Optional.of(Visit.since(beganNanos));
                }
                case Frames.PING -> frames.send(Frames.PONG, frame.payload());
                case Frames.CLOSE -> {
                    visit.found(closed(visit, frame.closeCode()));
                    return;
                }
                default -> reply = Optional.of(Visit.since(beganNanos));
            }
        }
        if (pong.isEmpty() || reply.isEmpty()) {
            visit.found(Finding.trouble(
                    Step.WEBSOCKET, "websocket-noise", "The WebSocket sends much, but not what was asked for."));
            return;
        }
        visit.usesWebSocket();
        visit.found(Finding.ok(
                Step.WEBSOCKET,
                "websocket-works",
                "A ping came back in " + Excerpt.time(pong.get())
                        + (asLine ? ", a message was answered in " + Excerpt.time(reply.get()) : "") + "."));
    }

    private static Finding closed(Visit visit, int code) {
        return code == UNAUTHORIZED
                ? Refusals.unauthorized(visit, Step.WEBSOCKET)
                : Finding.trouble(
                        Step.WEBSOCKET,
                        "websocket-closed",
                        "The WebSocket was closed at once, with the code " + code + ".");
    }
}
