package io.switchboard.core.presence;

import io.switchboard.core.channel.ChannelName;
import io.switchboard.testkit.sim.SimLoop;
import io.switchboard.testkit.sim.SimWorld;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * People come to a few channels and go, on several loops that take turns as a seed says, over boards
 * with a low limit. Every watcher's picture has to fit what it is told, and to be the truth whenever all is
 * quiet. Time passes only while nothing is under way, so that it can be said when somebody was there.
 */
final class PresenceSimulation {
    private static final int LOOPS = 3;
    private static final int STEPS = 400;
    private static final int REST_STEPS_MAX = 1_000_000;
    private static final long GRACE_MILLIS = 2_000;
    private static final int NAMED_MAX = 8;
    private static final int NAMED_AGAIN = 6;

    private record Place(ChannelName channel, String member) {}

    private final class Visit {
        final Place place;
        final SimLoop loop;
        final Onlooker watcher = new Onlooker(world.ticker()::nowMillis);

        @Nullable
        Attendance attendance;

        boolean gone;

        Visit(Place place, SimLoop loop) {
            this.place = place;
            this.loop = loop;
            watcher.manners = this::manners;
            attendances.merge(place, 1, Integer::sum);
            loop.execute(() -> {
                attendance = presence.attend(place.channel(), place.member(), loop, watcher);
                if (!gone) watcher.deaf = false;
            });
        }

        private Watcher.Offer manners() {
            if (!calm && world.oneIn(40)) leaveNow();
            if (!calm && world.oneIn(60)) throw new Mischief();
            return !calm && world.oneIn(15) ? Watcher.Offer.FULL : Watcher.Offer.ACCEPTED;
        }

        private void leaveNow() {
            if (!gone) {
                gone = true;
                attendances.merge(place, -1, Integer::sum);
            }
            watcher.deaf = true;
            if (attendance != null) attendance.leave();
        }

        void leaves() {
            loop.execute(this::leaveNow);
        }

        void writable() {
            loop.execute(() -> {
                if (gone || attendance == null) return;
                watcher.deaf = false;
                attendance.writable();
            });
        }
    }

    private static final class Mischief extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    private final SimWorld world;
    private final List<SimLoop> loops = new ArrayList<>();
    private final List<ChannelName> channels =
            List.of(new ChannelName("a"), new ChannelName("b"), new ChannelName("c"));
    private final List<Visit> visits = new ArrayList<>();
    private final Map<Place, Integer> attendances = new HashMap<>();
    private final Map<Place, Long> lastThereMillis = new HashMap<>();
    private final List<String> complaints = new ArrayList<>();
    private final Presence presence;
    private boolean calm;

    PresenceSimulation(long seed) {
        world = new SimWorld(seed);
        for (int i = 0; i < LOOPS; i++) loops.add(world.newLoop());
        presence = new Presence(loops, GRACE_MILLIS, NAMED_MAX, NAMED_AGAIN);
    }

    List<String> run() {
        for (int step = 0; step < STEPS && complaints.isEmpty(); step++) {
            act();
            for (int n = world.random().nextInt(6); n > 0; n--) stepSafely();
            if (world.oneIn(50)) becomeQuiet();
        }
        becomeQuiet();
        everybodyGoes();
        return complaints;
    }

    private void act() {
        switch (world.random().nextInt(10)) {
            case 0, 1, 2, 3 -> comes();
            case 4, 5, 6 -> goes();
            case 7 -> {
                if (!visits.isEmpty()) world.oneOf(visits).writable();
            }
            case 8 -> pass(world.random().nextInt(700));
            default -> pass(world.random().nextInt(50));
        }
    }

    private void comes() {
        Place place = new Place(world.oneOf(channels), "m" + world.random().nextInt(14));
        visits.add(new Visit(place, world.oneOf(loops)));
    }

    private void goes() {
        if (visits.isEmpty()) return;
        if (world.oneIn(40)) visits.forEach(Visit::leaves);
        else world.oneOf(visits).leaves();
    }

    private boolean stepSafely() {
        try {
            return world.step();
        } catch (Mischief expected) {
            return true;
        }
    }

    private void rest() {
        for (int steps = 0; stepSafely(); steps++) {
            if (steps > REST_STEPS_MAX) throw new AssertionError("the world does not come to rest");
        }
        for (Visit visit : visits) look(visit);
        visits.removeIf(visit -> visit.gone);
    }

    private void look(Visit visit) {
        for (String complaint : visit.watcher.complaints) complaints.add(visit.place + " " + complaint);
        for (String words : visit.watcher.heard) {
            if (!words.startsWith("left ")) continue;
            Place who = new Place(visit.place.channel(), words.substring("left ".length()));
            long awayMillis = world.ticker().nowMillis() - lastThereMillis.getOrDefault(who, 0L);
            if (awayMillis < GRACE_MILLIS) complaints.add(who + " left after " + awayMillis + " ms");
        }
        visit.watcher.heard.clear();
    }

    private void pass(long millis) {
        for (long left = millis; left > 0; left -= 50) {
            rest();
            world.ticker().advance(Math.min(left, 50));
            attendances.forEach((place, count) -> {
                if (count > 0) lastThereMillis.put(place, world.ticker().nowMillis());
            });
        }
        rest();
    }

    private void becomeQuiet() {
        calm = true;
        rest();
        visits.forEach(Visit::writable);
        pass(GRACE_MILLIS + 2 * Presence.COUNT_EVERY_MILLIS);
        for (ChannelName channel : channels) checkTruth(channel);
        calm = false;
    }

    private void checkTruth(ChannelName channel) {
        Set<String> truth = new TreeSet<>();
        attendances.forEach((place, count) -> {
            if (count > 0 && place.channel().equals(channel)) truth.add(place.member());
        });
        for (Visit visit : visits) {
            if (!visit.place.channel().equals(channel)) continue;
            check(visit.place + " saw", truth, visit.watcher.names, visit.watcher.count);
        }
        SimLoop asking = world.oneOf(loops);
        asking.execute(() -> presence.snapshot(
                channel,
                asking,
                snapshot -> check("snapshot of " + channel, truth, named(snapshot), snapshot.count())));
        rest();
    }

    private static @Nullable Set<String> named(Snapshot snapshot) {
        return switch (snapshot) {
            case Snapshot.Members(List<String> ids) -> new TreeSet<>(ids);
            case Snapshot.Crowd c -> null;
        };
    }

    private void check(String what, Set<String> truth, @Nullable Set<String> names, int count) {
        boolean mayBeNamed = truth.size() <= NAMED_MAX;
        boolean mustBeNamed = truth.size() <= NAMED_AGAIN;
        boolean right = names == null ? !mustBeNamed : mayBeNamed && names.equals(truth);
        if (!right || count != truth.size()) {
            complaints.add(what + " " + count + " " + names + " but there were " + truth.size() + " " + truth);
        }
    }

    private void everybodyGoes() {
        visits.forEach(Visit::leaves);
        pass(GRACE_MILLIS + 2 * Presence.COUNT_EVERY_MILLIS);
        if (presence.boards() + presence.leaving() + presence.audiences() != 0) {
            complaints.add("left behind: " + presence.boards() + " boards, " + presence.leaving() + " leaving, "
                    + presence.audiences() + " audiences");
        }
        world.ticker().advance(3_600_000);
        if (world.step()) complaints.add("somebody still looks");
    }
}
