package io.switchboard.security.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.core.access.Access;
import io.switchboard.core.access.Grants;
import io.switchboard.core.access.Revocations.Revocation;
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
    private final LocalTickets tickets = new LocalTickets(ticker, revocations, 3);
    private final Access access = access(NOW + 3_600_000);

    @AfterEach
    void end() {
        revocations.close();
    }

    private static Access access(long expiresAtMillis) {
        return new Access("alice", Grants.EVERYTHING, "t-1", NOW - 5_000, expiresAtMillis);
    }

    private @Nullable String issue(Access given) {
        List<@Nullable String> answers = new ArrayList<>();
        tickets.issue(given, answers::add);
        assertThat(answers).hasSize(1);
        return answers.getFirst();
    }

    private String ticket(Access given) {
        String ticket = issue(given);
        if (ticket == null) throw new AssertionError("no ticket was given");
        return ticket;
    }

    private @Nullable Access redeem(String ticket) {
        List<@Nullable Access> answers = new ArrayList<>();
        tickets.redeem(ticket, answers::add);
        assertThat(answers).hasSize(1);
        return answers.getFirst();
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
        CompletableFuture<Boolean> kept = new CompletableFuture<>();
        revocations.revoke(new Revocation("alice", null, NOW), kept::complete);
        assertThat(kept.join()).isTrue();
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
        String first = ticket(access);
        ticker.advance(1_000);
        ticket(access);
        ticket(access);
        assertThat(issue(access)).isNull();
        assertThat(redeem(first)).isSameAs(access);
        ticket(access);
        assertThat(issue(access)).isNull();
        ticker.advance(LocalTickets.LIFE_MILLIS);
        ticket(access);
        assertThat(tickets.count()).isEqualTo(1);
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
