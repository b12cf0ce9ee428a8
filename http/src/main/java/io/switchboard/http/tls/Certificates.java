package io.switchboard.http.tls;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.OpenSslContextOption;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.SupportedCipherSuiteFilter;
import io.netty.util.ReferenceCountUtil;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The certificate in use, and the next one when its files change. A connection keeps the certificate it began with;
 * files that cannot be used change nothing.
 *
 * <p>Threads: {@link #newHandler} any; {@link #look} and {@link #close} one at a time, and not a loop, since they block.
 */
public final class Certificates implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Certificates.class);

    /** Forward secrecy and authenticated encryption only. */
    private static final List<String> CIPHERS = List.of(
            "TLS_AES_128_GCM_SHA256",
            "TLS_AES_256_GCM_SHA384",
            "TLS_CHACHA20_POLY1305_SHA256",
            "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
            "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
            "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
            "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
            "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
            "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256");

    /** Of HTTP, the preferred one first. */
    private static final List<String> VERSIONS =
            List.of(ApplicationProtocolNames.HTTP_2, ApplicationProtocolNames.HTTP_1_1);

    private final CertificateFiles files;
    private final boolean http2;
    private CertificateFiles.Content content; // that was looked at last, good or not
    private @Nullable String fault; // for which the files could not be read at the last look
    private @Nullable SslContext replaced; // may be in somebody's hands for a moment yet
    private volatile SslContext current;
    private volatile Identity identity; // in use

    private Certificates(
            CertificateFiles files,
            boolean http2,
            CertificateFiles.Content content,
            SslContext current,
            Identity identity) {
        this.files = files;
        this.http2 = http2;
        this.content = content;
        this.current = current;
        this.identity = identity;
    }

    /**
     * Reads the files; whatever is wrong with them is told.
     *
     * @param http2 whether it is offered, before HTTP/1.1
     */
    public static Certificates open(CertificateFiles files, boolean http2) throws CertificateFault {
        if (!OpenSsl.isAvailable()) {
            LOG.warn("TLS is spoken by the JDK, which takes more memory and time than the native library;"
                    + " there is none for this system");
        }
        CertificateFiles.Content content = files.read();
        Identity identity = Identity.of(files, content);
        return new Certificates(files, http2, content, context(files, http2, identity), identity);
    }

    /** Who the server says it is now. Any thread. */
    public Identity identity() {
        return identity;
    }

    private static SslContext context(CertificateFiles files, boolean http2, Identity identity)
            throws CertificateFault {
        if (!identity.isValidAt(Instant.now())) {
            LOG.warn(
                    "The certificate in {} is expired or not valid yet (until {}); clients will refuse it",
                    files.certificate(),
                    identity.expiresAt());
        }
        boolean isNative = OpenSsl.isAvailable();
        SslContextBuilder builder = SslContextBuilder.forServer(
                        identity.key(), identity.chain().toArray(X509Certificate[]::new))
                .sslProvider(isNative ? SslProvider.OPENSSL_REFCNT : SslProvider.JDK)
                .protocols("TLSv1.3", "TLSv1.2")
                .ciphers(CIPHERS, SupportedCipherSuiteFilter.INSTANCE)
                .applicationProtocolConfig(new ApplicationProtocolConfig(
                        ApplicationProtocolConfig.Protocol.ALPN,
                        ApplicationProtocolConfig.SelectorFailureBehavior.NO_ADVERTISE,
                        ApplicationProtocolConfig.SelectedListenerFailureBehavior.ACCEPT,
                        http2 ? VERSIONS : VERSIONS.subList(1, 2)));
        // What a handshake computes takes a millisecond, and handing it over takes memory a connection.
        if (isNative) builder.option(OpenSslContextOption.USE_TASKS, false);
        try {
            return builder.build();
        } catch (SSLException | RuntimeException e) {
            throw new CertificateFault("The certificate in " + files.certificate()
                    + " is of a kind that TLS cannot use; RSA of 2,048 bits or more and EC P-256 work.");
        }
    }

    /** What speaks TLS on a new connection; without time limits of its own. */
    public SslHandler newHandler(ByteBufAllocator allocator) {
        SslHandler handler = current.newHandler(allocator);
        handler.setHandshakeTimeoutMillis(0);
        return handler;
    }

    /** Takes what the files hold now, if it changed and can be used; otherwise says once why not. */
    public void look() {
        ReferenceCountUtil.release(replaced);
        replaced = null;
        try {
            CertificateFiles.Content now = files.read();
            fault = null;
            if (now.isSame(content)) return;
            content = now;
            Identity other = Identity.of(files, now);
            SslContext next = context(files, http2, other);
            replaced = current;
            current = next;
            identity = other;
            LOG.info("New connections get the new certificate of {}", files.certificate());
        } catch (CertificateFault broken) {
            String sentence = Objects.requireNonNullElse(broken.getMessage(), "");
            if (!sentence.equals(fault)) LOG.warn("The certificate in use stays: {}", sentence);
            fault = sentence;
        }
    }

    @Override
    public void close() {
        ReferenceCountUtil.release(replaced);
        ReferenceCountUtil.release(current);
    }
}
