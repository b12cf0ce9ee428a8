package io.switchboard.cli.place;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** Certificates that are believed in place of the system's. */
public final class Authorities {
    private Authorities() {}

    /**
     * For clients that believe those of this file alone.
     *
     * @param file PEM, one certificate or more
     */
    public static SSLContext in(Path file) throws Failure {
        try (InputStream in = Files.newInputStream(file)) {
            KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
            trusted.load(null, null);
            int count = 0;
            for (Certificate each : CertificateFactory.getInstance("X.509").generateCertificates(in)) {
                trusted.setCertificateEntry("certificate-" + count++, each);
            }
            if (count == 0) throw new GeneralSecurityException("no certificate");
            TrustManagerFactory managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            managers.init(trusted);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, managers.getTrustManagers(), null);
            return context;
        } catch (GeneralSecurityException | IOException unusable) {
            throw new Failure(
                    Failure.Kind.USAGE,
                    "The certificates in " + file + " cannot be used; check that it is a PEM file and yours to read.");
        }
    }
}
