package io.switchboard.core.rate;

import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.core.nodes.Membership;
import io.switchboard.core.nodes.Topic;
import io.switchboard.testkit.sim.SimLoop;
import io.switchboard.testkit.sim.SimRendezvous;
import io.switchboard.testkit.sim.SimWorld;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SharedRatesTest {
    private static final int PER_SECOND = 1_000;
    private static final int STEP_MILLIS = 20;
    private static final int STEPS_MAX = 10_000;

    private final SimWorld world = new SimWorld(11);
    private final SimRendezvous place = new SimRendezvous(world);
    private final List<Member> members = new ArrayList<>();

    private final class Member {
        final SimRendezvous.Door door = place.door();
        final Membership membership;
        final RateLimit<String> limit = new RateLimit<>(PER_SECOND, 100, world.ticker());

        Member(int number) {
            SimLoop loop = world.newLoop();
            membership = new Membership("n" + number, door, Membership.Lease.DEFAULT, loop, world.ticker());
            SharedRates rates = new SharedRates(membership, loop);
            rates.add('s', limit, key -> key, key -> key);
            membership.start();
            rates.start();
        }
    }

    private void members(int count) {
        for (int i = 0; i < count; i++) members.add(new Member(i));
        world.rest(STEPS_MAX);
    }

    private void pass(long millis) {
        world.ticker().advance(millis);
        world.rest(STEPS_MAX);
    }

    // Each asks all the time for twice what all together may have.
    private int granted(int seconds) {
        int granted = 0;
        for (int passed = 0; passed < 1_000 * seconds; passed += STEP_MILLIS) {
            for (Member member : members) {
                for (int i = 0; i < 2 * PER_SECOND * STEP_MILLIS / 1_000; i++) {
                    if (member.limit.take("alice") == RateLimit.GRANTED) granted++;
                }
            }
            pass(STEP_MILLIS);
        }
        return granted;
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 10})
    void overALongTimeAllTogetherGrantWhatTheLimitSays(int nodes) {
        members(nodes);
        int seconds = 60;
        int atFirst = nodes * PER_SECOND; // full buckets
        int unheard = nodes * PER_SECOND / 2;
        int untold = nodes * PER_SECOND / 100;
        assertThat(granted(seconds))
                .isBetween(seconds * PER_SECOND - unheard, seconds * PER_SECOND + atFirst + unheard + untold);
    }

    @Test
    void whoUsesOneNodeHasAllOfTheLimit() {
        members(3);
        Member one = members.getFirst();
        int granted = 0;
        for (int passed = 0; passed < 10_000; passed += STEP_MILLIS) {
            for (int i = 0; i < 2 * PER_SECOND * STEP_MILLIS / 1_000; i++) {
                if (one.limit.take("alice") == RateLimit.GRANTED) granted++;
            }
            pass(STEP_MILLIS);
        }
        assertThat(granted).isBetween(10 * PER_SECOND, 11 * PER_SECOND);
        assertThat(members.getLast().limit.take("bob")).isEqualTo(RateLimit.GRANTED);
        assertThat(members.getLast().limit.take("alice")).isPositive();
    }

    @Test
    void whoHearsNobodyKeepsTheLimitByItself() {
        members(2);
        for (Member member : members) member.door.shut(true);
        assertThat(granted(10)).isBetween(2 * 10 * PER_SECOND, 2 * 11 * PER_SECOND);
    }

    @Test
    void aDebtIsForgivenBeyondItsBoundAndGarbageChangesNothing() {
        members(1);
        Member one = members.getFirst();
        SharedRates rates = new SharedRates(one.membership, world.newLoop());
        rates.add('s', one.limit, key -> key, key -> key);
        byte[] much = ByteBuffer.allocate(8)
                .put((byte) 's')
                .putInt(Integer.MAX_VALUE)
                .putShort((short) 1)
                .put((byte) 'x')
                .array();
        for (int i = 0; i < 5; i++) rates.told("other", Topic.RATES, much);
        long wait = one.limit.take("x");
        assertThat(wait).isBetween(RateLimit.DEBT_SECONDS_MAX * 1_000, RateLimit.DEBT_SECONDS_MAX * 1_000 + 2);
        pass(wait);
        assertThat(one.limit.take("x")).isEqualTo(RateLimit.GRANTED);
        rates.told("other", Topic.RATES, new byte[] {'s', 0, 0, 0, 9, 0, 9, 'x'});
        rates.told("other", Topic.RATES, new byte[] {'s'});
        rates.told("other", Topic.REVOCATIONS, much);
        rates.told("other", Topic.RATES, new byte[] {'s', -1, 0, 0, 0, 0, 1, 'y'});
        assertThat(one.limit.take("y")).isEqualTo(RateLimit.GRANTED);
    }
}
