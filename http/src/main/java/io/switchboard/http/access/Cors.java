package io.switchboard.http.access;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.util.AsciiString;
import io.switchboard.http.Request;
import io.switchboard.http.Response;
import java.util.Set;

/**
 * Which web pages may use the server: the origins listed, compared exactly, or all of them (WHATWG Fetch,
 * CORS protocol).
 *
 * @param any every origin may
 * @param origins those that may otherwise
 * @param credentials whether those that are listed may have browsers send credentials by themselves
 */
public record Cors(boolean any, Set<String> origins, boolean credentials) {
    private static final AsciiString ANY = AsciiString.cached("*");
    private static final String EXPOSED = "Stream-Next-Offset, Stream-Cursor, Stream-Up-To-Date, Stream-Closed, "
            + "Stream-SSE-Data-Encoding, Stream-Earliest-Offset, Stream-Previous-Offset, Stream-Heartbeat, Stream-TTL, "
            + "Stream-Expires-At, Producer-Epoch, Producer-Seq, Producer-Expected-Seq, Producer-Received-Seq, "
            + "ETag, Location, Content-Range, Accept-Ranges, Retry-After, WWW-Authenticate";
    private static final String ACCEPTED = "Content-Type, Accept, Authorization, If-None-Match, If-Range, Range, "
            + "Cache-Control, Last-Event-ID, Stream-Seq, Stream-TTL, Stream-Expires-At, Stream-Closed, "
            + "Stream-Forked-From, Stream-Fork-Offset, Stream-Fork-Sub-Offset, Producer-Id, Producer-Epoch, "
            + "Producer-Seq";
    private static final String PREFLIGHT_SECONDS = "600";
    private static final String TRUE = "true";
    private static final String FETCH_SITE = "Sec-Fetch-Site";

    public Cors {
        origins = Set.copyOf(origins);
    }

    /** Adds to a response what lets the request's page see it, if it may. */
    public void apply(Request request, Response response) {
        if (any) {
            // Without credentials a star exposes every field (WHATWG Fetch, 3.3.4).
            response.with(HttpHeaderNames.ACCESS_CONTROL_ALLOW_ORIGIN, ANY)
                    .with(HttpHeaderNames.ACCESS_CONTROL_EXPOSE_HEADERS, ANY);
            return;
        }
        response.headers().add(HttpHeaderNames.VARY, HttpHeaderNames.ORIGIN);
        String origin = request.header(HttpHeaderNames.ORIGIN);
        if (origin == null || !origins.contains(origin)) return;
        response.with(HttpHeaderNames.ACCESS_CONTROL_ALLOW_ORIGIN, origin)
                .with(HttpHeaderNames.ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
        if (credentials) response.with(HttpHeaderNames.ACCESS_CONTROL_ALLOW_CREDENTIALS, TRUE);
    }

    /** Whether the request comes from no page, from one of this server, or from one that may use it. */
    public boolean lets(Request request) {
        String origin = request.header(HttpHeaderNames.ORIGIN);
        return any || origin == null || origins.contains(origin) || isOwn(origin, request);
    }

    /**
     * Whether what a browser added by itself may speak for its user: on a page of this server or of one that is listed.
     * A star is no list. Requests without an {@code Origin} are judged by {@code Sec-Fetch-Site}, where it is told.
     */
    boolean trusts(Request request) {
        String origin = request.header(HttpHeaderNames.ORIGIN);
        if (origin != null) return origins.contains(origin) || isOwn(origin, request);
        String site = request.header(FETCH_SITE);
        return site == null || site.equals("same-origin") || site.equals("none");
    }

    /** Whether the request comes from a page of another origin than this server. */
    public boolean isForeign(Request request) {
        String origin = request.header(HttpHeaderNames.ORIGIN);
        return origin != null && !isOwn(origin, request);
    }

    private static boolean isOwn(String origin, Request request) {
        String host = request.header(HttpHeaderNames.HOST);
        return host != null
                && (origin.equalsIgnoreCase("http://" + host) || origin.equalsIgnoreCase("https://" + host));
    }

    /** The answer to OPTIONS: for a page that may not, one that permits nothing. */
    public Response preflight(Request request, String methods) {
        Response response = Response.of(204).with(HttpHeaderNames.ALLOW, methods);
        String origin = request.header(HttpHeaderNames.ORIGIN);
        if (any || (origin != null && origins.contains(origin))) {
            response.with(HttpHeaderNames.ACCESS_CONTROL_ALLOW_METHODS, methods)
                    .with(HttpHeaderNames.ACCESS_CONTROL_ALLOW_HEADERS, ACCEPTED)
                    .with(HttpHeaderNames.ACCESS_CONTROL_MAX_AGE, PREFLIGHT_SECONDS);
        }
        return response;
    }
}
