package io.switchboard.http.pages;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.util.AsciiString;
import io.switchboard.http.Request;
import io.switchboard.http.Responder;
import io.switchboard.http.Response;
import io.switchboard.http.wire.ETags;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;

/**
 * GET and HEAD of the pages a server shows: a fixed set of paths, compared as they come, so that no path leads
 * anywhere else. Any loop may call it.
 */
public final class PageHandler {
    /**
     * A file to serve.
     *
     * @param path its whole path
     */
    @SuppressWarnings("ArrayRecordComponent") // a carrier; compared by nobody
    public record Page(String path, String contentType, byte[] bytes) {}

    // Names of assets stay the same from version to version, so a browser asks each time, and gets 304.
    private static final AsciiString ASK_EACH_TIME = AsciiString.cached("no-cache");

    private static final AsciiString POLICY_NAME = AsciiString.cached("Content-Security-Policy");
    private static final AsciiString REFERRER_NAME = AsciiString.cached("Referrer-Policy");
    private static final AsciiString NO_REFERRER = AsciiString.cached("no-referrer");

    private record Asset(String contentType, String etag, ByteBuf bytes) {}

    private final Map<String, Asset> assets;
    private final AsciiString policy;

    /** @param talksTo further sources of {@code connect-src}, each behind a blank; empty for this server alone */
    public PageHandler(Collection<Page> pages, String talksTo) {
        policy = policy(talksTo);
        Map<String, Asset> byPath = new HashMap<>();
        for (Page page : pages) {
            // Never released: all answers share the bytes.
            ByteBuf bytes = Unpooled.unreleasableBuffer(
                    Unpooled.wrappedBuffer(page.bytes()).asReadOnly());
            byPath.put(page.path(), new Asset(page.contentType(), etag(page.bytes()), bytes));
        }
        assets = Map.copyOf(byPath);
    }

    // What a page loads, runs and talks to is this server; nothing stands in the markup itself, and nobody frames it.
    private static AsciiString policy(String talksTo) {
        return AsciiString.cached("default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
                + "connect-src 'self'" + talksTo + "; base-uri 'none'; form-action 'none'; frame-ancestors 'none'");
    }

    /** Whether there is a page at {@code path}. */
    public boolean has(String path) {
        return assets.containsKey(path);
    }

    /** Answers a GET or HEAD of a path that {@link #has} one. */
    public void handle(Request request, Responder responder) {
        Asset asset = assets.get(request.path());
        if (asset == null) throw new IllegalArgumentException("no page at " + request.path());
        boolean known = ETags.matchesAny(request.headers().getAll(HttpHeaderNames.IF_NONE_MATCH), asset.etag());
        Response response = Response.of(known ? 304 : 200)
                .with(HttpHeaderNames.ETAG, asset.etag())
                .with(HttpHeaderNames.CACHE_CONTROL, ASK_EACH_TIME)
                .with(POLICY_NAME, policy)
                .with(REFERRER_NAME, NO_REFERRER);
        if (!known) {
            response.with(HttpHeaderNames.CONTENT_TYPE, asset.contentType())
                    .body(asset.bytes().duplicate());
        }
        responder.send(response);
    }

    private static String etag(byte[] bytes) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(bytes);
            return '"'
                    + Base64.getUrlEncoder()
                            .withoutPadding()
                            .encodeToString(hash)
                            .substring(0, 22)
                    + '"';
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java has SHA-256", e);
        }
    }
}
