package io.switchboard.http.access;

import io.switchboard.core.access.Access;
import io.switchboard.core.access.Authenticator;
import io.switchboard.core.access.Authenticator.Reason;
import io.switchboard.core.access.Authenticator.Verdict;
import io.switchboard.core.access.Revocations;
import io.switchboard.core.access.Revocations.Revocation;
import io.switchboard.core.access.Tickets;
import io.switchboard.core.access.Tickets.Redeemed;
import io.switchboard.core.time.Loop;
import io.switchboard.core.time.Ticker;
import io.switchboard.http.Traffic;
import java.util.function.Consumer;

/**
 * Those who know who is who, asked from a loop and answering on it: within the call where they know at once. Any loop.
 *
 * <p>Whether an access still holds is looked at last, on the loop that the connection belongs to and in the same turn in
 * which the connection is told of it. A revocation is remembered first, and then told to each loop: so it is either
 * seen by that look, or finds the connection.
 */
public final class Gate {
    private static final Verdict REVOKED = new Verdict.Refused(Reason.REVOKED);
    private static final Verdict EXPIRED = new Verdict.Refused(Reason.EXPIRED);

    private final Authenticator authenticator;
    private final Tickets tickets;
    private final Revocations revocations;
    private final Traffic traffic;
    private final Ticker ticker;

    /** @param traffic moves with those who are turned away */
    public Gate(Authenticator authenticator, Tickets tickets, Revocations revocations, Traffic traffic, Ticker ticker) {
        this.traffic = traffic;
        this.authenticator = authenticator;
        this.tickets = tickets;
        this.revocations = revocations;
        this.ticker = ticker;
    }

    long nowMillis() {
        return ticker.nowMillis();
    }

    /** Who speaks, by a token. What is accepted is so at the moment of the answer. */
    public void authenticate(String token, Loop loop, Consumer<Verdict> answer) {
        authenticator.authenticate(token, verdict -> run(loop, () -> answer.accept(counted(looked(verdict)))));
    }

    private Verdict counted(Verdict verdict) {
        if (verdict instanceof Verdict.Refused(Reason reason)) traffic.refusedToken(reason);
        return verdict;
    }

    private Verdict looked(Verdict verdict) {
        if (!(verdict instanceof Verdict.Accepted(Access access))) return verdict;
        if (access.isExpired(ticker.nowMillis())) return EXPIRED;
        return revocations.isRevoked(access) ? REVOKED : verdict;
    }

    /** Whether a token is known at once to count for nothing. */
    boolean isRefused(String token) {
        var heard = new Object() {
            volatile boolean refused;
        };
        authenticator.authenticate(token, verdict -> heard.refused = looked(verdict) instanceof Verdict.Refused);
        return heard.refused;
    }

    /** Whom a ticket stands for, if it still does. */
    void redeem(String ticket, Loop loop, Consumer<Redeemed> answer) {
        tickets.redeem(ticket, redeemed -> run(loop, () -> answer.accept(looked(redeemed))));
    }

    private Redeemed looked(Redeemed redeemed) {
        return redeemed instanceof Redeemed.Good(Access access) && !holds(access) ? new Redeemed.Refused() : redeemed;
    }

    /** Somebody was turned away with a ticket. */
    void refusedTicket() {
        traffic.refusedTicket();
    }

    /** Whether an access counts at this moment. */
    boolean holds(Access access) {
        return !access.isExpired(ticker.nowMillis()) && !revocations.isRevoked(access);
    }

    void issue(Access access, Loop loop, Consumer<Tickets.Issued> answer) {
        tickets.issue(access, issued -> run(loop, () -> answer.accept(issued)));
    }

    void revoke(Revocation revocation, Loop loop, Consumer<Revocations.Outcome> answer) {
        revocations.revoke(revocation, outcome -> run(loop, () -> answer.accept(outcome)));
    }

    private static void run(Loop loop, Runnable task) {
        if (loop.inLoop()) task.run();
        else loop.execute(task);
    }
}
