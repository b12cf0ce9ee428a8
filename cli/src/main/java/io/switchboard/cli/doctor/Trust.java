package io.switchboard.cli.doctor;

import io.switchboard.cli.place.Authorities;
import io.switchboard.cli.place.Failure;
import java.net.Socket;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/**
 * Which certificates are believed.
 *
 * @param strict those that this machine trusts, or the file that was given
 * @param any all of them, to look at what is wrong with one; no token goes over such a connection
 */
record Trust(SSLContext strict, SSLContext any) {
    /** @param file PEM, in place of what the system trusts */
    static Trust of(Optional<Path> file) throws Failure {
        SSLContext strict = file.isEmpty() ? context(null) : Authorities.in(file.get());
        return new Trust(strict, context(new TrustManager[] {new Anybody()}));
    }

    private static SSLContext context(TrustManager @Nullable [] managers) throws Failure {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, managers, null);
            return context;
        } catch (GeneralSecurityException unusable) {
            throw new Failure(
                    Failure.Kind.USAGE,
                    "The certificates in the system's store cannot be used; check that it is a PEM file and yours to read.");
        }
    }

    /** Believes whatever it is shown. */
    private static final class Anybody extends X509ExtendedTrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
