package io.switchboard.cli.doctor;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/** Which HTTP browsers speak with whoever answers there, and whether their WebSockets are streams of it. */
final class HttpVersion {
    private static final byte[] PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] NO_SETTINGS = {0, 0, 0, 4, 0, 0, 0, 0, 0};
    private static final int HEADER_BYTES = 9; // RFC 9113, section 4.1
    private static final int CONTENT_BYTES_MAX = 16_384;
    private static final byte SETTINGS = 4;
    private static final int SETTING_BYTES = 6;
    private static final int ENABLE_CONNECT_PROTOCOL = 8; // RFC 8441, section 3

    private HttpVersion() {}

    static void tell(Visit visit) {
        if (!visit.target().isSecure()) {
            visit.found(ok("HTTP/1.1: browsers speak HTTP/2 over TLS alone, and open six connections of HTTP/1.1."));
            return;
        }
        Optional<Boolean> sockets;
        try (Wire wire = visit.connect(visit.address())) {
            wire.within(visit.patience());
            String agreed = wire.secure(visit.trust().any(), visit.target().host(), false, List.of(), "h2", "http/1.1")
                    .getApplicationProtocol();
            if (!agreed.equals("h2")) {
                visit.found(Finding.warning(
                        Step.HTTP,
                        "http-version",
                        "HTTP/1.1: browsers open six connections to a host, from all tabs together, and an event stream"
                                + " takes one. HTTP/2 has no such limit.",
                        Remedy.HTTP_2));
                return;
            }
            sockets = takesWebSockets(wire);
        } catch (WireFailure failed) {
            sockets = Optional.empty();
        }
        visit.found(ok("HTTP/2 for browsers: all their event streams share a connection"
                + sockets.map(can -> can ? ", and so do WebSockets." : "; WebSockets open their own.")
                        .orElse("; what it says of WebSockets did not come.")));
    }

    private static Finding ok(String sentence) {
        return Finding.ok(Step.HTTP, "http-version", sentence);
    }

    // Nothing if the settings, which a server sends first, are none.
    private static Optional<Boolean> takesWebSockets(Wire wire) throws WireFailure {
        wire.send(PREFACE);
        wire.send(NO_SETTINGS);
        ByteBuffer header = ByteBuffer.wrap(wire.exactly(HEADER_BYTES));
        int length = header.getInt() >>> 8;
        if (header.get(3) != SETTINGS || length > CONTENT_BYTES_MAX || length % SETTING_BYTES != 0)
            return Optional.empty();
        ByteBuffer settings = ByteBuffer.wrap(wire.exactly(length));
        boolean can = false;
        while (settings.hasRemaining()) {
            boolean asked = settings.getShort() == ENABLE_CONNECT_PROTOCOL;
            int value = settings.getInt();
            if (asked) can = value == 1;
        }
        return Optional.of(can);
    }
}
