package io.switchboard.cli.doctor;

import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where HTTP/3 is said to be spoken (RFC 7838, section 3), and whether it is.
 *
 * @param host another one than that of the answer; empty if it is the same
 * @param port of UDP
 */
record Alternative(String host, int port) {
    private static final Pattern HTTP_3 = Pattern.compile("(?:^|[,\\s])h3=\"([^\"]*):([0-9]{1,5})\"");
    private static final int PORT_MAX = 65_535;

    /** The first one of HTTP/3 in these values of {@code Alt-Svc}. */
    static Optional<Alternative> in(List<String> values) {
        for (String value : values) {
            Matcher found = HTTP_3.matcher(value);
            while (found.find()) {
                int port = Integer.parseInt(found.group(2));
                if (port > 0 && port <= PORT_MAX) return Optional.of(new Alternative(found.group(1), port));
            }
        }
        return Optional.empty();
    }

    /** @param answer of the server, over TLS or not */
    static void tell(Visit visit, Answer answer) {
        if (!visit.target().isSecure()) return; // then nobody looks for it
        Optional<Alternative> announced = in(answer.head().all("alt-svc"));
        visit.found(announced
                .map(there -> there.look(visit))
                .orElseGet(() -> Finding.ok(
                        Step.HTTP, "http3", "HTTP/3 is not announced (no Alt-Svc): browsers stay with TCP.")));
    }

    private Finding look(Visit visit) {
        if (!host.isEmpty() && !host.equalsIgnoreCase(visit.target().host())) {
            return Finding.skipped(
                    Step.HTTP,
                    "http3-elsewhere",
                    "HTTP/3 is announced for another host, " + Excerpt.of(host) + ", which is not looked at.");
        }
        long beganNanos = System.nanoTime();
        if (new QuicProbe().isSpokenAt(visit.address(), port, visit.patience())) {
            return Finding.ok(
                    Step.HTTP,
                    "http3",
                    "HTTP/3 is announced, and QUIC is spoken on port " + port + " of UDP: it answered in "
                            + Excerpt.time(Visit.since(beganNanos)) + ".");
        }
        return Finding.warning(
                Step.HTTP,
                "http3-unreachable",
                "HTTP/3 is announced on port " + port
                        + " of UDP, and nobody answers there: browsers try in vain, and stay with"
                        + " TCP. Let UDP in on that port, in each firewall on the way; or, behind a proxy that hands on no UDP,"
                        + " switch it off (http3: off of the server).");
    }
}
