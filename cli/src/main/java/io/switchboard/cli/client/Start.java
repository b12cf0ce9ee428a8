package io.switchboard.cli.client;

/** Where to begin to read. */
public sealed interface Start {
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
        if (text.equals(Offsets.BEGINNING)) return new Beginning();
        if (text.equals(Offsets.NOW)) return new Now();
        if (Offsets.isOffset(text)) return new After(text);
        throw new Failure(
                Failure.Kind.USAGE,
                "\"" + text + "\" is not an offset; give -1 for the beginning, now, or an offset as --json and"
                        + " Stream-Next-Offset show it.");
    }
}
