package io.switchboard.server;

import io.switchboard.http.tls.CertificateFault;

/** The server could not start; the message is a sentence that tells the operator why and what to do. */
public final class StartFailure extends Exception {
    private static final long serialVersionUID = 1L;

    private final boolean isMisconfigured;

    public StartFailure(String sentence) {
        super(sentence);
        isMisconfigured = false;
    }

    public StartFailure(String sentence, Throwable cause) {
        super(sentence, cause);
        isMisconfigured = cause instanceof CertificateFault;
    }

    /** Whether the mistake is in what the configuration names. */
    public boolean isMisconfigured() {
        return isMisconfigured;
    }
}
