package io.switchboard.http.tls;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.codec.quic.QuicSslContext;
import io.netty.handler.codec.quic.QuicSslContextBuilder;
import io.netty.handler.codec.quic.QuicSslEngine;
import java.security.cert.X509Certificate;
import org.jspecify.annotations.Nullable;

/**
 * The certificate in use, for QUIC. Nothing is taken before a handshake is complete (0-RTT): what comes so early can be
 * sent again by whoever has heard it. Belongs to one loop.
 */
public final class QuicCertificates {
    private static final String HTTP_3 = "h3"; // RFC 9114, section 3.1

    private final Certificates certificates;
    private @Nullable Identity identity; // that the context was made for
    private @Nullable QuicSslContext context;

    public QuicCertificates(Certificates certificates) {
        this.certificates = certificates;
    }

    /** What does the handshake of a new connection. */
    public QuicSslEngine newEngine(ByteBufAllocator allocator) {
        Identity now = certificates.identity();
        QuicSslContext made = context;
        if (made == null || !now.equals(identity)) {
            made = QuicSslContextBuilder.forServer(now.key(), null, now.chain().toArray(X509Certificate[]::new))
                    .applicationProtocols(HTTP_3)
                    .earlyData(false)
                    .build();
            context = made;
            identity = now;
        }
        return made.newEngine(allocator);
    }
}
