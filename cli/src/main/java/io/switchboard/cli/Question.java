package io.switchboard.cli;

import io.switchboard.cli.place.Authorities;
import io.switchboard.cli.place.Credentials;
import io.switchboard.cli.place.Failure;
import io.switchboard.client.Json;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * One GET of something that a server tells about itself.
 *
 * @param trusted a file of certificates in place of the system's
 * @param patience until the answer is there
 */
record Question(URI server, Credentials credentials, Optional<Path> trusted, Duration patience) {
    private static final int ANSWER_BYTES_MAX = 4 << 20;

    /** The body of the answer; anything but 200 is a failure in the server's own words. */
    String ask(String path) throws Failure, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(server + path))
                .timeout(patience)
                .header("Accept", "application/json");
        credentials.token().ifPresent(token -> request.header("Authorization", "Bearer " + token));
        HttpClient.Builder builder =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(patience);
        if (trusted.isPresent()) builder.sslContext(Authorities.in(trusted.get()));
        try (HttpClient http = builder.build()) {
            HttpResponse<InputStream> answer = http.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
            String body;
            try (InputStream in = answer.body()) {
                body = new String(in.readNBytes(ANSWER_BYTES_MAX), StandardCharsets.UTF_8);
            }
            if (answer.statusCode() == 200) return body;
            throw refused(answer.statusCode(), body);
        } catch (HttpTimeoutException silent) {
            throw new Failure(
                    Failure.Kind.UNREACHABLE, server + " does not answer within " + patience.toSeconds() + " s.");
        } catch (IOException unreachable) {
            throw new Failure(
                    Failure.Kind.UNREACHABLE,
                    "No server answers at " + server
                            + "; is it running, and is the address right? ./switchboard doctor " + server
                            + " looks closer.");
        }
    }

    private Failure refused(int status, String body) {
        String detail = "";
        try {
            Map<String, String> problem = Json.members(body);
            String quoted = problem.get("detail");
            if (quoted != null) detail = " " + Json.unquote(quoted);
        } catch (Json.Malformed | IllegalArgumentException notOurs) {
            // Something in between answered; its status is all that is known.
        }
        String does =
                switch (status) {
                    case 401 -> " refuses without a token that it accepts; give one with --token-file.";
                    case 404 -> " knows no such thing; is it a Switchboard, and not an older one?";
                    default -> " answers with status " + status + ".";
                };
        Failure.Kind kind = status == 400 ? Failure.Kind.USAGE : Failure.Kind.REFUSED;
        return new Failure(kind, server + does + detail);
    }
}
