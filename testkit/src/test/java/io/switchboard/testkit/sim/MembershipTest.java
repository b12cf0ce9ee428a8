package io.switchboard.testkit.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.switchboard.core.nodes.Membership;
import io.switchboard.core.nodes.Membership.Lease;
import io.switchboard.core.nodes.Nodes;
import io.switchboard.core.nodes.Topic;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class MembershipTest {
    private static final Lease LEASE = Lease.DEFAULT;
    private static final int STEPS_MAX = 10_000;

    private final SimWorld world = new SimWorld(7);
    private final SimRendezvous place = new SimRendezvous(world);
    private final Member a = new Member("a");
    private final Member b = new Member("b");
    private final Member c = new Member("c");

    private final class Member implements Nodes.Listener {
        final SimRendezvous.Door door = place.door();
        final SimLoop loop = world.newLoop();
        final Membership membership;
        final List<String> heard = new ArrayList<>();

        Member(String id) {
            membership = new Membership(id, door, LEASE, loop, world.ticker());
            membership.listen(this);
            membership.start();
        }

        @Override
        public void changed(Set<String> living) {
            heard.add(String.join("", new TreeSet<>(living)));
        }

        @Override
        public void joined() {
            heard.add("joined");
        }

        @Override
        public void hearing() {
            heard.add("hearing");
        }

        @Override
        public void told(String from, Topic topic, byte[] message) {
            heard.add(from + ":" + topic + ":" + new String(message, StandardCharsets.UTF_8));
        }

        String living() {
            return String.join("", new TreeSet<>(membership.living()));
        }

        void dies() {
            loop.kill();
            door.close();
        }
    }

    private void pass(long millis) {
        for (long left = millis; left > 0; left -= 500) {
            world.ticker().advance(Math.min(left, 500));
            world.rest(STEPS_MAX);
        }
    }

    private void meet() {
        world.rest(STEPS_MAX);
        pass(LEASE.lengthMillis() + LEASE.renewedEveryMillis());
        for (Member each : List.of(a, b, c)) {
            assertThat(each.living()).isEqualTo("abc");
            assertThat(each.heard).contains("joined", "hearing");
            each.heard.clear();
        }
    }

    @Test
    void whoStartsIsKnownToAllAtOnce() {
        world.rest(STEPS_MAX);
        for (Member each : List.of(a, b, c)) {
            assertThat(each.living()).isEqualTo("abc");
            assertThat(each.membership.holdsLease()).isTrue();
        }
        meet();
        pass(60_000);
        assertThat(a.heard).isEmpty();
    }

    @Test
    void whoDiesIsMissedAfterItsLeaseAndNotBefore() {
        meet();
        c.dies();
        pass(LEASE.lengthMillis() - LEASE.renewedEveryMillis() - 1);
        assertThat(a.living()).isEqualTo("abc");
        pass(2 * LEASE.renewedEveryMillis() + 1);
        assertThat(a.heard).containsExactly("ab");
        assertThat(b.heard).containsExactly("ab");
    }

    @Test
    void whoLeavesIsMissedAtOnce() {
        meet();
        c.membership.close();
        world.rest(STEPS_MAX);
        assertThat(a.heard).containsExactly("ab");
        assertThat(b.living()).isEqualTo("ab");
        pass(60_000);
        assertThat(a.heard).containsExactly("ab");
    }

    @Test
    void whoLeavesDoesNotPutItselfBackWhateverHappensMeanwhile() {
        meet();
        c.door.whileLeaving(() -> {
            b.membership.close();
            pass(2 * LEASE.renewedEveryMillis());
        });
        c.membership.close();
        pass(60_000);
        assertThat(a.heard).containsExactly("ac", "a");
        Member late = new Member("d");
        world.rest(STEPS_MAX);
        assertThat(late.living()).isEqualTo("ad");
    }

    @Test
    void aRenewalUnderWayDoesNotPutBackWhoLeaves() {
        meet();
        world.ticker().advance(LEASE.renewedEveryMillis());
        while (c.loop.ready()) c.loop.step();
        assertThat(c.door.ready()).as("it asks").isTrue();
        c.membership.close();
        pass(60_000);
        assertThat(a.heard).containsExactly("ab");
    }

    @Test
    void whoGoesDownLivesAndDoesNotStay() {
        meet();
        a.membership.goesDown();
        world.rest(STEPS_MAX);
        assertThat(a.membership.othersStay()).isTrue();
        assertThat(b.membership.othersStay()).as("there is another one").isTrue();
        c.membership.goesDown();
        c.membership.goesDown();
        pass(60_000);
        assertThat(a.membership.othersStay()).as("this one").isTrue();
        assertThat(b.membership.othersStay()).isFalse();
        b.membership.goesDown();
        world.rest(STEPS_MAX);
        for (Member each : List.of(a, b, c)) {
            assertThat(each.membership.othersStay()).isFalse();
            assertThat(each.living()).isEqualTo("abc");
            assertThat(each.heard).as("nobody else is told").isEmpty();
        }
        c.membership.close();
        new Member("d");
        world.rest(STEPS_MAX);
        assertThat(a.membership.othersStay()).as("a new one").isTrue();
    }

    @Test
    void whoIsCutOffKnowsThatItsLeaseMayBeOverAndComesBack() {
        meet();
        c.door.shut(true);
        pass(LEASE.lengthMillis() + 2 * LEASE.renewedEveryMillis());
        assertThat(c.membership.holdsLease()).isFalse();
        assertThat(c.living()).as("it cannot know of others").isEqualTo("abc");
        assertThat(a.heard).containsExactly("ab");
        c.door.shut(false);
        pass(LEASE.renewedEveryMillis());
        assertThat(c.membership.holdsLease()).isTrue();
        assertThat(c.heard).contains("hearing", "joined").doesNotContain("c", "ac", "bc");
        assertThat(a.heard).containsExactly("ab", "abc");
    }

    @Test
    void aListThatWasLostMakesNobodyDead() {
        meet();
        place.forget();
        pass(4 * LEASE.lengthMillis());
        for (Member each : List.of(a, b, c)) assertThat(each.heard).containsExactly("joined");
        place.forget();
        c.dies();
        pass(4 * LEASE.lengthMillis());
        assertThat(a.heard).as("but who is dead is").containsExactly("joined", "joined", "ab");
    }

    /** Their leases end one after the other meanwhile, so the first that comes back finds some of them over. */
    @Test
    void whileThePlaceIsAwayNobodyDies() {
        meet();
        b.door.shut(true);
        pass(LEASE.renewedEveryMillis());
        a.door.shut(true);
        c.door.shut(true);
        pass(LEASE.renewedEveryMillis() + 1_000);
        a.door.shut(false);
        pass(LEASE.renewedEveryMillis());
        assertThat(a.heard).as("the lease of b is over").containsExactly("hearing");
        b.door.shut(false);
        c.door.shut(false);
        pass(4 * LEASE.lengthMillis());
        assertThat(a.living()).isEqualTo("abc");
        assertThat(a.heard).containsExactly("hearing");
    }

    @Test
    void whatIsToldIsHeardByAllOthers() {
        meet();
        a.membership.tell(Topic.RATES, "é".getBytes(StandardCharsets.UTF_8));
        world.rest(STEPS_MAX);
        assertThat(a.heard).isEmpty();
        assertThat(b.heard).containsExactly("a:RATES:é");
        assertThat(c.heard).containsExactly("a:RATES:é");
        assertThatThrownBy(() -> a.membership.tell(Topic.RATES, new byte[Nodes.MESSAGE_BYTES_MAX + 1]))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void messagesOfNoNodeAreCountedAndNothingElse() {
        meet();
        for (String garbage : List.of("", "x", "\1r", "\1r\2b", "\1r\0", "\1r\1!", "\1?\1b", "\2r\1b", "\1r\377b")) {
            a.membership.heard(garbage.getBytes(StandardCharsets.ISO_8859_1));
        }
        world.rest(STEPS_MAX);
        assertThat(a.heard).isEmpty();
        assertThat(a.membership.garbled()).isEqualTo(9);
    }

    @Test
    void aClockThatWasSetBackProvesNothing() {
        meet();
        Membership late = new Membership(
                "d", place.door(), LEASE, world.newLoop(), () -> world.ticker().nowMillis() - 60_000);
        assertThat(late.holdsLease()).isFalse();
        assertThatThrownBy(() -> new Lease(5_000, 9_999)).isInstanceOf(IllegalArgumentException.class);
    }
}
