package io.switchboard.http.wire;

import io.netty.util.AsciiString;

/** Header fields of Durable Streams 1.0 (its section 13.2) and of our extensions. */
public final class StreamHeaders {
    public static final AsciiString NEXT_OFFSET = AsciiString.cached("Stream-Next-Offset");
    public static final AsciiString UP_TO_DATE = AsciiString.cached("Stream-Up-To-Date");
    public static final AsciiString CLOSED = AsciiString.cached("Stream-Closed");
    public static final AsciiString CURSOR = AsciiString.cached("Stream-Cursor");
    public static final AsciiString SEQ = AsciiString.cached("Stream-Seq");
    public static final AsciiString TTL = AsciiString.cached("Stream-TTL");
    public static final AsciiString EXPIRES_AT = AsciiString.cached("Stream-Expires-At");
    public static final AsciiString FORKED_FROM = AsciiString.cached("Stream-Forked-From");
    public static final AsciiString FORK_OFFSET = AsciiString.cached("Stream-Fork-Offset");
    public static final AsciiString FORK_SUB_OFFSET = AsciiString.cached("Stream-Fork-Sub-Offset");
    public static final AsciiString SSE_DATA_ENCODING = AsciiString.cached("Stream-SSE-Data-Encoding");
    public static final AsciiString PRODUCER_ID = AsciiString.cached("Producer-Id");
    public static final AsciiString PRODUCER_EPOCH = AsciiString.cached("Producer-Epoch");
    public static final AsciiString PRODUCER_SEQ = AsciiString.cached("Producer-Seq");
    public static final AsciiString PRODUCER_EXPECTED_SEQ = AsciiString.cached("Producer-Expected-Seq");
    public static final AsciiString PRODUCER_RECEIVED_SEQ = AsciiString.cached("Producer-Received-Seq");

    /** Extension: where the retained messages begin; comes with 410. */
    public static final AsciiString EARLIEST_OFFSET = AsciiString.cached("Stream-Earliest-Offset");

    /** Extension: the position before the first message of a {@code ?last=} or {@code ?before=} read. */
    public static final AsciiString PREVIOUS_OFFSET = AsciiString.cached("Stream-Previous-Offset");

    /**
     * Extension: within so many whole seconds something comes of an event stream, and is answered what waits for news.
     */
    public static final AsciiString HEARTBEAT = AsciiString.cached("Stream-Heartbeat");

    public static final AsciiString TRUE = AsciiString.cached("true");

    private StreamHeaders() {}

    /** A time in milliseconds as {@link #HEARTBEAT} says it: in whole seconds, never less than it is. */
    public static String seconds(long millis) {
        return Long.toString(Math.ceilDiv(millis, 1_000));
    }
}
