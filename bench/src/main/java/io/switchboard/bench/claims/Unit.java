package io.switchboard.bench.claims;

import io.switchboard.bench.Text;
import java.util.Locale;

/** What a figure counts, and how it is written. */
enum Unit {
    /** Every one of them. */
    BYTES("bytes") {
        @Override
        String text(double value) {
            return isWhole(value) || Math.abs(value) >= 100
                    ? Text.count(Math.round(value)) + (Math.round(value) == 1 ? " byte" : " bytes")
                    : String.format(Locale.ROOT, "%.1f bytes", value);
        }
    },
    /** Roughly. */
    MEMORY("bytes") {
        @Override
        String text(double value) {
            return Text.bytes(value);
        }
    },
    MILLIS("ms") {
        @Override
        String text(double value) {
            return Text.millis(value * 1e6) + " ms";
        }
    },
    MICROS("µs") {
        @Override
        String text(double value) {
            return Text.rate(value) + " µs";
        }
    },
    SECONDS("s") {
        @Override
        String text(double value) {
            return Text.rate(value) + " s";
        }
    },
    COUNT("") {
        @Override
        String text(double value) {
            return Text.rate(value);
        }
    },
    PER_SECOND("/s") {
        @Override
        String text(double value) {
            return Text.rate(value) + "/s";
        }
    },
    /** 0 to 1. */
    SHARE("of 1") {
        @Override
        String text(double value) {
            return Text.percent(value);
        }
    },
    TIMES("times") {
        @Override
        String text(double value) {
            return String.format(Locale.ROOT, value < 10 ? "%.1f times" : "%,.0f times", value);
        }
    };

    private final String word;

    Unit(String word) {
        this.word = word;
    }

    /** For machines. */
    String word() {
        return word;
    }

    abstract String text(double value);

    private static boolean isWhole(double value) {
        return value == Math.rint(value);
    }
}
