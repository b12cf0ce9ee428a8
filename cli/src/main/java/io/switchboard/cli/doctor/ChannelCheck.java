package io.switchboard.cli.doctor;

import java.util.Optional;

/** Whether the channels that were named can be used. */
final class ChannelCheck implements Check {
    private static final String JSON = "application/json";
    private static final String LIFE_SECONDS = "900"; // longer than the longest run, if it cannot be deleted

    @Override
    public Step step() {
        return Step.CHANNEL;
    }

    @Override
    public void run(Visit visit) throws WireFailure {
        Optional<String> writable = visit.examination().writable();
        if (writable.isPresent()) prepare(visit, writable.get());
        Optional<String> named = visit.target().channel();
        if (named.isPresent() && !named.equals(writable)) read(visit, named.get());
    }

    private static void read(Visit visit, String channel) throws WireFailure {
        Answer answer = visit.ask(visit.signed(Ask.get(Target.stream(channel) + "?offset=now")));
        if (answer.status() == 200) {
            visit.found(Finding.ok(Step.CHANNEL, "channel", channel + " can be read."));
        } else {
            visit.found(refused(visit, channel, "read", answer));
        }
    }

    private static void prepare(Visit visit, String channel) throws WireFailure {
        Answer there = visit.ask(visit.signed(Ask.get(Target.stream(channel) + "?offset=now")));
        if (there.status() == 200) {
            String type = there.head().first("content-type").orElse("");
            if (there.head().first("stream-closed").isPresent() || !TestChannel.canCarry(type)) {
                visit.found(Finding.trouble(
                        Step.CHANNEL,
                        "channel-unfit",
                        channel + " is closed, or of bytes: name one of JSON or text, or one that is not there yet."));
                return;
            }
            visit.mayWriteTo(new TestChannel(channel, type, false));
            visit.found(Finding.ok(Step.CHANNEL, "channel", channel + " gets test messages."));
            return;
        }
        if (there.status() != 404 || there.problem().isEmpty()) {
            visit.found(refused(visit, channel, "read", there));
            return;
        }
        Answer made = visit.ask(visit.signed(Ask.of("PUT", Target.stream(channel))
                .with("Stream-TTL", LIFE_SECONDS)
                .body(JSON, new byte[0])));
        if (made.status() == 201) {
            visit.mayWriteTo(new TestChannel(channel, JSON, true));
            visit.found(Finding.ok(Step.CHANNEL, "channel", channel + " was made for this, and is removed again."));
        } else {
            visit.found(refused(visit, channel, "created", made));
        }
    }

    static Finding refused(Visit visit, String channel, String done, Answer answer) {
        Optional<String> problem = answer.problem();
        if (problem.isEmpty()) {
            return Finding.trouble(
                    Step.CHANNEL,
                    "channel-refused-in-front",
                    answer.author().orElse(visit.proxy()) + " answers " + answer.status() + " for " + channel
                            + " in place of the server.",
                    Remedy.UPSTREAM);
        }
        if (problem.get().equals("unauthorized")) return Refusals.unauthorized(visit, Step.CHANNEL);
        if (problem.get().equals("forbidden")) visit.isFirst("forbidden"); // all that follows is left out
        String why =
                switch (problem.get()) {
                    case "forbidden" -> "the token does not allow it";
                    case "not_found" -> "there is no such channel";
                    default -> "the server answers " + answer.status() + ", " + Excerpt.of(problem.get());
                };
        return Finding.trouble(Step.CHANNEL, "channel-refused", channel + " cannot be " + done + ": " + why + ".");
    }
}
