package io.switchboard.http.wire;

import io.switchboard.core.channel.Block;
import io.switchboard.core.channel.ChannelName;
import io.switchboard.core.channel.ContentType;
import io.switchboard.core.channel.Offset;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/**
 * A message in its envelope (spec/protocol.md, section 4.4): the JSON object that says whose it is, where to resume
 * behind it, and what it holds.
 */
public final class Envelope {
    private static final String DATA = "\"data\":";
    private static final String BASE64 = "\"base64\":";
    private static final int AROUND =
            "{\"channel\":\"\",\"offset\":\"\",}".length() + Offset.LENGTH_MAX + BASE64.length() + 2;

    private Envelope() {}

    /** What an envelope holds beside the message, at most, in bytes. */
    public static int bytesAround(ChannelName channel) {
        return AROUND + channel.value().length();
    }

    /**
     * Message {@code index} of a block.
     *
     * @param type of the channel
     */
    public static byte[] of(ChannelName channel, ContentType type, Block block, int index) {
        return of(channel, type, block, index, 0);
    }

    /** @param skipped how many messages were left out before this one; told if it is not 0 */
    public static byte[] of(ChannelName channel, ContentType type, Block block, int index, long skipped) {
        Offset offset = new Offset(block.generation(), block.firstSequence() + index);
        String head = "{\"channel\":\"" + channel + "\",\"offset\":\"" + offset
                + (skipped > 0 ? "\",\"skipped\":" + skipped + "," : "\",");
        int start = block.start(index);
        int end = block.end(index);
        return switch (type.kind()) {
            case JSON -> value(head + DATA, block.bytes(), start, end);
            case TEXT -> text(head + DATA, block.bytes(), start, end);
            case BINARY -> base64(head + BASE64, block.bytes(), start, end);
        };
    }

    private static byte[] value(String head, byte[] json, int start, int end) {
        byte[] out = begin(head, end - start + 1L);
        System.arraycopy(json, start, out, head.length(), end - start);
        out[out.length - 1] = '}';
        return out;
    }

    private static byte[] text(String head, byte[] utf8, int start, int end) {
        byte[] out = begin(head + "\"", JsonString.length(utf8, start, end) + 2);
        JsonString.write(utf8, start, end, out, head.length() + 1);
        return closeString(out);
    }

    private static byte[] base64(String head, byte[] bytes, int start, int end) {
        ByteBuffer encoded = Base64.getEncoder().encode(ByteBuffer.wrap(bytes, start, end - start));
        byte[] out = begin(head + "\"", encoded.remaining() + 2L);
        encoded.get(out, head.length() + 1, encoded.remaining());
        return closeString(out);
    }

    // What it all takes, with its beginning; names of channels and offsets are ASCII.
    private static byte[] begin(String head, long bytesToCome) {
        byte[] out = new byte[Math.toIntExact(head.length() + bytesToCome)];
        System.arraycopy(head.getBytes(StandardCharsets.ISO_8859_1), 0, out, 0, head.length());
        return out;
    }

    private static byte[] closeString(byte[] out) {
        out[out.length - 2] = '"';
        out[out.length - 1] = '}';
        return out;
    }
}
