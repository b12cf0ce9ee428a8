package io.switchboard.cli.doctor;

import java.util.Locale;

/** How bad it is. */
public enum Level {
    OK,
    /** It was not looked at; the sentence says why. */
    SKIPPED,
    /** Some clients may notice, or it will be trouble some day. */
    WARNING,
    /** Clients do not work as they should. */
    TROUBLE;

    /** As it is shown. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
