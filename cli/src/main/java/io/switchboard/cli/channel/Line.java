package io.switchboard.cli.channel;

import java.util.Optional;

/** A message as it was given, in an argument or a line. */
final class Line {
    private final long number;
    private final byte[] bytes;
    private final Optional<String> flaw;

    private Line(long number, byte[] bytes, Optional<String> flaw) {
        this.number = number;
        this.bytes = bytes;
        this.flaw = flaw;
    }

    static Line good(long number, byte[] bytes) {
        return new Line(number, bytes, Optional.empty());
    }

    /** @param sentence what is wrong with it, and what to do */
    static Line bad(long number, String sentence) {
        return new Line(number, new byte[0], Optional.of(sentence));
    }

    /** From 1, blank lines counted. */
    long number() {
        return number;
    }

    byte[] bytes() {
        return bytes;
    }

    Optional<String> flaw() {
        return flaw;
    }
}
