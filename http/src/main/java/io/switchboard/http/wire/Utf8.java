package io.switchboard.http.wire;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Strict UTF-8 (RFC 3629): no surrogates, no overlong forms, nothing above U+10FFFF, nothing cut off. */
public final class Utf8 {
    static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    static final long HIGH_BITS = 0x8080808080808080L;

    private Utf8() {}

    /** Whether the bytes {@code from} (inclusive) to {@code to} (exclusive) are UTF-8. */
    public static boolean isValid(byte[] bytes, int from, int to) {
        return wellFormedUntil(bytes, from, to) == to;
    }

    /** Where the first character begins that is not UTF-8, or not there in whole; {@code to} if there is none. */
    public static int wellFormedUntil(byte[] bytes, int from, int to) {
        int at = from;
        while (at < to) {
            if (at + 8 <= to && ((long) LONG.get(bytes, at) & HIGH_BITS) == 0) {
                at += 8;
            } else if (bytes[at] >= 0) {
                at++;
            } else {
                int after = afterCharacter(bytes, at, to);
                if (after < 0) return at;
                at = after;
            }
        }
        return to;
    }

    /** Whether the bytes from {@code at} (inclusive) to {@code to} (exclusive) begin a character that goes on behind them. */
    public static boolean mayContinue(byte[] bytes, int at, int to) {
        int lead = bytes[at] & 0xff;
        if (lead < 0xc2 || lead > 0xf4) return false;
        int length = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
        if (to - at >= length) return false;
        byte[] whole = {bytes[at], at + 1 < to ? bytes[at + 1] : least(lead), (byte) 0x80, (byte) 0x80};
        if (at + 2 < to) whole[2] = bytes[at + 2];
        return afterCharacter(whole, 0, length) == length;
    }

    // The least second byte that may follow.
    private static byte least(int lead) {
        return (byte) (lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80);
    }

    /** Where the character of more than one byte that begins at {@code at} ends; -1 if there is no such character. */
    static int afterCharacter(byte[] bytes, int at, int to) {
        int lead = bytes[at] & 0xff;
        if (lead < 0xc2 || lead > 0xf4) return -1;
        int length = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
        if (to - at < length) return -1;
        int second = bytes[at + 1] & 0xff;
        int least = least(lead) & 0xff; // below: overlong
        int greatest = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf; // above: surrogates, beyond U+10FFFF
        if (second < least || second > greatest) return -1;
        for (int i = 2; i < length; i++) {
            if ((bytes[at + i] & 0xc0) != 0x80) return -1;
        }
        return at + length;
    }
}
