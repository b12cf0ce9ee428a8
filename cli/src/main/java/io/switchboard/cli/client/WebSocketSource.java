package io.switchboard.cli.client;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.time.Duration;
import java.util.Optional;

/**
 * The shared WebSocket, with one subscription. The plain one of a channel's own URL would do with less, but its
 * messages do not say their offsets, and after a lost connection nobody would know for sure where to go on.
 */
final class WebSocketSource implements Source {
    static final String AUTH_ID = "2";

    private static final String PROTOCOL = "switchboard.v1";
    private static final Duration HANDSHAKE_MAX = Duration.ofSeconds(20);

    private final Link link;
    private final ChannelAddress address;
    private final Kind kind;
    private final Time time;

    WebSocketSource(Link link, ChannelAddress address, Kind kind, Time time) {
        this.link = link;
        this.address = address;
        this.kind = kind;
        this.time = time;
    }

    static String subscribe(String channel, String from) {
        return "{\"id\":1,\"action\":\"subscribe\",\"channel\":" + JsonText.quote(channel) + ",\"offset\":"
                + JsonText.quote(from) + "}";
    }

    static String auth(String token) {
        return "{\"id\":" + AUTH_ID + ",\"action\":\"auth\",\"token\":" + JsonText.quote(token) + "}";
    }

    @Override
    public End read(String from, Listener listener) throws IOException, InterruptedException {
        Frames frames = new Frames();
        Optional<String> token = link.credentials().token();
        WebSocket.Builder handshake =
                link.http().newWebSocketBuilder().subprotocols(PROTOCOL).connectTimeout(HANDSHAKE_MAX);
        token.ifPresent(shown -> handshake.header(Link.AUTHORIZATION, Link.bearer(shown)));
        WebSocket socket;
        try {
            socket = Link.within(HANDSHAKE_MAX, handshake.buildAsync(address.live(), frames));
        } catch (WebSocketHandshakeException refused) {
            return refused(refused.getResponse(), token.isPresent());
        }
        try {
            Link.within(HANDSHAKE_MAX, socket.sendText(subscribe(address.channel(), from), true));
            return read(socket, frames, new Renewal(link.credentials(), time, token), from, listener);
        } finally {
            socket.abort();
        }
    }

    private End refused(HttpResponse<?> answer, boolean shown) {
        if (Answers.isPassing(answer.statusCode())) return new End.Away(Answers.retryAfter(answer));
        if (answer.statusCode() == 401) return new End.Refused(Answers.unauthorized(shown, address));
        if (answer.statusCode() == 403) return new End.Refused(Answers.forbidden("", address));
        return new End.Refused(new Failure(
                Failure.Kind.REFUSED,
                "The server, or a proxy in front of it, takes no WebSocket (it answers " + answer.statusCode()
                        + "); choose --transport sse or long-poll."));
    }

    private End read(WebSocket socket, Frames frames, Renewal renewal, String from, Listener listener)
            throws IOException, InterruptedException {
        while (true) {
            if (frames.isEmpty() && !listener.idle()) return new End.Enough();
            Optional<String> fresh = renewal.next();
            if (fresh.isPresent()) Link.within(HANDSHAKE_MAX, socket.sendText(auth(fresh.get()), true));
            boolean looksAgain = renewal.isDue();
            Optional<Frames.Frame> frame = frames.take(socket, looksAgain ? Renewal.LOOK_EVERY : Silence.MAX);
            if (frame.isEmpty() && looksAgain) continue;
            switch (frame.orElse(new Frames.Frame.End(0))) {
                case Frames.Frame.Sign() -> {}
                case Frames.Frame.End(int code) -> {
                    return ended(code, address);
                }
                case Frames.Frame.Text text -> {
                    LiveMessage message = LiveMessage.parse(Frames.bytes(text), kind);
                    if (message instanceof LiveMessage.Expiring) renewal.begin();
                    Optional<End> end = take(message, from, listener);
                    if (end.isPresent()) return end.get();
                }
            }
        }
    }

    private Optional<End> take(LiveMessage message, String asked, Listener listener) {
        return switch (message) {
            case LiveMessage.Delivered(Message delivered) -> more(listener.message(delivered));
            case LiveMessage.Gap(String from, String to) -> more(listener.gap(from, to));
            case LiveMessage.Closed() -> Optional.of(new End.Closed());
            case LiveMessage.Deleted() -> Optional.of(new End.Refused(Answers.deleted(address)));
            case LiveMessage.Refused(String code, String sentence) -> Optional.of(refused(code, sentence));
            case LiveMessage.Subscribed(String offset) -> {
                listener.connected();
                // The offset that was asked for comes back even if what followed it is gone; a gap is told next.
                if (Offsets.isOffset(offset) && !offset.equals(asked)) listener.position(offset);
                yield Optional.empty();
            }
            // It would be closed anyway; where to resume is known, so there is nothing to wait for.
            case LiveMessage.Reconnect(Duration after) -> Optional.of(new End.Away(Optional.of(after)));
            case LiveMessage.Expiring(), LiveMessage.Other() -> Optional.empty();
        };
    }

    /** What the refusal of the subscription means, by its word in the catalogue. */
    private End refused(String code, String sentence) {
        return switch (code) {
            case "unavailable", "too_many", "internal" -> End.Away.SOMETIME;
            case "not_found" -> new End.Refused(Answers.notFound(address));
            case "gone" -> new End.Refused(Answers.deleted(address));
            default ->
                new End.Refused(new Failure(
                        code.equals("invalid") ? Failure.Kind.USAGE : Failure.Kind.REFUSED,
                        "The server refuses to let this channel be read (" + code + "): " + sentence));
        };
    }

    /**
     * What the end of the connection means; a close code that is not known is one to come back from,
     * and so is 4010 (expired): there may be a new token, else the handshake says what is wrong.
     */
    static End ended(int code, ChannelAddress address) {
        return switch (code) {
            case 4009 -> new End.Closed();
            case 4004 -> new End.Refused(Answers.notFound(address));
            case 4012 ->
                new End.Refused(new Failure(
                        Failure.Kind.REFUSED,
                        "The token was revoked; ask whoever runs " + address.server() + " before you take another."));
            case 4001, 4003, 1002, 1003, 1007, 1009 ->
                new End.Refused(new Failure(
                        Failure.Kind.REFUSED,
                        "The server ended the WebSocket for good (close code " + code
                                + "); try --transport sse, or ask whoever runs " + address.server() + "."));
            default -> End.Away.SOMETIME;
        };
    }

    private static Optional<End> more(boolean wanted) {
        return wanted ? Optional.empty() : Optional.of(new End.Enough());
    }
}
