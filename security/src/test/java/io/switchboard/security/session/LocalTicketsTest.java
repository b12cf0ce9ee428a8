package io.switchboard.security.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.core.access.Access;
import io.switchboard.core.access.Grants;
import io.switchboard.core.access.Revocations;
import io.switchboard.core.access.Revocations.Revocation;
import io.switchboard.core.access.Tickets.Issued;
import io.switchboard.core.access.Tickets.Redeemed;
import io.switchboard.testkit.ManualTicker;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LocalTicketsTest {
    private static final long NOW = 1_800_000_000_000L;

    private final ManualTicker ticker = new ManualTicker(NOW);
    private final StoredRevocations revocations = StoredRevocations.inMemory(ticker, 86_400_000);
    private final LocalTickets tickets = new LocalTickets(ticker, revocations, 3, 2);
    private final Access access = access(NOW + 3_600_000);

    @AfterEach
    void end() {
        revocations.close();
    }

    private static Access access(long expiresAtMillis) {
        return access("alice", expiresAtMillis);
    }

    private static Access access(String subject, long expiresAtMillis) {
        return new Access(subject, Grants.EVERYTHING, "t-1", NOW - 5_000, expiresAtMillis);
    }

    private Issued issue(Access given) {
        List<Issued> answers = new ArrayList<>();
        tickets.issue(given, answers::add);
        assertThat(answers).hasSize(1);
        return answers.getFirst();
    }

    private String ticket(Access given) {
        if (issue(given) instanceof Issued.Given(String ticket)) return ticket;
        throw new AssertionError("no ticket was given");
    }

    private @Nullable Access redeem(String ticket) {
        List<Redeemed> answers = new ArrayList<>();
        tickets.redeem(ticket, answers::add);
        assertThat(answers).hasSize(1);
        return answers.getFirst() instanceof Redeemed.Good(Access good) ? good : null;
    }

    @Test
    void ticketIsGoodOnce() {
        String ticket = ticket(access);
        assertThat(ticket).matches("[A-Za-z0-9_-]{43}");
        assertThat(redeem(ticket)).isSameAs(access);
        assertThat(redeem(ticket)).isNull();
        assertThat(tickets.count()).isZero();
    }

    @Test
    void ticketIsGoodForThirtySeconds() {
        String first = ticket(access);
        String second = ticket(access);
        ticker.advance(29_999);
        assertThat(redeem(first)).isSameAs(access);
        ticker.advance(1);
        assertThat(redeem(second)).isNull();
    }

    @Test
    void ticketIsNotGoodForLongerThanItsToken() {
        String ticket = ticket(access(NOW + 10_000));
        ticker.advance(10_000);
        assertThat(redeem(ticket)).isNull();
    }

    @Test
    void ticketOfSomebodyRevokedIsNotGood() {
        String ticket = ticket(access);
        CompletableFuture<Revocations.Outcome> kept = new CompletableFuture<>();
        revocations.revoke(new Revocation("alice", null, NOW), kept::complete);
        assertThat(kept.join()).isEqualTo(Revocations.Outcome.KEPT);
        assertThat(redeem(ticket)).isNull();
    }

    @Test
    void whatWasNeverGivenIsNotTaken() {
        String ticket = ticket(access);
        for (String wrong :
                List.of("", "a".repeat(43), ticket + "=", ticket.substring(1), " " + ticket, "x".repeat(1 << 20))) {
            assertThat(redeem(wrong)).isNull();
        }
        assertThat(redeem(ticket)).isSameAs(access);
    }

    @Test
    void thereAreOnlySoManyUntilSomeAreTakenOrOver() {
        Access bob = access("bob", NOW + 3_600_000);
        Access carol = access("carol", NOW + 3_600_000);
        String first = ticket(access);
        ticker.advance(1_000);
        ticket(bob);
        ticket(bob);
        assertThat(issue(carol)).isEqualTo(new Issued.TooMany());
        assertThat(redeem(first)).isSameAs(access);
        ticket(carol);
        assertThat(issue(carol)).isEqualTo(new Issued.TooMany());
        ticker.advance(LocalTickets.LIFE_MILLIS);
        ticket(access);
        assertThat(tickets.count()).isEqualTo(1);
        assertThat(tickets.subjects()).isEqualTo(1);
    }

    @Test
    void oneSubjectHasOnlySoManyAndTakesNoneFromOthers() {
        Access other = new Access("alice", Grants.NOTHING, "t-2", NOW, NOW + 60_000); // another token of hers
        String first = ticket(access);
        ticker.advance(1_000);
        ticket(other);
        for (Access hers : List.of(access, other)) {
            assertThat(issue(hers)).isEqualTo(new Issued.TooManyOfSubject());
        }
        redeem(ticket(access("bob", NOW + 60_000)));
        assertThat(redeem(first)).isSameAs(access);
        redeem(first); // not counted twice
        ticket(access);
        assertThat(issue(access)).isEqualTo(new Issued.TooManyOfSubject());
        ticker.advance(LocalTickets.LIFE_MILLIS - 1);
        assertThat(issue(access)).isEqualTo(new Issued.TooManyOfSubject());
        ticker.advance(1);
        redeem(ticket(access("bob", NOW + 100_000))); // and those of alice are over
        assertThat(tickets.subjects()).isZero();
    }

    @Test
    void ticketIsNotInTheTextOfTheAnswer() {
        assertThat(issue(access)).hasToString("Given");
    }

    @Test
    void noTwoAreTheSame() {
        Set<String> seen = new HashSet<>();
        for (int i = 0; i < 1_000; i++) {
            String ticket = ticket(access);
            assertThat(seen.add(ticket)).isTrue();
            redeem(ticket);
        }
    }
}
