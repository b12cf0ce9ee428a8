package io.switchboard.cli.doctor;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.concurrent.ThreadLocalRandom;

/** A client's handshake of a WebSocket (RFC 6455, section 4.1). */
final class Handshake {
    static final String LINE = "switchboard.v1";

    private static final String GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"; // RFC 6455, section 1.3

    private final String key;
    private final Ask ask;

    private Handshake(String key, Ask ask) {
        this.key = key;
        this.ask = ask;
    }

    /** For {@code path}, with the token and the origin of the visit. */
    static Handshake of(Visit visit, String path) {
        byte[] random = new byte[16];
        ThreadLocalRandom.current().nextBytes(random);
        String key = Base64.getEncoder().encodeToString(random);
        Ask ask = visit.signed(Ask.get(path))
                .with("Upgrade", "websocket")
                .with("Connection", "Upgrade")
                .with("Sec-WebSocket-Version", "13")
                .with("Sec-WebSocket-Key", key);
        visit.examination().origin().ifPresent(origin -> ask.with("Origin", origin));
        return new Handshake(key, ask);
    }

    /** For the line, of many channels. */
    static Handshake ofLine(Visit visit) {
        return of(visit, "/live").with("Sec-WebSocket-Protocol", LINE);
    }

    /** For the echo. */
    static Handshake ofEcho(Visit visit) {
        return of(visit, Target.stream(visit.someChannel()) + "?echo");
    }

    Handshake with(String name, String value) {
        ask.with(name, value);
        return this;
    }

    Ask ask() {
        return ask;
    }

    /** Whether the answer is to this handshake and no other. */
    boolean isAnsweredBy(Head head) {
        return head.first("sec-websocket-accept").filter(accept(key)::equals).isPresent();
    }

    static String accept(String key) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-1").digest((key + GUID).getBytes(StandardCharsets.ISO_8859_1));
            return Base64.getEncoder().encodeToString(hash);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-1", e);
        }
    }
}
