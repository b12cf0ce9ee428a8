package io.switchboard.cli.doctor;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;

/** What others said, so that it can be shown: short, on one line, and without anything that moves a terminal. */
final class Excerpt {
    private static final int LENGTH_MAX = 80;

    private Excerpt() {}

    static String of(String text) {
        StringBuilder plain = new StringBuilder();
        for (int i = 0; i < text.length() && plain.length() < LENGTH_MAX; i++) {
            char c = text.charAt(i);
            plain.append(c >= ' ' && c < 0x7f ? c : '?');
        }
        return text.length() > LENGTH_MAX ? plain.append("...").toString() : plain.toString();
    }

    static String of(byte[] bytes) {
        return of(new String(bytes, 0, Math.min(bytes.length, LENGTH_MAX + 1), StandardCharsets.ISO_8859_1));
    }

    /** Such as {@code 12 ms} or {@code 3.1 s}. */
    static String time(Duration duration) {
        long millis = duration.toMillis();
        return millis < 1_000 ? millis + " ms" : String.format(Locale.ROOT, "%.1f s", millis / 1_000.0);
    }

    /** Such as {@code 64 KB}. */
    static String size(long bytes) {
        if (bytes < 1 << 10) return bytes + " bytes";
        return bytes < 1 << 20 ? Math.ceilDiv(bytes, 1 << 10) + " KB" : Math.ceilDiv(bytes, 1 << 20) + " MB";
    }
}
