package io.switchboard.client;

import java.util.Base64;
import java.util.Optional;

/**
 * A message as it was published. What it is depends on its channel: {@link #json} in a JSON channel, {@link #text} in a
 * text channel, {@link #bytes} in any other.
 */
public final class Message {
    private final String channel;
    private final String offset;
    private final String data;
    private final boolean binary;
    private final long skipped;
    private final Optional<Gap> gap;

    private Message(String channel, String offset, String data, boolean binary, long skipped, Optional<Gap> gap) {
        this.channel = channel;
        this.offset = offset;
        this.data = data;
        this.binary = binary;
        this.skipped = skipped;
        this.gap = gap;
    }

    Message(Envelope envelope) {
        this(
                envelope.channel(),
                envelope.offset(),
                envelope.data(),
                envelope.binary(),
                envelope.skipped(),
                Optional.empty());
    }

    Message skipping(long messages) {
        return messages == 0 ? this : new Message(channel, offset, data, binary, skipped + messages, gap);
    }

    Message behind(Gap missing) {
        return new Message(channel, offset, data, binary, skipped, Optional.of(missing));
    }

    /** Its length as it is held, for limits. */
    int length() {
        return data.length();
    }

    /** The name of its channel. */
    public String channel() {
        return channel;
    }

    /** Where to resume after it; a text to keep and give back, and not to take apart. */
    public String offset() {
        return offset;
    }

    /** How many messages before it were left out for the rate asked for. */
    public long skipped() {
        return skipped;
    }

    /** What is missing right before it, where it came from a {@code Flow.Publisher}; a listener is told by onGap. */
    public Optional<Gap> gap() {
        return gap;
    }

    /** Whether its channel is neither a JSON nor a text channel: then it is {@link #bytes}. */
    public boolean isBinary() {
        return binary;
    }

    /** The JSON value, verbatim. */
    public String json() {
        if (binary) throw new IllegalStateException("a binary message: take bytes()");
        return data;
    }

    /** The text, of a text channel or of a JSON string. */
    public String text() {
        if (binary || !Json.isString(data)) throw new IllegalStateException("not a text: take json() or bytes()");
        return Json.unquote(data);
    }

    /** The bytes, of a binary channel. */
    public byte[] bytes() {
        if (!binary) throw new IllegalStateException("not a binary message: take json() or text()");
        return Base64.getDecoder().decode(data);
    }

    @Override
    public String toString() {
        return channel + " " + offset;
    }
}
