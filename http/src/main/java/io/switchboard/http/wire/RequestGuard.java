package io.switchboard.http.wire;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.PrematureChannelClosureException;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.netty.util.AsciiString;
import io.netty.util.ReferenceCountUtil;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Lets only requests through whose meaning is beyond doubt (RFC 9112, sections 3, 6 and 11.2; RFC 9110,
 * section 7.2): where two readers could disagree on where a request ends or whom it is for, there is an
 * attack. It stands right behind {@link RequestDecoder}.
 *
 * <p>Of a request that is refused, the next handler gets a {@link Problem} in place of the message that
 * made it so, which may be a head or a later part of a body; it answers in its turn and closes the
 * connection. Whatever comes after is dropped: nobody knows where the next request would begin.
 *
 * <p>A target in absolute form arrives in origin form, its authority as the {@code Host}. Belongs to its
 * connection's loop.
 */
public final class RequestGuard extends ChannelInboundHandlerAdapter {
    private static final Set<HttpMethod> METHODS = Set.of(
            HttpMethod.GET,
            HttpMethod.HEAD,
            HttpMethod.PUT,
            HttpMethod.POST,
            HttpMethod.DELETE,
            HttpMethod.OPTIONS,
            HttpMethod.PATCH,
            HttpMethod.TRACE);

    /** Fields of which a second one could mean something else to another reader. */
    private static final List<AsciiString> SINGLE = List.of(
            HttpHeaderNames.AUTHORIZATION,
            HttpHeaderNames.CONTENT_TYPE,
            HttpHeaderNames.EXPECT,
            HttpHeaderNames.ORIGIN,
            HttpHeaderNames.RANGE,
            HttpHeaderNames.SEC_WEBSOCKET_KEY,
            HttpHeaderNames.SEC_WEBSOCKET_VERSION);

    /**
     * What says, in the head of a request that came over HTTP/2, to what its stream is to be given (RFC 8441, section 4).
     * No field of HTTP/1.1 has such a name.
     */
    public static final AsciiString PROTOCOL = AsciiString.cached(":protocol");

    private static final AsciiString HIXIE_KEY = AsciiString.cached("sec-websocket-key1");

    private static final Problem MALFORMED = invalid("The request is not HTTP/1.1 as RFC 9112 has it.");
    private static final Problem BAD_CHUNK = invalid("The body of the request is not in chunked coding.");
    private static final Problem BAD_TARGET = invalid(
            "The target of a request is a path with a query, in visible ASCII characters and without a fragment.");
    private static final Problem BAD_HOST =
            invalid("A request has exactly one Host field, a name with or without port.");
    private static final Problem BAD_LENGTH = invalid("A Content-Length field is one decimal number.");
    private static final Problem TWO_FRAMINGS =
            invalid("A request has a Content-Length or a Transfer-Encoding, not both.");
    private static final Problem OLD_CODING = invalid("HTTP/1.0 has no Transfer-Encoding.");
    private static final Problem OLD_WEBSOCKET =
            invalid("WebSocket is spoken as RFC 6455 has it, not as the drafts before.");
    private static final Problem UNKNOWN_CODING =
            Problem.of(ErrorCode.NOT_IMPLEMENTED, "The only transfer coding is chunked, once.");
    private static final Problem UNKNOWN_METHOD =
            Problem.of(ErrorCode.NOT_IMPLEMENTED, "Methods are GET, HEAD, PUT, POST, DELETE and OPTIONS.");
    /** For CONNECT. */
    public static final Problem NO_TUNNELS = Problem.of(ErrorCode.METHOD_NOT_ALLOWED, "This is no proxy.");

    private static final Problem OTHER_VERSION =
            Problem.of(ErrorCode.VERSION_NOT_SUPPORTED, "The versions here are HTTP/1.1 and HTTP/1.0.");
    private static final Problem LONG_LINE = Problem.of(ErrorCode.URI_TOO_LONG, "The request line is too long.");
    private static final Problem LONG_HEADER =
            Problem.of(ErrorCode.HEADERS_TOO_LARGE, "The header of the request is too large.");
    private static final Problem OTHER_EXPECTATION =
            Problem.of(ErrorCode.EXPECTATION_FAILED, "The only expectation is 100-continue.");

    private boolean refused;

    private static Problem invalid(String detail) {
        return Problem.of(ErrorCode.INVALID, detail);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (refused) {
            ReferenceCountUtil.release(message);
            return;
        }
        if (isCutOff(message)) {
            refused = true;
            ReferenceCountUtil.release(message);
            return;
        }
        Problem problem = problemWith(message);
        if (problem == null) {
            ctx.fireChannelRead(message);
            return;
        }
        refused = true;
        ReferenceCountUtil.release(message);
        ctx.fireChannelRead(problem);
    }

    // The peer has gone in the middle of a request: there is nobody to tell.
    private static boolean isCutOff(Object message) {
        return message instanceof HttpRequest head
                && head.decoderResult().cause() instanceof PrematureChannelClosureException;
    }

    private static @Nullable Problem problemWith(Object message) {
        if (message instanceof HttpRequest head) {
            return head.decoderResult().isSuccess() ? problemWithHead(head) : problemWithUndecoded(head);
        }
        if (message instanceof HttpContent content && !content.decoderResult().isSuccess()) {
            Throwable cause = content.decoderResult().cause();
            if (cause instanceof RequestDecoder.Refusal refusal) return refusal.problem();
            return cause instanceof TooLongHttpHeaderException ? LONG_HEADER : BAD_CHUNK;
        }
        return null;
    }

    private static Problem problemWithUndecoded(HttpRequest head) {
        DecoderResult result = head.decoderResult();
        if (result.cause() instanceof RequestDecoder.Refusal refusal) return refusal.problem();
        if (result.cause() instanceof TooLongHttpLineException) return LONG_LINE;
        if (result.cause() instanceof TooLongHttpHeaderException) return LONG_HEADER;
        // Netty refuses most bad framings itself, without saying which; the fields it read so far tell.
        Problem version = problemWithVersion(head.protocolVersion());
        if (version != null) return version;
        Problem framing = problemWithFraming(head.protocolVersion(), head.headers());
        return framing == null ? MALFORMED : framing;
    }

    private static @Nullable Problem problemWithHead(HttpRequest head) {
        HttpHeaders headers = head.headers();
        Problem problem = problemWithVersion(head.protocolVersion());
        if (problem == null) problem = problemWithMethod(head.method());
        if (problem == null) problem = problemWithFraming(head.protocolVersion(), headers);
        if (problem == null && headers.contains(PROTOCOL)) problem = MALFORMED;
        return problem == null ? problemWithMeaning(head) : problem;
    }

    /** What speaks against a head, whichever version of HTTP it came in; null if nothing does. */
    public static @Nullable Problem problemWithMeaning(HttpRequest head) {
        HttpHeaders headers = head.headers();
        Problem problem = problemWithMethod(head.method());
        if (problem == null) problem = problemWithHost(head.protocolVersion(), headers);
        if (problem == null) problem = problemWithTarget(head);
        if (problem == null) problem = problemWithRepeats(headers);
        if (problem == null) problem = problemWithExpectation(head.protocolVersion(), headers);
        return problem;
    }

    private static @Nullable Problem problemWithVersion(HttpVersion version) {
        return version.equals(HttpVersion.HTTP_1_1) || version.equals(HttpVersion.HTTP_1_0) ? null : OTHER_VERSION;
    }

    private static @Nullable Problem problemWithMethod(HttpMethod method) {
        if (METHODS.contains(method)) return null;
        return method.equals(HttpMethod.CONNECT) ? NO_TUNNELS : UNKNOWN_METHOD;
    }

    private static @Nullable Problem problemWithFraming(HttpVersion version, HttpHeaders headers) {
        List<String> lengths = headers.getAll(HttpHeaderNames.CONTENT_LENGTH);
        List<String> codings = headers.getAll(HttpHeaderNames.TRANSFER_ENCODING);
        if (!codings.isEmpty()) {
            if (version.equals(HttpVersion.HTTP_1_0)) return OLD_CODING;
            if (!lengths.isEmpty()) return TWO_FRAMINGS;
            if (codings.size() > 1 || !HttpHeaderValues.CHUNKED.contentEqualsIgnoreCase(codings.getFirst())) {
                return UNKNOWN_CODING;
            }
        }
        if (lengths.size() > 1 || (lengths.size() == 1 && !isLength(lengths.getFirst()))) return BAD_LENGTH;
        // Netty would take eight bytes behind such a request for its body.
        return headers.contains(HIXIE_KEY) ? OLD_WEBSOCKET : null;
    }

    /** Whether {@code value} is a {@code Content-Length}. */
    public static boolean isLength(String value) {
        if (value.isEmpty() || value.length() > 18) return false;
        for (int i = 0; i < value.length(); i++) {
            if (value.charAt(i) < '0' || value.charAt(i) > '9') return false;
        }
        return true;
    }

    private static @Nullable Problem problemWithHost(HttpVersion version, HttpHeaders headers) {
        List<String> hosts = headers.getAll(HttpHeaderNames.HOST);
        if (hosts.isEmpty() && version.equals(HttpVersion.HTTP_1_0)) return null;
        return hosts.size() == 1 && isAuthority(hosts.getFirst()) ? null : BAD_HOST;
    }

    private static @Nullable Problem problemWithRepeats(HttpHeaders headers) {
        for (AsciiString name : SINGLE) {
            if (headers.contains(name) && headers.getAll(name).size() > 1) {
                return invalid("A request has at most one " + name + " field.");
            }
        }
        return null;
    }

    private static @Nullable Problem problemWithExpectation(HttpVersion version, HttpHeaders headers) {
        String expect = headers.get(HttpHeaderNames.EXPECT);
        if (expect == null || version.equals(HttpVersion.HTTP_1_0)) return null;
        return HttpHeaderValues.CONTINUE.contentEqualsIgnoreCase(expect) ? null : OTHER_EXPECTATION;
    }

    private static @Nullable Problem problemWithTarget(HttpRequest head) {
        String target = head.uri();
        for (int i = 0; i < target.length(); i++) {
            char c = target.charAt(i);
            if (c <= ' ' || c >= 0x7f || c == '#') return BAD_TARGET;
        }
        if (target.startsWith("/")) return null;
        if (target.equals("*")) return head.method().equals(HttpMethod.OPTIONS) ? null : BAD_TARGET;
        return inOriginForm(head, target) ? null : BAD_TARGET;
    }

    /** Turns {@code http://host/path} into {@code /path} with that host (RFC 9112, section 3.2.2). */
    private static boolean inOriginForm(HttpRequest head, String target) {
        int start;
        if (target.regionMatches(true, 0, "http://", 0, 7)) start = 7;
        else if (target.regionMatches(true, 0, "https://", 0, 8)) start = 8;
        else return false;
        int end = start;
        while (end < target.length() && target.charAt(end) != '/' && target.charAt(end) != '?') end++;
        String authority = target.substring(start, end);
        if (!isAuthority(authority)) return false;
        String rest = target.substring(end);
        head.headers().set(HttpHeaderNames.HOST, authority);
        head.setUri(rest.startsWith("/") ? rest : "/" + rest);
        return true;
    }

    /** Whether {@code text} is a host, not empty and without user, and perhaps a port (RFC 3986, section 3.2). */
    private static boolean isAuthority(String text) {
        int hostEnd;
        if (text.startsWith("[")) {
            hostEnd = text.indexOf(']') + 1;
            if (hostEnd < 4) return false;
            for (int i = 1; i < hostEnd - 1; i++) {
                if (Character.digit(text.charAt(i), 16) < 0 && ":.".indexOf(text.charAt(i)) < 0) return false;
            }
        } else {
            hostEnd = text.indexOf(':');
            if (hostEnd < 0) hostEnd = text.length();
            if (hostEnd == 0 || hostEnd > 255) return false;
            for (int i = 0; i < hostEnd; i++) {
                if (!isRegisteredName(text.charAt(i))) return false;
            }
        }
        if (hostEnd == text.length()) return true;
        if (text.charAt(hostEnd) != ':' || text.length() - hostEnd > 6) return false;
        int port = 0;
        for (int i = hostEnd + 1; i < text.length(); i++) {
            int digit = text.charAt(i) - '0';
            if (digit < 0 || digit > 9) return false;
            port = port * 10 + digit;
        }
        return port <= 65_535;
    }

    private static boolean isRegisteredName(char c) {
        return (c >= 'a' && c <= 'z')
                || (c >= 'A' && c <= 'Z')
                || (c >= '0' && c <= '9')
                || "-._~%!$&'()*+;=".indexOf(c) >= 0;
    }
}
