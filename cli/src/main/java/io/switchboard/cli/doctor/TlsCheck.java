package io.switchboard.cli.doctor;

import java.security.cert.Certificate;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSocket;

/** The certificate, and the versions of TLS. */
final class TlsCheck implements Check {
    private static final Duration SOON = Duration.ofDays(14);
    private static final int NAMES_MAX = 5;
    private static final Integer ADDRESS = 7; // of the kinds of names (RFC 5280, section 4.2.1.6)
    private static final String OLDER = "TLSv1.2";

    @Override
    public Step step() {
        return Step.TLS;
    }

    @Override
    public void run(Visit visit) throws WireFailure {
        if (!visit.target().isSecure()) {
            boolean here = visit.address().isLoopbackAddress();
            visit.found(
                    here
                            ? Finding.ok(Step.TLS, "plain", "No TLS, on this machine alone.")
                            : Finding.warning(
                                    Step.TLS,
                                    "plain",
                                    "No TLS: tokens and messages can be read on the way, and proxies of networks"
                                            + " meddle with WebSockets that they can see. Use https."));
            return;
        }
        Shaken shaken;
        try {
            shaken = shake(visit, visit.trust().any(), false, List.of());
        } catch (WireFailure failed) {
            visit.found(Finding.trouble(
                    Step.TLS,
                    "tls-failed",
                    "What answers there " + failed.predicate()
                            + "; this may be the port for http, and not that for https."));
            visit.giveUp();
            return;
        }
        boolean older = !shaken.version().equals(OLDER) && speaksOlder(visit);
        visit.found(Finding.ok(
                Step.TLS, "tls", shaken.version() + (older ? " and " + OLDER : "") + " with " + shaken.cipher() + "."));
        certificate(visit, shaken);
    }

    private record Shaken(String version, String cipher, List<X509Certificate> chain) {}

    private static Shaken shake(Visit visit, SSLContext context, boolean identified, List<String> versions)
            throws WireFailure {
        try (Wire wire = visit.connect(visit.address())) {
            wire.within(visit.patience());
            SSLSocket tls = wire.secure(context, visit.target().host(), identified, versions, "h2", "http/1.1");
            SSLSession session = tls.getSession();
            List<X509Certificate> chain = new ArrayList<>();
            try {
                for (Certificate each : session.getPeerCertificates()) chain.add((X509Certificate) each);
            } catch (SSLPeerUnverifiedException none) {
                // A server without a certificate has none to judge.
            }
            return new Shaken(session.getProtocol(), session.getCipherSuite(), List.copyOf(chain));
        }
    }

    private static boolean speaksOlder(Visit visit) {
        try {
            shake(visit, visit.trust().any(), false, List.of(OLDER));
            return true;
        } catch (WireFailure refused) {
            return false;
        }
    }

    private static void certificate(Visit visit, Shaken shaken) {
        if (shaken.chain().isEmpty()) {
            visit.found(Finding.trouble(Step.TLS, "certificate-missing", "It shows no certificate."));
            return;
        }
        X509Certificate own = shaken.chain().getFirst();
        Instant end = own.getNotAfter().toInstant();
        String what = "The certificate is for " + names(own) + ", until " + date(end);
        Instant now = Instant.now();
        if (now.isAfter(end)) {
            trouble(visit, "certificate-expired", what + ": it is over. Renew it, and have the proxy load it again.");
        } else if (now.isBefore(own.getNotBefore().toInstant())) {
            trouble(
                    visit,
                    "certificate-early",
                    what + ", but counts only from " + date(own.getNotBefore().toInstant())
                            + " on; compare the clocks.");
        } else if (!isTrusted(visit, true)) {
            String why = isTrusted(visit, false)
                    ? ": not for " + Excerpt.of(visit.target().host()) + ". Take one with this name."
                    : ": nobody this machine trusts has signed it ("
                            + shaken.chain().size()
                            + (shaken.chain().size() == 1
                                    ? " certificate came; those in between may be missing from the file)."
                                    : " certificates came).")
                            + " Give --ca-file if it is your own authority.";
            trouble(visit, "certificate-untrusted", what + why + " The token is not shown to it.");
        } else {
            visit.trusts();
            boolean soon = now.plus(SOON).isAfter(end);
            visit.found(
                    soon
                            ? Finding.warning(Step.TLS, "certificate-ends", what + ": that is soon. Renew it.")
                            : Finding.ok(Step.TLS, "certificate", what + "."));
        }
    }

    private static void trouble(Visit visit, String code, String sentence) {
        visit.found(Finding.trouble(Step.TLS, code, sentence));
    }

    private static boolean isTrusted(Visit visit, boolean identified) {
        try {
            shake(visit, visit.trust().strict(), identified, List.of());
            return true;
        } catch (WireFailure refused) {
            return false;
        }
    }

    private static LocalDate date(Instant moment) {
        return moment.atZone(ZoneOffset.UTC).toLocalDate();
    }

    private static String names(X509Certificate certificate) {
        List<String> names = new ArrayList<>();
        try {
            Collection<List<?>> all = certificate.getSubjectAlternativeNames();
            if (all != null) {
                for (List<?> each : all) {
                    if (each.size() <= 1 || !(each.get(1) instanceof String name)) continue;
                    names.add(each.getFirst().equals(ADDRESS) ? Excerpt.shortened(name) : name);
                }
            }
        } catch (CertificateParsingException unreadable) {
            // Then it has no names that anybody could use.
        }
        if (names.isEmpty()) return "nobody (it has no names)";
        String shown = Excerpt.of(String.join(", ", names.subList(0, Math.min(NAMES_MAX, names.size()))));
        return names.size() > NAMES_MAX ? shown + " and " + (names.size() - NAMES_MAX) + " more" : shown;
    }
}
