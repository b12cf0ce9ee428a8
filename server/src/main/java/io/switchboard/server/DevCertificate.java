package io.switchboard.server;

import io.switchboard.http.tls.CertificateFault;
import io.switchboard.http.tls.CertificateFiles;
import io.switchboard.http.tls.Identity;
import io.switchboard.server.config.Tls;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A certificate for this machine, signed by itself: for development only. It is made by the JDK's {@code keytool}, kept
 * in a folder, and used again as long as it is valid. Blocks.
 */
public final class DevCertificate {
    private static final int VALID_DAYS = 365;
    private static final Duration RENEWED_BEFORE = Duration.ofDays(7);
    private static final long KEYTOOL_SECONDS_MAX = 30;
    private static final String ALIAS = "dev";
    private static final String PASSWORD_VARIABLE = "STORE_PASSWORD";

    private DevCertificate() {}

    /** @param folder is created if missing; only its owner may read it */
    public static Tls in(Path folder) throws StartFailure {
        Tls tls = new Tls(folder.resolve("certificate.pem"), folder.resolve("key.pem"));
        if (isUsable(tls)) return tls;
        try {
            make(folder, tls);
            return tls;
        } catch (IOException | GeneralSecurityException | UnsupportedOperationException e) {
            throw failure(folder, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw failure(folder, e);
        }
    }

    private static StartFailure failure(Path folder, Exception cause) {
        return new StartFailure(
                "No certificate could be made in " + folder.toAbsolutePath().normalize()
                        + "; let the folder be writable, or name a certificate with --tls-certificate and --tls-key.",
                cause);
    }

    private static boolean isUsable(Tls tls) {
        try {
            Identity identity = new CertificateFiles(tls.certificate(), tls.key()).load();
            return identity.isValidAt(Instant.now())
                    && identity.isValidAt(Instant.now().plus(RENEWED_BEFORE));
        } catch (CertificateFault absentOrBroken) {
            return false;
        }
    }

    private static void make(Path folder, Tls tls) throws IOException, GeneralSecurityException, InterruptedException {
        Files.createDirectories(folder);
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
        byte[] random = new byte[16];
        new SecureRandom().nextBytes(random);
        String password = HexFormat.of().formatHex(random);
        Path store = folder.resolve("made.p12");
        Files.deleteIfExists(store);
        try {
            keytool(store, password);
            KeyStore made = KeyStore.getInstance("PKCS12");
            try (InputStream in = Files.newInputStream(store)) {
                made.load(in, password.toCharArray());
            }
            write(
                    tls.key(),
                    "PRIVATE KEY",
                    made.getKey(ALIAS, password.toCharArray()).getEncoded());
            write(tls.certificate(), "CERTIFICATE", made.getCertificate(ALIAS).getEncoded());
        } finally {
            Files.deleteIfExists(store);
        }
    }

    private static void keytool(Path store, String password) throws IOException, InterruptedException {
        Path keytool = Path.of(System.getProperty("java.home"), "bin", "keytool");
        ProcessBuilder builder = new ProcessBuilder(List.of(
                        keytool.toString(),
                        "-genkeypair",
                        "-alias",
                        ALIAS,
                        "-keyalg",
                        "EC",
                        "-groupname",
                        "secp256r1",
                        "-sigalg",
                        "SHA256withECDSA",
                        "-dname",
                        "CN=localhost, O=Switchboard development",
                        "-ext",
                        "san=dns:localhost,ip:127.0.0.1,ip:::1",
                        "-ext",
                        "eku=serverAuth",
                        "-validity",
                        Integer.toString(VALID_DAYS),
                        "-storetype",
                        "PKCS12",
                        "-keystore",
                        store.toString(),
                        "-storepass:env",
                        PASSWORD_VARIABLE))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD);
        builder.environment().put(PASSWORD_VARIABLE, password);
        Process process = builder.start();
        if (!process.waitFor(KEYTOOL_SECONDS_MAX, TimeUnit.SECONDS)) process.destroyForcibly();
        else if (process.exitValue() == 0) return;
        throw new IOException("keytool failed");
    }

    // Whole or not at all, and never readable by others, not for a moment.
    private static void write(Path file, String kind, byte[] der) throws IOException {
        byte[] line = {'\n'};
        String base64 = Base64.getMimeEncoder(64, line).encodeToString(der);
        Path begun = file.resolveSibling(file.getFileName() + ".new");
        Files.deleteIfExists(begun);
        Files.createFile(begun, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.write(
                begun,
                ("-----BEGIN " + kind + "-----\n" + base64 + "\n-----END " + kind + "-----\n")
                        .getBytes(StandardCharsets.US_ASCII));
        Files.move(begun, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
}
