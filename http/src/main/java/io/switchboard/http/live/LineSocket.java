package io.switchboard.http.live;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.switchboard.core.access.Right;
import io.switchboard.core.channel.Append;
import io.switchboard.core.channel.ChannelName;
import io.switchboard.core.channel.ContentType;
import io.switchboard.core.channel.Offset;
import io.switchboard.core.channel.Payloads;
import io.switchboard.core.exchange.Exchange;
import io.switchboard.core.presence.Presence;
import io.switchboard.core.reading.Form;
import io.switchboard.core.store.AppendOutcome;
import io.switchboard.core.time.Ticker;
import io.switchboard.http.Occupation;
import io.switchboard.http.Socket;
import io.switchboard.http.SocketOwner;
import io.switchboard.http.access.Denials;
import io.switchboard.http.outcome.Problems;
import io.switchboard.http.socket.MessageFrames;
import io.switchboard.http.websocket.CloseCode;
import io.switchboard.http.websocket.Frames;
import io.switchboard.http.websocket.Handshake;
import io.switchboard.http.wire.ErrorCode;
import io.switchboard.http.wire.Problem;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A WebSocket on {@code /live}: one connection over many channels, in both directions. With the subprotocol
 * {@value LineSocket#SUBPROTOCOL} messages come in envelopes; without, bare. Belongs to its loop.
 */
final class LineSocket implements SocketOwner {
    static final String SUBPROTOCOL = "switchboard.v1";

    private static final ContentType JSON = type("application/json");
    private static final ContentType BYTES = type("application/octet-stream");

    private final boolean bare;
    private final Speaker speaker;
    private final Exchange exchange;
    private final Ticker ticker;
    private final Presence presence;
    private final Lines lines;
    private @Nullable Socket socket;
    private @Nullable Form<ByteBuf> form; // in which messages are sent

    /**
     * @param bare whether the subprotocol is not spoken
     * @param channelsMax subscriptions, 1 or more
     */
    LineSocket(boolean bare, Speaker speaker, Exchange exchange, Presence presence, Ticker ticker, int channelsMax) {
        this.bare = bare;
        this.speaker = speaker;
        this.exchange = exchange;
        this.presence = presence;
        this.ticker = ticker;
        lines = new Lines(this, exchange, presence, channelsMax);
    }

    private static ContentType type(String value) {
        ContentType type = ContentType.parse(value);
        if (type == null) throw new IllegalStateException(value);
        return type;
    }

    /** Whether a client asks for the subprotocol. */
    static boolean speaksV1(Handshake handshake) {
        return handshake.subprotocols().contains(SUBPROTOCOL);
    }

    @Override
    public void begin(Socket opened) {
        socket = opened;
        form = bare ? MessageFrames.of(opened) : Envelopes.of(opened);
        speaker.begin(this);
    }

    Socket socket() {
        if (socket == null) throw new IllegalStateException("not open");
        return socket;
    }

    /** In which messages are sent. */
    Form<ByteBuf> form() {
        if (form == null) throw new IllegalStateException("not open");
        return form;
    }

    boolean isBare() {
        return bare;
    }

    long nowMillis() {
        return ticker.nowMillis();
    }

    // --- what the client says

    @Override
    public void message(boolean text, byte[] bytes) {
        if (!speaker.isKnown()) {
            greet(text, bytes);
            return;
        }
        if (!text) {
            socket().close(CloseCode.UNSUPPORTED_DATA, "The line speaks JSON, in text frames.");
            return;
        }
        switch (ActionParser.parse(bytes)) {
            case ActionParser.Result.NotJson() -> {
                String sentence = "A message is one JSON object, each member once.";
                if (bare) error(ActionParser.NO_ID, Problem.of(ErrorCode.INVALID, sentence));
                else socket().close(CloseCode.INVALID_PAYLOAD, sentence);
            }
            case ActionParser.Result.Refused(long id, String sentence) ->
                error(id, Problem.of(ErrorCode.INVALID, sentence));
            case ActionParser.Result.Understood(long id, Action action) -> {
                act(id, action, bytes.length);
                return;
            }
        }
        socket().consumed(bytes.length);
    }

    // Whoever has not said who it is is not worth another word than that.
    private void greet(boolean text, byte[] bytes) {
        if (text
                && ActionParser.parse(bytes)
                        instanceof ActionParser.Result.Understood(long id, Action.Auth(var token))) {
            speaker.auth(this, id, token, bytes.length);
            return;
        }
        socket().close(CloseCode.UNAUTHORIZED, Speaker.FIRST_MESSAGE);
        socket().consumed(bytes.length);
    }

    // What takes its time is consumed when it is done: that bounds how much of it one client can ask for.
    private void act(long id, Action action, int bytes) {
        switch (action) {
            case Action.Publish publish -> publish(id, publish, bytes);
            case Action.Subscribe subscribe -> {
                if (may(id, Right.READ, subscribe.channel(), bytes)) lines.subscribe(id, subscribe, bytes);
            }
            case Action.Presence(ChannelName channel) -> {
                if (!may(id, Right.READ, channel, bytes)) return;
                presence.snapshot(channel, socket().loop(), snapshot -> {
                    ok(id, "{\"channel\":\"" + channel + "\"," + Attending.picture(snapshot) + "}");
                    socket().consumed(bytes);
                });
            }
            case Action.Unsubscribe(ChannelName channel) -> {
                lines.unsubscribe(id, channel);
                socket().consumed(bytes);
            }
            case Action.Auth(String token) -> speaker.auth(this, id, token, bytes);
            case Action.Ping() -> {
                ok(id, "{}");
                socket().consumed(bytes);
            }
        }
    }

    private boolean may(long id, Right right, ChannelName channel, int bytes) {
        if (allows(right, channel)) return true;
        error(id, Denials.forbidden(right, channel));
        socket().consumed(bytes);
        return false;
    }

    /** What may be done has changed: what may be read no longer ends. */
    void allowedAnew() {
        lines.allowedAnew();
    }

    boolean allows(Right right, ChannelName channel) {
        return speaker.allows(right, channel);
    }

    /** As whom the client is seen on channels. */
    String member() {
        return speaker.member();
    }

    // --- publications

    private void publish(long id, Action.Publish publish, int bytes) {
        ChannelName channel = publish.channel();
        if (publish.close() && !may(id, Right.MANAGE, channel, bytes)) return;
        if (publish.content() != null && !may(id, Right.WRITE, channel, bytes)) return;
        String subject = speaker.subject();
        exchange.publish(channel, type -> append(publish, type, subject), subject, socket().loop(), outcome -> {
            socket().consumed(bytes);
            switch (outcome) {
                case AppendOutcome.Appended(var into, var block, Offset offset, var tail) ->
                    ok(id, "{\"offset\":\"" + offset + "\"}");
                case AppendOutcome.Duplicate(var tail, long epoch, long highest) ->
                    ok(id, "{\"offset\":\"" + tail.offset() + "\",\"duplicate\":true}");
                default -> {
                    Problem problem = Problems.of(outcome);
                    if (problem != null) error(id, problem);
                }
            }
        });
    }

    /** The publication for a channel of that type, or for one that it creates; null if it has nothing of the type. */
    private static @Nullable Append append(
            Action.Publish publish, @Nullable ContentType type, @Nullable String subject) {
        return switch (publish.content()) {
            case null -> append(publish, null, Payloads.NONE, subject);
            case Action.Content.Json(Payloads values, Payloads texts) -> {
                if (type == null) yield append(publish, JSON, values, subject);
                yield switch (type.kind()) {
                    case JSON -> append(publish, type, values, subject);
                    case TEXT -> texts == null ? null : append(publish, type, texts, subject);
                    case BINARY -> null;
                };
            }
            case Action.Content.Bytes(Payloads messages) -> {
                if (type == null) yield append(publish, BYTES, messages, subject);
                yield type.kind() == ContentType.Kind.BINARY ? append(publish, type, messages, subject) : null;
            }
        };
    }

    private static Append append(
            Action.Publish publish, @Nullable ContentType type, Payloads payloads, @Nullable String subject) {
        return new Append(publish.channel(), type, payloads, publish.close(), publish.producer(), null, subject);
    }

    // --- what the client is told

    void ok(long id, String ok) {
        if (id != ActionParser.NO_ID) send("{\"reply\":" + id + ",\"ok\":" + ok + "}");
    }

    void error(long id, Problem problem) {
        if (id == ActionParser.NO_ID) send("{\"error\":" + problem.error() + "}");
        else send("{\"reply\":" + id + ",\"error\":" + problem.error() + "}");
    }

    /** Tells of something that concerns a channel: as an event, or on a bare line as an error. */
    void tell(String event, Problem problem) {
        send(bare ? "{\"error\":" + problem.error() + "}" : event);
    }

    /** Tells of something that went wrong, and was not asked for. */
    void fail(Problem problem) {
        error(ActionParser.NO_ID, problem);
    }

    void send(String json) {
        socket().write(Frames.message(Frames.TEXT, json.getBytes(StandardCharsets.UTF_8), ByteBufAllocator.DEFAULT));
    }

    @Override
    public void writable() {
        lines.writable();
    }

    @Override
    public void drain(long afterMillis) {
        if (!bare) send(String.format(Locale.ROOT, "{\"event\":\"reconnect\",\"after\":%.1f}", afterMillis / 1000.0));
    }

    @Override
    public void expiring(long millis) {
        speaker.expiring(this, millis);
    }

    @Override
    public void expire() {
        speaker.expire(this);
    }

    @Override
    public Occupation occupation() {
        return lines.occupation();
    }

    @Override
    public void gone() {
        lines.gone();
    }
}
