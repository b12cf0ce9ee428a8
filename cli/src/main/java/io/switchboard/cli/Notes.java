package io.switchboard.cli;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.Locale;

/**
 * What a command says about itself, on stderr: notes for whoever watches, dimmed in a terminal and left out elsewhere
 * unless asked for; and warnings, which are always said.
 */
final class Notes {
    private static final String DIM = "\u001b[2m";
    private static final String PLAIN = "\u001b[0m";
    private static final String CLEAR = "\r\u001b[K";

    private final PrintWriter err;
    private final boolean terminal;
    private final boolean colour;
    private final boolean shown;
    private boolean progressShown;

    Notes(PrintWriter err, Shell shell, boolean verbose) {
        this.err = err;
        this.terminal = shell.isTerminal(Shell.Stream.ERR);
        this.colour =
                terminal && shell.environment().getOrDefault("NO_COLOR", "").isEmpty();
        this.shown = terminal || verbose;
    }

    void note(String sentence) {
        if (!shown) return;
        clear();
        err.println(colour ? DIM + sentence + PLAIN : sentence);
        err.flush();
    }

    /** What nobody may miss. */
    void warn(String sentence) {
        clear();
        err.println("switchboard: " + sentence);
        err.flush();
    }

    boolean showsProgress() {
        return terminal;
    }

    /** A line that the next one replaces; only in a terminal. */
    void progress(String text) {
        if (!terminal) return;
        err.print(CLEAR + (colour ? DIM + text + PLAIN : text));
        err.flush();
        progressShown = true;
    }

    /** Takes the line of progress away, before something else is printed. */
    void clear() {
        if (progressShown) err.print(CLEAR);
        progressShown = false;
        err.flush();
    }

    /** Such as {@code 1.4 s}. */
    static String seconds(Duration duration) {
        return String.format(Locale.ROOT, "%.1f s", duration.toMillis() / 1000.0);
    }
}
