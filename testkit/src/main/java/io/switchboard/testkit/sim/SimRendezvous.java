package io.switchboard.testkit.sim;

import io.switchboard.core.nodes.Rendezvous;
import io.switchboard.core.time.Ticker;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Where the nodes of a world meet; each has a door of its own to it, which may be shut. What they ask is done when the
 * world says so, in the order in which a node asked it.
 */
public final class SimRendezvous {
    private final SimWorld world;
    private final Map<String, Long> leases = new HashMap<>(); // until when, by the world's clock
    private final List<Door> doors = new ArrayList<>();

    public SimRendezvous(SimWorld world) {
        this.world = world;
    }

    /** Another way in, for one node. */
    public Door door() {
        Door door = new Door();
        doors.add(door);
        world.add(door);
        return door;
    }

    /** What it knew is lost. */
    public void forget() {
        leases.clear();
    }

    /** One node's way to the others. Belongs to the world's thread. */
    public final class Door implements Rendezvous, SimWorld.Actor {
        private final Deque<Runnable> asked = new ArrayDeque<>();
        private @Nullable Hearer hearer;
        private boolean shut;
        private int leaves;
        private Runnable whileLeaving = () -> {};

        /** Whoever comes through it from now on finds nobody, until it is opened. */
        public void shut(boolean now) {
            shut = now;
            if (!now && hearer != null) asked.add(hearer::hearing);
        }

        /** What happens after a node has left, before it knows. */
        public void whileLeaving(Runnable what) {
            whileLeaving = what;
        }

        @Override
        public void renew(String id, long leaseMillis, Consumer<@Nullable Roll> answer) {
            int before = leaves;
            asked.add(() -> answer.accept(shut || leaves > before ? null : renewed(id, leaseMillis)));
        }

        private Roll renewed(String id, long leaseMillis) {
            Ticker ticker = world.ticker();
            leases.values().removeIf(until -> until <= ticker.nowMillis());
            boolean wasListed = leases.put(id, ticker.nowMillis() + leaseMillis) != null;
            return new Roll(wasListed, leases.keySet());
        }

        @Override
        public void leave(String id) {
            if (!shut) leases.remove(id);
            leaves++;
            whileLeaving.run();
        }

        @Override
        public void call(byte[] message) {
            if (shut) return;
            for (Door door : doors) {
                Hearer listener = door.hearer;
                if (listener != null && !door.shut) door.asked.add(() -> listener.heard(message));
            }
        }

        @Override
        public void hear(Hearer listener) {
            hearer = listener;
            asked.add(listener::hearing);
        }

        @Override
        public void close() {
            hearer = null;
        }

        @Override
        public boolean ready() {
            return !asked.isEmpty();
        }

        @Override
        public void step() {
            asked.remove().run();
        }
    }
}
