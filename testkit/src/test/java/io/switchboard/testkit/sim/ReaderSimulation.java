package io.switchboard.testkit.sim;

import io.switchboard.core.channel.Append;
import io.switchboard.core.channel.ChannelName;
import io.switchboard.core.channel.ChannelPattern;
import io.switchboard.core.channel.ChannelPolicy;
import io.switchboard.core.channel.ContentType;
import io.switchboard.core.channel.Durability;
import io.switchboard.core.channel.Expiry;
import io.switchboard.core.channel.Offset;
import io.switchboard.core.channel.Payloads;
import io.switchboard.core.channel.Policies;
import io.switchboard.core.channel.Retention;
import io.switchboard.core.reading.Outlet;
import io.switchboard.core.reading.ReadFrom;
import io.switchboard.core.reading.Reader;
import io.switchboard.core.store.AppendOutcome;
import io.switchboard.core.store.Create;
import io.switchboard.core.store.CreateOutcome;
import io.switchboard.core.store.Found;
import io.switchboard.core.store.Store;
import io.switchboard.testkit.check.DeliveryChecker;
import io.switchboard.testkit.check.DeliveryChecker.Start;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * One short history of an exchange over a store that may crash, with writers and readers on several
 * loops and channels. Everything about it follows from its seed.
 */
final class ReaderSimulation {
    private static final int STEPS_MAX = 2_000_000;
    private static final int READERS_MAX = 24;
    private static final List<FakeOutlet.Manners> MANNERS = List.of(
            FakeOutlet.Manners.GOOD,
            FakeOutlet.Manners.GOOD,
            new FakeOutlet.Manners(3, Integer.MAX_VALUE, Integer.MAX_VALUE, Outlet.AfterGap.RESUME),
            new FakeOutlet.Manners(2, 40, 40, Outlet.AfterGap.RESUME),
            new FakeOutlet.Manners(10, Integer.MAX_VALUE, 10, Outlet.AfterGap.STOP));

    /** Somebody who reads a channel, through reconnects. */
    private final class Client {
        final ChannelName channel;
        final ReadFrom from;
        final boolean awaits;
        final DeliveryChecker.Watch watch;
        final FakeOutlet.Manners manners;

        @Nullable
        FakeOutlet outlet; // null until its loop got round to it

        SimServers.@Nullable Server on; // null before it has connected

        Client(String name, ChannelName channel, ReadFrom from, boolean awaits, FakeOutlet.Manners manners) {
            this.channel = channel;
            this.from = from;
            this.awaits = awaits;
            this.manners = manners;
            // One that waits for its channel may find it there, and one that was refused may begin anew.
            this.watch = checker.watch(name, channel.value(), start(from), awaits);
        }

        void connect() {
            String at = watch.position();
            ReadFrom next = at == null ? from : ReadFrom.parse(at);
            if (next == null) throw new AssertionError("not a position: " + at);
            SimServers.Server mine = servers.any();
            SimLoop loop = world.oneOf(mine.loops);
            on = mine;
            loop.execute(() -> {
                FakeOutlet made = new FakeOutlet(
                        world,
                        loop,
                        new CountedForm(random.nextInt(2), mine.held),
                        checker,
                        watch,
                        healed ? FakeOutlet.Manners.GOOD : manners);
                outlet = made;
                watch.back();
                Reader reader = mine.exchange.read(channel, next, awaits, loop, wrappingOutlets.apply(made));
                made.reads(reader);
                world.add(made);
                if (!healed && world.oneIn(8)) made.mischief(ReaderSimulation.this::mischief);
            });
        }

        boolean isGone() {
            return outlet != null && outlet.isOver();
        }
    }

    private final SimWorld world;
    private final Random random;
    private final Function<Outlet, Outlet> wrappingOutlets;
    private final DeliveryChecker checker = new DeliveryChecker(0);
    private final SimServers servers;
    private final List<ChannelName> names = new ArrayList<>();
    private final List<Client> clients = new ArrayList<>();
    private final Map<ChannelName, Offset> acknowledged = new HashMap<>();
    private boolean healed;
    private int messages;
    private int readersMade;
    private final boolean faults;
    private final boolean crashes;

    ReaderSimulation(long seed) {
        this(seed, 1, store -> store, outlet -> outlet);
    }

    /**
     * @param wrapping puts something between the exchange and the store
     * @param wrappingOutlets puts something between readers and their outlets
     */
    ReaderSimulation(long seed, UnaryOperator<Store> wrapping, Function<Outlet, Outlet> wrappingOutlets) {
        this(seed, 1, wrapping, wrappingOutlets);
    }

    /** Several nodes that share a store, which may lose what it did not sync while they go on. */
    static ReaderSimulation ofNodes(long seed, int nodes) {
        return new ReaderSimulation(seed, nodes, store -> store, outlet -> outlet);
    }

    private ReaderSimulation(
            long seed, int nodes, UnaryOperator<Store> wrapping, Function<Outlet, Outlet> wrappingOutlets) {
        this.wrappingOutlets = wrappingOutlets;
        this.world = new SimWorld(seed);
        this.random = world.random();
        int loopCount = 1 + random.nextInt(3);
        this.faults = world.oneIn(3);
        this.crashes = world.oneIn(2);
        int channels = 1 + random.nextInt(4);
        List<Policies.Rule> rules = new ArrayList<>();
        for (int i = 0; i < channels; i++) {
            ChannelName name = new ChannelName("c" + i);
            names.add(name);
            Retention retention = world.oneIn(2)
                    ? Retention.FOREVER
                    : new Retention(1 + random.nextInt(6), world.oneIn(2) ? 200 : Retention.UNLIMITED, 60_000);
            ChannelPolicy policy = new ChannelPolicy(
                    world.oneOf(List.of(Durability.values())),
                    retention,
                    world.oneIn(2) ? ChannelPolicy.Creation.ON_FIRST_USE : ChannelPolicy.Creation.EXPLICIT);
            rules.add(new Policies.Rule(new ChannelPattern(name.value()), policy));
        }
        // Whoever begins to read while the nodes' store is replaced may be told so.
        if (faults || (nodes > 1 && crashes)) checker.failuresAreAllowed();
        Policies policies = new Policies(rules, ChannelPolicy.DEFAULT);
        servers = new SimServers(world, checker, names, policies, wrapping, nodes, loopCount);
    }

    private static Start start(ReadFrom from) {
        return switch (from) {
            case ReadFrom.Earliest e -> new Start.Earliest();
            case ReadFrom.Now n -> new Start.Now();
            case ReadFrom.Last(long messages) -> new Start.Last(messages);
            case ReadFrom.At(Offset offset) -> new Start.At(offset.toString());
            case ReadFrom.Before b -> throw new AssertionError("a page, not a reader");
        };
    }

    DeliveryChecker checker() {
        return checker;
    }

    /** The whole history; complaints are the checker's. */
    void run() {
        int turns = 200 + random.nextInt(600);
        for (int turn = 0; turn < turns; turn++) {
            if (world.oneIn(4)) act();
            else world.step();
        }
        rest();
    }

    // ---- what happens ----

    private void act() {
        int choice = random.nextInt(100);
        if (choice < 40) append(world.oneOf(names));
        else if (choice < 52) create(world.oneOf(names));
        else if (choice < 55) delete(world.oneOf(names));
        else if (choice < 57) close(world.oneOf(names));
        else if (choice < 75) open();
        else if (choice < 79) leave();
        else if (choice < 87) reconnect();
        else if (choice < 90) servers.pass(random.nextInt(3_000));
        else if (choice < 93) onLoop(mine -> mine.exchange.sweep());
        else if (choice < 94) servers.sweep();
        else if (choice < 96) look(world.oneOf(names));
        else if (choice < 98) {
            if (faults) servers.disturb();
        } else if (crashes) crash();
    }

    private interface Doing {
        void on(SimServers.Server mine, SimLoop loop);
    }

    private void onLoop(Consumer<SimServers.Server> task) {
        onLoop((mine, loop) -> task.accept(mine));
    }

    private void onLoop(Doing doing) {
        SimServers.Server mine = servers.any();
        SimLoop loop = world.oneOf(mine.loops);
        loop.execute(() -> doing.on(mine, loop));
    }

    private void append(ChannelName name) {
        Append append = Append.of(name, ContentType.BINARY, payloads(1 + random.nextInt(3)));
        onLoop((mine, loop) -> mine.exchange.append(append, loop, outcome -> acknowledged(mine, name, outcome)));
    }

    private void acknowledged(SimServers.Server mine, ChannelName name, AppendOutcome outcome) {
        if (!servers.isRunning(mine)) return;
        if (outcome instanceof AppendOutcome.Appended(var id, var block, var offset, var tail)) {
            checker.acknowledged(name.value(), offset.toString());
            acknowledged.put(name, offset);
        }
    }

    private Payloads payloads(int count) {
        StringBuilder all = new StringBuilder();
        int[] ends = new int[count];
        for (int i = 0; i < count; i++) {
            all.append('m').append(messages++);
            if (world.oneIn(12)) all.append("x".repeat(1 + random.nextInt(40_000)));
            ends[i] = all.length();
        }
        return new Payloads(all.toString().getBytes(StandardCharsets.UTF_8), ends);
    }

    private void create(ChannelName name) {
        long now = world.ticker().nowMillis();
        Expiry expiry =
                switch (random.nextInt(4)) {
                    case 0 -> new Expiry.Sliding(1 + random.nextInt(4));
                    case 1 ->
                        new Expiry.At(
                                now + random.nextInt(10_000),
                                Instant.ofEpochMilli(now).toString());
                    default -> new Expiry.Never();
                };
        Payloads initial = world.oneIn(3) ? payloads(1 + random.nextInt(2)) : Payloads.NONE;
        Create create = new Create(name, ContentType.BINARY, expiry, world.oneIn(15), initial, null, null);
        onLoop((mine, loop) -> mine.exchange.create(create, loop, outcome -> {
            if (outcome instanceof CreateOutcome.Created(Found found)) {
                String root = found.info().lineage().offsetAt(0).toString();
                checker.heard(name.value(), root);
            }
        }));
    }

    private void delete(ChannelName name) {
        onLoop((mine, loop) -> mine.exchange.delete(name, loop, outcome -> {}));
    }

    private void close(ChannelName name) {
        Payloads last = world.oneIn(2) ? payloads(1) : Payloads.NONE;
        Append append = new Append(name, ContentType.BINARY, last, true, null, null, null);
        onLoop((mine, loop) -> mine.exchange.append(append, loop, outcome -> acknowledged(mine, name, outcome)));
    }

    private void look(ChannelName name) {
        onLoop((mine, loop) -> {
            if (world.oneIn(2)) mine.exchange.find(name, loop, outcome -> {});
            else mine.exchange.page(name, new ReadFrom.Earliest(), 1_000, loop, page -> {});
        });
    }

    private void open() {
        if (clients.size() >= READERS_MAX) return;
        ChannelName name = world.oneOf(names);
        ReadFrom from =
                switch (random.nextInt(8)) {
                    case 0, 1, 2 -> new ReadFrom.Earliest();
                    case 3, 4 -> new ReadFrom.Now();
                    case 5 -> new ReadFrom.Last(1 + random.nextInt(5));
                    case 6 -> new ReadFrom.At(new Offset(random.nextInt(8), 5_000 + random.nextInt(20)));
                    default -> {
                        Offset offset = acknowledged.get(name);
                        yield offset == null ? new ReadFrom.Now() : new ReadFrom.At(offset);
                    }
                };
        Client client = new Client(
                "r" + readersMade++, name, from, world.oneIn(3), MANNERS.get(random.nextInt(MANNERS.size())));
        clients.add(client);
        client.connect();
    }

    private void leave() {
        if (clients.isEmpty()) return;
        Client client = world.oneOf(clients);
        FakeOutlet outlet = client.outlet;
        if (outlet == null || outlet.isOver()) return;
        outlet.leave();
    }

    // Those whose outlet is over come again, unless they were told that it makes no sense.
    private void reconnect() {
        for (Client client : List.copyOf(clients)) {
            if (!client.isGone() || world.oneIn(2)) continue;
            reconnect(client);
        }
    }

    private void reconnect(Client client) {
        if (client.outlet != null) world.remove(client.outlet);
        DeliveryChecker.End end = client.watch.end();
        if (end == DeliveryChecker.End.CLOSED || end == DeliveryChecker.End.DELETED) {
            clients.remove(client);
        } else {
            client.outlet = null;
            client.connect();
        }
    }

    private void mischief() {
        switch (random.nextInt(6)) {
            case 0 -> append(world.oneOf(names));
            case 1 -> delete(world.oneOf(names));
            case 2 -> leave();
            case 3 -> open();
            case 4 -> {
                FakeOutlet outlet = clients.isEmpty() ? null : world.oneOf(clients).outlet;
                if (outlet != null) outlet.nudge();
            }
            default -> {}
        }
    }

    private void crash() {
        SimServers.Server old = servers.crash(this::lose);
        for (Client client : List.copyOf(clients)) {
            if (old != null && client.on == old) reconnect(client);
        }
    }

    private void lose(SimServers.Server server) {
        for (Client client : clients) {
            if (client.outlet == null || client.on != server) continue;
            if (!client.outlet.isOver()) client.watch.away();
            world.remove(client.outlet);
        }
    }

    // ---- the end ----

    private void rest() {
        healed = true;
        servers.heal();
        for (Client client : clients) {
            if (client.outlet == null) continue;
            client.outlet.behave(FakeOutlet.Manners.GOOD);
            client.outlet.mischief(() -> {});
        }
        world.rest(STEPS_MAX);
        for (Client client : List.copyOf(clients)) {
            if (client.isGone()) reconnect(client);
        }
        // A commit that was written but could not be synced is told of with the next one that is.
        for (ChannelName name : names) append(name);
        world.rest(STEPS_MAX);
        // Who waits for a channel whose creation was told as failed finds it once that is synced, a little later.
        // And each node looks for what it was not told of.
        for (int n = 0; n < (servers.areMany() ? 320 : 20); n++) {
            servers.pass(100);
            world.rest(STEPS_MAX);
        }
        checker.atRest();
        for (Client client : clients) {
            FakeOutlet outlet = client.outlet;
            if (outlet != null) outlet.leave();
        }
        world.rest(STEPS_MAX);
        servers.checkLeftovers();
    }
}
