package io.switchboard.http.websocket;

import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.util.AsciiString;
import io.switchboard.http.wire.ErrorCode;
import io.switchboard.http.wire.Problem;
import io.switchboard.http.wire.RequestGuard;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a client asks for with a WebSocket handshake over HTTP/1.1 (RFC 6455, section 4.2.1) or HTTP/2 (RFC 8441, section 5).
 *
 * @param accept the value of {@code Sec-WebSocket-Accept}; empty over HTTP/2, which has none
 * @param subprotocols asked for, in the client's order of preference
 * @param deflate compression that could be agreed on; null for none
 */
public record Handshake(
        String accept, List<String> subprotocols, @Nullable Deflate deflate) {
    /** The only version there is. */
    public static final String VERSION = "13";

    public static final AsciiString VERSION_FIELD = AsciiString.cached("sec-websocket-version");
    public static final AsciiString KEY_FIELD = AsciiString.cached("sec-websocket-key");
    private static final String GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"; // RFC 6455, section 1.3
    private static final int KEY_BYTES = 16;

    /** What was made of a request. */
    public sealed interface Result {
        record Accepted(Handshake handshake) implements Result {}

        /** Goes with {@link #VERSION_FIELD} where the problem is {@link ErrorCode#UPGRADE_REQUIRED}. */
        record Refused(Problem problem) implements Result {}
    }

    /** Whether a request is meant for a WebSocket, rightly or not. */
    public static boolean isAsked(HttpHeaders headers) {
        return names(headers, HttpHeaderNames.UPGRADE, "websocket")
                || headers.contains(KEY_FIELD)
                || isConnected(headers);
    }

    /** Whether the stream of the request is to become one, which needs no more than that (RFC 8441, section 5). */
    public static boolean isConnected(HttpHeaders headers) {
        return headers.contains(RequestGuard.PROTOCOL);
    }

    /**
     * @param hasBody whether the request came with content
     * @param compress whether compression may be agreed on
     */
    public static Result of(HttpMethod method, HttpHeaders headers, boolean hasBody, boolean compress) {
        if (!method.equals(HttpMethod.GET) || hasBody) return refused("A WebSocket begins with a GET without a body.");
        boolean connected = isConnected(headers);
        if (!connected
                && !(names(headers, HttpHeaderNames.UPGRADE, "websocket")
                        && names(headers, HttpHeaderNames.CONNECTION, "upgrade"))) {
            return new Result.Refused(Problem.of(
                    ErrorCode.UPGRADE_REQUIRED,
                    "A WebSocket needs HTTP/1.1 with Upgrade: websocket and Connection: Upgrade; a proxy in between"
                            + " may have removed them and must be told to pass them on."));
        }
        if (!VERSION.equals(headers.get(VERSION_FIELD))) {
            return new Result.Refused(Problem.of(
                    ErrorCode.UPGRADE_REQUIRED, "Sec-WebSocket-Version: 13 is the only version spoken here."));
        }
        String key = headers.get(KEY_FIELD);
        if (!connected && (key == null || !isKey(key))) return refused("Sec-WebSocket-Key is 16 bytes in base64.");
        List<String> subprotocols = list(headers.getAll(HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL));
        if (subprotocols == null) return refused("Sec-WebSocket-Protocol is a list of names, each once.");
        Deflate deflate = compress ? Deflate.choose(headers.getAll(HttpHeaderNames.SEC_WEBSOCKET_EXTENSIONS)) : null;
        String accept = connected || key == null ? "" : accept(key);
        return new Result.Accepted(new Handshake(accept, subprotocols, deflate));
    }

    /**
     * What agrees to it: 101, after which there are frames.
     *
     * @param subprotocol one of those asked for; null for none
     * @param date as HTTP writes it
     */
    public FullHttpResponse answer(@Nullable String subprotocol, AsciiString date) {
        FullHttpResponse response =
                new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.SWITCHING_PROTOCOLS);
        HttpHeaders headers = response.headers();
        headers.set(HttpHeaderNames.UPGRADE, HttpHeaderValues.WEBSOCKET);
        headers.set(HttpHeaderNames.CONNECTION, HttpHeaderValues.UPGRADE);
        headers.set(HttpHeaderNames.SEC_WEBSOCKET_ACCEPT, accept);
        agree(subprotocol, date, headers);
        return response;
    }

    /** Adds what the answer says of what was agreed on, in every version of HTTP. */
    public void agree(@Nullable String subprotocol, AsciiString date, HttpHeaders headers) {
        if (subprotocol != null) headers.set(HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL, subprotocol);
        if (deflate != null) headers.set(HttpHeaderNames.SEC_WEBSOCKET_EXTENSIONS, deflate.answer());
        headers.set(HttpHeaderNames.DATE, date);
    }

    private static Result refused(String sentence) {
        return new Result.Refused(Problem.of(ErrorCode.INVALID, sentence));
    }

    /** What proves to the client that its handshake was understood. */
    static String accept(String key) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-1").digest((key + GUID).getBytes(StandardCharsets.ISO_8859_1));
            return Base64.getEncoder().encodeToString(hash);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-1", e);
        }
    }

    private static boolean isKey(String key) {
        if (key.length() != 24) return false;
        try {
            return Base64.getDecoder().decode(key).length == KEY_BYTES;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private static boolean names(HttpHeaders headers, AsciiString field, String wanted) {
        for (String value : headers.getAll(field)) {
            for (String part : value.split(",", -1)) {
                if (part.strip().equalsIgnoreCase(wanted)) return true;
            }
        }
        return false;
    }

    /** The elements of a list of tokens; null if it is none, or names one twice. */
    private static @Nullable List<String> list(List<String> fields) {
        List<String> tokens = new ArrayList<>();
        Set<String> seen = new HashSet<>();
        for (String field : fields) {
            for (String part : field.split(",", -1)) {
                String token = part.strip();
                if (token.isEmpty() || !seen.add(token)) return null;
                for (int i = 0; i < token.length(); i++) {
                    if (!isTokenCharacter(token.charAt(i))) return null;
                }
                tokens.add(token);
            }
        }
        return tokens;
    }

    /** RFC 9110, section 5.6.2. */
    static boolean isTokenCharacter(char c) {
        return (c >= 'a' && c <= 'z')
                || (c >= 'A' && c <= 'Z')
                || (c >= '0' && c <= '9')
                || "!#$%&'*+-.^_`|~".indexOf(c) >= 0;
    }
}
