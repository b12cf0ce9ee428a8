package io.switchboard.http.http2;

import io.netty.handler.codec.Headers;
import io.netty.handler.codec.http.DefaultHttpHeadersFactory;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValidationUtil;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http2.Http2Headers.PseudoHeaderName;
import io.netty.util.AsciiString;
import io.switchboard.http.wire.ErrorCode;
import io.switchboard.http.wire.Problem;
import io.switchboard.http.wire.RequestGuard;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the fields of a request say, in the form that requests of HTTP/1.1 have (RFC 9113, section 8). The frame reader has
 * looked at each name and value; here it is whether they make one request whose meaning is beyond doubt.
 */
public final class HeadReader {
    /** What all heads have to keep to; 414 or 431 beyond. */
    public record Limits(int targetBytesMax, int fieldsMax, int fieldBytesMax) {}

    /** Fields about one connection, which HTTP/2 has not (RFC 9113, section 8.2.2). */
    static final Set<AsciiString> OF_A_CONNECTION = Set.of(
            HttpHeaderNames.CONNECTION,
            AsciiString.cached("keep-alive"),
            AsciiString.cached("proxy-connection"),
            HttpHeaderNames.TRANSFER_ENCODING,
            HttpHeaderNames.UPGRADE);

    private static final long BAD_LENGTH = -2;
    private static final AsciiString WEBSOCKET = AsciiString.cached("websocket");
    private static final Problem OTHER_PROTOCOL =
            Problem.of(ErrorCode.NOT_IMPLEMENTED, "The only protocol that a stream is given to is websocket.");
    private static final RequestHead MALFORMED = new RequestHead.Malformed();

    private HeadReader() {}

    /**
     * @param fields pseudo-header fields among them
     * @param version of HTTP that the request is said to be of
     * @param whole whether no content follows
     */
    public static RequestHead read(
            Headers<CharSequence, CharSequence, ?> fields, HttpVersion version, boolean whole, Limits limits) {
        CharSequence method = fields.get(PseudoHeaderName.METHOD.value());
        boolean answer = fields.contains(PseudoHeaderName.STATUS.value());
        if (method == null || HttpHeaderValidationUtil.validateToken(method) >= 0 || answer) return MALFORMED;
        CharSequence path = fields.get(PseudoHeaderName.PATH.value());
        CharSequence scheme = fields.get(PseudoHeaderName.SCHEME.value());
        CharSequence authority = fields.get(PseudoHeaderName.AUTHORITY.value());
        CharSequence protocol = fields.get(PseudoHeaderName.PROTOCOL.value());
        boolean connect = HttpMethod.CONNECT.asciiName().contentEquals(method);
        if (connect && protocol == null) {
            boolean tunnel = path == null && scheme == null && authority != null;
            return tunnel ? new RequestHead.Refused(RequestGuard.NO_TUNNELS) : MALFORMED;
        }
        // Extended CONNECT (RFC 8441, section 4), which has no end yet.
        if (protocol != null && (!connect || whole || authority == null)) return MALFORMED;
        if (path == null || scheme == null || !isTarget(path)) return MALFORMED;
        if (path.length() > limits.targetBytesMax()) {
            return new RequestHead.Refused(Problem.of(ErrorCode.URI_TOO_LONG, "The path of the request is too long."));
        }
        if (!isHttp(scheme)) return new RequestHead.Refused(invalid("The scheme of a request is http or https."));
        HttpHeaders headers =
                DefaultHttpHeadersFactory.headersFactory().withValidation(false).newHeaders();
        RequestHead wrong = copy(fields, headers, limits);
        if (wrong != null) return wrong;
        if (protocol != null) return connected(protocol, path, version, headers);
        long length = contentLength(headers);
        if (length == BAD_LENGTH || (whole && length > 0)) return MALFORMED;
        return judged(HttpMethod.valueOf(method.toString()), path, version, headers, length);
    }

    // What asks for a WebSocket is a GET over HTTP/1.1 too.
    private static RequestHead connected(
            CharSequence protocol, CharSequence path, HttpVersion version, HttpHeaders headers) {
        if (!WEBSOCKET.contentEquals(protocol)) return new RequestHead.Refused(OTHER_PROTOCOL);
        headers.set(RequestGuard.PROTOCOL, WEBSOCKET);
        return judged(HttpMethod.GET, path, version, headers, -1);
    }

    private static RequestHead judged(
            HttpMethod method, CharSequence path, HttpVersion version, HttpHeaders headers, long length) {
        HttpRequest head = new DefaultHttpRequest(version, method, path.toString(), headers);
        Problem problem = RequestGuard.problemWithMeaning(head);
        return problem == null ? new RequestHead.Accepted(head, length) : new RequestHead.Refused(problem);
    }

    // One of the two forms a target has without an authority of its own.
    private static boolean isTarget(CharSequence path) {
        return path.length() > 0 && (path.charAt(0) == '/' || (path.length() == 1 && path.charAt(0) == '*'));
    }

    private static boolean isHttp(CharSequence scheme) {
        return AsciiString.contentEqualsIgnoreCase("https", scheme)
                || AsciiString.contentEqualsIgnoreCase("http", scheme);
    }

    private static @Nullable RequestHead copy(
            Headers<CharSequence, CharSequence, ?> fields, HttpHeaders headers, Limits limits) {
        long bytes = 0;
        int count = 0;
        StringBuilder cookies = null;
        for (Map.Entry<CharSequence, CharSequence> field : fields) {
            AsciiString name = AsciiString.of(field.getKey());
            CharSequence value = field.getValue();
            if (PseudoHeaderName.hasPseudoHeaderFormat(name)) continue;
            bytes += name.length() + value.length() + 4L; // as HTTP/1.1 would write it
            if (++count > limits.fieldsMax() || bytes > limits.fieldBytesMax()) {
                return new RequestHead.Refused(tooLarge());
            }
            if (isPadded(value) || OF_A_CONNECTION.contains(name)) return MALFORMED;
            if (name.contentEquals(HttpHeaderNames.TE) && !HttpHeaderValues.TRAILERS.contentEqualsIgnoreCase(value)) {
                return MALFORMED;
            }
            // Cookies may come in pieces, so that they compress better (RFC 9113, section 8.2.3).
            if (name.contentEquals(HttpHeaderNames.COOKIE)) {
                cookies = cookies == null ? new StringBuilder() : cookies.append("; ");
                cookies.append(value);
            } else {
                headers.add(name, value.toString());
            }
        }
        if (cookies != null) headers.add(HttpHeaderNames.COOKIE, cookies.toString());
        return authority(fields.get(PseudoHeaderName.AUTHORITY.value()), headers);
    }

    /** What a header that has more of anything than it may is refused with. */
    public static Problem tooLarge() {
        return Problem.of(ErrorCode.HEADERS_TOO_LARGE, "The header of the request is too large.");
    }

    private static boolean isPadded(CharSequence value) {
        return value.length() > 0 && (isBlank(value.charAt(0)) || isBlank(value.charAt(value.length() - 1)));
    }

    private static boolean isBlank(char c) {
        return c == ' ' || c == '\t';
    }

    // Whom it is for is said in one place, or in two that agree (RFC 9113, section 8.3.1).
    private static @Nullable RequestHead authority(@Nullable CharSequence authority, HttpHeaders headers) {
        if (authority == null) return null;
        List<String> hosts = headers.getAll(HttpHeaderNames.HOST);
        for (String host : hosts) {
            if (!host.contentEquals(authority)) {
                return new RequestHead.Refused(
                        invalid("A request that has :authority and Host says the same in both."));
            }
        }
        headers.set(HttpHeaderNames.HOST, authority.toString());
        return null;
    }

    private static long contentLength(HttpHeaders headers) {
        List<String> lengths = headers.getAll(HttpHeaderNames.CONTENT_LENGTH);
        if (lengths.isEmpty()) return -1;
        String length = lengths.getFirst();
        return lengths.size() == 1 && RequestGuard.isLength(length) ? Long.parseLong(length) : BAD_LENGTH;
    }

    private static Problem invalid(String detail) {
        return Problem.of(ErrorCode.INVALID, detail);
    }
}
