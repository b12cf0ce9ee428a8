package io.switchboard.client;

import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The shared line: one WebSocket with {@code switchboard.v1} for all subscriptions, and for publications too. It is
 * proven by the reply to a ping, and subscribes only once it is used. While its only subscription is not read for a moment
 * it is held: the next frame is not asked for. On the loop.
 */
final class LineLink implements Link, Frames.Receiver {
    /** Payload of an append. One that is longer goes by POST: only there too large a one costs no connection. */
    static final int PUBLISH_BYTES_MAX = 24 << 10;

    private static final String SUBPROTOCOL = "switchboard.v1";
    private static final int NORMAL = 1000;
    private static final long CONNECT_SECONDS_MAX = 30;
    private static final long LOOK_MILLIS = 1_000;
    private static final long REPLY_MILLIS = 10_000;
    private static final long AGAIN_MILLIS = 1_000;

    // After so long it is subscribed anew instead: a line has other things to say too.
    private static final long HOLD_MILLIS = 100;

    /** The reply to an action: {@code ok} or {@code error} is there, as the members of its object. */
    record Reply(@Nullable Map<String, String> ok, @Nullable Map<String, String> error) {}

    /** A subscription asked for; messages count from its reply on. */
    private static final class Following {
        final Feed feed;
        final double rate;
        final boolean presence;
        boolean confirmed;

        Following(Feed feed) {
            this.feed = feed;
            rate = feed.rate();
            presence = feed.presence();
        }

        boolean isAsWanted() {
            return rate == feed.rate() && presence == feed.presence();
        }
    }

    private final Http http;
    private final Loop loop;
    private final Owner owner;
    private final long quietMillis;
    private String token;

    private @Nullable WebSocket socket;
    private boolean over;
    private boolean used;
    private long lastAction;
    private long heardMillis;
    private boolean pinged;
    private boolean late;
    private long closesAtMillis = Long.MIN_VALUE; // as the server has told
    private Loop.@Nullable Timer look;

    // One reply a subscription, a channel published to, a ping and a token.
    private final Map<Long, Consumer<Reply>> replies = new HashMap<>();
    private final Map<Long, Runnable> unanswered = new HashMap<>(); // of publications: what to do without a reply
    private final Map<String, Following> followed = new HashMap<>();
    private final Deque<String> out = new ArrayDeque<>(); // what waits for the socket: a few actions a channel at most
    private boolean sending;

    private boolean taking; // a frame
    private @Nullable Feed held;
    private Loop.@Nullable Timer letGo;

    /** @param quietMillis after which it asks whether the server is there */
    LineLink(Http http, Loop loop, Owner owner, String token, long quietMillis) {
        this.http = http;
        this.loop = loop;
        this.owner = owner;
        this.token = token;
        this.quietMillis = quietMillis;
    }

    @Override
    public Transport transport() {
        return Transport.WEBSOCKET;
    }

    @Override
    public String token() {
        return token;
    }

    @Override
    public void begin() {
        http.client()
                .newWebSocketBuilder()
                .subprotocols(SUBPROTOCOL)
                .connectTimeout(Duration.ofSeconds(CONNECT_SECONDS_MAX))
                .buildAsync(http.line(), new Frames(loop, this))
                .whenComplete((opened, failed) -> loop.execute(() -> {
                    if (opened == null) refusedHandshake(failed);
                    else opened(opened);
                }));
    }

    private void refusedHandshake(Throwable failed) {
        Throwable cause = failed.getCause() == null ? failed : failed.getCause();
        if (cause instanceof WebSocketHandshakeException refused) {
            int status = refused.getResponse().statusCode();
            Backoff.Told told = Answer.told(refused.getResponse().headers());
            finish(new Over(Over.busyOrLost(status, told), "the handshake was answered " + status, told));
        } else {
            finish(Over.lost(Http.why(cause)));
        }
    }

    private void opened(WebSocket opened) {
        if (over) {
            opened.abort();
            return;
        }
        socket = opened;
        if (!SUBPROTOCOL.equals(opened.getSubprotocol())) {
            finish(Over.lost("the subprotocol was not kept"));
            return;
        }
        heardMillis = loop.nowMillis();
        opened.request(1);
        if (!token.isEmpty()) act("auth", ",\"token\":" + Json.quote(token), reply -> {});
        act("ping", "", reply -> owner.proven(this));
        look = loop.after(LOOK_MILLIS, this::look);
    }

    // ---- life

    private void look() {
        long silent = loop.nowMillis() - heardMillis;
        if (pinged && silent >= quietMillis + REPLY_MILLIS) {
            finish(Over.lost("no reply within " + REPLY_MILLIS / 1_000 + " s"));
            return;
        }
        if (!pinged && silent >= quietMillis) {
            pinged = true;
            act("ping", "", reply -> {});
        } else if (pinged && !late && silent >= quietMillis + REPLY_MILLIS / 2) {
            late = true;
            owner.late(this, true);
        }
        look = loop.after(LOOK_MILLIS, this::look);
    }

    @Override
    public void alive() {
        heardMillis = loop.nowMillis();
        pinged = false;
        if (late && !over) {
            late = false;
            owner.late(this, false);
        }
    }

    // ---- what is read

    @Override
    public void use() {
        used = true;
    }

    @Override
    public void follow(Feed feed) {
        if (!used || over) return;
        String channel = feed.channel();
        Following before = followed.get(channel);
        if (feed.equals(held) && before != null && before.isAsWanted()) {
            feed.begun(feed.cursor().at());
            release();
            return;
        }
        if (before != null) unfollow(feed);
        Following following = new Following(feed);
        StringBuilder members = new StringBuilder(",\"channel\":")
                .append(Json.quote(channel))
                .append(",\"offset\":")
                .append(Json.quote(feed.cursor().at()));
        if (following.rate > 0) members.append(",\"rate\":").append(following.rate);
        if (following.presence) members.append(",\"presence\":true");
        followed.put(channel, following);
        act("subscribe", members.toString(), reply -> subscribed(following, reply));
    }

    @Override
    public void rewanted(Feed feed) {
        Following following = followed.get(feed.channel());
        if (following != null && !following.isAsWanted()) follow(feed);
    }

    private void subscribed(Following following, Reply reply) {
        Feed feed = following.feed;
        if (followed.get(feed.channel()) != following) return; // another one since
        if (reply.ok() != null) {
            following.confirmed = true;
            feed.begun(Envelope.text(reply.ok(), "offset"));
            return;
        }
        followed.remove(feed.channel());
        Map<String, String> error = reply.error() == null ? Map.of() : reply.error();
        switch (Envelope.text(error, "code")) {
            case "unavailable", "internal" ->
                loop.after(AGAIN_MILLIS + (long) (owner.random() * AGAIN_MILLIS), () -> {
                    if (feed.isActive() && !followed.containsKey(feed.channel())) follow(feed);
                });
            case "gone", "not_found" -> feed.end(End.DELETED);
            default -> feed.end(End.refused(exception(error)));
        }
    }

    // Outside of a frame one is asked for already, and would be lost.
    @Override
    public void pause(Feed feed) {
        if (!taking || followed.size() != 1 || confirmed(feed.channel()) != feed) {
            unfollow(feed);
            return;
        }
        held = feed;
        letGo = loop.after(HOLD_MILLIS, () -> unfollow(feed));
    }

    private void release() {
        held = null;
        if (letGo != null) letGo.cancel();
        if (socket != null && !taking && !over) socket.request(1);
    }

    @Override
    public void unfollow(Feed feed) {
        if (feed.equals(held)) release();
        if (followed.remove(feed.channel()) == null || over) return;
        act("unsubscribe", ",\"channel\":" + Json.quote(feed.channel()), reply -> {});
    }

    /**
     * Appends.
     *
     * @param members of the action, beside its channel
     * @param then told what came of it
     * @param lost done instead if that will not be known
     */
    void publish(String channel, String members, Consumer<Reply> then, Runnable lost) {
        unanswered.put(lastAction + 1, lost);
        act("publish", ",\"channel\":" + Json.quote(channel) + members, then);
    }

    // ---- what comes

    @Override
    public boolean text(String text) {
        if (over) return false;
        taking = true;
        try {
            take(text);
        } finally {
            taking = false;
        }
        return held == null && !over;
    }

    private void take(String text) {
        try {
            Map<String, String> said = Json.members(text);
            if (said.containsKey("offset")) message(Envelope.of(said));
            else if (said.containsKey("reply")) reply(Envelope.number(said, "reply"), said);
            else if (said.containsKey("event")) event(Envelope.text(said, "event"), said);
            else if (said.containsKey("error")) error(Json.members(said.getOrDefault("error", "{}")));
        } catch (Json.Malformed malformed) {
            finish(Over.lost("what came was not understood"));
        }
    }

    private @Nullable Feed confirmed(String channel) {
        Following following = followed.get(channel);
        return following == null || !following.confirmed ? null : following.feed;
    }

    private void message(Envelope envelope) {
        Following following = followed.get(envelope.channel());
        if (following != null && following.confirmed) following.feed.message(envelope, following.rate);
    }

    private void reply(long action, Map<String, String> said) throws Json.Malformed {
        Consumer<Reply> waiting = replies.remove(action);
        unanswered.remove(action);
        if (waiting == null) return;
        String ok = said.get("ok");
        waiting.accept(
                ok != null
                        ? new Reply(Json.members(ok), null)
                        : new Reply(null, Json.members(said.getOrDefault("error", "{}"))));
    }

    private void event(String event, Map<String, String> said) throws Json.Malformed {
        if (event.equals("reconnect")) {
            closesAtMillis = loop.nowMillis() + millis(said.getOrDefault("after", "0"));
        } else if (event.equals("expiring")) {
            owner.expiring(this);
        }
        Feed feed = confirmed(Envelope.text(said, "channel"));
        if (feed == null) return;
        switch (event) {
            case "gap" -> feed.gap(Envelope.text(said, "from"), Envelope.text(said, "to"));
            case "closed" -> ended(feed, End.CLOSED);
            case "deleted" -> ended(feed, End.DELETED);
            case "presence", "join", "leave" -> feed.presence(event, said);
            default -> {} // of a later time
        }
    }

    private static long millis(String seconds) {
        try {
            return (long) (Double.parseDouble(seconds) * 1_000);
        } catch (NumberFormatException none) {
            return 0;
        }
    }

    private void ended(Feed feed, End how) {
        followed.remove(feed.channel());
        feed.end(how);
    }

    // What was not asked for: a subscription that the new token does not allow.
    private void error(Map<String, String> error) {
        Feed feed = confirmed(Envelope.text(error, "channel"));
        if (feed != null) ended(feed, End.refused(exception(error)));
    }

    static SwitchboardException exception(Map<String, String> error) {
        String code = Envelope.text(error, "code");
        return new SwitchboardException(
                code.isEmpty() ? "internal" : code,
                Envelope.text(error, "reason"),
                Envelope.text(error, "message"),
                error);
    }

    // ---- what is said

    @Override
    public void renewed(String newToken) {
        if (over || newToken.equals(token)) return;
        String before = token;
        token = newToken;
        if (socket == null) return; // it will be the first message
        act("auth", ",\"token\":" + Json.quote(newToken), reply -> {
            if (reply.error() != null) {
                token = before; // which counts until it ends
                owner.refused(newToken);
            } else {
                owner.accepted();
            }
        });
    }

    private void act(String action, String members, Consumer<Reply> then) {
        long id = ++lastAction;
        replies.put(id, then);
        out.add("{\"id\":" + id + ",\"action\":\"" + action + "\"" + members + "}");
        send();
    }

    private void send() {
        WebSocket to = socket;
        if (sending || to == null || over) return;
        String next = out.poll();
        if (next == null) return;
        sending = true;
        to.sendText(next, true)
                .whenComplete((sent, failed) -> loop.execute(() -> {
                    sending = false;
                    if (failed != null) finish(Over.lost("the connection was lost"));
                    else send();
                }));
    }

    // ---- the end

    @Override
    public void closed(int code) {
        if (over) return;
        long left = closesAtMillis == Long.MIN_VALUE ? -1 : Math.max(0, closesAtMillis - loop.nowMillis());
        Backoff.Told told = left < 0 ? Backoff.Told.NOTHING : new Backoff.Told.Exactly(left);
        String why = code == Frames.LOST ? "the connection was lost" : "closed with " + code;
        switch (code) {
            case 1001, 1012 -> finish(new Over(Over.Kind.PLANNED, why, told));
            case 1013 -> finish(new Over(Over.Kind.BUSY, why, told));
            case 4001, 4010 -> finish(Over.unauthorized(why));
            case 4012 -> finish(Over.refused("the token was revoked"));
            case 1002, 1003, 1007, 1009, 4003 -> finish(Over.refused(why));
            default -> finish(left < 0 ? Over.lost(why) : new Over(Over.Kind.PLANNED, why, told));
        }
    }

    private void finish(Over how) {
        if (over) return;
        shut();
        if (socket != null) socket.abort();
        owner.over(this, how);
    }

    @Override
    public void end() {
        if (over) return;
        shut();
        WebSocket open = socket;
        if (open == null) return;
        if (sending) open.abort(); // one at a time may be sent
        else open.sendClose(NORMAL, "").whenComplete((sent, failed) -> open.abort());
    }

    // What was asked for has no reply any more: publications are to know.
    private void shut() {
        over = true;
        held = null;
        if (letGo != null) letGo.cancel();
        if (look != null) look.cancel();
        followed.clear();
        out.clear();
        replies.clear();
        List<Runnable> lost = List.copyOf(unanswered.values());
        unanswered.clear();
        lost.forEach(Runnable::run);
    }
}
