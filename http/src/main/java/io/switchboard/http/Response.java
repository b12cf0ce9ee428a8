package io.switchboard.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultHttpHeadersFactory;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.switchboard.http.wire.Problem;

/** An answer: status, header fields, and a body that is there already. Used once, by one loop. */
public final class Response {
    private final int status;
    private final HttpHeaders headers =
            DefaultHttpHeadersFactory.headersFactory().withValidation(false).newHeaders();
    private ByteBuf body = Unpooled.EMPTY_BUFFER;

    private Response(int status) {
        this.status = status;
    }

    public static Response of(int status) {
        return new Response(status);
    }

    /** A refusal in the words of the catalogue. */
    public static Response of(Problem problem) {
        return of(problem.status())
                .with(HttpHeaderNames.CONTENT_TYPE, Problem.CONTENT_TYPE)
                .with(HttpHeaderNames.CACHE_CONTROL, "no-store")
                .body(problem.json());
    }

    /** Adds a header field. The value must have been made here or checked: no control characters. */
    public Response with(CharSequence name, CharSequence value) {
        headers.set(name, value);
        return this;
    }

    public Response body(byte[] bytes) {
        return body(Unpooled.wrappedBuffer(bytes));
    }

    /** The body, given away to this response. */
    public Response body(ByteBuf bytes) {
        body = bytes;
        return this;
    }

    public int status() {
        return status;
    }

    public HttpHeaders headers() {
        return headers;
    }

    ByteBuf body() {
        return body;
    }
}
