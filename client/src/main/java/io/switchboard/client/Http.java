package io.switchboard.client;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Requests to the server, and their answers on the loop. */
final class Http {
    /** Of an answer: beyond what a server sends, of which one message is the largest part. */
    static final int BODY_BYTES_MAX = 192 << 20;

    /** Why there is no answer where the two sides do not agree on TLS, most often on the server's certificate. */
    static final String TLS_FAILED = "TLS failed";

    /** A request under way. */
    static final class Call {
        private @Nullable CompletableFuture<?> exchange;
        private Loop.@Nullable Timer deadline;
        private boolean over;

        /** No answer is wanted any more. On the loop. */
        void cancel() {
            over = true;
            if (deadline != null) deadline.cancel();
            if (exchange != null) exchange.cancel(true);
        }
    }

    private final HttpClient client;
    private final URI server;
    private final Loop loop;

    /** @param server without a slash at its end */
    Http(HttpClient client, URI server, Loop loop) {
        this.client = client;
        this.server = server;
        this.loop = loop;
    }

    HttpClient client() {
        return client;
    }

    /** The URL of the shared line. */
    URI line() {
        return URI.create(server.toString().replaceFirst("^[hH][tT]{2}[pP]", "ws") + "/live");
    }

    /** The path of a channel, whose characters stand in it as they are. */
    static String path(String channel) {
        return "/v1/stream/" + channel;
    }

    /** {@code text} as the value of a parameter. */
    static String parameter(String text) {
        StringBuilder encoded = new StringBuilder();
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            boolean plain = (b >= 'a' && b <= 'z') || (b >= 'A' && b <= 'Z') || (b >= '0' && b <= '9');
            if (plain || "-._~/:@".indexOf(b) >= 0) encoded.append((char) b);
            else encoded.append(String.format("%%%02X", b & 0xff));
        }
        return encoded.toString();
    }

    /** @param token empty if there is none */
    HttpRequest.Builder request(String target, String token) {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create(server + target)).version(HttpClient.Version.HTTP_1_1);
        return token.isEmpty() ? request : request.header("Authorization", "Bearer " + token);
    }

    /** Sends it; {@code then} gets what came of it, on the loop, unless the call is cancelled before. */
    Call send(HttpRequest request, long timeoutMillis, Consumer<Answer> then) {
        Call call = new Call();
        CompletableFuture<HttpResponse<String>> exchange =
                client.sendAsync(request, head -> new LimitedBody(BODY_BYTES_MAX));
        call.exchange = exchange;
        Consumer<Answer> once = answer -> {
            if (call.over) return;
            call.over = true;
            if (call.deadline != null) call.deadline.cancel();
            then.accept(answer);
        };
        call.deadline = loop.after(timeoutMillis, () -> {
            once.accept(Answer.none("no answer within " + timeoutMillis / 1_000 + " s"));
            exchange.cancel(true);
        });
        exchange.whenComplete((response, lost) -> loop.execute(() -> once.accept(
                response == null
                        ? Answer.none(why(lost))
                        : new Answer(response.statusCode(), response.headers(), response.body(), ""))));
        return call;
    }

    /** In words without the texts of exceptions, which may show what nobody shall read in a log. */
    static String why(@Nullable Throwable lost) {
        Throwable cause = lost == null || lost.getCause() == null ? lost : lost.getCause();
        if (cause instanceof java.net.ConnectException) return "could not connect";
        if (cause instanceof javax.net.ssl.SSLException) return TLS_FAILED;
        if (cause instanceof java.net.http.HttpTimeoutException) return "could not connect in time";
        return "the connection was lost";
    }
}
