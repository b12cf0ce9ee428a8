package io.switchboard.cli.channel;

import io.switchboard.cli.place.Failure;
import java.util.regex.Pattern;

/** Where to begin to read. */
public sealed interface Start {
    String BEGINNING = "-1";
    String NOW = "now";
    /** The beginning too, as Durable Streams has it. */
    String ZEROS = "0000000000000000_0000000000000000";

    /** What looks like one; the server knows whether it is. */
    Pattern OFFSET = Pattern.compile("[a-p]\\d{1,16}[a-p]\\d{1,16}");

    /** With the earliest message that is retained. */
    record Beginning() implements Start {}

    /** With the next message that is published. */
    record Now() implements Start {}

    /** With the newest {@code count} messages. */
    record Last(int count) implements Start {}

    /** After {@code offset}. */
    record After(String offset) implements Start {}

    /** @param text {@code -1}, {@code now} or an offset */
    static Start parse(String text) throws Failure {
        if (text.equals(BEGINNING) || text.equals(ZEROS)) return new Beginning();
        if (text.equals(NOW)) return new Now();
        if (OFFSET.matcher(text).matches()) return new After(text);
        throw new Failure(
                Failure.Kind.USAGE,
                "\"" + text + "\" is not an offset; give -1 for the beginning, now, or an offset as --json and"
                        + " Stream-Next-Offset show it.");
    }
}
