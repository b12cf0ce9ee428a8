package io.switchboard.testkit.sim;

import io.switchboard.core.channel.Block;
import io.switchboard.core.channel.ChannelName;
import io.switchboard.core.channel.Offset;
import io.switchboard.core.channel.Policies;
import io.switchboard.core.exchange.Exchange;
import io.switchboard.core.exchange.Leftovers;
import io.switchboard.core.figures.Figures;
import io.switchboard.core.rate.RateLimit;
import io.switchboard.core.relay.Relay;
import io.switchboard.core.store.ChannelState;
import io.switchboard.core.store.Store;
import io.switchboard.testkit.check.DeliveryChecker;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The servers of a {@link ReaderSimulation}, and the log under them: what fails, crashes and is lost. It tells the
 * checker what is on the disk. Belongs to the world's thread.
 */
final class SimServers {
    /** One process: it ends in a crash, and another takes its place. */
    final class Server {
        final List<SimLoop> loops = new ArrayList<>();
        final AtomicInteger held = new AtomicInteger();
        final @Nullable SimRelay relay;
        final Exchange exchange;

        Server() {
            for (int i = 0; i < loopCount; i++) loops.add(world.newLoop());
            relay = shared == null ? null : new SimRelay(world);
            if (shared != null && relay != null) {
                world.add(relay);
                shared.join(relay);
            }
            exchange = new Exchange(
                    loops,
                    shared == null ? wrapping.apply(store) : shared,
                    relay == null ? Relay.ALONE : relay,
                    policies,
                    world.ticker(),
                    world.ticker(),
                    new Exchange.Limits(1 << 20, 1_000, RateLimit.UNLIMITED, RateLimit.UNLIMITED),
                    Figures.unseen());
        }

        void kill() {
            if (shared != null && relay != null) {
                shared.leave(relay);
                world.remove(relay);
            }
            for (SimLoop loop : loops) {
                loop.kill();
                world.remove(loop);
            }
        }
    }

    private final SimWorld world;
    private final DeliveryChecker checker;
    private final List<ChannelName> names;
    private final Policies policies;
    private final UnaryOperator<Store> wrapping;
    private final int loopCount;
    private final Facts facts = new Facts();
    private final SimDisk disk;
    private final List<Server> processes = new ArrayList<>();
    private final @Nullable SharedStore shared; // by all of them; null where there is one
    private SimStore store;
    private int refuseOneIn = Integer.MAX_VALUE;

    /**
     * @param names of all channels there may be
     * @param wrapping puts something between the exchange of a single server and its store
     * @param nodes 1, or several that share a store, which may lose what it did not sync while they go on
     * @param loopCount of each
     */
    SimServers(
            SimWorld world,
            DeliveryChecker checker,
            List<ChannelName> names,
            Policies policies,
            UnaryOperator<Store> wrapping,
            int nodes,
            int loopCount) {
        this.world = world;
        this.checker = checker;
        this.names = names;
        this.policies = policies;
        this.wrapping = wrapping;
        this.loopCount = loopCount;
        this.disk = new SimDisk(world, facts);
        this.store = newStore();
        this.shared = nodes == 1 ? null : new SharedStore(store);
        for (int i = 0; i < nodes; i++) processes.add(new Server());
    }

    private SimStore newStore() {
        SimStore made = new SimStore(world, disk, policies);
        made.refuseOneIn(refuseOneIn);
        return made;
    }

    Server any() {
        return processes.size() == 1 ? processes.getFirst() : world.oneOf(processes);
    }

    boolean isRunning(Server server) {
        return processes.contains(server);
    }

    /** Several of them find out by themselves what they were not told of, which takes longer. */
    boolean areMany() {
        return shared != null;
    }

    /** With the time passes what goes by it: messages grow too old, and the store mends what had failed. */
    void pass(long millis) {
        world.ticker().advance(millis);
        facts.timePassed();
        store.mend();
    }

    void sweep() {
        store.sweep();
    }

    /** The disk and the store begin to fail, or leave off. */
    void disturb() {
        disk.failOneIn(world.oneIn(2) ? Integer.MAX_VALUE : 2 + world.random().nextInt(6));
        refuse(world.oneIn(2) ? Integer.MAX_VALUE : 2 + world.random().nextInt(6));
    }

    private void refuse(int oneIn) {
        refuseOneIn = oneIn;
        store.refuseOneIn(oneIn);
    }

    /** Nothing fails any more. */
    void heal() {
        disk.failOneIn(Integer.MAX_VALUE);
        refuse(Integer.MAX_VALUE);
        for (Server process : processes) {
            if (process.relay != null) process.relay.becomeReliable();
        }
    }

    /**
     * A server crashes and another takes its place; or the store that they share loses what it did not sync, and they
     * go on with what is left.
     *
     * @param losing told of the server before it is no more
     * @return that server; null if it was the store
     */
    @Nullable
    Server crash(Consumer<Server> losing) {
        if (shared == null) return crashAll(losing);
        if (world.oneIn(2)) return crashOne(losing);
        shared.replace(storeAfterCrash());
        return null;
    }

    private Server crashAll(Consumer<Server> losing) {
        Server old = processes.removeFirst();
        losing.accept(old);
        old.kill();
        storeAfterCrash();
        processes.add(new Server());
        return old;
    }

    // The others, and the store, go on.
    private Server crashOne(Consumer<Server> losing) {
        Server old = world.oneOf(processes);
        losing.accept(old);
        old.kill();
        processes.remove(old);
        processes.add(new Server());
        return old;
    }

    private SimStore storeAfterCrash() {
        store.kill();
        disk.crash(world.oneOf(List.of(SimDisk.Crash.values())));
        store = newStore();
        return store;
    }

    /** To be called when all readers have left and the world is at rest: complains of what was not let go of. */
    void checkLeftovers() {
        for (Server process : processes) {
            for (String leftover : Leftovers.of(process.exchange)) checker.complain(leftover);
            if (process.held.get() != 0) {
                checker.complain(process.held.get() + " encoded deliveries were never released");
            }
        }
    }

    /** Tells the checker what is on the disk. */
    private final class Facts implements SimDisk.Witness {
        private final Map<Long, String> tails = new HashMap<>(); // by channel id
        private final Map<Long, KeptMessages> kept = new HashMap<>(); // by channel id
        private final Map<ChannelName, Long> here = new LinkedHashMap<>();

        @Override
        public void created(ChannelState channel) {
            if (tails.containsKey(channel.id())) return; // its lineage grew
            String root = channel.info().lineage().offsetAt(0).toString();
            tails.put(channel.id(), root);
            here.put(channel.name(), channel.id());
            checker.created(channel.name().value(), root);
        }

        @Override
        public void wrote(ChannelState channel, Block block) {
            for (int i = 0; i < block.count(); i++) {
                String offset = new Offset(block.generation(), block.firstSequence() + i).toString();
                byte[] message = block.message(i);
                String payload = new String(message, StandardCharsets.UTF_8);
                checker.committed(channel.name().value(), tails.get(channel.id()), offset, payload);
                tails.put(channel.id(), offset);
                kept(channel.name(), channel.id())
                        .committed(block.firstSequence() + i, message.length, block.timeMillis(i));
            }
        }

        @Override
        public void moved(ChannelState channel) {
            long goneThrough = let(channel.name(), channel.id());
            if (channel.tail().start() > goneThrough) {
                checker.complain(channel.name() + ": trimmed to "
                        + channel.tail().start() + ", but what is behind " + goneThrough + " must be kept");
            }
            if (channel.tail().closed()) {
                checker.closed(channel.name().value(), channel.tail().offset().toString());
            }
        }

        private KeptMessages kept(ChannelName name, long id) {
            return kept.computeIfAbsent(
                    id, i -> new KeptMessages(policies.of(name).retention()));
        }

        // Tells what readers may find gone.
        private long let(ChannelName name, long id) {
            long goneThrough = kept(name, id).goneThrough(world.ticker().nowMillis());
            checker.trimmed(name.value(), goneThrough);
            return goneThrough;
        }

        void timePassed() {
            here.forEach(this::let);
        }

        @Override
        public void removed(ChannelState channel) {
            here.remove(channel.name());
            checker.removed(channel.name().value());
        }

        @Override
        public void restored(List<ChannelState> channels) {
            here.clear();
            for (ChannelState channel : channels) {
                String tail = channel.tail().offset().toString();
                here.put(channel.name(), channel.id());
                tails.put(channel.id(), tail);
                kept(channel.name(), channel.id()).cutBehind(channel.sequence());
                checker.restored(
                        channel.name().value(),
                        tail,
                        channel.tail().start(),
                        channel.tail().closed());
                let(channel.name(), channel.id());
            }
            for (ChannelName name : names) {
                if (!here.containsKey(name)) checker.removed(name.value());
            }
        }
    }
}
