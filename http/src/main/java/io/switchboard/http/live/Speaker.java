package io.switchboard.http.live;

import io.switchboard.core.access.Access;
import io.switchboard.core.access.Authenticator.Verdict;
import io.switchboard.core.access.Grants;
import io.switchboard.core.access.Right;
import io.switchboard.core.channel.ChannelName;
import io.switchboard.http.MessageLimit;
import io.switchboard.http.access.Denials;
import io.switchboard.http.websocket.CloseCode;
import io.switchboard.http.wire.ErrorCode;
import io.switchboard.http.wire.Problem;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Who speaks on a line. One that came without credentials is nobody until its first message, and nothing but that is
 * listened to; later a new token takes the place of the old one, of the same subject only. While a token is being
 * checked what the client says next waits, so that nothing is judged by the wrong one. Belongs to its line's loop.
 */
final class Speaker {
    /** The first message is a token and little around it. */
    static final int FIRST_BYTES_MAX = ActionParser.TOKEN_LENGTH_MAX + 1_024;
    /** What anybody is told who begins otherwise. */
    static final String FIRST_MESSAGE = "The first message is auth, with a token.";

    /** Tokens refused on one line, in all: each may cost a signature check. */
    static final int REFUSED_MAX = 3;

    private final @Nullable Greeting greeting;
    private Access access;
    private boolean known;
    private boolean checking; // a token
    private int refused; // tokens
    private @Nullable String member; // made when it is asked for

    /** @param greeting null if anybody may do anything */
    Speaker(Access access, @Nullable Greeting greeting) {
        this.access = access;
        this.greeting = greeting;
        this.known = greeting == null || !access.equals(Access.NONE);
    }

    /** The line is open. */
    void begin(LineSocket line) {
        if (known || greeting == null) return;
        long until = line.nowMillis() + greeting.withinMillis();
        line.socket().admit(new Access(null, Grants.NOTHING, null, Access.UNKNOWN, until));
        line.socket().limit(new MessageLimit(FIRST_BYTES_MAX, CloseCode.UNAUTHORIZED, FIRST_MESSAGE));
    }

    /** Whether it has said who it is. */
    boolean isKnown() {
        return known;
    }

    boolean allows(Right right, ChannelName channel) {
        return access.allows(right, channel);
    }

    @Nullable
    String subject() {
        return access.subject();
    }

    /** Who is seen on channels. */
    String member() {
        if (member == null) {
            String subject = access.subject();
            member = subject == null ? Members.anonymous() : subject;
        }
        return member;
    }

    /** The client says who it is, for the first time or anew. */
    void auth(LineSocket line, long id, String token, int bytes) {
        if (greeting == null) {
            member = Members.of(token);
            line.ok(id, "{}");
            line.socket().consumed(bytes);
            return;
        }
        checking = true;
        line.socket().hold(true);
        greeting.gate().authenticate(token, line.socket().loop(), verdict -> {
            checking = false;
            line.socket().consumed(bytes);
            take(line, id, verdict);
            if (line.socket().access().isExpired(line.nowMillis())) expire(line); // before another try
            line.socket().hold(false);
        });
    }

    private void take(LineSocket line, long id, Verdict verdict) {
        switch (verdict) {
            case Verdict.Accepted(Access fresh)
            when known && !Objects.equals(fresh.subject(), access.subject()) -> {
                String sentence = "A line speaks for one subject; open another for another.";
                line.error(id, Problem.of(ErrorCode.FORBIDDEN, sentence));
                line.socket().close(CloseCode.FORBIDDEN, sentence);
            }
            case Verdict.Accepted(Access fresh) -> {
                if (!known) line.socket().limit(null);
                known = true;
                access = fresh;
                line.socket().admit(fresh);
                line.ok(id, "{}");
                line.allowedAnew();
            }
            case Verdict.Refused(var reason) -> {
                String sentence = "The token is not accepted.";
                line.error(id, Problem.of(ErrorCode.UNAUTHORIZED, sentence));
                if (!known || ++refused >= REFUSED_MAX) line.socket().close(CloseCode.UNAUTHORIZED, sentence);
            }
            case Verdict.Unavailable() -> {
                Problem problem = Denials.uncheckable();
                line.error(id, problem);
                if (!known) line.socket().close(CloseCode.TRY_AGAIN_LATER, problem.detail());
            }
        }
    }

    void expiring(LineSocket line, long millis) {
        if (!known) return;
        long seconds = Math.max(0, Math.ceilDiv(millis, 1_000L));
        line.tell(
                "{\"event\":\"expiring\",\"seconds\":" + seconds + "}",
                Problem.of(ErrorCode.UNAUTHORIZED, "The token is about to expire: send auth with a new one.")
                        .with("reason", "expiring")
                        .with("seconds", seconds));
    }

    // Called at every look from then on: whoever has brought a token in time waits for what becomes of it.
    void expire(LineSocket line) {
        if (checking) return;
        if (known) line.socket().close(CloseCode.EXPIRED, "The token of this connection has expired.");
        else line.socket().close(CloseCode.UNAUTHORIZED, "The first message, auth, did not come in time.");
    }
}
