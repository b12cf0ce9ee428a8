package io.switchboard.bench;

import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import java.util.Locale;
import java.util.Optional;

/** Why a connection could not be opened, or did not last; and what an operator can do about it. */
enum Trouble {
    CLIENT_FILES(
            "this tool ran out of file handles",
            "raise them for this shell (ulimit -n 200000), or run the tool on another machine"),
    PORTS(
            "the ports of a source address ran out",
            "widen net.ipv4.ip_local_port_range, or use more source addresses (--sources)"),
    NOBODY("nobody listens there (any more)", "start the server, or look into its log"),
    SERVER_FULL("the server answered 503: it is full", "raise limits.connections"),
    ADDRESS_FULL(
            "the server answered 429: too many connections from one address",
            "raise limits.connectionsPerAddress, or use more source addresses (--sources)"),
    UNAUTHORIZED("the server asks for a token (401)", "give one with --token-file, as ./switchboard token prints it"),
    FORBIDDEN("the token does not allow it (403)", "take one with read, write and manage on 'bench/**'"),
    REFUSED("the server refused it with another answer", "look into its log"),
    TIMED_OUT(
            "it took longer than --timeout",
            "look at the server's CPU and at its backlog (net.core.somaxconn), or connect slower (--connect-rate)"),
    CLOSED("the server closed the connection", "look into its log"),
    TLS(
            "the TLS handshake failed",
            "for a certificate of --dev-tls give --ca-file dev-tls/certificate.pem; else check the name in the address"),
    NONSENSE("the answer was no HTTP or WebSocket as it should be", "check that this is a Switchboard server"),
    HTTP_VERSION(
            "it does not speak HTTP/2, or takes no WebSocket over it",
            "leave --http away; else see http2 in its configuration, and whether what stands before it passes WebSockets over"
                    + " HTTP/2 (nginx does not)"),
    NETWORK("the network failed", "look at the way to the server");

    private final String sentence;
    private final String advice;

    Trouble(String sentence, String advice) {
        this.sentence = sentence;
        this.advice = advice;
    }

    /** What happened, to stand in a sentence. */
    String sentence() {
        return sentence;
    }

    /** What to do, to stand in a sentence. */
    String advice() {
        return advice;
    }

    /** For machines. */
    String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    static Trouble ofStatus(int status) {
        return switch (status) {
            case 401 -> UNAUTHORIZED;
            case 403 -> FORBIDDEN;
            case 429 -> ADDRESS_FULL;
            case 503 -> SERVER_FULL;
            default -> REFUSED;
        };
    }

    /** The system tells apart what happened by the text of its error only. */
    static Trouble of(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            Optional<Trouble> known = ofOne(cause, String.valueOf(cause.getMessage()));
            if (known.isPresent()) return known.get();
        }
        return NETWORK;
    }

    private static Optional<Trouble> ofOne(Throwable cause, String text) {
        if (cause instanceof Malformed) return Optional.of(NONSENSE);
        if (cause instanceof Http2Exception http2 && isOtherVersion(http2, text)) return Optional.of(HTTP_VERSION);
        if (cause instanceof javax.net.ssl.SSLException) return Optional.of(TLS);
        if (text.contains("Too many open files")) return Optional.of(CLIENT_FILES);
        if (text.contains("Cannot assign requested address") || text.contains("Address already in use")) {
            return Optional.of(PORTS);
        }
        if (text.contains("Connection refused")) return Optional.of(NOBODY);
        if (text.contains("Connection reset") || text.contains("Broken pipe")) return Optional.of(CLOSED);
        return Optional.empty();
    }

    /** Whether there is no HTTP/2 at all; what Netty says where something else came first is known by its text only. */
    private static boolean isOtherVersion(Http2Exception failure, String text) {
        return failure.error() == Http2Error.HTTP_1_1_REQUIRED
                || text.startsWith("First received frame was not SETTINGS");
    }
}
