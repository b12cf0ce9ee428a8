package io.switchboard.cli.place;

import io.switchboard.client.Options;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.Optional;
import javax.net.ssl.SSLContext;

/**
 * What is shown to a server, and which certificates are believed.
 *
 * @param trusted empty for the authorities of the system
 */
public record Passport(Credentials credentials, Optional<SSLContext> trusted) {
    /** That of somebody without a token, who believes the system's authorities. */
    public static final Passport NONE = new Passport(Credentials.NONE, Optional.empty());

    private static final Duration CONNECT_MAX = Duration.ofSeconds(10);

    /** For a client of applications. */
    public Options options() {
        Options options = credentials.shownBy(Options.defaults());
        return trusted.isEmpty()
                ? options
                : options.httpClient(HttpClient.newBuilder()
                        .version(HttpClient.Version.HTTP_1_1)
                        .connectTimeout(CONNECT_MAX)
                        .sslContext(trusted.get())
                        .build());
    }

    /** Whether there is a token to show. */
    public boolean hasToken() {
        return credentials.token().isPresent();
    }
}
