package io.switchboard.http.tls;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * Where a certificate and its key are.
 *
 * @param certificate PEM: the server's certificate, then those between it and the authority
 * @param key PEM: the private key in PKCS#8, not encrypted
 */
public record CertificateFiles(Path certificate, Path key) {
    private static final int BYTES_MAX = 1 << 20;

    /** What both files hold at a moment. */
    @SuppressWarnings("ArrayRecordComponent") // a carrier, compared by `isSame`
    record Content(byte[] certificate, byte[] key) {
        boolean isSame(Content other) {
            return Arrays.equals(certificate, other.certificate) && Arrays.equals(key, other.key);
        }
    }

    /** Reads and checks both files. Blocks. */
    public Identity load() throws CertificateFault {
        return Identity.of(this, read());
    }

    Content read() throws CertificateFault {
        return new Content(read(certificate), read(key));
    }

    private static byte[] read(Path file) throws CertificateFault {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(BYTES_MAX + 1);
            if (bytes.length > BYTES_MAX) throw new CertificateFault(file + " has more than 1 MB: it is no PEM file.");
            return bytes;
        } catch (NoSuchFileException e) {
            throw new CertificateFault(file + " does not exist; name the PEM file to use.");
        } catch (AccessDeniedException e) {
            throw new CertificateFault(file + " may not be read by the user that runs the server; permit it.");
        } catch (IOException e) {
            throw new CertificateFault(file + " cannot be read; it has to be a PEM file.");
        }
    }
}
