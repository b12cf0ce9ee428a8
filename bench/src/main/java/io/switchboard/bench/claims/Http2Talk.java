package io.switchboard.bench.claims;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.DefaultHttp2HeadersEncoder;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersEncoder;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.Locale;

/**
 * One connection of HTTP/2 without TLS (RFC 9113, section 3.3) that asks for one thing at a time, and counts its bytes. It says
 * of itself what Chromium does, and packs its fields as browsers do: all of them indexed, texts in Huffman's code.
 */
final class Http2Talk implements AutoCloseable {
    private static final int DATA = 0;
    private static final int HEADERS = 1;
    private static final int SETTINGS = 4;
    private static final int PING = 6;
    private static final int GOAWAY = 7;
    private static final int RST_STREAM = 3;
    private static final int CONTINUATION = 9;
    private static final int ACK = 1;
    private static final int END_STREAM = 1;
    private static final int END_HEADERS = 4;
    private static final int PADDED = 8;
    private static final int PRIORITY = 32;
    private static final int FRAME_HEAD = 9;
    private static final int FRAME_BYTES_MAX = 16_384;
    private static final int TABLE_HINT = 64;
    /** Texts of any length are packed. */
    private static final int HUFFMAN_FROM = 0;

    private static final int HEADER_LIST_BYTES = 262_144;

    private final URI server;
    private final CountedSocket socket = new CountedSocket();
    private final DataInputStream in;
    private final OutputStream out;
    private final DefaultHttp2HeadersEncoder encoder =
            new DefaultHttp2HeadersEncoder(Http2HeadersEncoder.NEVER_SENSITIVE, false, TABLE_HINT, HUFFMAN_FROM);
    private final DefaultHttp2HeadersDecoder decoder = new DefaultHttp2HeadersDecoder(false, HEADER_LIST_BYTES);
    private int stream = -1;

    /**
     * What one exchange took on the wire.
     *
     * @param requestBytes of the frames that asked
     * @param replyBytes of those that answered, without the body itself
     */
    record Exchange(int status, int requestBytes, int replyBytes) {}

    private Http2Talk(URI server) throws IOException {
        this.server = server;
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(Talk.ANSWER_MILLIS_MAX);
        socket.connect(new InetSocketAddress(server.getHost(), server.getPort()), Talk.ANSWER_MILLIS_MAX);
        in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
        out = socket.getOutputStream();
    }

    /** Opens it, and agrees on settings. */
    static Http2Talk open(URI server) throws IOException {
        Http2Talk talk = new Http2Talk(server);
        try {
            talk.begin();
            return talk;
        } catch (IOException failed) {
            talk.close();
            throw failed;
        }
    }

    /** Both ways since it began. */
    long bytes() {
        return socket.bytesIn() + socket.bytesOut();
    }

    private void begin() throws IOException {
        ByteBuf bytes = Unpooled.buffer();
        bytes.writeCharSequence("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", US_ASCII);
        frameHead(bytes, 24, SETTINGS, 0, 0);
        setting(bytes, 1, 65_536); // the table of fields
        setting(bytes, 2, 0); // no pushes
        setting(bytes, 4, 6_291_456); // the window of a stream
        setting(bytes, 6, HEADER_LIST_BYTES);
        frameHead(bytes, 4, 8, 0, 0);
        bytes.writeInt(15_663_105); // the window of all
        write(bytes);
        boolean told = false;
        boolean heard = false;
        while (!told || !heard) {
            Frame frame = frame();
            if (frame.type == SETTINGS && (frame.flags & ACK) != 0) heard = true;
            else if (frame.type == SETTINGS) told = true;
        }
    }

    private static void setting(ByteBuf bytes, int id, int value) {
        bytes.writeShort(id).writeInt(value);
    }

    private static void frameHead(ByteBuf bytes, int length, int type, int flags, int stream) {
        bytes.writeMedium(length).writeByte(type).writeByte(flags).writeInt(stream);
    }

    private void write(ByteBuf bytes) throws IOException {
        out.write(ByteBufUtil.getBytes(bytes));
        out.flush();
    }

    private static final class Frame {
        final int type;
        final int flags;
        final int stream;
        final byte[] payload;

        Frame(int type, int flags, int stream, byte[] payload) {
            this.type = type;
            this.flags = flags;
            this.stream = stream;
            this.payload = payload;
        }
    }

    /** The next one; settings and pings are answered. */
    private Frame frame() throws IOException {
        int length = in.readUnsignedByte() << 16 | in.readUnsignedShort();
        int type = in.readUnsignedByte();
        int flags = in.readUnsignedByte();
        int of = in.readInt() & Integer.MAX_VALUE;
        if (length > FRAME_BYTES_MAX) throw new IOException("A frame of " + length + " bytes came.");
        byte[] payload = new byte[length];
        in.readFully(payload);
        if (type == GOAWAY || type == RST_STREAM) throw new IOException("The server ended an exchange of HTTP/2.");
        if ((type == SETTINGS || type == PING) && (flags & ACK) == 0) {
            if (type == SETTINGS) tableSize(payload);
            ByteBuf bytes = Unpooled.buffer();
            byte[] back = type == PING ? payload : new byte[0];
            frameHead(bytes, back.length, type, ACK, 0);
            write(bytes.writeBytes(back));
        }
        return new Frame(type, flags, of, payload);
    }

    // What the server says of its table holds for what is packed here.
    private void tableSize(byte[] settings) throws IOException {
        ByteBuf bytes = Unpooled.wrappedBuffer(settings);
        while (bytes.readableBytes() >= 6) {
            int id = bytes.readUnsignedShort();
            long value = bytes.readUnsignedInt();
            try {
                if (id == 1) encoder.configuration().maxHeaderTableSize(Math.min(value, 65_536));
            } catch (Http2Exception impossible) {
                throw new IOException(impossible);
            }
        }
    }

    /**
     * Asks, and waits for the whole answer.
     *
     * @param fields further ones as HTTP/1.1 has them, each with its line's end
     */
    Exchange get(String path, String fields) throws IOException {
        try {
            stream += 2;
            ByteBuf block = Unpooled.buffer();
            encoder.encodeHeaders(stream, headers(path, fields), block);
            ByteBuf bytes = Unpooled.buffer();
            frameHead(bytes, block.readableBytes(), HEADERS, END_HEADERS | END_STREAM, stream);
            bytes.writeBytes(block);
            int asked = bytes.readableBytes();
            write(bytes);
            return answer(asked);
        } catch (Http2Exception nonsense) {
            throw new IOException(nonsense);
        }
    }

    private Exchange answer(int asked) throws IOException, Http2Exception {
        int status = 0;
        int replyBytes = 0;
        while (true) {
            Frame frame = frame();
            if (frame.stream != stream) continue;
            replyBytes += FRAME_HEAD;
            switch (frame.type) {
                case HEADERS -> {
                    replyBytes += frame.payload.length;
                    if ((frame.flags & (PADDED | PRIORITY)) != 0 || (frame.flags & END_HEADERS) == 0) {
                        throw new IOException("The head of an answer of HTTP/2 is longer than looked for.");
                    }
                    Http2Headers head = decoder.decodeHeaders(stream, Unpooled.wrappedBuffer(frame.payload));
                    if (head.status() != null)
                        status = Integer.parseInt(head.status().toString());
                }
                case CONTINUATION -> throw new IOException("The head of an answer of HTTP/2 came in pieces.");
                case DATA -> {}
                default -> replyBytes += frame.payload.length;
            }
            boolean last = (frame.type == HEADERS || frame.type == DATA) && (frame.flags & END_STREAM) != 0;
            if (last) return new Exchange(status, asked, replyBytes);
        }
    }

    private Http2Headers headers(String path, String fields) {
        Http2Headers headers = new DefaultHttp2Headers()
                .method("GET")
                .authority(server.getRawAuthority())
                .scheme("http")
                .path(path);
        for (String line : fields.lines().toList()) {
            int colon = line.indexOf(':');
            String name = line.substring(0, Math.max(0, colon)).toLowerCase(Locale.ROOT);
            if (colon > 0 && !name.equals("connection"))
                headers.add(name, line.substring(colon + 1).strip());
        }
        return headers;
    }

    @Override
    public void close() {
        try {
            encoder.close();
            socket.close();
        } catch (IOException gone) {
            // as good as closed
        }
    }
}
