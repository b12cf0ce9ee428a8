package io.switchboard.core.presence;

import io.switchboard.core.channel.ChannelName;
import io.switchboard.testkit.sim.SimWorld;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Where the nodes of a world lay down who is with them; each has a door of its own to it. What one asks is done in
 * order; what it hears comes in any order, some of it twice, some of it never, and so it is with answers.
 */
final class SimElsewhere {
    /** A part that its node does not look at for so long is gone. */
    static final long KEPT_MILLIS = 90_000;

    private record Laid(long number, Set<String> members, long untilMillis) {}

    private final SimWorld world;
    private final int oddsOfTrouble; // one in so many calls is lost, one doubled; 0 for none
    private Map<ChannelName, Map<String, Laid>> laid = new HashMap<>();
    private Map<ChannelName, Map<String, Laid>> kept = new HashMap<>(); // what a crash leaves
    private final List<Door> doors = new ArrayList<>();
    boolean calm;

    SimElsewhere(SimWorld world, int oddsOfTrouble) {
        this.world = world;
        this.oddsOfTrouble = oddsOfTrouble;
    }

    Door door(String node) {
        Door door = new Door(node);
        doors.add(door);
        world.add(door);
        return door;
    }

    private boolean trouble() {
        return !calm && oddsOfTrouble > 0 && world.oneIn(oddsOfTrouble);
    }

    /** What there is now outlives a crash. */
    void save() {
        kept = new HashMap<>();
        laid.forEach((channel, parts) -> kept.put(channel, new TreeMap<>(parts)));
    }

    /** All that was laid down since it was saved is lost. */
    void crash() {
        laid = new HashMap<>();
        kept.forEach((channel, parts) -> laid.put(channel, new TreeMap<>(parts)));
    }

    /** Whose members are laid down on any channel. */
    Set<String> nodes() {
        Set<String> nodes = new TreeSet<>();
        for (ChannelName channel : Set.copyOf(laid.keySet()))
            nodes.addAll(parts(channel).keySet());
        return nodes;
    }

    private Map<String, Laid> parts(ChannelName channel) {
        Map<String, Laid> parts = laid.computeIfAbsent(channel, name -> new TreeMap<>());
        parts.values().removeIf(part -> part.untilMillis() <= world.ticker().nowMillis());
        return parts;
    }

    private Laid newly(long number, Set<String> members) {
        return new Laid(number, members, world.ticker().nowMillis() + KEPT_MILLIS);
    }

    /** One node's way to it. Belongs to the world's thread. */
    final class Door implements Elsewhere, SimWorld.Actor {
        private final String node;
        private final Set<ChannelName> followed = new LinkedHashSet<>();
        private final Deque<Runnable> asked = new ArrayDeque<>();
        private final List<Runnable> heard = new ArrayList<>();
        private @Nullable Hearer hearer;
        private boolean shut;

        Door(String node) {
            this.node = node;
        }

        /** What is asked from now on is not answered, until it is opened. */
        void shut(boolean now) {
            shut = now;
            if (!now) followed.forEach(this::begin);
        }

        private void begin(ChannelName channel) {
            Hearer mine = hearer;
            if (mine != null) {
                heard.add(() -> {
                    if (!shut) mine.missed(channel);
                });
            }
        }

        @Override
        public void close() {
            doors.remove(this);
            world.remove(this);
        }

        @Override
        public boolean isShared() {
            return true;
        }

        @Override
        public void start(Hearer theHearer) {
            hearer = theHearer;
        }

        @Override
        public void follow(ChannelName channel) {
            if (followed.add(channel)) begin(channel);
        }

        @Override
        public void unfollow(ChannelName channel) {
            followed.remove(channel);
        }

        @Override
        public void tell(ChannelName channel, Step step, Consumer<Told> answer) {
            asked.add(() -> {
                Told told = shut ? Told.FAILED : lay(channel, step);
                answer.accept(trouble() ? Told.FAILED : told);
            });
        }

        private Told lay(ChannelName channel, Step step) {
            Map<String, Laid> parts = parts(channel);
            Laid mine = parts.get(node);
            long number = mine == null ? 0 : mine.number();
            if (step.isWhole() ? number >= step.after() : number != step.before()) return Told.REFUSED;
            Set<String> members = new HashSet<>(step.isWhole() || mine == null ? Set.of() : mine.members());
            members.addAll(step.joined());
            members.removeAll(step.left());
            if (members.isEmpty()) parts.remove(node);
            else parts.put(node, newly(step.after(), members));
            for (Door other : doors) {
                if (other != this && !other.shut && other.followed.contains(channel)) other.hears(channel, node, step);
            }
            return Told.DONE;
        }

        private void hears(ChannelName channel, String from, Step step) {
            Hearer mine = hearer;
            if (mine == null || trouble()) return;
            Runnable call = () -> mine.called(channel, from, step);
            heard.add(call);
            if (trouble()) heard.add(call);
        }

        @Override
        public void look(ChannelName channel, Map<String, Long> known, Consumer<@Nullable Sight> answer) {
            asked.add(() -> {
                Sight sight = shut ? null : sight(channel, known);
                answer.accept(trouble() ? null : sight);
            });
        }

        private Sight sight(ChannelName channel, Map<String, Long> known) {
            List<Part> parts = new ArrayList<>();
            long own = 0;
            parts(channel).computeIfPresent(node, (id, part) -> newly(part.number(), part.members()));
            for (Map.Entry<String, Laid> each : parts(channel).entrySet()) {
                String from = each.getKey();
                long number = each.getValue().number();
                if (from.equals(node)) own = number;
                else if (known.getOrDefault(from, 0L) == number) parts.add(new Part(from, number, null));
                else
                    parts.add(new Part(from, number, List.copyOf(each.getValue().members())));
            }
            return new Sight(own, parts);
        }

        @Override
        public void forget(ChannelName channel, String dead, long number) {
            asked.add(() -> {
                Laid part = shut ? null : parts(channel).get(dead);
                if (part != null && part.number() == number) parts(channel).remove(dead);
            });
        }

        @Override
        public boolean ready() {
            return !asked.isEmpty() || !heard.isEmpty();
        }

        @Override
        public void step() {
            if (heard.isEmpty() || (!asked.isEmpty() && world.oneIn(2)))
                asked.remove().run();
            else heard.remove(world.random().nextInt(heard.size())).run();
        }
    }
}
