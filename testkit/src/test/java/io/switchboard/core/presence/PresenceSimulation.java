package io.switchboard.core.presence;

import io.switchboard.core.channel.ChannelName;
import io.switchboard.core.nodes.Membership;
import io.switchboard.core.nodes.Nodes;
import io.switchboard.testkit.sim.SimLoop;
import io.switchboard.testkit.sim.SimRendezvous;
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
 *
 * <p>Of several nodes, some are cut off or die and others come, and what they lay down may be lost. Then nobody who was
 * there since all knew may be told to have left, unless the node was cut off from the others for about a lease.
 */
final class PresenceSimulation {
    private static final int LOOPS = 3;
    private static final int LOOPS_OF_A_NODE = 2;
    private static final int STEPS = 400;
    private static final int REST_STEPS_MAX = 1_000_000;
    private static final long GRACE_MILLIS = 2_000;
    private static final long QUIET_MILLIS = GRACE_MILLIS + 2 * Presence.COUNT_EVERY_MILLIS;
    private static final Membership.Lease LEASE = Membership.Lease.DEFAULT;
    /** Until what a crash brought back is gone, a lost call is noticed, a loss is believed, a lease is over. */
    private static final long QUIET_OF_NODES_MILLIS =
            QUIET_MILLIS + SimElsewhere.KEPT_MILLIS + 30_000 + 2 * LEASE.lengthMillis() + 10_000;
    /**
     * A lease lasts for so long when its node comes back later than another one, if both went at once without noticing
     * it; less the grace, which is how late a departure is told.
     */
    private static final long LONELY_MILLIS =
            LEASE.lengthMillis() - 2 * LEASE.renewedEveryMillis() - GRACE_MILLIS - 500;

    private static final int TROUBLE_ONE_IN = 10;
    private static final int NAMED_MAX = 8;
    private static final int NAMED_AGAIN = 6;

    private record Place(ChannelName channel, String member) {}

    /** One of the servers. */
    private final class Node {
        final String id;
        final List<SimLoop> loops = new ArrayList<>();
        final Presence presence;
        final SimElsewhere.@Nullable Door door; // null if there is but one
        final SimRendezvous.@Nullable Door meeting;
        private final @Nullable Membership membership;
        boolean shut;
        long lonelyMillis; // cut off while others were not
        final Map<Place, Long> lastThereMillis = new HashMap<>(); // of those who were here

        Node(String id, int count) {
            this.id = id;
            boolean alone = count == 1;
            for (int i = 0; i < (alone ? LOOPS : LOOPS_OF_A_NODE); i++) loops.add(world.newLoop());
            if (alone) {
                door = null;
                meeting = null;
                membership = null;
                presence = new Presence(loops, GRACE_MILLIS, NAMED_MAX, NAMED_AGAIN, Nodes.ALONE, Elsewhere.NOWHERE);
            } else {
                SimElsewhere.Door ours = elsewhere.door(id);
                SimRendezvous.Door place = rendezvous.door();
                membership = new Membership(id, place, LEASE, world.oneOf(loops), world.ticker());
                presence = new Presence(loops, GRACE_MILLIS, NAMED_MAX, NAMED_AGAIN, membership, ours);
                membership.start();
                door = ours;
                meeting = place;
            }
        }

        void shut(boolean now) {
            if (shut == now || door == null || meeting == null) return;
            shut = now;
            door.shut(now);
            meeting.shut(now);
        }

        // Whoever is cut off does not hear that its members have a grace.
        void departs() {
            if (nodes.stream().anyMatch(node -> node.shut)) {
                PresenceSimulation.this.lastThereMillis.keySet().removeAll(lastThereMillis.keySet());
            }
            presence.depart();
            if (membership != null) membership.close();
            dies();
        }

        void dies() {
            loops.forEach(SimLoop::kill);
            if (door != null) door.close();
            if (meeting != null) meeting.close();
            for (Visit visit : visits) {
                if (visit.node == this) visit.ends();
            }
            visits.removeIf(visit -> visit.node == this);
        }

        /** Whether the others have to know who is here. */
        boolean isReached() {
            return lonelyMillis < LONELY_MILLIS;
        }
    }

    private final class Visit {
        final Node node;
        final Place place;
        final SimLoop loop;
        final Onlooker watcher = new Onlooker(world.ticker()::nowMillis);

        @Nullable
        Attendance attendance;

        boolean gone;
        boolean settled; // all nodes have heard of it, and its own of all others

        Visit(Node node, Place place) {
            this.node = node;
            this.place = place;
            this.loop = world.oneOf(node.loops);
            watcher.manners = this::manners;
            loop.execute(() -> {
                attendance = node.presence.attend(place.channel(), place.member(), loop, watcher);
                if (!gone) watcher.deaf = false;
            });
        }

        private Watcher.Offer manners() {
            if (!calm && world.oneIn(40)) leaveNow();
            if (!calm && world.oneIn(60)) throw new Mischief();
            return !calm && world.oneIn(15) ? Watcher.Offer.FULL : Watcher.Offer.ACCEPTED;
        }

        private void leaveNow() {
            ends();
            watcher.deaf = true;
            if (attendance != null) attendance.leave();
        }

        private void ends() {
            gone = true;
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
    private final SimRendezvous rendezvous;
    private final SimElsewhere elsewhere;
    private final int count;
    private final List<Node> nodes = new ArrayList<>();
    private int nodesMade;
    private final List<ChannelName> channels =
            List.of(new ChannelName("a"), new ChannelName("b"), new ChannelName("c"));
    private final List<Visit> visits = new ArrayList<>();
    private final Map<Place, Long> lastThereMillis = new HashMap<>(); // as far as all nodes have to know
    private final List<String> complaints = new ArrayList<>();
    private boolean calm;

    PresenceSimulation(long seed) {
        this(seed, 1);
    }

    /** @param count how many nodes */
    PresenceSimulation(long seed, int count) {
        this.world = new SimWorld(seed);
        this.rendezvous = new SimRendezvous(world);
        this.elsewhere = new SimElsewhere(world, TROUBLE_ONE_IN);
        this.count = count;
        for (int i = 0; i < count; i++) begins();
    }

    private void begins() {
        nodes.add(new Node("n" + ++nodesMade, count));
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
        if (count > 1 && world.oneIn(15)) mischance();
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

    private void mischance() {
        Node node = world.oneOf(nodes);
        switch (world.random().nextInt(10)) {
            case 0, 1 -> node.shut(true);
            case 2, 3, 4 -> node.shut(false);
            case 5 -> nodes.forEach(each -> each.shut(true));
            case 6 -> {
                nodes.forEach(each -> each.shut(true));
                rendezvous.forget();
                elsewhere.crash();
            }
            case 7 -> elsewhere.save();
            case 8 -> {
                if (!world.oneIn(3)) return;
                nodes.remove(node);
                if (world.oneIn(2)) node.dies();
                else node.departs();
                begins();
            }
            default -> pass(world.random().nextInt(30_000));
        }
    }

    private void comes() {
        Place place = new Place(world.oneOf(channels), "m" + world.random().nextInt(14));
        visits.add(new Visit(world.oneOf(nodes), place));
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
            long lastMillis = visit.node.lastThereMillis.getOrDefault(who, 0L);
            if (visit.settled) lastMillis = Math.max(lastMillis, lastThereMillis.getOrDefault(who, 0L));
            long awayMillis = world.ticker().nowMillis() - lastMillis;
            if (awayMillis < GRACE_MILLIS) complaints.add(who + " left after " + awayMillis + " ms");
        }
        visit.watcher.heard.clear();
    }

    private void pass(long millis) {
        long stepMillis = millis > 5_000 ? 250 : 50;
        for (long left = millis; left > 0; left -= stepMillis) {
            rest();
            long passed = Math.min(left, stepMillis);
            world.ticker().advance(passed);
            notice(passed);
        }
        rest();
    }

    private void notice(long passed) {
        boolean together = nodes.stream().allMatch(node -> node.shut);
        for (Node node : nodes) {
            if (node.shut && !together) node.lonelyMillis += passed;
            else if (!node.shut && node.isReached()) node.lonelyMillis = 0;
        }
        long now = world.ticker().nowMillis();
        for (Visit visit : visits) {
            if (visit.gone) continue;
            visit.node.lastThereMillis.put(visit.place, now);
            if (visit.settled && visit.node.isReached()) lastThereMillis.put(visit.place, now);
        }
    }

    private void becomeQuiet() {
        calm = true;
        elsewhere.calm = true;
        nodes.forEach(node -> node.shut(false));
        rest();
        visits.forEach(Visit::writable);
        pass(count > 1 ? QUIET_OF_NODES_MILLIS : QUIET_MILLIS);
        nodes.forEach(node -> node.lonelyMillis = 0);
        visits.forEach(visit -> visit.settled = true);
        for (ChannelName channel : channels) checkTruth(channel);
        calm = false;
        elsewhere.calm = false;
    }

    private void checkTruth(ChannelName channel) {
        Set<String> truth = new TreeSet<>();
        for (Visit visit : visits) {
            if (!visit.gone && visit.place.channel().equals(channel)) truth.add(visit.place.member());
        }
        for (Visit visit : visits) {
            if (!visit.place.channel().equals(channel)) continue;
            check(visit.place + " saw", truth, visit.watcher.names, visit.watcher.count);
        }
        for (Node node : nodes) {
            SimLoop asking = world.oneOf(node.loops);
            asking.execute(() -> node.presence.snapshot(
                    channel,
                    asking,
                    snapshot -> check(
                            "snapshot of " + channel + " at " + node.id, truth, named(snapshot), snapshot.count())));
        }
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
        calm = true;
        elsewhere.calm = true;
        visits.forEach(Visit::leaves);
        pass(count > 1 ? QUIET_OF_NODES_MILLIS : QUIET_MILLIS);
        for (Node node : nodes) {
            Presence presence = node.presence;
            if (presence.boards() + presence.leaving() + presence.audiences() != 0) {
                complaints.add("left behind: " + presence.boards() + " boards, " + presence.leaving() + " leaving, "
                        + presence.audiences() + " audiences");
            }
            if (elsewhere.nodes().contains(node.id)) complaints.add(node.id + " still has members elsewhere");
        }
        if (count > 1) return;
        world.ticker().advance(3_600_000);
        if (world.step()) complaints.add("somebody still looks");
    }
}
