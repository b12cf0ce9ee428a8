package io.switchboard.cli.doctor;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;

/**
 * Whether events come when they are sent. A server tells a reader its position at once, in a few bytes: what holds answers
 * back until they are many shows by that already.
 */
final class EventsCheck implements Check {
    private static final int BYTES_MAX = 1 << 20;

    // What holds each piece back for others to send with it does so every time, for 0.2 s; a busy machine or a bad
    // line does it now and then.
    private static final int TIMES = 4;
    private static final long DELAY_NANOS = 100_000_000;

    /**
     * A message and its event.
     *
     * @param answerNanos from when the message was sent to the answer
     * @param eventNanos from when the message was sent to its event
     */
    private record Passage(long answerNanos, long eventNanos) {}

    @Override
    public Step step() {
        return Step.EVENTS;
    }

    /** The request for an event stream that begins with an event: where it stands, also in a channel that is not there. */
    static Ask ask(Visit visit) {
        Optional<String> channel = visit.readable();
        Ask ask = channel.isPresent()
                ? Ask.get(Target.stream(channel.get()))
                : Ask.get("/live?channel=" + Visit.ANY_CHANNEL);
        return visit.signed(ask).with("Accept", "text/event-stream");
    }

    @Override
    public void run(Visit visit) throws WireFailure {
        if (run(visit, true)) run(visit, false);
    }

    /** @return whether to look again, without offering compression */
    private static boolean run(Visit visit, boolean compression) throws WireFailure {
        Ask ask = ask(visit);
        if (compression) ask.with("Accept-Encoding", "gzip, deflate, br"); // as browsers do
        try (Wire wire = visit.open()) {
            long beganNanos = System.nanoTime();
            wire.within(visit.patience());
            wire.send(ask.bytes(visit.target()));
            Head head;
            try {
                head = wire.head();
            } catch (WireFailure silent) {
                if (silent.kind() != WireFailure.Kind.LATE) throw silent;
                visit.found(heldBack(visit, "not even the head of the answer came"));
                return false;
            }
            Optional<Finding> refused = refused(visit, wire, head, beganNanos);
            if (refused.isPresent()) {
                visit.found(refused.get());
                return false;
            }
            Optional<String> coding = head.first("content-encoding").filter(name -> !name.equals("identity"));
            if (coding.isPresent()) {
                visit.found(new Finding(
                        Step.EVENTS,
                        Level.WARNING,
                        "events-compressed",
                        "Event streams are compressed on the way (" + Excerpt.of(coding.get())
                                + "), which keeps events until there is enough to compress.",
                        Optional.of(Remedy.BUFFERING)));
                return compression;
            }
            wire.within(visit.patience());
            Body body = new Body(wire, head);
            ByteArrayOutputStream got = new ByteArrayOutputStream();
            try {
                got.writeBytes(body.next());
            } catch (WireFailure silent) {
                if (silent.kind() != WireFailure.Kind.LATE) throw silent;
            }
            if (got.size() == 0) {
                visit.found(heldBack(visit, "the head came, but no event"));
                return false;
            }
            visit.found(Finding.ok(
                    Step.EVENTS,
                    "events-first",
                    "The first event came " + Excerpt.time(Visit.since(beganNanos)) + " after it was asked for."));
            second(visit, wire, body, got);
            return false;
        }
    }

    private static void second(Visit visit, Wire wire, Body body, ByteArrayOutputStream got) throws WireFailure {
        Optional<TestChannel> channel = visit.testChannel();
        if (channel.isEmpty()) {
            visit.found(Finding.skipped(
                    Step.EVENTS,
                    "events-second-skipped",
                    "A second event was not waited for: name a channel that may be written to with --channel, or wait for"
                            + " a heartbeat with --idle 30."));
            return;
        }
        long answerNanos = Long.MAX_VALUE; // the least of each
        long eventNanos = Long.MAX_VALUE;
        for (int i = 0; i < TIMES; i++) {
            Optional<Passage> passage = another(visit, wire, body, got, channel.get(), i == 0);
            if (passage.isEmpty()) return;
            answerNanos = Math.min(answerNanos, passage.get().answerNanos());
            eventNanos = Math.min(eventNanos, passage.get().eventNanos());
            if (eventNanos - answerNanos < DELAY_NANOS) return;
        }
        visit.found(new Finding(
                Step.EVENTS,
                Level.WARNING,
                "events-delayed",
                "Each event comes " + Excerpt.time(Duration.ofNanos(eventNanos - answerNanos))
                        + " or more after it was stored: " + visit.proxy() + " waits for more to send with it.",
                Optional.of(Remedy.DELAY)));
    }

    /** How long another message takes; empty if it does not come, which was told then. */
    private static Optional<Passage> another(
            Visit visit, Wire wire, Body body, ByteArrayOutputStream got, TestChannel channel, boolean isSecond)
            throws WireFailure {
        String word = UUID.randomUUID().toString();
        long publishedNanos = System.nanoTime();
        Answer published = channel.publish(visit, word);
        if (published.status() >= 300) {
            visit.found(ChannelCheck.refused(visit, channel.name(), "written to", published));
            return Optional.empty();
        }
        long storedNanos = System.nanoTime();
        wire.within(visit.patience());
        try {
            while (got.size() < BYTES_MAX
                    && !got.toString(StandardCharsets.UTF_8).contains(word)) {
                byte[] next = body.next();
                if (next.length == 0) break;
                got.writeBytes(next);
            }
        } catch (WireFailure silent) {
            if (silent.kind() != WireFailure.Kind.LATE) throw silent;
        }
        long lateNanos = System.nanoTime() - storedNanos;
        if (!got.toString(StandardCharsets.UTF_8).contains(word)) {
            visit.found(heldBack(visit, isSecond ? "a second event did not come" : "another event did not come"));
            return Optional.empty();
        }
        if (isSecond) {
            visit.found(Finding.ok(
                    Step.EVENTS,
                    "events-second",
                    "A second event came " + Excerpt.time(Visit.since(publishedNanos)) + " after it was published."));
        }
        long tookNanos = published.took().toNanos();
        return Optional.of(new Passage(tookNanos, tookNanos + lateNanos));
    }

    private static Finding heldBack(Visit visit, String what) {
        return Finding.trouble(
                Step.EVENTS,
                "events-held-back",
                "Events are held back by " + visit.proxy() + ": within " + Excerpt.time(visit.patience()) + " " + what
                        + ".",
                Remedy.BUFFERING);
    }

    private static Optional<Finding> refused(Visit visit, Wire wire, Head head, long beganNanos) throws WireFailure {
        String type = head.first("content-type").orElse("");
        if (head.status() == 200 && type.startsWith("text/event-stream")) return Optional.empty();
        Answer answer = visit.answer(wire, head, beganNanos);
        Optional<String> problem = answer.problem();
        if (head.status() == 204 && head.first("stream-closed").isPresent()) {
            return Optional.of(Finding.skipped(
                    Step.EVENTS, "events-closed", "The channel is closed, so it has no more events to wait for."));
        }
        if (problem.isPresent()) return Optional.of(Refusals.of(visit, Step.EVENTS, answer));
        return Optional.of(Finding.trouble(
                Step.EVENTS,
                "events-refused-in-front",
                answer.author().orElse("Something in between") + " answers " + head.status()
                        + " in place of an event stream.",
                Remedy.ERRORS));
    }
}
