package io.switchboard.http.routing;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.switchboard.core.access.Right;
import io.switchboard.core.channel.ChannelName;
import io.switchboard.http.Handler;
import io.switchboard.http.PassingResponder;
import io.switchboard.http.Request;
import io.switchboard.http.Responder;
import io.switchboard.http.Response;
import io.switchboard.http.access.Cors;
import io.switchboard.http.access.Denials;
import io.switchboard.http.access.Entrance;
import io.switchboard.http.lab.LabHandler;
import io.switchboard.http.live.LiveHandler;
import io.switchboard.http.pages.PageHandler;
import io.switchboard.http.socket.SocketHandler;
import io.switchboard.http.stream.ListHandler;
import io.switchboard.http.stream.Refusals;
import io.switchboard.http.stream.StreamHandler;
import io.switchboard.http.websocket.Handshake;
import io.switchboard.http.wire.ChannelPath;
import io.switchboard.http.wire.ErrorCode;
import io.switchboard.http.wire.Problem;
import io.switchboard.http.wire.Query;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** From a request's path to the handler that answers it. */
public final class Router implements Handler {
    /** A path of the configuration that reads a channel. */
    public record Route(ChannelName channel, Form form, int last) {}

    /** How a route reads its channel. */
    public enum Form {
        LAST,
        SSE,
        LOG
    }

    // Adds the CORS header fields to whatever a handler answers.
    private static final class Shared extends PassingResponder {
        private final Request request;
        private final Cors cors;

        Shared(Responder responder, Request request, Cors cors) {
            super(responder);
            this.request = request;
            this.cors = cors;
        }

        @Override
        protected void onItsWay(Response response) {
            cors.apply(request, response);
        }
    }

    private final StreamHandler streams;
    private final ListHandler list;
    private final LiveHandler live;
    private final SocketHandler sockets;
    private final PageHandler pages;
    private final LabHandler lab;
    private final Map<String, Route> routes;
    private final Cors cors;
    private final boolean compress;
    private final Operations operations;
    private final boolean metricsHere;
    private final @Nullable Entrance entrance;

    /**
     * @param routes by path; one of them wins over a page
     * @param compress whether the messages of WebSockets may be compressed
     * @param operations answers what operators ask
     * @param metricsHere whether the figures are to be had here; to admins alone if anybody is asked who it is
     * @param entrance null if anybody may do anything
     */
    public Router(
            StreamHandler streams,
            ListHandler list,
            LiveHandler live,
            SocketHandler sockets,
            PageHandler pages,
            LabHandler lab,
            Map<String, Route> routes,
            Cors cors,
            boolean compress,
            Operations operations,
            boolean metricsHere,
            @Nullable Entrance entrance) {
        this.streams = streams;
        this.list = list;
        this.live = live;
        this.sockets = sockets;
        this.pages = pages;
        this.lab = lab;
        this.routes = Map.copyOf(routes);
        this.cors = cors;
        this.compress = compress;
        this.operations = operations;
        this.metricsHere = metricsHere;
        this.entrance = entrance;
    }

    @Override
    public void handle(Request request, Responder carrier) {
        Responder responder = new Shared(carrier, request, cors);
        if (request.method().equals(HttpMethod.OPTIONS)) {
            responder.send(cors.preflight(request, StreamHandler.METHODS));
            return;
        }
        switch (Query.parse(request.query())) {
            case Query.Result.Refused(String sentence) -> responder.send(Refusals.invalid(sentence));
            case Query.Result.Parsed(Query query) -> {
                if (entrance == null || isOpen(request.path())) {
                    enter(request, query, responder);
                } else {
                    entrance.doorman()
                            .admit(
                                    request,
                                    query,
                                    isEventStream(request, query),
                                    responder,
                                    (admitted, back) -> enter(admitted, query, back));
                }
            }
        }
    }

    /** Whether nobody is asked who it is. */
    private boolean isOpen(String path) {
        return Operations.isHealth(path) || (pages.has(path) && !routes.containsKey(path));
    }

    @Override
    public @Nullable Response beforeBody(Request head) {
        if (entrance == null) return null;
        Response refusal = entrance.doorman().beforeBody(head);
        if (refusal != null) cors.apply(head, refusal);
        return refusal;
    }

    /** Whether {@link #route} gives it to somebody who answers with an event stream. */
    private boolean isEventStream(Request request, Query query) {
        if (!request.method().equals(HttpMethod.GET) || Handshake.isAsked(request.headers())) return false;
        String path = request.path();
        if (path.startsWith(StreamHandler.PREFIX)) return StreamHandler.isEventStream(request, query);
        if (path.equals("/live")) return LiveHandler.isEventStream(request);
        Route route = routes.get(path);
        if (route == null) return false;
        return switch (route.form()) {
            case LAST -> false;
            case SSE -> true;
            case LOG -> StreamHandler.isEventStream(request, query);
        };
    }

    private void enter(Request request, Query query, Responder responder) {
        if (Handshake.isAsked(request.headers())) shake(request, query, responder);
        else route(request, query, responder);
    }

    private void shake(Request request, Query query, Responder responder) {
        boolean hasBody = request.body().length > 0;
        switch (Handshake.of(request.method(), request.headers(), hasBody, compress)) {
            case Handshake.Result.Refused(Problem problem) -> {
                Response refusal = Response.of(problem);
                if (problem.code() == ErrorCode.UPGRADE_REQUIRED) {
                    refusal.with(Handshake.VERSION_FIELD, Handshake.VERSION).with(HttpHeaderNames.UPGRADE, "websocket");
                }
                responder.send(refusal);
            }
            // Browsers ask no leave before a WebSocket, so it is refused here.
            case Handshake.Result.Accepted(Handshake handshake)
            when !cors.lets(request) ->
                responder.send(
                        Response.of(Problem.of(ErrorCode.FORBIDDEN, "Pages of this origin may not use this server.")));
            case Handshake.Result.Accepted(Handshake handshake) -> open(handshake, request, query, responder);
        }
    }

    private void open(Handshake handshake, Request request, Query query, Responder responder) {
        String path = request.path();
        Route route = routes.get(path);
        if (path.equals("/live")) {
            live.open(handshake, request, responder);
        } else if (path.startsWith(StreamHandler.PREFIX)) {
            switch (ChannelPath.parse(path.substring(StreamHandler.PREFIX.length()))) {
                case ChannelPath.Refused(String sentence) -> responder.send(Refusals.invalid(sentence));
                case ChannelPath.Named(ChannelName channel) -> open(channel, handshake, request, query, responder);
            }
        } else if (route != null) {
            open(route.channel(), handshake, request, query, responder);
        } else {
            responder.send(nowhere("WebSockets are at /live, and at channels: " + StreamHandler.PREFIX + "NAME."));
        }
    }

    private void open(ChannelName channel, Handshake handshake, Request request, Query query, Responder responder) {
        if (!Denials.allows(request, Right.READ, channel, responder)) return;
        sockets.handle(channel, request.access(), query, handshake, responder);
    }

    private void route(Request request, Query query, Responder responder) {
        String path = request.path();
        if (Operations.isHealth(path)) {
            operations.handle(request, responder);
            return;
        }
        if (metricsHere && path.equals(Operations.METRICS)) {
            if (entrance == null || Denials.isAdmin(request, responder)) operations.handle(request, responder);
            return;
        }
        if (path.startsWith(StreamHandler.PREFIX)) {
            streams.handle(request, query, responder);
            return;
        }
        Route route = routes.get(path);
        switch (path) {
            case "/v1/streams" -> {
                if (isRead(request, responder)) list.handle(request, query, responder);
            }
            case "/v1/tickets" -> tickets(request, responder);
            case "/v1/sessions" -> sessions(request, query, responder);
            case LabHandler.PATH -> lab.handle(request, responder);
            case "/live" -> {
                if (isRead(request, responder)) live.handle(request, query, responder);
            }
            default -> {
                if (route != null) {
                    if (isRead(request, responder)) read(route, request, query, responder);
                } else if (pages.has(path)) {
                    if (isRead(request, responder)) pages.handle(request, responder);
                } else {
                    responder.send(nowhere("Nothing is here; channels are at " + StreamHandler.PREFIX + "NAME."));
                }
            }
        }
    }

    private void tickets(Request request, Responder responder) {
        if (entrance == null) responder.send(nobodyIsAsked());
        else if (!request.method().equals(HttpMethod.POST))
            responder.send(StreamHandler.methodNotAllowed("POST, OPTIONS"));
        else entrance.tickets().issue(request, responder);
    }

    private void sessions(Request request, Query query, Responder responder) {
        if (entrance == null) {
            responder.send(nobodyIsAsked());
            return;
        }
        switch (request.method().name()) {
            case "GET", "HEAD" -> entrance.sessions().list(request, query, responder);
            case "DELETE" -> entrance.sessions().revoke(request, query, responder);
            default -> responder.send(StreamHandler.methodNotAllowed("GET, HEAD, DELETE, OPTIONS"));
        }
    }

    // A client that reads this has a wrong URL; of a channel that is not there it would wait for the first message.
    private static Response nowhere(String sentence) {
        return Response.of(Problem.of(ErrorCode.NOT_FOUND, sentence).with("reason", "path"));
    }

    private static Response nobodyIsAsked() {
        return Response.of(Problem.of(
                ErrorCode.NOT_FOUND, "This server is configured without authentication: anybody may do anything."));
    }

    private void read(Route route, Request request, Query query, Responder responder) {
        if (!Denials.allows(request, Right.READ, route.channel(), responder)) return;
        switch (route.form()) {
            case LAST -> streams.last(route.channel(), route.last(), request, responder);
            case SSE -> streams.plain(route.channel(), query, request, responder);
            case LOG -> streams.log(route.channel(), query, request, responder);
        }
    }

    // What can be got can be asked for its header alone (RFC 9110, section 9.1).
    private static boolean isRead(Request request, Responder responder) {
        boolean read =
                request.method().equals(HttpMethod.GET) || request.method().equals(HttpMethod.HEAD);
        if (!read) responder.send(StreamHandler.methodNotAllowed("GET, HEAD, OPTIONS"));
        return read;
    }
}
