package io.switchboard.bench;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.util.Arrays;

/**
 * How the tool's messages look: a JSON object of a fixed length that begins with who sent it, which of his messages it
 * is, and when it was meant to be sent.
 *
 * <pre>{"b":"PPPPSSSSSSSSSSTTTTTTTTTTTT","x":"xxx…"}</pre>
 *
 * P, S and T are hexadecimal: the publisher, its sequence from 1, and nanoseconds since the run began. All three have a
 * place of their own, so a message is made by overwriting the one before.
 */
final class Stamp {
    static final byte[] MARK = "{\"b\":\"".getBytes(US_ASCII);
    static final int PUBLISHER_DIGITS = 4;
    static final int SEQUENCE_DIGITS = 10;
    static final int TIME_DIGITS = 12;
    static final int DIGITS = PUBLISHER_DIGITS + SEQUENCE_DIGITS + TIME_DIGITS;

    private static final byte[] BEHIND = "\",\"x\":\"".getBytes(US_ASCII);
    private static final byte[] END = "\"}".getBytes(US_ASCII);
    private static final byte[] HEX = "0123456789abcdef".getBytes(US_ASCII);

    private Stamp() {}

    /** A message of this many bytes, to be written over. */
    static byte[] message(int size) {
        byte[] message = new byte[size];
        Arrays.fill(message, (byte) 'x');
        System.arraycopy(MARK, 0, message, 0, MARK.length);
        System.arraycopy(BEHIND, 0, message, MARK.length + DIGITS, BEHIND.length);
        System.arraycopy(END, 0, message, size - END.length, END.length);
        write(message, 0, 0, 0);
        return message;
    }

    static void write(byte[] message, int publisher, long sequence, long nanos) {
        int at = MARK.length;
        hex(message, at, PUBLISHER_DIGITS, publisher);
        hex(message, at + PUBLISHER_DIGITS, SEQUENCE_DIGITS, sequence);
        hex(message, at + PUBLISHER_DIGITS + SEQUENCE_DIGITS, TIME_DIGITS, nanos);
    }

    private static void hex(byte[] message, int from, int digits, long value) {
        long left = value;
        for (int i = from + digits - 1; i >= from; i--) {
            message[i] = HEX[(int) left & 15];
            left >>>= 4;
        }
    }
}
