package io.switchboard.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.LongSupplier;

/**
 * What a run needs of the server beside its load: channels of its own, which it removes at the end, and figures. On a
 * connection of its own, so that it gets through when the others do not. One thread, which blocks.
 */
final class Control implements AutoCloseable {
    private static final Duration ANSWER_MAX = Duration.ofSeconds(10);
    private static final int BODY_BYTES = 512 * 1024;
    private static final int RANDOM_LENGTH = 8;

    private final Target target;
    private final LongSupplier clock;
    private final URI metrics;
    private final boolean metricsSigned;
    private final HttpClient http;
    private final String prefix;
    private final List<String> channels = new ArrayList<>();
    private String whyNoFigures = "";

    Control(Target target, Settings settings, LongSupplier clock) throws BenchFailure {
        this.target = target;
        this.clock = clock;
        this.metrics = settings.metrics().orElse(URI.create(target.uri() + "/metrics"));
        this.metricsSigned = target.isAt(metrics);
        HttpClient.Builder builder =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(ANSWER_MAX);
        if (target.trust().isPresent())
            builder.sslContext(Trust.context(target.trust().get()));
        this.http = builder.build();
        String random = Long.toString(ThreadLocalRandom.current().nextLong(Long.MAX_VALUE), 36) + "00000000";
        this.prefix = "bench/" + random.substring(0, RANDOM_LENGTH) + "/";
    }

    /** A channel's name below the prefix of this run. */
    String name(String last) {
        return prefix + last;
    }

    /** Checks that somebody is there. */
    void greet() throws BenchFailure {
        HttpResponse<byte[]> answer = send(request("/health/live").GET());
        if (answer.statusCode() != 200) throw refused("answers its health check with", answer.statusCode());
    }

    /** Creates a channel; returns its name. */
    String create(String last, String type) throws BenchFailure {
        String channel = name(last);
        HttpResponse<byte[]> answer = send(request(Requests.stream(channel))
                .header("Content-Type", type)
                .PUT(HttpRequest.BodyPublishers.noBody()));
        switch (answer.statusCode()) {
            case 200, 201 -> channels.add(channel);
            case 401 ->
                throw BenchFailure.failed("The server does not let this tool in: " + Trouble.UNAUTHORIZED.sentence()
                        + "; " + Trouble.UNAUTHORIZED.advice() + ".");
            case 403 ->
                throw BenchFailure.failed(
                        "The token may not create channels below bench/; " + Trouble.FORBIDDEN.advice() + ".");
            default -> throw refused("does not create a channel, but answers", answer.statusCode());
        }
        return channel;
    }

    /** Writes messages of this size to a channel until there are so many bytes of them; returns how many it were. */
    long fill(String channel, int size, long bytes, Halt halt) throws BenchFailure {
        long messages = 0;
        byte[] message = Stamp.message(size);
        while (messages * size < bytes && !halt.isWished()) {
            ByteArrayOutputStream body = new ByteArrayOutputStream(BODY_BYTES + size);
            body.write('[');
            do {
                if (body.size() > 1) body.write(',');
                Stamp.write(message, 0, ++messages, 0);
                body.writeBytes(message);
            } while (body.size() + size < BODY_BYTES && messages * size < bytes);
            body.write(']');
            HttpResponse<byte[]> answer = send(request(Requests.stream(channel))
                    .header("Content-Type", Requests.JSON)
                    .POST(HttpRequest.BodyPublishers.ofByteArray(body.toByteArray())));
            if (answer.statusCode() / 100 != 2)
                throw refused("does not take messages, but answers", answer.statusCode());
        }
        return messages;
    }

    /** Where a channel ends. */
    String tail(String channel) throws BenchFailure {
        HttpResponse<byte[]> answer =
                send(request(Requests.stream(channel)).method("HEAD", HttpRequest.BodyPublishers.noBody()));
        if (answer.statusCode() != 200)
            throw refused("does not let its channel be read, but answers", answer.statusCode());
        return answer.headers().firstValue("Stream-Next-Offset").orElse("now");
    }

    /** The server's figures, if they can be read; else {@link #whyNoFigures} says why. */
    Optional<ServerFigures> figures() {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(metrics).timeout(ANSWER_MAX).GET();
        if (metricsSigned) sign(request);
        try {
            HttpResponse<byte[]> answer = http.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
            if (answer.statusCode() == 200) {
                return Optional.of(ServerFigures.parse(new String(answer.body(), UTF_8), clock.getAsLong()));
            }
            whyNoFigures = metrics + " answers " + answer.statusCode();
        } catch (IOException silent) {
            whyNoFigures = metrics + " does not answer";
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            whyNoFigures = "the run was ended";
        }
        return Optional.empty();
    }

    String whyNoFigures() {
        return whyNoFigures;
    }

    /** Removes the channels of this run; returns a sentence if some are left. */
    Optional<String> cleanUp() {
        boolean interrupted = Thread.interrupted(); // whoever wants it to end wants this too
        try {
            return remove();
        } finally {
            if (interrupted) Thread.currentThread().interrupt();
        }
    }

    private Optional<String> remove() {
        int left = 0;
        String why = "";
        for (String channel : channels) {
            try {
                HttpResponse<byte[]> answer =
                        send(request(Requests.stream(channel)).DELETE());
                if (answer.statusCode() == 204 || answer.statusCode() == 404) continue;
                why = answer.statusCode() == 403
                        ? "the token may not delete them (it needs manage)"
                        : "the server answers " + answer.statusCode();
            } catch (BenchFailure gone) {
                why = "the server does not answer";
            }
            left++;
            if (left == 1 && why.endsWith("does not answer")) {
                left = channels.size();
                break;
            }
        }
        channels.clear();
        if (left == 0) return Optional.empty();
        return Optional.of(Text.count(left, "channel") + " below " + prefix + " stay behind: " + why + ".");
    }

    private HttpRequest.Builder request(String path) {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create(target.uri() + path)).timeout(ANSWER_MAX);
        return sign(request);
    }

    private HttpRequest.Builder sign(HttpRequest.Builder request) {
        target.token().ifPresent(token -> request.setHeader("Authorization", "Bearer " + token));
        return request;
    }

    private HttpResponse<byte[]> send(HttpRequest.Builder request) throws BenchFailure {
        try {
            return http.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
        } catch (IOException failed) {
            if (Trouble.of(failed) == Trouble.TLS) {
                throw BenchFailure.failed(
                        "The TLS handshake with " + target.uri() + " fails; " + Trouble.TLS.advice() + ".");
            }
            throw BenchFailure.failed("No server answers at " + target.uri() + "; ./switchboard serve starts one.");
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw BenchFailure.stopped();
        }
    }

    private BenchFailure refused(String what, int status) {
        return BenchFailure.failed("The server at " + target.uri() + " " + what + " " + status + ".");
    }

    /** Whatever ended the run, its channels go. */
    @Override
    public void close() {
        cleanUp();
        http.shutdownNow();
    }
}
