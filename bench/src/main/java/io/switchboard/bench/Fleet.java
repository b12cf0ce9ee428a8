package io.switchboard.bench;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/**
 * All connections of a run: opens them at a rate, not too many at a time, and knows what became of each. One thread opens;
 * the loops tell what happens; anybody may ask.
 */
final class Fleet {
    private static final int OPENING_MAX = 256;
    /** After so many failures it is clear what happens, and it opens no more. */
    private static final int FAILED_MAX = 200;

    private static final long LOOK_NANOS = 1_000_000;

    private final Engine engine;
    private final Settings settings;
    private final Halt halt;
    private final List<Client> clients = new ArrayList<>(); // only the thread that opens
    private final AtomicInteger opening = new AtomicInteger();
    private final AtomicInteger open = new AtomicInteger();
    private final AtomicInteger opened = new AtomicInteger();
    private final AtomicInteger failed = new AtomicInteger();
    private final Map<Trouble, Integer> failures = new ConcurrentHashMap<>();
    private final Map<Trouble, Integer> losses = new ConcurrentHashMap<>();
    private final AtomicInteger lost = new AtomicInteger();
    private volatile boolean closing;
    private long openedNanos;

    Fleet(Engine engine, Settings settings, Halt halt) {
        this.engine = engine;
        this.settings = settings;
        this.halt = halt;
    }

    /** One connection can do what it is there for. The lane's thread. */
    void ready() {
        // Whoever sees that nothing is opening any more has to see what came of it.
        opened.incrementAndGet();
        open.incrementAndGet();
        opening.decrementAndGet();
    }

    /** One connection is of no use any more. The lane's thread. */
    void gone(Client.State was, Trouble trouble) {
        boolean wasOpening = was == Client.State.OPENING;
        if (!closing && wasOpening) {
            failures.merge(trouble, 1, Integer::sum);
            failed.incrementAndGet();
        } else if (!closing) {
            losses.merge(trouble, 1, Integer::sum);
            lost.incrementAndGet();
        }
        if (wasOpening) opening.decrementAndGet();
        else open.decrementAndGet();
    }

    /**
     * Opens connections; returns when each is ready or has failed, or when it makes no sense to go on.
     *
     * @param make a client on the lane that it is given
     */
    void open(int count, Function<Lane, Client> make) {
        long began = engine.now();
        Deque<Opening> pending = new ArrayDeque<>();
        int started = 0;
        while (!halt.isWished()) {
            long now = engine.now();
            long due = Math.min(count, 1 + (now - began) * settings.connectRate() / 1_000_000_000L);
            while (started < due && opening.get() < OPENING_MAX && failed.get() < FAILED_MAX) {
                int number = clients.size();
                Client client = make.apply(engine.lane(number));
                opening.incrementAndGet();
                clients.add(client);
                pending.add(new Opening(client, now));
                engine.connect(client, number);
                started++;
            }
            giveUp(pending, now);
            boolean allStarted = started == count || failed.get() >= FAILED_MAX;
            if (allStarted && opening.get() == 0) break;
            halt.await(LOOK_NANOS);
        }
        openedNanos += engine.now() - began;
    }

    private record Opening(Client client, long sinceNanos) {}

    private void giveUp(Deque<Opening> pending, long now) {
        for (Opening first = pending.peek(); first != null; first = pending.peek()) {
            Client client = first.client();
            if (client.state() == Client.State.OPENING) {
                if (now - first.sinceNanos() < settings.timeoutNanos()) return;
                client.lane.eventLoop.execute(() -> {
                    if (client.state() == Client.State.OPENING) client.gone(Trouble.TIMED_OUT);
                });
            }
            pending.remove();
        }
    }

    /** Connections that are open now. */
    int open() {
        return open.get();
    }

    /** Connections that have been open. */
    int opened() {
        return opened.get();
    }

    int failed() {
        return failed.get();
    }

    /** Connections that were open and ended before they should. */
    int lost() {
        return lost.get();
    }

    Map<Trouble, Integer> failures() {
        return inOrder(failures);
    }

    Map<Trouble, Integer> losses() {
        return inOrder(losses);
    }

    private static Map<Trouble, Integer> inOrder(Map<Trouble, Integer> counts) {
        Map<Trouble, Integer> inOrder = new EnumMap<>(Trouble.class);
        inOrder.putAll(counts);
        return inOrder;
    }

    double openedSeconds() {
        return openedNanos / 1e9;
    }

    List<Client> clients() {
        return clients;
    }

    /** What ends from now on is nobody's fault. */
    void close() {
        closing = true;
        for (Lane lane : engine.lanes()) {
            Engine.on(lane, mine -> {
                for (Client client : clients) if (client.lane == mine) client.gone(Trouble.CLOSED);
                return 0;
            });
        }
    }
}
