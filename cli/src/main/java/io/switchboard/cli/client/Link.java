package io.switchboard.cli.client;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * The JDK's HTTP client, so that every wait ends: for a connection, for a head, for a whole answer; and every request
 * carries the token of its moment. Any thread.
 */
public final class Link implements AutoCloseable {
    /** A long-poll may take the server five minutes, if its operator wants that. */
    static final Duration ANSWER_MAX = Duration.ofSeconds(330);

    static final String AUTHORIZATION = "Authorization";

    private static final Duration CONNECT_MAX = Duration.ofSeconds(10);
    private static final Duration HEAD_MAX = Duration.ofSeconds(30);

    private final HttpClient http;
    private final Credentials credentials;

    public Link(Credentials credentials) {
        this.credentials = credentials;
        http = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(CONNECT_MAX)
                .build();
    }

    HttpClient http() {
        return http;
    }

    Credentials credentials() {
        return credentials;
    }

    static HttpRequest.Builder request(URI uri) {
        return HttpRequest.newBuilder(uri);
    }

    /** The whole answer. */
    HttpResponse<byte[]> send(HttpRequest.Builder request) throws IOException, InterruptedException {
        HttpResponse<byte[]> answer = sendOnce(request);
        return isOfAnEarlierToken(answer) ? sendOnce(request) : answer;
    }

    private HttpResponse<byte[]> sendOnce(HttpRequest.Builder request) throws IOException, InterruptedException {
        return within(ANSWER_MAX, http.sendAsync(signed(request), HttpResponse.BodyHandlers.ofByteArray()));
    }

    /** The head; the body as it comes, from a stream that the caller closes. */
    HttpResponse<InputStream> open(HttpRequest.Builder request) throws IOException, InterruptedException {
        HttpResponse<InputStream> answer = openOnce(request);
        if (!isOfAnEarlierToken(answer)) return answer;
        answer.body().close();
        return openOnce(request);
    }

    private HttpResponse<InputStream> openOnce(HttpRequest.Builder request) throws IOException, InterruptedException {
        return within(HEAD_MAX, http.sendAsync(signed(request), HttpResponse.BodyHandlers.ofInputStream()));
    }

    // It may have been renewed meanwhile, or read while half of it was written.
    private boolean isOfAnEarlierToken(HttpResponse<?> answer) {
        if (answer.statusCode() != 401) return false;
        Optional<String> now = credentials.token().map(Link::bearer);
        return now.isPresent() && !now.equals(answer.request().headers().firstValue(AUTHORIZATION));
    }

    private HttpRequest signed(HttpRequest.Builder request) {
        credentials.token().ifPresent(token -> request.setHeader(AUTHORIZATION, bearer(token)));
        return request.build();
    }

    static String bearer(String token) {
        return "Bearer " + token;
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
