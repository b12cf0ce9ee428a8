package io.switchboard.http.lab;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.switchboard.core.access.Right;
import io.switchboard.http.Request;
import io.switchboard.http.Responder;
import io.switchboard.http.Response;
import io.switchboard.http.access.Cors;
import io.switchboard.http.access.Denials;
import io.switchboard.http.stream.StreamHandler;
import io.switchboard.http.wire.ErrorCode;
import io.switchboard.http.wire.Problem;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * {@code /v1/lab}: GET to look, POST to wish for this and nothing else, PATCH to wish for something else in what holds. What is done here costs the machine as much as it can give, so it is for those
 * who run the server: admins, or, where nobody is asked who it is, whoever sits at this machine. A page of another origin is
 * never one of them, whatever {@link Cors} lets it do elsewhere. Any loop.
 */
public final class LabHandler {
    public static final String PATH = "/v1/lab";

    /** A wish is shorter than this, whatever its channel is called. */
    static final int BODY_BYTES_MAX = 4 * 1024;

    // What proxies add: whoever comes through one does not sit at this machine.
    private static final List<String> OF_PROXIES = List.of("Forwarded", "X-Forwarded-For", "Via");
    private static final String BEARER = "Bearer ";

    private final @Nullable Lab lab;
    private final String why;
    private final boolean readable;
    private final boolean asks;
    private final Cors cors;

    /**
     * @param lab null if there is none
     * @param why there is none, as a sentence
     * @param asks whether the server asks who somebody is
     */
    public LabHandler(@Nullable Lab lab, String why, boolean asks, Cors cors) {
        this.lab = lab;
        this.why = why;
        this.readable = cors.any();
        this.asks = asks;
        this.cors = cors;
    }

    /** @param request of somebody who said who it is, if that is asked */
    public void handle(Request request, Responder responder) {
        if (!isOperator(request, responder)) return;
        switch (request.method().name()) {
            case "GET", "HEAD" -> responder.send(lab == null ? none() : sight(lab));
            case "POST" -> wish(request, Wish.NOTHING, responder);
            case "PATCH" ->
                wish(request, lab == null ? Wish.NOTHING : lab.look().wish(), responder);
            default -> responder.send(StreamHandler.methodNotAllowed("GET, HEAD, POST, PATCH, OPTIONS"));
        }
    }

    private boolean isOperator(Request request, Responder responder) {
        if (cors.isForeign(request)) {
            responder.send(forbidden("Pages of another origin have no business here."));
            return false;
        }
        if (asks) return Denials.isAdmin(request, responder);
        if (lab == null) return true; // why there is none is no secret, and there is nothing else to be had
        boolean near = isThisMachine(request.header(HttpHeaderNames.HOST))
                && OF_PROXIES.stream().noneMatch(name -> request.headers().contains(name));
        if (!near) {
            responder.send(forbidden("This is for who sits at the server's machine and calls it localhost or 127.0.0.1;"
                    + " others need a token with admin, which a server without auth.keys does not ask for."));
        }
        return near;
    }

    /** By the name that was called: a name of somebody else's can be made to lead here. */
    static boolean isThisMachine(@Nullable String host) {
        if (host == null) return false;
        String name = host.replaceFirst(":\\d*$", "");
        if (name.equalsIgnoreCase("localhost")) return true;
        String bare = name.startsWith("[") && name.endsWith("]") ? name.substring(1, name.length() - 1) : name;
        try {
            return InetAddress.ofLiteral(bare).isLoopbackAddress();
        } catch (IllegalArgumentException other) {
            return false;
        }
    }

    private void wish(Request request, Wish otherwise, Responder responder) {
        Lab there = lab;
        String type = request.header(HttpHeaderNames.CONTENT_TYPE);
        if (there == null) {
            responder.send(forbidden(why));
        } else if (type == null || !type.toLowerCase(Locale.ROOT).startsWith("application/json")) {
            responder.send(Response.of(Problem.of(ErrorCode.UNSUPPORTED_MEDIA_TYPE, "A wish is application/json.")));
        } else if (request.body().length > BODY_BYTES_MAX) {
            responder.send(
                    Response.of(Problem.of(ErrorCode.TOO_LARGE, "A wish has at most " + BODY_BYTES_MAX + " bytes.")));
        } else {
            switch (Wish.parse(request.body(), otherwise)) {
                case Wish.Result.Refused(String sentence) ->
                    responder.send(Response.of(Problem.of(ErrorCode.INVALID, sentence)));
                // Viewers show the token of who wished for them, so they read what it may.
                case Wish.Result.Good(Wish wish) -> {
                    if (wish.viewers() > 0 && !Denials.allows(request, Right.READ, wish.channel(), responder)) return;
                    there.become(wish, asks ? token(request) : null);
                    responder.send(sight(there));
                }
            }
        }
    }

    private static @Nullable String token(Request request) {
        String authorization = request.header(HttpHeaderNames.AUTHORIZATION);
        if (authorization == null || !authorization.regionMatches(true, 0, BEARER, 0, BEARER.length())) return null;
        return authorization.substring(BEARER.length()).strip();
    }

    private Response none() {
        return json("{\"available\":false,\"because\":" + quoted(why) + "}");
    }

    private Response sight(Lab there) {
        Lab.Sight sight = there.look();
        Wish wish = sight.wish();
        return json("{\"available\":true,\"readable\":" + readable + ",\"stage\":\""
                + sight.stage().name().toLowerCase(Locale.ROOT) + "\",\"wish\":{\"relay\":" + wish.relay()
                + ",\"delayMillis\":" + wish.delayMillis() + ",\"lossPercent\":" + wish.lossPercent()
                + ",\"stripUpgrade\":" + wish.stripUpgrade() + ",\"plugged\":" + wish.plugged() + ",\"viewers\":"
                + wish.viewers() + ",\"carrier\":\"" + wish.carrier() + "\",\"pollMillis\":" + wish.pollMillis()
                + ",\"channel\":\"" + wish.channel().value() + "\"},\"figures\":" + sight.figures() + "}");
    }

    // Sentences of ours have nothing in them that JSON escapes, but for quotation marks.
    private static String quoted(String sentence) {
        return '"' + sentence.replace("\"", "\\\"") + '"';
    }

    private static Response json(String text) {
        return Response.of(200)
                .with(HttpHeaderNames.CONTENT_TYPE, "application/json")
                .with(HttpHeaderNames.CACHE_CONTROL, "no-store")
                .body(text.getBytes(StandardCharsets.UTF_8));
    }

    private static Response forbidden(String sentence) {
        return Response.of(Problem.of(ErrorCode.FORBIDDEN, sentence));
    }
}
