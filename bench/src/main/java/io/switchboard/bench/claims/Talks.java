package io.switchboard.bench.claims;

import io.switchboard.bench.BenchFailure;
import io.switchboard.bench.Conversations;
import io.switchboard.bench.Trust;
import io.switchboard.bench.own.OwnServer;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * Opens talks with one server, over the version of HTTP that it was started for and with TLS if it speaks that. What TLS keeps of
 * one connection for the next belongs to it. Any thread.
 */
final class Talks implements AutoCloseable {
    private final URI server;
    private final @Nullable SSLContext tls;
    private final @Nullable Conversations others; // over HTTP/2 and HTTP/3

    private Talks(URI server, @Nullable SSLContext tls, @Nullable Conversations others) {
        this.server = server;
        this.tls = tls;
        this.others = others;
    }

    static Talks with(OwnServer own) throws BenchFailure {
        Optional<Path> certificate = own.certificate();
        return new Talks(
                own.url(),
                certificate.isEmpty() ? null : Trust.context(certificate.get()),
                own.launch().http() == 1 ? null : Conversations.with(own.load(1, 0, "")));
    }

    Talk open() throws IOException {
        Conversations carriers = others;
        return carriers == null ? Talk.open(server, tls) : new Talk(server, carriers.open(Talk.ANSWER_MILLIS_MAX));
    }

    /** Who publishes speaks HTTP/1.1 whatever readers speak, as with all loads of this tool. */
    Talk publisher() throws IOException {
        return Talk.open(server, tls);
    }

    @Override
    public void close() {
        Conversations carriers = others;
        if (carriers != null) carriers.close();
    }
}
