package io.switchboard.cli.doctor;

import java.util.Optional;

/**
 * How large a body may be. What is sent contradicts itself, so whatever the channel, nothing is stored: the server takes
 * all of it, and then refuses it in words of its own.
 */
final class BodyCheck implements Check {
    @Override
    public Step step() {
        return Step.BODY;
    }

    @Override
    public void run(Visit visit) throws WireFailure {
        int size = visit.examination().largestBytes();
        Ask ask = visit.signed(Ask.of("POST", Target.stream(visit.someChannel())))
                .with("Connection", "close")
                .with("Producer-Id", "switchboard-doctor") // without epoch and number, which is refused
                .body("application/octet-stream", new byte[size]);
        Answer answer;
        try (Wire wire = visit.open()) {
            long beganNanos = System.nanoTime();
            wire.within(visit.patience());
            // Beside reading: who refuses early may not take the rest.
            Thread.ofVirtual().start(() -> send(wire, ask.bytes(visit.target())));
            answer = visit.answer(wire, wire.head(), beganNanos);
        } catch (WireFailure failed) {
            visit.found(Finding.trouble(
                    Step.BODY,
                    "body-unanswered",
                    "A body of " + Excerpt.size(size) + " has no answer: what is there " + failed.predicate() + ".",
                    Remedy.BODY));
            return;
        }
        visit.found(judge(visit, answer, size));
    }

    private static void send(Wire wire, byte[] bytes) {
        try {
            wire.send(bytes);
        } catch (WireFailure refused) {
            // The answer says why, if there is one.
        }
    }

    private static Finding judge(Visit visit, Answer answer, int size) {
        Optional<String> problem = answer.problem();
        if (problem.isEmpty()) {
            String author = answer.author().orElse("something that does not say its name");
            return Finding.trouble(
                    Step.BODY,
                    answer.status() == 413 ? "body-limit-in-front" : "body-refused-in-front",
                    "A body of " + Excerpt.size(size) + " does not reach the server: " + author + " answers "
                            + answer.status() + ".",
                    answer.status() == 413 ? Remedy.BODY : Remedy.UPSTREAM);
        }
        return switch (problem.get()) {
            case "too_large" ->
                Finding.ok(
                        Step.BODY,
                        "body-limit",
                        "Bodies have at most "
                                + Excerpt.of(answer.member("bytesMax").orElse("so many")) + " bytes, as the server says"
                                + " (limits.messageBytes).");
            case "invalid", "unauthorized", "forbidden" ->
                Finding.ok(Step.BODY, "body", "Bodies of " + Excerpt.size(size) + " reach the server.");
            default -> Refusals.of(visit, Step.BODY, answer);
        };
    }
}
