package io.switchboard.server;

import io.switchboard.http.tls.CertificateFault;
import io.switchboard.http.tls.CertificateFiles;
import io.switchboard.http.tls.Certificates;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Looks at the files of the certificate every few seconds, on a thread of its own, which may block. */
final class CertificateWatch implements AutoCloseable {
    private static final long LOOK_EVERY_MILLIS = 2_000;
    private static final long STOP_MILLIS = 1_000;
    private static final Logger LOG = LoggerFactory.getLogger(CertificateWatch.class);

    private final Certificates certificates;
    private final ScheduledExecutorService thread;

    private CertificateWatch(Certificates certificates) {
        this.certificates = certificates;
        thread = Executors.newSingleThreadScheduledExecutor(
                Thread.ofPlatform().daemon().name("certificate-watch").factory());
        thread.scheduleWithFixedDelay(this::look, LOOK_EVERY_MILLIS, LOOK_EVERY_MILLIS, TimeUnit.MILLISECONDS);
    }

    static CertificateWatch open(CertificateFiles files, boolean http2) throws CertificateFault {
        return new CertificateWatch(Certificates.open(files, http2));
    }

    Certificates certificates() {
        return certificates;
    }

    // One look that fails must not be the last.
    private void look() {
        try {
            certificates.look();
        } catch (RuntimeException e) {
            LOG.error("The files of the certificate could not be looked at", e);
        }
    }

    /** After the last connection has ended. */
    @Override
    public void close() {
        thread.shutdownNow();
        try {
            if (thread.awaitTermination(STOP_MILLIS, TimeUnit.MILLISECONDS)) certificates.close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
