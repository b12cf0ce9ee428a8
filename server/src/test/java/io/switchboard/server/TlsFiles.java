package io.switchboard.server;

import io.switchboard.server.config.Settings;
import io.switchboard.server.config.Tls;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.HashMap;
import java.util.Map;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** Certificates for tests, each made once, and clients that trust them. */
final class TlsFiles {
    private static final Path FOLDER = temporary();
    static final Tls ONE = make("one");
    static final Tls OTHER = make("other");
    static final SSLContext TRUST = trust(ONE.certificate(), OTHER.certificate());

    private TlsFiles() {}

    private static Path temporary() {
        try {
            return Files.createTempDirectory("switchboard-tls");
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static Tls make(String name) {
        try {
            return DevCertificate.in(FOLDER.resolve(name));
        } catch (StartFailure e) {
            throw new AssertionError(e);
        }
    }

    static SSLContext trust(Path... certificates) {
        try {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            for (Path file : certificates) {
                try (InputStream in = Files.newInputStream(file)) {
                    store.setCertificateEntry(
                            file.toString(),
                            CertificateFactory.getInstance("X.509").generateCertificate(in));
                }
            }
            TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            factory.init(store);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, factory.getTrustManagers(), null);
            return context;
        } catch (IOException | GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    /** Copies a pair over another one, as an operator who renews does: one file after the other. */
    static void copy(Tls from, Tls to) {
        try {
            Files.copy(from.certificate(), to.certificate(), StandardCopyOption.REPLACE_EXISTING);
            Files.copy(from.key(), to.key(), StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** A server that speaks TLS with the first certificate. */
    static TestServer start(String... settings) {
        return start(ONE, settings);
    }

    static TestServer start(Tls pair, String... settings) {
        Map<String, String> values = new HashMap<>(Map.of("port", "0", "store", "memory", "threads", "2"));
        for (int i = 0; i < settings.length; i += 2) values.put(settings[i], settings[i + 1]);
        return TestServer.start(Settings.with(values).with(pair), TRUST);
    }
}
