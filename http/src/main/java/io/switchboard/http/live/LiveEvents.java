package io.switchboard.http.live;

import io.switchboard.core.channel.Block;
import io.switchboard.core.channel.ChannelName;
import io.switchboard.core.channel.ContentType;
import io.switchboard.core.channel.Offset;
import io.switchboard.http.wire.Envelope;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** The events of the shared line, as bytes; gathers those that go out together. */
final class LiveEvents {
    private static final byte[] DATA_LINE = ascii("\ndata:");

    private final ByteArrayOutputStream out = new ByteArrayOutputStream(512);

    byte[] bytes() {
        return out.toByteArray();
    }

    /** One message in its envelope (spec/protocol.md, section 4.4). */
    void message(String id, ChannelName channel, ContentType type, Block block, int index) {
        write("id:" + id + "\ndata:");
        json(Envelope.of(channel, type, block, index));
        write("\n\n");
    }

    // A line break between the tokens of a JSON value becomes one between lines of data.
    private void json(byte[] bytes) {
        for (int i = 0; i < bytes.length; i++) {
            byte b = bytes[i];
            if (b == '\r' || b == '\n') {
                if (b == '\r' && i + 1 < bytes.length && bytes[i + 1] == '\n') i++;
                out.writeBytes(DATA_LINE);
            } else {
                out.write(b);
            }
        }
    }

    /** Where all channels stand, before the first message: no event for a page, but an id to come back with. */
    void position(String id) {
        write("id:" + id + "\n\n");
    }

    void gap(String id, ChannelName channel, Offset from, Offset to) {
        write("event: gap\nid:" + id + "\ndata:{\"channel\":\"" + channel + "\",\"from\":\"" + from + "\",\"to\":\""
                + to + "\"}\n\n");
    }

    /** @param event {@code closed} or {@code deleted} */
    void ended(String event, ChannelName channel) {
        write("event: " + event + "\ndata:{\"channel\":\"" + channel + "\"}\n\n");
    }

    private void write(String text) {
        out.writeBytes(ascii(text));
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }
}
