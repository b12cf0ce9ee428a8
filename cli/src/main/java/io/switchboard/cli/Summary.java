package io.switchboard.cli;

import io.switchboard.cli.channel.Publisher;
import io.switchboard.cli.channel.Time;
import java.time.Duration;
import java.util.Locale;

/** Counts what was published, shows it in a terminal while it goes on, and says it at the end. */
final class Summary implements Publisher.Progress {
    private static final Duration SHOW_EVERY = Duration.ofMillis(200);

    private final Notes notes;
    private final Time time;
    private final long beganNanos;
    private long shownNanos;
    private long stored;

    Summary(Notes notes, Time time) {
        this.notes = notes;
        this.time = time;
        this.beganNanos = time.nanos();
        this.shownNanos = beganNanos;
    }

    @Override
    public void stored(int messages) {
        stored += messages;
        if (time.nanos() - shownNanos < SHOW_EVERY.toNanos()) return;
        shownNanos = time.nanos();
        notes.progress(messages(stored) + ", " + perSecond());
    }

    @Override
    public void late(Duration max) {
        notes.note("The server does not answer as it should; trying again, for " + max.toMinutes() + " minutes.");
    }

    String sentence(String channel) {
        Duration took = Duration.ofNanos(time.nanos() - beganNanos);
        String pace = stored > 1 ? " in " + Notes.seconds(took) + " (" + perSecond() + ")" : "";
        return "Published " + messages(stored) + " to " + channel + pace + ".";
    }

    /** For the end of a sentence that says why there are no more. */
    String soFar() {
        return stored == 0 ? "" : " Before that, " + messages(stored) + (stored == 1 ? " was" : " were") + " stored.";
    }

    private static String messages(long count) {
        return String.format(Locale.ROOT, "%,d message%s", count, count == 1 ? "" : "s");
    }

    private String perSecond() {
        double seconds = Math.max(0.001, (time.nanos() - beganNanos) / 1e9);
        return String.format(Locale.ROOT, "%,.0f/s", stored / seconds);
    }
}
