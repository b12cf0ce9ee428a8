package io.switchboard.cli.doctor;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.Optional;

/** Whether this machine and the other end agree on the time; tokens and caches go by it. */
final class ClockCheck implements Check {
    /** {@code Date} has whole seconds, and the answer takes a while. */
    private static final Duration FORGIVEN = Duration.ofSeconds(3);

    @Override
    public Step step() {
        return Step.CLOCK;
    }

    @Override
    public void run(Visit visit) {
        Optional<Duration> ahead = visit.firstAnswer().flatMap(answer -> ahead(answer, Instant.now()));
        if (ahead.isEmpty()) {
            visit.found(Finding.skipped(Step.CLOCK, "no-date", "The answer has no Date to compare the clock with."));
            return;
        }
        Duration by = ahead.get().abs();
        String way = ahead.get().isNegative() ? "behind" : "ahead of";
        visit.found(
                by.compareTo(FORGIVEN) <= 0
                        ? Finding.ok(Step.CLOCK, "clock", "The clocks agree.")
                        : Finding.warning(
                                Step.CLOCK,
                                "clock-differs",
                                "The other end's clock is " + by.toSeconds() + " s " + way
                                        + " this one: tokens are taken too early, too late or not at all. Set both by"
                                        + " NTP."));
    }

    /** How far the other clock is ahead, as far as it is told. */
    static Optional<Duration> ahead(Answer answer, Instant now) {
        return answer.head().first("date").flatMap(date -> {
            try {
                Instant theirs = Instant.from(DateTimeFormatter.RFC_1123_DATE_TIME.parse(date));
                Duration ahead = Duration.between(now, theirs);
                // A second that has only begun is told as its beginning.
                return Optional.of(ahead.isNegative() ? ahead.plusMillis(500) : ahead);
            } catch (DateTimeException noDate) {
                return Optional.empty();
            }
        });
    }
}
