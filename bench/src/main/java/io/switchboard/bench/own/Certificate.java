package io.switchboard.bench.own;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A certificate and its key for 127.0.0.1, good for a day, signed by itself; as PEM files that only their owner reads. */
final class Certificate {
    static final String FILE = "certificate.pem";
    static final String KEY = "key.pem";

    /** It guards a file in a folder of our own, for a moment. */
    private static final String PASSWORD = "of-no-matter";

    private static final long SECONDS_MAX = 30;

    private Certificate() {}

    /** @param folder that nobody else may read */
    static void make(Path folder) throws IOException, InterruptedException {
        Path store = folder.resolve("made.p12");
        Process process = new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-alias",
                        "own",
                        "-keyalg",
                        "EC",
                        "-groupname",
                        "secp256r1",
                        "-sigalg",
                        "SHA256withECDSA",
                        "-dname",
                        "CN=localhost",
                        "-ext",
                        "san=dns:localhost,ip:127.0.0.1",
                        "-ext",
                        "eku=serverAuth",
                        "-validity",
                        "1",
                        "-storetype",
                        "PKCS12",
                        "-keystore",
                        store.toString(),
                        "-storepass",
                        PASSWORD))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        if (!process.waitFor(SECONDS_MAX, TimeUnit.SECONDS))
            process.destroyForcibly().waitFor();
        if (process.exitValue() != 0) throw new IOException("keytool made no certificate");
        try (InputStream in = Files.newInputStream(store)) {
            KeyStore made = KeyStore.getInstance("PKCS12");
            made.load(in, PASSWORD.toCharArray());
            write(
                    folder.resolve(FILE),
                    "CERTIFICATE",
                    made.getCertificate("own").getEncoded());
            write(
                    folder.resolve(KEY),
                    "PRIVATE KEY",
                    made.getKey("own", PASSWORD.toCharArray()).getEncoded());
        } catch (GeneralSecurityException unusable) {
            throw new IOException("keytool made no certificate that can be read");
        }
        Files.delete(store);
    }

    private static void write(Path file, String kind, byte[] der) throws IOException {
        Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        String body = Base64.getMimeEncoder(64, "\n".getBytes(US_ASCII)).encodeToString(der);
        Files.writeString(file, "-----BEGIN " + kind + "-----\n" + body + "\n-----END " + kind + "-----\n");
    }
}
