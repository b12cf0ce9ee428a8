package io.switchboard.http.routing;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.switchboard.core.time.Loop;
import io.switchboard.http.Handler;
import io.switchboard.http.Request;
import io.switchboard.http.Responder;
import io.switchboard.http.Response;
import io.switchboard.http.stream.StreamHandler;
import io.switchboard.http.wire.ErrorCode;
import io.switchboard.http.wire.Problem;
import java.nio.charset.StandardCharsets;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/** What whoever keeps the server up asks it: whether it lives, whether it takes requests, and its figures. Any loop. */
public final class Operations implements Handler {
    static final String LIVENESS = "/health/live";
    static final String READINESS = "/health/ready";
    static final String METRICS = "/metrics";

    /** The figures of the server, as Prometheus reads them. */
    @FunctionalInterface
    public interface Exposition {
        /** @param answer called once, on {@code caller}: the text, in the format 0.0.4 */
        void write(Loop caller, Consumer<byte[]> answer);
    }

    private static final String FORMAT = "text/plain; version=0.0.4; charset=utf-8";

    private final BooleanSupplier ready;
    private final Exposition exposition;

    /** @param ready whether the server takes requests; false once it drains */
    public Operations(BooleanSupplier ready, Exposition exposition) {
        this.ready = ready;
        this.exposition = exposition;
    }

    static boolean isHealth(String path) {
        return path.equals(LIVENESS) || path.equals(READINESS);
    }

    /** Whether a path is one of those. */
    static boolean has(String path) {
        return isHealth(path) || path.equals(METRICS);
    }

    @Override
    public void handle(Request request, Responder responder) {
        boolean read =
                request.method().equals(HttpMethod.GET) || request.method().equals(HttpMethod.HEAD);
        if (!has(request.path())) {
            responder.send(Response.of(Problem.of(
                    ErrorCode.NOT_FOUND, "Here are " + LIVENESS + ", " + READINESS + " and " + METRICS + ".")));
        } else if (!read) {
            responder.send(StreamHandler.methodNotAllowed("GET, HEAD, OPTIONS"));
        } else {
            switch (request.path()) {
                case LIVENESS -> responder.send(health(true));
                case READINESS -> responder.send(health(ready.getAsBoolean()));
                default -> exposition.write(responder.loop(), text -> responder.send(text(200, FORMAT, text)));
            }
        }
    }

    private static Response health(boolean good) {
        byte[] word = (good ? "ok\n" : "draining\n").getBytes(StandardCharsets.US_ASCII);
        return text(good ? 200 : 503, "text/plain; charset=utf-8", word);
    }

    private static Response text(int status, String type, byte[] text) {
        return Response.of(status)
                .with(HttpHeaderNames.CONTENT_TYPE, type)
                .with(HttpHeaderNames.CACHE_CONTROL, "no-store")
                .body(text);
    }
}
