package io.switchboard.http.access;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.switchboard.core.access.Access;
import io.switchboard.core.access.Revocations.Revocation;
import io.switchboard.http.Request;
import io.switchboard.http.Responder;
import io.switchboard.http.Response;
import io.switchboard.http.Sessions;
import io.switchboard.http.Sessions.Session;
import io.switchboard.http.wire.ErrorCode;
import io.switchboard.http.wire.Problem;
import io.switchboard.http.wire.Query;
import io.switchboard.http.wire.SafeInteger;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/** {@code /v1/sessions}, for admins: GET lists who is connected, DELETE revokes. */
public final class SessionHandler {
    static final int LIMIT_DEFAULT = 100;
    static final int LIMIT_MAX = 1_000;
    static final int NAME_BYTES_MAX = 256; // of a sub or jti
    private static final int NODE_LENGTH_MAX = 32;
    private static final char AFTER_NODE = ':';

    private static final JsonFactory JSON = new JsonFactory();

    private final Gate gate;
    private final Sessions sessions;
    private final @Nullable SessionsOfAll ofAll;
    private final long clockSkewMillis;

    /**
     * @param ofAll asks other nodes too; null if there are none
     * @param clockSkewMillis how far the clock of the issuer of tokens may be ahead
     */
    public SessionHandler(Gate gate, Sessions sessions, @Nullable SessionsOfAll ofAll, long clockSkewMillis) {
        this.clockSkewMillis = clockSkewMillis;
        this.gate = gate;
        this.sessions = sessions;
        this.ofAll = ofAll;
    }

    /** {@code ?sub=} and {@code ?jti=} choose; {@code ?after=} and {@code ?limit=} page. */
    public void list(Request request, Query query, Responder responder) {
        if (!Denials.isAdmin(request, responder)) return;
        if (isTooLong(query.first("sub")) || isTooLong(query.first("jti"))) {
            responder.send(invalid("sub and jti have at most " + NAME_BYTES_MAX + " bytes."));
            return;
        }
        String asked = query.first("limit");
        long limit = asked == null ? LIMIT_DEFAULT : SafeInteger.parse(asked);
        SessionsOfAll.Question question =
                question(query.first("after"), (int) limit + 1, query.first("sub"), query.first("jti"));
        if (limit < 1 || limit > LIMIT_MAX || question == null) {
            responder.send(invalid("limit is a number from 1 to " + LIMIT_MAX + ", after one that this server gave."));
            return;
        }
        if (ofAll == null) {
            sessions.list(
                    question.afterNumber(),
                    question.limit(), // one more tells that there are more
                    question.whose(),
                    responder.loop(),
                    found -> responder.send(listed(json(found, (int) limit))));
        } else if (!ofAll.ask(question, responder.loop(), found -> responder.send(listed(json(found, (int) limit))))) {
            responder.send(Response.of(Problem.of(ErrorCode.UNAVAILABLE, "As many ask for sessions as may; try again."))
                    .with(HttpHeaderNames.RETRY_AFTER, "2"));
        }
    }

    // Null if `after` is none. Of several nodes, it names one of them too.
    private SessionsOfAll.@Nullable Question question(
            @Nullable String after, int limit, @Nullable String subject, @Nullable String tokenId) {
        if (after == null) return new SessionsOfAll.Question("", 0, limit, subject, tokenId);
        int mark = ofAll == null ? -1 : after.indexOf(AFTER_NODE);
        if (ofAll != null && (mark < 1 || mark > NODE_LENGTH_MAX)) return null;
        long number = SafeInteger.parse(after.substring(mark + 1));
        if (number == SafeInteger.INVALID) return null;
        return new SessionsOfAll.Question(after.substring(0, Math.max(0, mark)), number, limit, subject, tokenId);
    }

    private static Response listed(byte[] body) {
        return Response.of(200)
                .with(HttpHeaderNames.CONTENT_TYPE, "application/json")
                .with(HttpHeaderNames.CACHE_CONTROL, "no-store")
                .body(body);
    }

    private static byte[] json(List<Session> found, int limit) {
        List<Session> shown = found.size() > limit ? found.subList(0, limit) : found;
        ByteArrayOutputStream out = new ByteArrayOutputStream(256 * shown.size() + 64);
        try (JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), out)) {
            json.writeStartObject();
            json.writeArrayPropertyStart("sessions");
            for (Session session : shown) write(null, session, json);
            json.writeEndArray();
            if (found.size() > limit)
                json.writeNumberProperty("after", shown.getLast().number());
            json.writeEndObject();
        }
        return out.toByteArray();
    }

    private static byte[] json(SessionsOfAll.Found found, int limit) {
        List<SessionsOfAll.Entry> all = found.sessions();
        List<SessionsOfAll.Entry> shown = all.size() > limit ? all.subList(0, limit) : all;
        ByteArrayOutputStream out = new ByteArrayOutputStream(256 * shown.size() + 64);
        try (JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), out)) {
            json.writeStartObject();
            json.writeArrayPropertyStart("sessions");
            for (SessionsOfAll.Entry entry : shown) json.writeRawValue(entry.json());
            json.writeEndArray();
            if (all.size() > limit) {
                SessionsOfAll.Entry last = shown.getLast();
                json.writeStringProperty("after", last.node() + AFTER_NODE + last.number());
            }
            if (!found.silent().isEmpty()) {
                json.writeArrayPropertyStart("silent");
                for (String node : found.silent()) json.writeString(node);
                json.writeEndArray();
            }
            json.writeEndObject();
        }
        return out.toByteArray();
    }

    /** One of a node, as the list has it. */
    static String json(String node, Session session) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(256);
        try (JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), out)) {
            write(node, session, json);
        }
        return out.toString(StandardCharsets.UTF_8);
    }

    private static void write(@Nullable String node, Session session, JsonGenerator json) {
        Access access = session.access();
        json.writeStartObject();
        json.writeNumberProperty("id", session.number());
        writeIfAny("node", node, json);
        writeIfAny("sub", access.subject(), json);
        writeIfAny("jti", access.tokenId(), json);
        if (access.expiresAtMillis() != Access.NEVER)
            json.writeStringProperty("expires", time(access.expiresAtMillis()));
        json.writeStringProperty("address", session.address());
        json.writeStringProperty("http", session.http());
        json.writeStringProperty("transport", session.occupation().transport());
        json.writeStringProperty("since", time(session.sinceMillis()));
        writeIfAny("channel", session.occupation().channel(), json);
        json.writeNumberProperty("channels", session.occupation().channels());
        json.writeNumberProperty("lagging", session.occupation().lagging());
        json.writeNumberProperty("pendingBytes", session.pendingBytes());
        json.writeEndObject();
    }

    private static void writeIfAny(String name, @Nullable String value, JsonGenerator json) {
        if (value != null) json.writeStringProperty(name, value);
    }

    private static String time(long millis) {
        return Instant.ofEpochMilli(millis).toString();
    }

    /** Exactly one of {@code ?sub=} and {@code ?jti=} says whose tokens count no more. */
    public void revoke(Request request, Query query, Responder responder) {
        if (!Denials.isAdmin(request, responder)) return;
        String subject = query.first("sub");
        String tokenId = query.first("jti");
        String name = Objects.requireNonNullElse(subject, Objects.requireNonNullElse(tokenId, ""));
        if ((subject != null && tokenId != null)
                || name.isEmpty()
                || isTooLong(name)
                || query.repeats("sub")
                || query.repeats("jti")) {
            responder.send(invalid("Say sub=SUBJECT or jti=TOKEN, one of both and once."));
            return;
        }
        // A token that is there already may say that it was issued a little later.
        long through = gate.nowMillis() + clockSkewMillis;
        gate.revoke(new Revocation(subject, tokenId, through), responder.loop(), outcome -> {
            switch (outcome) {
                case KEPT -> responder.send(Response.of(204).with(HttpHeaderNames.CACHE_CONTROL, "no-store"));
                case REFUSED ->
                    responder.send(unavailable("The revocation could not be kept, and nothing was changed."));
                case UNKNOWN ->
                    responder.send(unavailable("It is not known whether the revocation was kept; say it again."));
            }
        });
    }

    private static Response unavailable(String sentence) {
        return Response.of(Problem.of(ErrorCode.UNAVAILABLE, sentence)).with(HttpHeaderNames.RETRY_AFTER, "5");
    }

    private static boolean isTooLong(@Nullable String name) {
        return name != null && name.getBytes(StandardCharsets.UTF_8).length > NAME_BYTES_MAX;
    }

    private static Response invalid(String sentence) {
        return Response.of(Problem.of(ErrorCode.INVALID, sentence));
    }
}
