package io.switchboard.core.channel;

/**
 * The messages of one append, as bytes laid end to end. Owner: whoever appends; nobody changes the
 * arrays afterwards.
 *
 * @param bytes all messages, in order, without separators
 * @param ends where each message ends in {@code bytes}; ascending
 */
@SuppressWarnings("ArrayRecordComponent") // a carrier on the hot path; compared by nobody
public record Payloads(byte[] bytes, int[] ends) {
    public static final Payloads NONE = new Payloads(new byte[0], new int[0]);

    public static Payloads one(byte[] message) {
        return new Payloads(message, new int[] {message.length});
    }

    public int count() {
        return ends.length;
    }
}
