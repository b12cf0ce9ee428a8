package io.switchboard.http.wire;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Percent-encoding in request targets (RFC 3986, section 2.1). */
final class PercentEncoding {
    private PercentEncoding() {}

    /** {@code raw} decoded once; null if an escape is malformed or the bytes are no UTF-8. */
    static @Nullable String decode(String raw) {
        int escape = raw.indexOf('%');
        boolean ascii = true;
        for (int i = 0; i < raw.length(); i++) ascii &= raw.charAt(i) < 0x80;
        if (!ascii) return null;
        if (escape < 0) return raw;
        byte[] bytes = new byte[raw.length()];
        int length = 0;
        for (int i = 0; i < raw.length(); i++) {
            char c = raw.charAt(i);
            if (c == '%') {
                if (i + 2 >= raw.length()) return null;
                int high = hex(raw.charAt(i + 1));
                int low = hex(raw.charAt(i + 2));
                if (high < 0 || low < 0) return null;
                bytes[length++] = (byte) (high << 4 | low);
                i += 2;
            } else {
                bytes[length++] = (byte) c;
            }
        }
        return Utf8.isValid(bytes, 0, length) ? new String(bytes, 0, length, StandardCharsets.UTF_8) : null;
    }

    private static int hex(char c) {
        if (c >= '0' && c <= '9') return c - '0';
        if (c >= 'a' && c <= 'f') return c - 'a' + 10;
        if (c >= 'A' && c <= 'F') return c - 'A' + 10;
        return -1;
    }
}
