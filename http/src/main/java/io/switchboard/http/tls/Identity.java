package io.switchboard.http.tls;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Who the server says it is, and the key that proves it. Immutable.
 *
 * @param chain the server's certificate first; at least one
 */
public record Identity(List<X509Certificate> chain, PrivateKey key) {
    private static final Pattern BLOCK = Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----([^-]*)-----END \\1-----");
    private static final byte[] PROOF = "A key and its certificate.".getBytes(StandardCharsets.US_ASCII);

    public Identity {
        chain = List.copyOf(chain);
        if (chain.isEmpty()) throw new IllegalArgumentException("no certificate");
    }

    /** Whether the server's certificate counts at a moment. */
    public boolean isValidAt(Instant moment) {
        X509Certificate own = chain.getFirst();
        return !moment.isBefore(own.getNotBefore().toInstant())
                && !moment.isAfter(own.getNotAfter().toInstant());
    }

    /** From when on it counts no more. */
    public Instant expiresAt() {
        return chain.getFirst().getNotAfter().toInstant();
    }

    static Identity of(CertificateFiles files, CertificateFiles.Content content) throws CertificateFault {
        Identity identity =
                new Identity(chain(files.certificate(), content.certificate()), key(files.key(), text(content.key())));
        if (!identity.keyMatches()) {
            throw new CertificateFault(files.key() + " is not the key of the first certificate in "
                    + files.certificate() + "; name the pair that was made together, the server's certificate first.");
        }
        return identity;
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    private static List<X509Certificate> chain(Path file, byte[] bytes) throws CertificateFault {
        if (!text(bytes).contains("-----BEGIN CERTIFICATE-----")) {
            throw new CertificateFault(
                    file + " holds no certificate; a PEM file has one after" + " -----BEGIN CERTIFICATE-----.");
        }
        StringBuilder certificates = new StringBuilder(); // without what else may stand in the file
        Matcher block = BLOCK.matcher(text(bytes));
        while (block.find()) {
            if (block.group(1).equals("CERTIFICATE"))
                certificates.append(block.group()).append('\n');
        }
        try {
            List<X509Certificate> chain = CertificateFactory.getInstance("X.509")
                    .generateCertificates(
                            new ByteArrayInputStream(certificates.toString().getBytes(StandardCharsets.ISO_8859_1)))
                    .stream()
                    .map(X509Certificate.class::cast)
                    .toList();
            if (!chain.isEmpty()) return chain;
        } catch (CertificateException e) {
            // told below, in words that help
        }
        throw new CertificateFault(file + " holds a damaged certificate; get it anew from where it came from.");
    }

    private static PrivateKey key(Path file, String text) throws CertificateFault {
        Matcher block = BLOCK.matcher(text);
        while (block.find()) {
            String kind = block.group(1);
            boolean encrypted =
                    kind.equals("ENCRYPTED PRIVATE KEY") || block.group(2).contains("ENCRYPTED");
            if (kind.equals("PRIVATE KEY")) return key(file, bytes(file, block.group(2)));
            if (encrypted || text.contains("Proc-Type: 4,ENCRYPTED")) throw encrypted(file);
            if (kind.endsWith(" PRIVATE KEY")) {
                throw new CertificateFault(file + " holds a key in an older form (" + kind
                        + "); turn it into PKCS#8: openssl pkcs8 -topk8 -nocrypt -in " + file + " -out key.pem");
            }
        }
        if (text.contains("Proc-Type: 4,ENCRYPTED")) throw encrypted(file);
        throw new CertificateFault(
                file + " holds no private key; a PEM file has one after -----BEGIN PRIVATE KEY-----.");
    }

    private static CertificateFault encrypted(Path file) {
        return new CertificateFault(file + " is encrypted, and the server has no password for it; decrypt it:"
                + " openssl pkey -in " + file + " -out key.pem, and let nobody else read the result.");
    }

    private static byte[] bytes(Path file, String base64) throws CertificateFault {
        try {
            return Base64.getMimeDecoder().decode(base64);
        } catch (IllegalArgumentException e) {
            throw damaged(file);
        }
    }

    private static CertificateFault damaged(Path file) {
        return new CertificateFault(file + " holds a damaged or unknown key; it has to be an RSA or EC key in PKCS#8.");
    }

    private static PrivateKey key(Path file, byte[] encoded) throws CertificateFault {
        for (String algorithm : List.of("EC", "RSA")) {
            try {
                return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(encoded));
            } catch (GeneralSecurityException e) {
                // another algorithm's
            }
        }
        throw damaged(file);
    }

    private boolean keyMatches() {
        String algorithm = key.getAlgorithm().equals("EC") ? "SHA256withECDSA" : "SHA256withRSA";
        try {
            Signature signing = Signature.getInstance(algorithm);
            signing.initSign(key);
            signing.update(PROOF);
            byte[] signature = signing.sign();
            Signature verifying = Signature.getInstance(algorithm);
            verifying.initVerify(chain.getFirst().getPublicKey());
            verifying.update(PROOF);
            return verifying.verify(signature);
        } catch (GeneralSecurityException e) {
            return false; // of different algorithms, or of one that is not known
        }
    }
}
