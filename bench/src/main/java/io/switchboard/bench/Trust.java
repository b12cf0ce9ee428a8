package io.switchboard.bench;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.Collection;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** Whom to believe over TLS, in place of the system's authorities. */
public final class Trust {
    private Trust() {}

    /** @param file a PEM file with certificates */
    static TrustManagerFactory in(Path file) throws BenchFailure {
        try (InputStream in = Files.newInputStream(file)) {
            Collection<? extends Certificate> certificates =
                    CertificateFactory.getInstance("X.509").generateCertificates(in);
            KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
            store.load(null, null);
            int number = 0;
            for (Certificate certificate : certificates) store.setCertificateEntry("trusted" + number++, certificate);
            if (number == 0) throw BenchFailure.usage(file + " holds no certificate.");
            TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            factory.init(store);
            return factory;
        } catch (IOException | GeneralSecurityException unusable) {
            throw BenchFailure.usage("The certificates in " + file + " cannot be read; check that it is a PEM file.");
        }
    }

    static SSLContext context(TrustManagerFactory trusted) throws BenchFailure {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, trusted.getTrustManagers(), null);
            return context;
        } catch (GeneralSecurityException unusable) {
            throw BenchFailure.failed("TLS is not to be had on this machine.");
        }
    }

    /**
     * For clients that believe the certificates of this file alone.
     *
     * @throws BenchFailure if they cannot be read
     */
    public static SSLContext context(Path file) throws BenchFailure {
        return context(in(file));
    }
}
