package io.switchboard.http.tls;

/** A certificate or its key cannot be used; the message is a sentence with the file, the reason and what to do. */
public final class CertificateFault extends Exception {
    private static final long serialVersionUID = 1L;

    CertificateFault(String sentence) {
        super(sentence);
    }
}
