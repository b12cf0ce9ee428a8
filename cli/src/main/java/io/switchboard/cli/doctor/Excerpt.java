package io.switchboard.cli.doctor;

import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What others said, so that it can be shown: short, on one line, and without anything that moves a terminal. */
final class Excerpt {
    private static final int LENGTH_MAX = 80;

    /** Of an address of IPv6 as the JDK writes it: lower case, all eight groups, none with zeros in front. */
    private static final Pattern ZERO_GROUPS = Pattern.compile("(?<![0-9a-f])0(:0)+(?![0-9a-f])");

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

    /** Such as {@code 127.0.0.1} or {@code 2001:db8::1}. */
    static String of(InetAddress address) {
        return shortened(address.getHostAddress());
    }

    /** Of an address as the JDK writes it, with the first of the longest runs of zeros left out (RFC 5952). */
    static String shortened(String address) {
        int from = 0;
        int to = 0;
        for (Matcher zeros = ZERO_GROUPS.matcher(address); zeros.find(); ) {
            if (zeros.end() - zeros.start() <= to - from) continue;
            from = zeros.start();
            to = zeros.end();
        }
        if (to == 0) return address;
        return address.substring(0, Math.max(0, from - 1)) + "::"
                + address.substring(Math.min(to + 1, address.length()));
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
