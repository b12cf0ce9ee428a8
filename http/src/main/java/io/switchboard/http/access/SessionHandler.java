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
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/** {@code /v1/sessions}, for admins: GET lists who is connected, DELETE revokes. */
public final class SessionHandler {
    static final int LIMIT_DEFAULT = 100;
    static final int LIMIT_MAX = 1_000;
    static final int NAME_BYTES_MAX = 256; // of a sub or jti

    private static final JsonFactory JSON = new JsonFactory();

    private final Gate gate;
    private final Sessions sessions;
    private final long clockSkewMillis;

    /** @param clockSkewMillis how far the clock of the issuer of tokens may be ahead */
    public SessionHandler(Gate gate, Sessions sessions, long clockSkewMillis) {
        this.clockSkewMillis = clockSkewMillis;
        this.gate = gate;
        this.sessions = sessions;
    }

    /** {@code ?sub=} and {@code ?jti=} choose; {@code ?after=} and {@code ?limit=} page. */
    public void list(Request request, Query query, Responder responder) {
        if (!Denials.isAdmin(request, responder)) return;
        String asked = query.first("limit");
        String from = query.first("after");
        long limit = asked == null ? LIMIT_DEFAULT : SafeInteger.parse(asked);
        long after = from == null ? 0 : SafeInteger.parse(from);
        if (limit < 1 || limit > LIMIT_MAX || after == SafeInteger.INVALID) {
            responder.send(invalid("limit is a number from 1 to " + LIMIT_MAX + ", after one that this server gave."));
            return;
        }
        String subject = query.first("sub");
        String tokenId = query.first("jti");
        Predicate<Access> whose = access -> (subject == null || subject.equals(access.subject()))
                && (tokenId == null || tokenId.equals(access.tokenId()));
        sessions.list(
                after,
                (int) limit + 1, // one more tells that there are more
                whose,
                responder.loop(),
                found -> responder.send(Response.of(200)
                        .with(HttpHeaderNames.CONTENT_TYPE, "application/json")
                        .with(HttpHeaderNames.CACHE_CONTROL, "no-store")
                        .body(json(found, (int) limit))));
    }

    private static byte[] json(List<Session> found, int limit) {
        List<Session> shown = found.size() > limit ? found.subList(0, limit) : found;
        ByteArrayOutputStream out = new ByteArrayOutputStream(256 * shown.size() + 64);
        try (JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), out)) {
            json.writeStartObject();
            json.writeArrayPropertyStart("sessions");
            for (Session session : shown) write(session, json);
            json.writeEndArray();
            if (found.size() > limit)
                json.writeNumberProperty("after", shown.getLast().number());
            json.writeEndObject();
        }
        return out.toByteArray();
    }

    private static void write(Session session, JsonGenerator json) {
        Access access = session.access();
        json.writeStartObject();
        json.writeNumberProperty("id", session.number());
        writeIfAny("sub", access.subject(), json);
        writeIfAny("jti", access.tokenId(), json);
        if (access.expiresAtMillis() != Access.NEVER)
            json.writeStringProperty("expires", time(access.expiresAtMillis()));
        json.writeStringProperty("address", session.address());
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
                || name.getBytes(StandardCharsets.UTF_8).length > NAME_BYTES_MAX
                || query.repeats("sub")
                || query.repeats("jti")) {
            responder.send(invalid("Say sub=SUBJECT or jti=TOKEN, one of both and once."));
            return;
        }
        // A token that is there already may say that it was issued a little later.
        long through = gate.nowMillis() + clockSkewMillis;
        gate.revoke(new Revocation(subject, tokenId, through), responder.loop(), kept -> {
            if (kept) {
                responder.send(Response.of(204).with(HttpHeaderNames.CACHE_CONTROL, "no-store"));
            } else {
                responder.send(Response.of(Problem.of(
                                ErrorCode.UNAVAILABLE, "The revocation could not be kept, and nothing was changed."))
                        .with(HttpHeaderNames.RETRY_AFTER, "5"));
            }
        });
    }

    private static Response invalid(String sentence) {
        return Response.of(Problem.of(ErrorCode.INVALID, sentence));
    }
}
