package io.switchboard.core.presence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.switchboard.core.channel.ChannelName;
import io.switchboard.core.nodes.Nodes;
import io.switchboard.testkit.ManualTicker;
import io.switchboard.testkit.sim.SimLoop;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What presence promises, case by case; its steps happen when the test says so. */
class PresenceTest {
    private static final ChannelName NAME = new ChannelName("room");
    private static final long GRACE_MILLIS = 10_000;
    private static final int REST_STEPS_MAX = 1_000_000;

    private final ManualTicker ticker = new ManualTicker(1_000_000);
    private final SimLoop one = new SimLoop(ticker);
    private final SimLoop two = new SimLoop(ticker);
    private final SimLoop three = new SimLoop(ticker);
    private final List<SimLoop> loops = List.of(one, two, three);
    private final List<Visit> visits = new ArrayList<>();
    private Presence presence = new Presence(loops, GRACE_MILLIS);

    // One who attends, and what it heard.
    private final class Visit {
        final Onlooker watcher = new Onlooker(ticker::nowMillis);
        final SimLoop loop;
        final Attendance attendance;

        Visit(SimLoop loop, String member) {
            this.loop = loop;
            attendance = presence.attend(NAME, member, loop, watcher);
            watcher.deaf = false;
            visits.add(this);
        }

        void leave() {
            loop.execute(() -> {
                attendance.leave();
                watcher.deaf = true;
            });
            rest();
        }

        void writable() {
            loop.execute(() -> {
                watcher.deaf = false;
                attendance.writable();
            });
            rest();
        }

        List<String> heard() {
            List<String> heard = List.copyOf(watcher.heard);
            watcher.heard.clear();
            return heard;
        }
    }

    @AfterEach
    void everythingToldFitted() {
        assertThat(visits)
                .allSatisfy(visit -> assertThat(visit.watcher.complaints).isEmpty());
    }

    private boolean step() {
        for (SimLoop loop : loops) {
            if (loop.ready()) {
                loop.step();
                return true;
            }
        }
        return false;
    }

    private void rest() {
        for (int steps = 0; step(); steps++) {
            if (steps > REST_STEPS_MAX) throw new AssertionError("the loops do not come to rest");
        }
    }

    private void pass(long millis) {
        for (long left = millis; left > 0; left -= 50) {
            ticker.advance(Math.min(left, 50));
            rest();
        }
    }

    private Visit attend(SimLoop loop, String member) {
        List<Visit> made = new ArrayList<>();
        loop.execute(() -> made.add(new Visit(loop, member)));
        rest();
        return made.getFirst();
    }

    private List<Visit> attendAll(SimLoop loop, int from, int to) {
        List<Visit> made = new ArrayList<>();
        loop.execute(() -> {
            for (int i = from; i < to; i++) made.add(new Visit(loop, "m" + i));
        });
        rest();
        return made;
    }

    // They only want to be there.
    private List<Visit> attendDeaf(SimLoop loop, int from, int to) {
        List<Visit> made = new ArrayList<>();
        loop.execute(() -> {
            for (int i = from; i < to; i++) {
                Visit visit = new Visit(loop, "m" + i);
                visit.watcher.manners = () -> Watcher.Offer.FULL;
                made.add(visit);
            }
        });
        rest();
        return made;
    }

    private Snapshot snapshot() {
        List<Snapshot> answers = new ArrayList<>();
        two.execute(() -> {
            presence.snapshot(NAME, two, answers::add);
            assertThat(answers).isEmpty();
        });
        rest();
        return answers.getFirst();
    }

    @Test
    void aWatcherIsShownAPictureAndThenToldWhoComesAndGoes() {
        Visit ann = attend(one, "ann");
        Visit bob = attend(two, "bob");
        Visit cid = attend(three, "cid");
        bob.leave();
        pass(11_000);

        assertThat(ann.heard()).containsExactly("present ann", "joined bob", "joined cid", "left bob");
        assertThat(bob.heard()).containsExactly("present ann bob", "joined cid");
        assertThat(cid.heard()).containsExactly("present ann bob cid", "left bob");
    }

    @Test
    void channelsDoNotHearOfEachOther() {
        Visit ann = attend(one, "ann");
        one.execute(() -> presence.attend(new ChannelName("other"), "bob", one, new Onlooker(ticker::nowMillis)));

        assertThat(ann.heard()).containsExactly("present ann");
    }

    @Test
    void threeTabsAreOneMember() {
        Visit ann = attend(one, "ann");
        List<Visit> tabs = List.of(attend(one, "bob"), attend(two, "bob"), attend(three, "bob"));
        tabs.get(2).leave();
        tabs.get(0).leave();
        pass(30_000);
        assertThat(ann.heard()).containsExactly("present ann", "joined bob");
        assertThat(snapshot().count()).isEqualTo(2);

        tabs.get(1).leave();
        pass(11_000);
        assertThat(ann.heard()).containsExactly("left bob");
        assertThat(tabs.get(1).heard()).containsExactly("present ann bob");
    }

    @Test
    void aMemberIsThereUntilTheGraceIsOver() {
        Visit ann = attend(one, "ann");
        Visit bob = attend(two, "bob");
        ann.heard();
        bob.leave();
        pass(GRACE_MILLIS - 1);
        assertThat(ann.heard()).isEmpty();
        assertThat(snapshot()).isEqualTo(new Snapshot.Members(ids("ann", "bob")));

        pass(2 * Boards.LOOK_EVERY_MILLIS);
        assertThat(ann.heard()).containsExactly("left bob");
        assertThat(snapshot()).isEqualTo(new Snapshot.Members(ids("ann")));
    }

    @Test
    void theGraceIsWholeWhenALookComesRightAfterTheLastAttendance() {
        Visit ann = attend(one, "ann");
        Visit bob = attend(two, "bob");
        attend(two, "cid").leave();
        pass(Boards.LOOK_EVERY_MILLIS - 1);
        bob.leave();
        ann.heard();
        pass(GRACE_MILLIS - 1);

        assertThat(ann.heard()).doesNotContain("left bob");
        pass(2 * Boards.LOOK_EVERY_MILLIS);
        assertThat(ann.heard()).contains("left bob");
    }

    private static List<String> ids(String... ids) {
        return List.of(ids);
    }

    @Test
    void whoComesBackWithinTheGraceWasNeverAway() {
        Visit ann = attend(one, "ann");
        attend(two, "bob").leave();
        ann.heard();
        pass(GRACE_MILLIS - 1);
        Visit again = attend(three, "bob");
        pass(30_000);

        assertThat(ann.heard()).isEmpty();
        again.leave();
        pass(GRACE_MILLIS - 1);
        assertThat(ann.heard()).isEmpty();
        pass(500);
        assertThat(ann.heard()).containsExactly("left bob");
    }

    @Test
    void whoComesBackAfterTheGraceJoinsAgain() {
        Visit ann = attend(one, "ann");
        attend(two, "bob").leave();
        pass(11_000);
        attend(two, "bob");

        assertThat(ann.heard()).containsExactly("present ann", "joined bob", "left bob", "joined bob");
    }

    @Test
    void withoutGraceWhoGoesIsGoneAtTheNextLook() {
        presence = new Presence(loops, 0);
        Visit ann = attend(one, "ann");
        attend(two, "bob").leave();
        pass(Boards.LOOK_EVERY_MILLIS);

        assertThat(ann.heard()).containsExactly("present ann", "joined bob", "left bob");
    }

    @Test
    void leavingTwiceIsLeavingOnce() {
        Visit ann = attend(one, "ann");
        Visit tab = attend(two, "bob");
        attend(two, "bob");
        tab.leave();
        tab.leave();
        pass(11_000);

        assertThat(ann.heard()).containsExactly("present ann", "joined bob");
    }

    @Test
    void whoLeavesBeforeTheBoardAnsweredHearsNothing() {
        Visit ann = attend(one, "ann");
        two.execute(() -> {
            Visit bob = new Visit(two, "bob");
            bob.attendance.leave();
            bob.watcher.deaf = true;
        });
        rest();
        pass(11_000);

        assertThat(ann.heard()).containsExactly("present ann", "joined bob", "left bob");
    }

    @Test
    void watchersMayLeaveInTheMiddleOfACall() {
        List<Visit> tabs = new ArrayList<>();
        for (int i = 0; i < 6; i++) tabs.add(attend(one, "ann"));
        Visit last = attend(one, "cid");
        tabs.get(2).watcher.manners = () -> {
            for (int i = 0; i < 4; i++) {
                tabs.get(i).attendance.leave();
                tabs.get(i).watcher.deaf = true;
            }
            return Watcher.Offer.FULL;
        };
        for (Visit tab : tabs) tab.heard();
        last.heard();
        attend(two, "bob");

        assertThat(last.heard()).containsExactly("joined bob");
        assertThat(tabs.get(4).heard()).containsExactly("joined bob");
        assertThat(tabs.get(5).heard()).containsExactly("joined bob");
        assertThat(tabs.get(3).heard()).isEmpty();
    }

    @Test
    void boardsAreForgottenWhenEmpty() {
        Visit ann = attend(one, "ann");
        Visit bob = attend(two, "bob");
        ann.leave();
        bob.leave();
        assertThat(presence.audiences()).isZero();
        assertThat(presence.boards()).isEqualTo(1);
        assertThat(presence.leaving()).isEqualTo(2);

        pass(11_000);
        assertThat(presence.boards()).isZero();
        assertThat(presence.leaving()).isZero();
        assertThat(snapshot()).isEqualTo(new Snapshot.Members(List.of()));
        ticker.advance(3_600_000);
        assertThat(step()).as("somebody still looks").isFalse();
    }

    @Test
    void nobodyLooksWhileNobodyIsLeaving() {
        attend(one, "ann");
        attend(two, "bob");
        ticker.advance(3_600_000);

        assertThat(step()).isFalse();
    }

    @Test
    void crowdsAreOnlyCounted() {
        Visit ann = attend(one, "ann");
        List<Visit> crowd = attendDeaf(two, 1, Presence.NAMED_MAX);
        assertThat(ann.watcher.names).hasSize(Presence.NAMED_MAX);
        ann.heard();

        attend(three, "bob");
        Visit cid = attend(three, "cid");
        assertThat(ann.heard()).containsExactly("counted 1001");
        assertThat(cid.heard().getFirst()).isEqualTo("present 1001"); // as its loop was told last
        assertThat(snapshot()).isEqualTo(new Snapshot.Crowd(1_002));
        pass(5_000);
        assertThat(ann.heard()).containsExactly("counted 1002");
        assertThat(cid.watcher.count).isEqualTo(1_002);

        for (Visit visit : crowd.subList(0, 101)) visit.leave();
        pass(11_000);
        assertThat(ann.watcher.names).isNull();
        assertThat(ann.watcher.count).isEqualTo(901);
        assertThat(ann.heard()).hasSizeBetween(1, 2).last().isEqualTo("counted 901");

        crowd.get(101).leave();
        pass(11_000);
        assertThat(ann.watcher.names).hasSize(Presence.NAMED_AGAIN).contains("ann", "bob", "cid", "m999");
        assertThat(ann.heard()).hasSize(1);
        attend(two, "m1");
        assertThat(ann.heard()).containsExactly("joined m1");
    }

    @Test
    void aCrowdIsCountedAtMostOnceASecondAndOnceMoreAtTheEnd() {
        presence = new Presence(loops, GRACE_MILLIS, 4, 3, Nodes.ALONE, Elsewhere.NOWHERE);
        Visit ann = attend(one, "ann");
        for (int i = 0; i < 50; i++) {
            attend(two, "m" + i);
            pass(100);
        }
        assertThat(ann.heard().stream().filter(words -> words.startsWith("counted")))
                .hasSizeBetween(3, 6);
        pass(2_000);
        assertThat(ann.watcher.count).isEqualTo(51);
        ann.heard();
        pass(10_000);
        assertThat(ann.heard()).isEmpty();
    }

    @Test
    void aWatcherWithoutRoomHearsNothingUntilItHasSome() {
        Visit ann = attend(one, "ann");
        ann.watcher.manners = () -> Watcher.Offer.FULL;
        attend(two, "bob");
        attend(two, "cid");
        assertThat(ann.heard()).containsExactly("present ann", "refused joined bob");

        ann.writable();
        assertThat(ann.heard()).containsExactly("refused present ann bob cid");
        ann.watcher.manners = () -> Watcher.Offer.ACCEPTED;
        attend(two, "dan");
        assertThat(ann.heard()).isEmpty();
        ann.writable();
        attend(two, "eve");
        ann.writable();
        assertThat(ann.heard()).containsExactly("present ann bob cid dan", "joined eve");
    }

    @Test
    void aWatcherThatThrowsDoesNotDisturbTheOthers() {
        Visit before = attend(one, "ann");
        Visit thrower = attend(one, "bob");
        Visit after = attend(one, "cid");
        thrower.watcher.manners = () -> {
            throw new IllegalStateException("thrown by a watcher");
        };
        two.execute(() -> new Visit(two, "dan"));
        assertThatThrownBy(this::rest).hasMessage("thrown by a watcher");
        rest();
        attend(two, "eve");

        assertThat(before.heard()).endsWith("joined dan", "joined eve");
        assertThat(after.heard()).endsWith("joined dan", "joined eve");
        thrower.watcher.manners = () -> Watcher.Offer.ACCEPTED;
        thrower.heard();
        thrower.writable();
        assertThat(thrower.heard()).containsExactly("present ann bob cid dan eve");
    }

    @Test
    void eachLoopIsToldInOneTask() {
        attendAll(two, 0, 100);
        one.execute(() -> new Visit(one, "ann"));
        while (one.ready() || three.ready()) (one.ready() ? one : three).step();
        int steps = 0;
        for (; two.ready(); steps++) two.step();
        assertThat(steps).isLessThanOrEqualTo(3); // asked as the owner perhaps, told, a turn for all
        rest();
        assertThat(visits.get(99).heard()).endsWith("joined ann");
    }

    @Test
    void aFanOutLetsOtherWorkGoFirst() {
        Visit first = attend(two, "ann");
        for (int i = 0; i < 999; i++) attend(two, "ann");
        for (Visit visit : visits) visit.heard();
        attendingSoon(one, "bob");
        while (first.watcher.heard.isEmpty()) step();
        assertThat(told("joined bob")).isEqualTo(Audience.CALLS_PER_TURN);
        List<Integer> toldWhenOtherWorkRan = new ArrayList<>();
        two.execute(() -> toldWhenOtherWorkRan.add(told("joined bob")));
        attendingSoon(one, "cid");
        rest();

        assertThat(toldWhenOtherWorkRan.getFirst()).isLessThanOrEqualTo(2 * Audience.CALLS_PER_TURN);
        assertThat(visits.subList(0, 1_000))
                .allSatisfy(visit -> assertThat(visit.heard()).containsExactly("joined bob", "joined cid"));
    }

    private void attendingSoon(SimLoop loop, String member) {
        loop.execute(() -> new Visit(loop, member));
    }

    private int told(String words) {
        return (int) visits.stream()
                .filter(visit -> visit.watcher.heard.contains(words))
                .count();
    }

    @Test
    void picturesLetOtherWorkGoFirst() {
        List<Integer> shownWhenOtherWorkRan = new ArrayList<>();
        attend(two, "ann");
        two.execute(() -> {
            for (int i = 0; i < 1_000; i++) new Visit(two, "ann");
        });
        while (told("present ann") == 1) step();
        two.execute(() -> shownWhenOtherWorkRan.add(told("present ann")));
        rest();

        assertThat(shownWhenOtherWorkRan.getFirst()).isLessThanOrEqualTo(2 * Audience.CALLS_PER_TURN);
        assertThat(told("present ann")).isEqualTo(1_001);
    }

    @Test
    void moreNewsThanALoopCanKeepUpWithBecomeOnePicture() {
        presence = new Presence(loops, GRACE_MILLIS, 10_000, 9_000, Nodes.ALONE, Elsewhere.NOWHERE);
        Visit ann = attend(two, "ann");
        ann.heard();
        attendDeaf(one, 0, 2 * Audience.PENDING_MAX);
        assertThat(ann.watcher.names).hasSize(2 * Audience.PENDING_MAX + 1);
        int heard = ann.heard().size();
        assertThat(heard).isLessThanOrEqualTo(Audience.PENDING_MAX + 1);
    }

    @Test
    void aCountTakesThePlaceOfNamesNotYetTold() {
        presence = new Presence(loops, GRACE_MILLIS, 4, 3, Nodes.ALONE, Elsewhere.NOWHERE);
        Visit ann = attend(two, "ann");
        ann.heard();
        attendDeaf(one, 0, 10);

        assertThat(ann.heard()).containsExactly("counted 5");
    }

    @Test
    void aLoopWhoseAttendancesHaveEndedIsToldNothing() {
        for (SimLoop loop : loops) attend(loop, "ann").leave();
        for (SimLoop loop : loops) {
            int steps = 0;
            loop.execute(() -> new Visit(loop, "bob").attendance.leave());
            while (step()) steps++;
            assertThat(steps).isEqualTo(4); // this one, in and out at the owner, its answer
        }
    }

    @Test
    void manyWhoGoAtOnceAreGoneAtTheSameLook() {
        List<Visit> crowd = attendDeaf(two, 0, 3 * Boards.LEAVES_PER_TURN);
        two.execute(() -> crowd.forEach(visit -> visit.attendance.leave()));
        rest();
        pass(GRACE_MILLIS);
        assertThat(presence.leaving()).isEqualTo(crowd.size());

        pass(Boards.LOOK_EVERY_MILLIS);
        assertThat(presence.leaving()).isZero();
        assertThat(presence.boards()).isZero();
    }

    @Test
    void watchersOnOneLoopAreHandedTheSameObjects() {
        List<Object> handed = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            one.execute(() -> presence.attend(NAME, "ann", one, new Watcher() {
                @Override
                public Offer present(Snapshot snapshot) {
                    handed.add(snapshot);
                    return Offer.ACCEPTED;
                }

                @Override
                public Offer joined(String member) {
                    return Offer.ACCEPTED;
                }

                @Override
                public Offer left(String member) {
                    return Offer.ACCEPTED;
                }

                @Override
                public Offer counted(int members) {
                    return Offer.ACCEPTED;
                }
            }));
        }
        rest();

        assertThat(handed).hasSize(3).allSatisfy(snapshot -> assertThat(snapshot)
                .isSameAs(handed.getFirst()));
    }

    @Test
    void aSnapshotNeedsNoAttendance() {
        assertThat(snapshot()).isEqualTo(new Snapshot.Members(List.of()));
        attend(one, "ann");
        attend(one, "ann");

        assertThat(snapshot()).isEqualTo(new Snapshot.Members(ids("ann")));
        assertThat(presence.audiences()).isEqualTo(1);
    }

    @Test
    void emptyAndLongIdsAreRefused() {
        Onlooker watcher = new Onlooker(ticker::nowMillis);
        for (String id : List.of("", "x".repeat(257), "\u00e9".repeat(129))) {
            assertThatThrownBy(() -> presence.attend(NAME, id, one, watcher))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("1 to 256 bytes");
        }
        attend(one, "\u00e9".repeat(128));
        assertThat(presence.audiences()).isEqualTo(1);
    }

    @Test
    void aGraceOfLessThanNothingIsRefused() {
        assertThatThrownBy(() -> new Presence(loops, -1)).isInstanceOf(IllegalArgumentException.class);
    }
}
