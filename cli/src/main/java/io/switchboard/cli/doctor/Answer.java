package io.switchboard.cli.doctor;

import io.switchboard.client.Json;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;

/** A whole answer, or the beginning of one that is too long, and who wrote it. */
final class Answer {
    static final int BODY_BYTES_MAX = 64 << 10;

    private final Head head;
    private final byte[] body;
    private final Duration took;

    Answer(Head head, byte[] body, Duration took) {
        this.head = head;
        this.body = body;
        this.took = took;
    }

    Head head() {
        return head;
    }

    int status() {
        return head.status();
    }

    String text() {
        return new String(body, StandardCharsets.UTF_8);
    }

    Duration took() {
        return took;
    }

    /** The word of the server's catalogue of errors; empty if this is no error of the server. */
    Optional<String> problem() {
        return head.first("content-type").orElse("").startsWith("application/problem+json")
                ? member("code")
                : Optional.empty();
    }

    /** A member of the JSON object that the body is. */
    Optional<String> member(String name) {
        try {
            return Optional.ofNullable(Json.members(text()).get(name)).map(Json::unquote);
        } catch (Json.Malformed other) {
            return Optional.empty();
        }
    }

    /** Who says to have written or passed on the answer, for a sentence; empty if nobody does. */
    Optional<String> author() {
        Optional<String> server = head.first("server").filter(name -> !name.isEmpty());
        Optional<String> via = head.first("via").filter(name -> !name.isEmpty()).map(name -> "via " + name);
        if (server.isPresent() && via.isPresent()) return Optional.of(Excerpt.of(server.get() + ", " + via.get()));
        return server.or(() -> via)
                .or(() -> isLikeHaproxy() ? Optional.of("HAProxy") : Optional.empty())
                .map(Excerpt::of);
    }

    /** What kind of proxy that is, if it can be told. */
    Optional<Proxy> proxy() {
        String name = author().orElse("").toLowerCase(java.util.Locale.ROOT);
        if (name.contains("nginx") || name.contains("openresty")) return Optional.of(Proxy.NGINX);
        if (name.contains("haproxy")) return Optional.of(Proxy.HAPROXY);
        if (name.contains("caddy")) return Optional.of(Proxy.CADDY);
        boolean cloud = name.contains("cloudflare")
                || name.contains("awselb")
                || name.contains("google")
                || name.contains("azure")
                || head.first("cf-ray").isPresent()
                || head.first("x-azure-ref").isPresent();
        return cloud ? Optional.of(Proxy.CLOUD) : Optional.empty();
    }

    // It does not sign its pages, but nobody else begins them so.
    private boolean isLikeHaproxy() {
        return text().startsWith("<html><body><h1>" + status() + " ");
    }
}
