package io.switchboard.http.wire;

import java.time.LocalDate;
import java.time.YearMonth;
import java.util.OptionalLong;

/**
 * A moment as RFC 3339, section 5.6 writes it: {@code 2026-02-28T23:59:59.5+01:00}, with {@code T} and
 * {@code Z} in either case. A fraction is cut to milliseconds. A leap second is accepted where one can be,
 * in the last minute of a UTC day, and is the first moment of the day after.
 */
public final class Rfc3339 {
    public static final int LENGTH_MAX = 64;

    private static final int DATE_TIME = 19;

    private Rfc3339() {}

    /** Milliseconds since 1970-01-01T00:00:00Z, also negative; empty if {@code text} is no timestamp. */
    public static OptionalLong parse(String text) {
        int length = text.length();
        if (length <= DATE_TIME || length > LENGTH_MAX) return OptionalLong.empty();
        int year = digits(text, 0, 4);
        int month = digits(text, 5, 2);
        int day = digits(text, 8, 2);
        int hour = digits(text, 11, 2);
        int minute = digits(text, 14, 2);
        int second = digits(text, 17, 2);
        char t = text.charAt(10);
        boolean punctuated = text.charAt(4) == '-'
                && text.charAt(7) == '-'
                && (t == 'T' || t == 't')
                && text.charAt(13) == ':'
                && text.charAt(16) == ':';
        boolean inRange = year >= 0
                && within(month, 1, 12)
                && within(hour, 0, 23)
                && within(minute, 0, 59)
                && within(second, 0, 60);
        if (!punctuated || !inRange || !within(day, 1, YearMonth.of(year, month).lengthOfMonth())) {
            return OptionalLong.empty();
        }
        int at = DATE_TIME;
        int millis = 0;
        if (text.charAt(at) == '.') {
            int start = ++at;
            for (; at < length && within(text.charAt(at), '0', '9'); at++) {
                if (at - start < 3) millis = millis * 10 + text.charAt(at) - '0';
            }
            if (at == start) return OptionalLong.empty();
            for (int digits = at - start; digits < 3; digits++) millis *= 10;
        }
        int offsetMinutes = offsetMinutes(text, at);
        if (offsetMinutes == Integer.MIN_VALUE) return OptionalLong.empty();
        long minutes = LocalDate.of(year, month, day).toEpochDay() * 1440 + hour * 60L + minute - offsetMinutes;
        if (second == 60) {
            if (Math.floorMod(minutes, 1440L) != 1439) return OptionalLong.empty();
            millis = 0;
        }
        return OptionalLong.of((minutes * 60 + second) * 1000 + millis);
    }

    /** What local time is ahead of UTC; {@link Integer#MIN_VALUE} if no offset is all that is left. */
    private static int offsetMinutes(String text, int at) {
        int left = text.length() - at;
        if (left == 1 && (text.charAt(at) == 'Z' || text.charAt(at) == 'z')) return 0;
        if (left != 6 || text.charAt(at + 3) != ':') return Integer.MIN_VALUE;
        int hours = digits(text, at + 1, 2);
        int minutes = digits(text, at + 4, 2);
        if (!within(hours, 0, 23) || !within(minutes, 0, 59)) return Integer.MIN_VALUE;
        return switch (text.charAt(at)) {
            case '+' -> hours * 60 + minutes;
            case '-' -> -(hours * 60 + minutes);
            default -> Integer.MIN_VALUE;
        };
    }

    private static int digits(String text, int from, int count) {
        int number = 0;
        for (int i = from; i < from + count; i++) {
            int digit = text.charAt(i) - '0';
            if (digit < 0 || digit > 9) return -1;
            number = number * 10 + digit;
        }
        return number;
    }

    private static boolean within(int value, int least, int greatest) {
        return value >= least && value <= greatest;
    }
}
