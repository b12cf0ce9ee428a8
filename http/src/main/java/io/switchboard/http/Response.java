package io.switchboard.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.DefaultFileRegion;
import io.netty.channel.FileRegion;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpHeadersFactory;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.switchboard.http.wire.Problem;
import java.nio.channels.FileChannel;
import java.util.ArrayList;
import java.util.List;

/** An answer: status, header fields, and a body that is there already. Used once, by one loop. */
public final class Response {
    /**
     * So much of a file is sent before other sockets have their turn: a client that takes it as fast as it comes
     * would have the loop for as long as there is any.
     */
    static final long PIECE_BYTES = 4 << 20;

    private final int status;
    private final HttpHeaders headers =
            DefaultHttpHeadersFactory.headersFactory().withValidation(false).newHeaders();
    private ByteBuf body = Unpooled.EMPTY_BUFFER;
    private List<FileRegion> files = List.of(); // pieces, and pauses between them
    private long fileBytes;
    private boolean closing;

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

    /**
     * A part of a file as the body, or as what follows in it; the file is given away to this response, which closes it
     * once it is sent or is not going to be. Only where {@link Responder#sendsFiles}.
     *
     * @param position of the first byte
     * @param length in bytes
     * @param closed runs then, once
     */
    public Response file(FileChannel open, long position, long length, Runnable closed) {
        if (files.isEmpty()) files = new ArrayList<>();
        long end = position + length;
        for (long at = position; at < end; at += PIECE_BYTES) {
            if (!files.isEmpty()) files.add(new Pause());
            boolean last = end - at <= PIECE_BYTES;
            files.add(last ? new LastPiece(open, at, end - at, closed) : new Piece(open, at, PIECE_BYTES));
        }
        fileBytes += length;
        return this;
    }

    /** The connection ends with this answer: what the client sent behind its request is not looked at. */
    public Response closing() {
        closing = true;
        return this;
    }

    boolean isClosing() {
        return closing;
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

    /** The length of the body in bytes. */
    long length() {
        return files.isEmpty() ? body.readableBytes() : fileBytes;
    }

    /**
     * What is to be written of it: all, or the end of a response with files, the rest of which is written here.
     *
     * @param bare without the body
     */
    Object begin(ChannelHandlerContext ctx, boolean bare) {
        HttpResponseStatus code = HttpResponseStatus.valueOf(status);
        if (files.isEmpty() || bare) {
            FullHttpResponse whole = new DefaultFullHttpResponse(
                    HttpVersion.HTTP_1_1,
                    code,
                    body,
                    headers,
                    DefaultHttpHeadersFactory.trailersFactory().newEmptyHeaders());
            if (bare) whole.content().clear();
            for (FileRegion file : files) file.release();
            return whole;
        }
        ctx.write(new DefaultHttpResponse(HttpVersion.HTTP_1_1, code, headers), ctx.voidPromise());
        for (FileRegion file : files) ctx.write(file, ctx.voidPromise());
        return LastHttpContent.EMPTY_LAST_CONTENT;
    }

    /** Lets the body go unsent. */
    void release() {
        body.release();
        for (FileRegion file : files) file.release();
    }

    private static final class Piece extends DefaultFileRegion {
        Piece(FileChannel open, long position, long length) {
            super(open, position, length);
        }

        @Override
        protected void deallocate() {} // the last one closes the file
    }

    /** Closes the file, and tells whoever counts those that are open. */
    private static final class LastPiece extends DefaultFileRegion {
        private final Runnable closed;

        LastPiece(FileChannel open, long position, long length, Runnable closed) {
            super(open, position, length);
            this.closed = closed;
        }

        @Override
        protected void deallocate() {
            super.deallocate();
            closed.run();
        }
    }
}
