package io.switchboard.bench;

import java.util.Locale;

/** Figures as people read them. */
public final class Text {
    private static final String[] UNITS = {"bytes", "KB", "MB", "GB", "TB"};

    private Text() {}

    public static String count(long count) {
        return String.format(Locale.ROOT, "%,d", count);
    }

    /** Such as {@code 12 connections}. */
    static String count(long count, String one) {
        return count(count) + " " + one + (count == 1 ? "" : "s");
    }

    /** Whole where it is large. */
    public static String rate(double rate) {
        return String.format(Locale.ROOT, rate < 100 && rate != Math.rint(rate) ? "%.1f" : "%,.0f", rate);
    }

    /** Such as {@code 1.5 KB}: 1,024 bytes are one. */
    public static String bytes(double bytes) {
        double left = bytes;
        int unit = 0;
        while (Math.abs(left) >= 1024 && unit < UNITS.length - 1) {
            left /= 1024;
            unit++;
        }
        return String.format(
                Locale.ROOT, unit == 0 || Math.abs(left) >= 100 ? "%,.0f %s" : "%.1f %s", left, UNITS[unit]);
    }

    /** Without its unit. */
    public static String millis(double nanos) {
        double millis = nanos / 1e6;
        return String.format(Locale.ROOT, millis < 10 ? "%.2f" : millis < 100 ? "%.1f" : "%,.0f", millis);
    }

    static String seconds(double seconds) {
        return String.format(Locale.ROOT, "%.1f s", seconds);
    }

    /** @param share 0 to 1 */
    public static String percent(double share) {
        return String.format(Locale.ROOT, "%.0f %%", share * 100);
    }
}
