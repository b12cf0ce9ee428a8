package io.switchboard.bench;

import java.util.Arrays;

/**
 * Finds stamped messages in bytes, whatever stands between them and wherever the bytes are cut: the mark, the digits
 * behind it, and then nothing until the message is over, as all messages of a run have one length. One thread.
 */
final class StampReader {
    /** Is told of each message, once its stamp is there. */
    interface Sink {
        void stamp(int publisher, long sequence, long nanos);
    }

    private static final byte[] VALUES = new byte[128];

    static {
        Arrays.fill(VALUES, (byte) -1);
        for (int i = 0; i < 16; i++) VALUES["0123456789abcdef".charAt(i)] = (byte) i;
    }

    private final int rest; // of a message, behind its stamp
    private int matched; // bytes of the mark
    private int digits; // taken of the stamp
    private int skip; // bytes that belong to a message already told of
    private int publisher;
    private long sequence;
    private long nanos;

    StampReader(int size) {
        rest = size - Stamp.MARK.length - Stamp.DIGITS;
    }

    void feed(byte[] bytes, int from, int to, Sink sink) {
        byte[] mark = Stamp.MARK;
        int at = from;
        while (at < to) {
            if (skip > 0) {
                int length = Math.min(skip, to - at);
                skip -= length;
                at += length;
            } else if (matched < mark.length) {
                byte b = bytes[at++];
                if (b == mark[matched]) matched++;
                else matched = b == mark[0] ? 1 : 0;
            } else {
                take(bytes[at++]);
                if (digits == Stamp.DIGITS) {
                    sink.stamp(publisher, sequence, nanos);
                    skip = rest;
                    reset();
                }
            }
        }
    }

    private void take(byte b) {
        int value = b < 0 ? -1 : VALUES[b];
        if (value < 0) {
            reset(); // somebody else's
            return;
        }
        if (digits < Stamp.PUBLISHER_DIGITS) publisher = publisher << 4 | value;
        else if (digits < Stamp.PUBLISHER_DIGITS + Stamp.SEQUENCE_DIGITS) sequence = sequence << 4 | value;
        else nanos = nanos << 4 | value;
        digits++;
    }

    private void reset() {
        matched = 0;
        digits = 0;
        publisher = 0;
        sequence = 0;
        nanos = 0;
    }
}
