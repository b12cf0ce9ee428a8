package io.switchboard.http.http2;

import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import io.switchboard.http.wire.Problem;

/** What the fields of a request were found to say, see {@link HeadReader}. */
public sealed interface RequestHead {
    /** What stands for HTTP/2 in a request that has the form of HTTP/1.1. */
    HttpVersion VERSION = HttpVersion.valueOf("HTTP/2.0");

    /**
     * A request.
     *
     * @param contentLength as announced; -1 if it was not
     */
    record Accepted(HttpRequest head, long contentLength) implements RequestHead {}

    /** It is clear where the request ends and whom it is from, but it is not answered as it wishes. */
    record Refused(Problem problem) implements RequestHead {}

    /** No request at all: a stream error of type PROTOCOL_ERROR (RFC 9113, section 8.1.1). */
    record Malformed() implements RequestHead {}
}
