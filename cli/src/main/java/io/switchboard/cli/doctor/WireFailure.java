package io.switchboard.cli.doctor;

import java.time.Duration;

/** Why nothing could be made of a peer. The message goes on from "it": {@code did not answer within 5.0 s}. */
final class WireFailure extends Exception {
    enum Kind {
        /** Nobody takes the connection. */
        UNREACHABLE,
        /** What was waited for did not come in time. */
        LATE,
        /** The peer ended the connection where it should have spoken. */
        ENDED,
        /** What came is not what is spoken here. */
        GARBAGE,
        /** What came is more than is taken. */
        ENDLESS,
        /** No TLS could be agreed on. */
        TLS
    }

    private final Kind kind;

    WireFailure(Kind kind, String predicate) {
        super(predicate, null, false, false);
        this.kind = kind;
    }

    static WireFailure late(Duration max) {
        return new WireFailure(Kind.LATE, "said nothing that could be used within " + Excerpt.time(max));
    }

    Kind kind() {
        return kind;
    }

    String predicate() {
        return String.valueOf(getMessage());
    }
}
