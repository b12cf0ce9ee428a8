package io.switchboard.cli.client;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** The JDK's HTTP client, so that every wait ends: for a connection, for a head, for a whole answer. Any thread. */
public final class Link implements AutoCloseable {
    /** A long-poll may take the server five minutes, if its operator wants that. */
    static final Duration ANSWER_MAX = Duration.ofSeconds(330);

    private static final Duration CONNECT_MAX = Duration.ofSeconds(10);
    private static final Duration HEAD_MAX = Duration.ofSeconds(30);

    private final HttpClient http;

    public Link() {
        http = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(CONNECT_MAX)
                .build();
    }

    HttpClient http() {
        return http;
    }

    static HttpRequest.Builder request(URI uri) {
        return HttpRequest.newBuilder(uri);
    }

    /** The whole answer. */
    HttpResponse<byte[]> send(HttpRequest.Builder request) throws IOException, InterruptedException {
        return within(ANSWER_MAX, http.sendAsync(request.build(), HttpResponse.BodyHandlers.ofByteArray()));
    }

    /** The head; the body as it comes, from a stream that the caller closes. */
    HttpResponse<InputStream> open(HttpRequest.Builder request) throws IOException, InterruptedException {
        return within(HEAD_MAX, http.sendAsync(request.build(), HttpResponse.BodyHandlers.ofInputStream()));
    }

    static <T> T within(Duration max, CompletableFuture<T> answer) throws IOException, InterruptedException {
        try {
            return answer.get(max.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException late) {
            answer.cancel(true);
            throw new HttpTimeoutException("no answer within " + max.toSeconds() + " s");
        } catch (InterruptedException stopped) {
            answer.cancel(true);
            throw stopped;
        } catch (ExecutionException failed) {
            throw failed.getCause() instanceof IOException broken ? broken : new IOException(failed.getCause());
        }
    }

    @Override
    public void close() {
        http.shutdownNow();
    }
}
