package io.switchboard.http.live;

import io.switchboard.core.channel.Block;
import io.switchboard.core.channel.ChannelName;
import io.switchboard.core.channel.ContentType;
import io.switchboard.core.channel.Offset;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import tools.jackson.core.io.JsonStringEncoder;

/** The events of the shared line, as bytes; gathers those that go out together. */
final class LiveEvents {
    private static final byte[] DATA_LINE = ascii("\ndata:");

    private final ByteArrayOutputStream out = new ByteArrayOutputStream(512);

    byte[] bytes() {
        return out.toByteArray();
    }

    /** One message in its envelope (spec/protocol.md, section 4). */
    void message(String id, ChannelName channel, String offset, ContentType type, Block block, int index) {
        write("id:" + id + "\ndata:{\"channel\":\"" + channel + "\",\"offset\":\"" + offset + "\",");
        int start = block.start(index);
        int end = block.end(index);
        switch (type.kind()) {
            case JSON -> {
                write("\"data\":");
                json(block.bytes(), start, end);
            }
            case TEXT -> {
                String text = new String(block.bytes(), start, end - start, StandardCharsets.UTF_8);
                write("\"data\":\"");
                out.writeBytes(JsonStringEncoder.getInstance().quoteAsUTF8(text));
                out.write('"');
            }
            case BINARY -> {
                write("\"base64\":\"");
                out.writeBytes(Base64.getEncoder().encode(block.message(index)));
                out.write('"');
            }
        }
        write("}\n\n");
    }

    // A line break between the tokens of a JSON value becomes one between lines of data.
    private void json(byte[] bytes, int start, int end) {
        for (int i = start; i < end; i++) {
            byte b = bytes[i];
            if (b == '\r' || b == '\n') {
                if (b == '\r' && i + 1 < end && bytes[i + 1] == '\n') i++;
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
