package io.switchboard.security.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.switchboard.core.access.Access;
import io.switchboard.core.access.Grants;
import io.switchboard.core.access.RevocationList;
import io.switchboard.core.access.Revocations.Outcome;
import io.switchboard.core.access.Revocations.Revocation;
import io.switchboard.core.nodes.Membership;
import io.switchboard.core.nodes.Nodes;
import io.switchboard.core.nodes.Topic;
import io.switchboard.testkit.ManualTicker;
import io.switchboard.testkit.nodes.MemoryRevocationList;
import io.switchboard.testkit.sim.SimLoop;
import io.switchboard.testkit.sim.SimRendezvous;
import io.switchboard.testkit.sim.SimWorld;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SharedRevocationsTest {
    private static final long DAY = 86_400_000L;
    private static final int STEPS_MAX = 10_000;

    private final SimWorld world = new SimWorld(3);
    private final ManualTicker ticker = world.ticker();
    private final long now = ticker.nowMillis();
    private final SimRendezvous place = new SimRendezvous(world);
    private final MemoryRevocationList list = new MemoryRevocationList();
    private Member a;
    private Member b;

    private final class Member {
        final SimRendezvous.Door door = place.door();
        final SharedRevocations revocations;
        final List<Revocation> heard = new ArrayList<>();

        Member(String id) throws RevocationException {
            SimLoop loop = world.newLoop();
            Membership membership = new Membership(id, door, Membership.Lease.DEFAULT, loop, ticker);
            revocations = SharedRevocations.open(list, membership, ticker, DAY);
            revocations.listen(heard::add);
            membership.start();
        }

        boolean revoke(Revocation revocation) {
            return outcome(revocation) == Outcome.KEPT;
        }

        Outcome outcome(Revocation revocation) {
            List<Outcome> kept = new ArrayList<>();
            revocations.revoke(revocation, kept::add);
            assertThat(kept).hasSize(1);
            return kept.getFirst();
        }

        boolean refuses(String subject) {
            return revocations.isRevoked(new Access(subject, Grants.NOTHING, "t", now - 5, now + DAY));
        }
    }

    @BeforeEach
    void open() throws RevocationException {
        a = new Member("a");
        b = new Member("b");
        world.rest(STEPS_MAX);
    }

    private static Revocation subject(String name, long through) {
        return new Revocation(name, null, through);
    }

    private void ticks(long millis) {
        for (long left = millis; left > 0; left -= 1_000) {
            ticker.advance(1_000);
            world.rest(STEPS_MAX);
            a.revocations.tick();
            b.revocations.tick();
        }
    }

    @Test
    void whatOneNodeRevokesIsToldToTheOthers() {
        assertThat(a.revoke(subject("alice", now))).isTrue();
        assertThat(a.refuses("alice")).isTrue();
        assertThat(a.heard).containsExactly(subject("alice", now));
        world.rest(STEPS_MAX);
        assertThat(b.refuses("alice")).isTrue();
        assertThat(b.heard).containsExactly(subject("alice", now));
        assertThat(b.refuses("bob")).isFalse();
        b.revoke(new Revocation(null, "t", now));
        world.rest(STEPS_MAX);
        assertThat(a.refuses("bob")).as("by the token's name").isTrue();
        ticks(60_000);
        assertThat(a.heard).as("each is told once").hasSize(2);
    }

    @Test
    void whoStartsKnowsThemBeforeAnybodyIsLetIn() throws RevocationException {
        for (int i = 0; i < 2_500; i++) a.revoke(subject("s" + i, now + i));
        Member late = new Member("late");
        assertThat(late.revocations.count()).isEqualTo(2_500);
        list.away(true);
        assertThatThrownBy(() -> new Member("never")).isInstanceOf(RevocationException.class);
    }

    @Test
    void whatIsNoRevocationHidesNoneBehindIt() throws RevocationException {
        for (int i = 0; i < 2_500; i++) a.revoke(subject("s" + i, now + i));
        RevocationList spoilt = new RevocationList() {
            @Override
            public void add(List<Revocation> revocations, int countMax, Consumer<Kept> answer) {
                list.add(revocations, countMax, answer);
            }

            @Override
            public void latest(long oldestMillis, int skip, int limit, Consumer<@Nullable Page> answer) {
                list.latest(
                        oldestMillis,
                        skip,
                        limit,
                        page -> answer.accept(
                                page == null
                                        ? null
                                        : new Page(
                                                page.all(),
                                                page.revocations().stream()
                                                        .skip(1)
                                                        .toList())));
            }
        };
        assertThat(SharedRevocations.open(spoilt, Nodes.ALONE, ticker, DAY).count())
                .isEqualTo(2_497);
    }

    @Test
    void whoWasNotToldFindsOutByItself() {
        b.door.shut(true);
        a.revoke(subject("alice", now));
        world.rest(STEPS_MAX);
        assertThat(b.refuses("alice")).isFalse();
        ticks(SharedRevocations.LOOK_EVERY_MILLIS);
        assertThat(b.refuses("alice")).isTrue();
        for (int i = 0; i < 1_500; i++) a.revoke(subject("s" + i, now + i));
        world.rest(STEPS_MAX);
        b.door.shut(false); // it hears again, and looks at once
        world.rest(STEPS_MAX);
        assertThat(b.revocations.count()).isEqualTo(1_501);
    }

    @Test
    void aListThatLostSomeIsGivenThemBack() throws RevocationException {
        for (int i = 0; i < 1_500; i++) a.revoke(subject("s" + i, now + i));
        world.rest(STEPS_MAX);
        list.forget();
        ticks(SharedRevocations.LOOK_EVERY_MILLIS);
        assertThat(new Member("late").revocations.count()).isEqualTo(1_500);
    }

    @Test
    void whatCannotBeKeptIsNotRevoked() {
        list.away(true);
        assertThat(a.outcome(subject("alice", now))).isEqualTo(Outcome.UNKNOWN);
        assertThat(a.refuses("alice")).isFalse();
        list.away(false);
        assertThat(a.outcome(subject("x".repeat(257), now))).isEqualTo(Outcome.REFUSED);
        ticks(60_000);
        assertThat(b.refuses("alice")).isFalse();
    }

    @Test
    void whenTheListIsBackWhatWasMissedIsFound() {
        list.away(true);
        b.revocations.hearing();
        list.away(false);
        b.door.shut(true);
        a.revoke(subject("alice", now));
        ticks(1_000);
        assertThat(b.refuses("alice")).as("it tries again at the next tick").isTrue();
    }

    @Test
    void theyAreForgottenWhenNoTokenOfTheirsCanLive() {
        a.revoke(subject("alice", now));
        world.rest(STEPS_MAX);
        ticker.advance(DAY + 1);
        a.revocations.tick();
        b.revocations.tick();
        assertThat(a.revocations.count()).isZero();
        assertThat(b.revocations.count()).isZero();
    }

    @Test
    void messagesThatAreNoneChangeNothing() {
        for (byte[] garbage : List.of(new byte[0], new byte[] {'s'}, new byte[] {'x', 0, 0, 0, 0, 0, 0, 0, 0, 'a'})) {
            b.revocations.told("a", Topic.REVOCATIONS, garbage);
        }
        byte[] nobody = new byte[] {'s', 127, 0, 0, 0, 0, 0, 0, 0};
        b.revocations.told("a", Topic.REVOCATIONS, nobody);
        b.revocations.told("a", Topic.SESSIONS, nobody);
        assertThat(b.revocations.count()).isZero();
        assertThat(b.heard).isEmpty();
    }
}
