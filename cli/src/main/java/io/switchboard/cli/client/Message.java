package io.switchboard.cli.client;

/**
 * A message that was read.
 *
 * <p>Over poll and long-poll, text and bytes have no boundaries: there it is one piece, of one message or several.
 */
public final class Message {
    private final String offset;
    private final Kind kind;
    private final byte[] data;

    Message(String offset, Kind kind, byte[] data) {
        this.offset = offset;
        this.kind = kind;
        this.data = data;
    }

    /** Where to resume after it. */
    public String offset() {
        return offset;
    }

    public Kind kind() {
        return kind;
    }

    /** As published: a JSON text, UTF-8, or bytes. Not copied; nobody changes it. */
    public byte[] data() {
        return data;
    }
}
