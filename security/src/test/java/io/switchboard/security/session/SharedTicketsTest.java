package io.switchboard.security.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.core.access.Access;
import io.switchboard.core.access.Grants;
import io.switchboard.core.access.Revocations;
import io.switchboard.core.access.Revocations.Revocation;
import io.switchboard.core.access.Tickets;
import io.switchboard.core.access.Tickets.Issued;
import io.switchboard.core.access.Tickets.Redeemed;
import io.switchboard.core.channel.ChannelPattern;
import io.switchboard.core.nodes.Shelf;
import io.switchboard.testkit.ManualTicker;
import io.switchboard.testkit.nodes.MemoryShelf;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SharedTicketsTest {
    private static final long NOW = 1_800_000_000_000L;

    private final ManualTicker ticker = new ManualTicker(NOW);
    private final StoredRevocations revocations = StoredRevocations.inMemory(ticker, 86_400_000);
    private final MemoryShelf shelf = new MemoryShelf(ticker);
    private final SharedTickets here = new SharedTickets(shelf, new Turned((byte) 7), revocations, ticker);
    private final SharedTickets there = new SharedTickets(shelf, new Turned((byte) 7), revocations, ticker);
    private final Access access = new Access(
            "alice",
            new Grants(
                    List.of(new ChannelPattern("chat/**"), new ChannelPattern("a")),
                    List.of(new ChannelPattern("a")),
                    List.of(),
                    true),
            null,
            NOW - 5_000,
            NOW + 3_600_000);

    /** Weak, but different for each secret. */
    private record Turned(byte secret) implements Sealing {
        @Override
        public byte[] sign(byte[] content) {
            try {
                MessageDigest digest = MessageDigest.getInstance("SHA-256");
                digest.update(secret);
                return digest.digest(content);
            } catch (NoSuchAlgorithmException e) {
                throw new AssertionError(e);
            }
        }

        @Override
        public byte[] seal(byte[] content) {
            byte[] sealed = new byte[content.length + 1];
            sealed[0] = secret;
            for (int i = 0; i < content.length; i++) sealed[i + 1] = (byte) (content[i] ^ secret);
            return sealed;
        }

        @Override
        public byte @Nullable [] open(byte[] sealed) {
            if (sealed.length == 0 || sealed[0] != secret) return null;
            byte[] content = new byte[sealed.length - 1];
            for (int i = 0; i < content.length; i++) content[i] = (byte) (sealed[i + 1] ^ secret);
            return content;
        }
    }

    @AfterEach
    void end() {
        revocations.close();
    }

    private static Issued issue(Tickets tickets, Access given) {
        List<Issued> answers = new ArrayList<>();
        tickets.issue(given, answers::add);
        assertThat(answers).hasSize(1);
        return answers.getFirst();
    }

    private static String ticket(Tickets tickets, Access given) {
        if (issue(tickets, given) instanceof Issued.Given(String ticket)) return ticket;
        throw new AssertionError("no ticket was given");
    }

    private static Redeemed redeem(Tickets tickets, String ticket) {
        List<Redeemed> answers = new ArrayList<>();
        tickets.redeem(ticket, answers::add);
        assertThat(answers).hasSize(1);
        return answers.getFirst();
    }

    @Test
    void aTicketOfOneNodeIsGoodAtAnotherOnce() {
        String ticket = ticket(here, access);
        assertThat(ticket).matches("[A-Za-z0-9_-]{43}");
        assertThat(redeem(there, ticket)).isEqualTo(new Redeemed.Good(access));
        assertThat(redeem(there, ticket)).isEqualTo(new Redeemed.Refused());
        assertThat(redeem(here, ticket)).isEqualTo(new Redeemed.Refused());
        Access named = new Access("bob", Grants.NOTHING, "t-1", Access.UNKNOWN, Access.NEVER);
        assertThat(redeem(there, ticket(here, named))).isEqualTo(new Redeemed.Good(named));
    }

    @Test
    void aTicketIsGoodForThirtySecondsAndNoLongerThanItsToken() {
        String first = ticket(here, access);
        String second = ticket(here, access);
        String brief = ticket(here, new Access("bob", Grants.NOTHING, null, NOW, NOW + 10_000));
        ticker.advance(29_999);
        assertThat(redeem(there, first)).isInstanceOf(Redeemed.Good.class);
        assertThat(redeem(there, brief)).isEqualTo(new Redeemed.Refused());
        ticker.advance(1);
        assertThat(redeem(there, second)).isEqualTo(new Redeemed.Refused());
    }

    @Test
    void whoeverWritesToTheShelfDoesNotProlongATicket() {
        String first = ticket(here, access);
        String second = ticket(here, access);
        shelf.keepAll();
        ticker.advance(Tickets.LIFE_MILLIS + SharedTickets.CLOCKS_APART_MILLIS_MAX - 1);
        assertThat(redeem(there, first)).as("the clocks of nodes differ").isInstanceOf(Redeemed.Good.class);
        ticker.advance(1);
        assertThat(redeem(there, second)).isEqualTo(new Redeemed.Refused());
    }

    @Test
    void aTicketOfSomebodyRevokedIsNotGood() {
        String ticket = ticket(here, access);
        CompletableFuture<Revocations.Outcome> kept = new CompletableFuture<>();
        revocations.revoke(new Revocation("alice", null, NOW), kept::complete);
        assertThat(kept.join()).isEqualTo(Revocations.Outcome.KEPT);
        assertThat(redeem(there, ticket)).isEqualTo(new Redeemed.Refused());
    }

    @Test
    void whatWasMadeUpIsRefusedWithoutAskingAnybody() {
        String ticket = ticket(here, access);
        SharedTickets strangers = new SharedTickets(shelf, new Turned((byte) 8), revocations, ticker);
        String foreign = ticket(strangers, access);
        shelf.away(true);
        for (String wrong : List.of("", "a".repeat(43), ticket + "=", "!".repeat(43), ticket.substring(1), foreign)) {
            assertThat(redeem(there, wrong)).as(wrong).isEqualTo(new Redeemed.Refused());
        }
        assertThat(redeem(there, ticket)).isEqualTo(new Redeemed.Unavailable());
        assertThat(issue(here, access)).isEqualTo(new Issued.Unavailable());
        shelf.away(false);
        assertThat(redeem(there, ticket)).isEqualTo(new Redeemed.Good(access));
    }

    @Test
    void theShelfShowsNeitherTicketsNorWhoTheyAreFor() {
        String ticket = ticket(here, access);
        assertThat(shelf.shows(ticket)).isFalse();
        assertThat(shelf.shows("alice")).isFalse();
        assertThat(shelf.shows("chat")).isFalse();
        byte[] random = Base64.getUrlDecoder().decode(ticket);
        assertThat(shelf.keys())
                .doesNotContain(Base64.getUrlEncoder().withoutPadding().encodeToString(random));
    }

    @Test
    void whatWasPutUnderAnotherTicketIsNotGood() {
        String mine = ticket(here, new Access("mallory", Grants.NOTHING, null, NOW, NOW + 60_000));
        String ofMine = shelf.keys().getFirst();
        ticket(here, access);
        String ofHers = shelf.keys().stream()
                .filter(key -> !key.equals(ofMine))
                .findFirst()
                .orElseThrow();
        shelf.exchange(ofMine, ofHers);
        assertThat(redeem(there, mine)).isEqualTo(new Redeemed.Refused());
    }

    @Test
    void oneSubjectHoldsOnlySoManyAtAllNodes() {
        for (int i = 0; i < LocalTickets.SUBJECT_COUNT_MAX; i++) ticket(i % 2 == 0 ? here : there, access);
        assertThat(issue(here, access)).isEqualTo(new Issued.TooManyOfSubject());
        assertThat(issue(there, access)).isEqualTo(new Issued.TooManyOfSubject());
        ticket(there, new Access("bob", Grants.NOTHING, null, NOW, NOW + 60_000));
    }

    @Test
    void aNodeGivesOnlySoManyInASecond() {
        SharedTickets few = new SharedTickets(shelf, new Turned((byte) 7), revocations, ticker, 5);
        for (int i = 0; i < 5; i++) ticket(few, access);
        assertThat(issue(few, access)).isEqualTo(new Issued.TooMany());
        ticker.advance(1_000);
        ticket(few, access);
    }

    @Test
    void onlySoManyQuestionsAreUnderWay() {
        List<Consumer<Shelf.Taken>> asked = new ArrayList<>();
        Shelf silent = new Shelf() {
            @Override
            public void lay(
                    String key, @Nullable String owner, int max, byte[] content, long life, Consumer<Laid> answer) {
                shelf.lay(key, owner, max, content, life, answer);
            }

            @Override
            public void take(String key, Consumer<Taken> answer) {
                asked.add(answer);
            }

            @Override
            public void agree(String name, byte[] proposal, Consumer<byte @Nullable []> answer) {
                shelf.agree(name, proposal, answer);
            }
        };
        SharedTickets slow = new SharedTickets(silent, new Turned((byte) 7), revocations, ticker);
        String ticket = ticket(slow, access);
        for (int i = 0; i < SharedTickets.WAITING_MAX; i++) slow.redeem(ticket, redeemed -> {});
        assertThat(redeem(slow, ticket)).isEqualTo(new Redeemed.Unavailable());
        assertThat(issue(slow, access)).isEqualTo(new Issued.Unavailable());
        asked.getFirst().accept(new Shelf.Taken.Nothing());
        assertThat(issue(slow, access)).isInstanceOf(Issued.Given.class);
    }
}
