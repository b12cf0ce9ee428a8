package io.switchboard.store.redis;

import io.lettuce.core.RedisFuture;
import io.lettuce.core.RedisNoScriptException;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.api.async.RedisAsyncCommands;
import io.lettuce.core.cluster.SlotHash;
import io.switchboard.core.figures.Figures;
import io.switchboard.core.store.Failure;
import io.switchboard.core.store.PersistenceException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The way to Redis, whether that is one server, one that sentinels watch, or a cluster: whoever asks names a key, and is
 * answered by the primary that keeps it. Any thread may ask; nobody is blocked, and everybody is answered within the time
 * a command may take, or three times that while a cluster changes.
 *
 * <pre>
 *   key ─► slot ─► owner ─► its session ─► answer
 *            ▲                  ├─► MOVED: that is the owner from now on, again
 *        Topology               ├─► ASK: this once, there
 *   at a loss, now and then        ├─► TRYAGAIN: again, a little later
 *                               └─► any other end: away, and the topology is looked at
 * </pre>
 *
 * While a primary is away everything of its slots fails at once. A command is sent again only where a server says that it did
 * nothing: of one whose answer is lost it is not known whether it happened.
 */
final class Link implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Link.class);
    private static final Duration HEARTBEAT = Duration.ofSeconds(5);
    private static final long RETRY_MIN_MILLIS = 50;
    private static final long RETRY_MAX_MILLIS = 2_000;
    private static final long LOOKS_APART_MILLIS = 250;
    private static final long TRY_AGAIN_MIN_MILLIS = 5;
    private static final long TRY_AGAIN_MAX_MILLIS = 50;
    private static final int REDIRECTS_MAX = 5;

    private final Dial dial;
    private final Figures figures;
    private final Topology topology;
    private final long timeoutNanos;
    private final Map<Place, Server> servers = new ConcurrentHashMap<>(); // primaries, and whoever was named by one
    private final AtomicReferenceArray<@Nullable Server> owners = new AtomicReferenceArray<>(Layout.SLOTS);
    private final List<Consumer<BitSet>> listeners = new CopyOnWriteArrayList<>();
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread made = new Thread(task, "redis-link");
        made.setDaemon(true);
        return made;
    });
    private final AtomicBoolean retrying = new AtomicBoolean(); // whether a look at the topology is on its way
    private volatile long retryMillis = RETRY_MIN_MILLIS; // by any thread; it need not be exact
    private volatile long lookedNanos = System.nanoTime() - TimeUnit.MILLISECONDS.toNanos(LOOKS_APART_MILLIS);
    private volatile boolean closed;

    /**
     * @param figures are told how long each question takes
     * @throws RedisStoreException if there is no server that can be used
     */
    Link(Dial dial, Figures figures) {
        this.figures = figures;
        this.dial = dial;
        this.timeoutNanos = dial.settings().commandTimeout().toNanos();
        try {
            this.topology = Topology.of(dial);
            Layout layout = topology.look(List.of());
            if (!layout.isWhole())
                throw new RedisStoreException("Nobody in the Redis cluster keeps some of its slots.");
            take(layout);
            List<CompletableFuture<Server.Session>> opening = new ArrayList<>();
            for (Place place : layout.primaries()) opening.add(server(place).open());
            opening.forEach(CompletableFuture::join);
        } catch (RuntimeException e) {
            close();
            if (e instanceof CompletionException && e.getCause() instanceof RedisStoreException known) throw known;
            throw e;
        }
        ScheduledFuture<?> _ = thread.scheduleWithFixedDelay(
                this::beat, HEARTBEAT.toMillis(), HEARTBEAT.toMillis(), TimeUnit.MILLISECONDS);
        long every = topology.lookEvery().toMillis();
        if (every == 0) return;
        ScheduledFuture<?> _ = thread.scheduleWithFixedDelay(this::settle, every, every, TimeUnit.MILLISECONDS);
    }

    // ---- asking ----

    /**
     * Runs a script that changes something.
     *
     * @param keys of one slot, one at least
     */
    CompletableFuture<List<Object>> run(Script script, byte[][] keys, byte[]... arguments) {
        return new Passage<>(keys[0], true, script.calls, evaluation(script, keys, arguments)).begin();
    }

    /** What a script said, and which server did. */
    record Ran(List<Object> reply, Server by, Server.Session session) {}

    /** Likewise, to wait for replicas of what it did. */
    CompletableFuture<Ran> runThere(Script script, byte[][] keys, byte[]... arguments) {
        Question<List<Object>> question = evaluation(script, keys, arguments);
        Question<Ran> there = (by, session, commands, whole) ->
                question.send(by, session, commands, whole).thenApply(reply -> new Ran(reply, by, session));
        return new Passage<>(keys[0], true, script.calls, there).begin();
    }

    /**
     * Waits until as many replicas as the settings ask for have what a script did, if they ask for any. It fails where that
     * is not known in time; what was done stays done.
     */
    CompletableFuture<@Nullable Void> replicated(Ran ran) {
        @Nullable ReplicaLine line = ran.session().replicas();
        if (line == null) return CompletableFuture.completedFuture(null);
        long asked = figures.nanos();
        return line.reached().handle((done, thrown) -> {
            figures.since(asked, figures.syncs);
            if (thrown == null) return null;
            Throwable why = Failures.causeOf(thrown);
            if (Failures.endsConnection(why)) ran.by().lost(ran.session(), String.valueOf(why));
            // whatever it is: not that nothing was written
            throw new PersistenceException(Failure.UNAVAILABLE, "it is not known whether replicas have it", why);
        });
    }

    /** Whether replicas are waited for at all. */
    boolean waitsForReplicas() {
        return dial.settings().replicas() > 0;
    }

    /** Runs one that does not; what was answered before is seen. */
    CompletableFuture<List<Object>> look(Script script, byte[] key) {
        return look(script, new byte[][] {key});
    }

    /** Likewise, with more keys of the same slot. */
    CompletableFuture<List<Object>> look(Script script, byte[][] keys, byte[]... arguments) {
        return new Passage<>(keys[0], false, false, evaluation(script, keys, arguments)).begin();
    }

    /** Asks about one key without changing anything; likewise. */
    <T> CompletableFuture<T> look(byte[] key, Function<RedisAsyncCommands<byte[], byte[]>, RedisFuture<T>> command) {
        return new Passage<T>(key, false, false, (by, session, commands, whole) -> command.apply(commands)).begin();
    }

    /** Changes something of one key with a plain command, or calls on a channel of that name. */
    <T> CompletableFuture<T> change(byte[] key, Function<RedisAsyncCommands<byte[], byte[]>, RedisFuture<T>> command) {
        return new Passage<T>(key, true, false, (by, session, commands, whole) -> command.apply(commands)).begin();
    }

    /** Something to send. */
    private interface Question<T> {
        /** @param whole whether the server did not know a script by its digest */
        CompletionStage<T> send(
                Server by, Server.Session session, RedisAsyncCommands<byte[], byte[]> commands, boolean whole);
    }

    // Redis has met it already, but for the first time and after a SCRIPT FLUSH.
    private static Question<List<Object>> evaluation(Script script, byte[][] keys, byte[]... arguments) {
        return (by, session, commands, whole) -> whole
                ? commands.eval(script.text, ScriptOutputType.MULTI, keys, arguments)
                : commands.evalsha(script.digest, ScriptOutputType.MULTI, keys, arguments);
    }

    /** A question on its way, from one server to another if need be. Whoever has its last refusal has it. */
    private final class Passage<T> {
        private final byte[] key;
        private final int slot;
        private final boolean changes;
        private final boolean calls;
        private final Question<T> question;
        private final long begun = System.nanoTime();
        private final CompletableFuture<T> answer = new CompletableFuture<>();
        private boolean whole;
        private boolean wasAsked; // whether it went where the slot is being moved to
        private int redirects;
        private long pauseMillis = TRY_AGAIN_MIN_MILLIS;

        Passage(byte[] key, boolean changes, boolean calls, Question<T> question) {
            this.key = key;
            this.slot = SlotHash.getSlot(key);
            this.changes = changes;
            this.calls = calls;
            this.question = question;
        }

        CompletableFuture<T> begin() {
            @Nullable Server owner = owners.get(slot);
            Server.@Nullable Session session = owner == null ? null : owner.sessionToUse();
            if (owner == null || session == null) answer.completeExceptionally(away());
            else to(owner, session, false);
            return answer;
        }

        private void to(Server server, Server.Session session, boolean asking) {
            CompletableFuture<T> told;
            try {
                RedisAsyncCommands<byte[], byte[]> commands =
                        (changes ? session.changing() : session.looking()).async();
                // Should another thread's command come between, this one is told MOVED, and ASK again.
                if (asking) {
                    RedisFuture<String> _ = commands.asking();
                }
                told = question.send(server, session, commands, whole).toCompletableFuture();
            } catch (RuntimeException e) {
                told = CompletableFuture.failedFuture(e); // the connection was closed a moment ago
            }
            CompletableFuture<T> _ = told.whenComplete((value, thrown) -> {
                if (thrown != null) refused(server, session, asking, Failures.causeOf(thrown));
                else arrived(value);
            });
        }

        // While its slot is being moved, those who hear calls are still where it was.
        private void arrived(T value) {
            figures.roundTrips.record(System.nanoTime() - begun, TimeUnit.NANOSECONDS);
            if (wasAsked && calls) {
                CompletableFuture<Long> _ = change(key, commands -> commands.spublish(key, Call.changed()));
            }
            answer.complete(value);
        }

        private void refused(Server by, Server.Session session, boolean asking, Throwable why) {
            @Nullable Redirect redirect = Redirect.of(why, by.place());
            boolean isInTime = System.nanoTime() - begun < timeoutNanos;
            if (redirect != null && isInTime && redirects++ < REDIRECTS_MAX) {
                goOn(redirect);
            } else if (isInTime && why instanceof RedisNoScriptException && !whole) {
                whole = true;
                to(by, session, asking);
            } else if (isInTime && isSoonOver(redirect, why)) {
                CompletableFuture.delayedExecutor(pauseMillis, TimeUnit.MILLISECONDS, Runnable::run)
                        .execute(this::again);
                pauseMillis = Math.min(TRY_AGAIN_MAX_MILLIS, 2 * pauseMillis);
            } else {
                if (Failures.endsConnection(why)) by.lost(session, String.valueOf(why));
                else if (redirect != null || Failures.isOfTopology(why)) soon();
                answer.completeExceptionally(Failures.of(why));
            }
        }

        // Servers do not agree yet, or some of the keys are here and others where the slot is being moved to.
        private boolean isSoonOver(@Nullable Redirect redirect, Throwable why) {
            return redirect != null || Failures.isSoonOver(why);
        }

        private void again() {
            redirects = 0;
            CompletableFuture<T> _ = begin();
        }

        private void goOn(Redirect redirect) {
            Server next = redirect.once() ? server(redirect.to()) : moved(redirect);
            wasAsked |= redirect.once();
            Server.@Nullable Session there = next.sessionToUse();
            if (there != null) {
                to(next, there, redirect.once());
                return;
            }
            CompletableFuture<Server.Session> _ = next.open()
                    .copy()
                    .orTimeout(timeoutNanos, TimeUnit.NANOSECONDS)
                    .whenComplete((session, thrown) -> {
                        if (thrown == null) {
                            to(next, session, redirect.once());
                        } else {
                            soon(); // nobody else may look after a server that has not answered yet
                            answer.completeExceptionally(away());
                        }
                    });
        }
    }

    private static PersistenceException away() {
        return new PersistenceException(Failure.UNAVAILABLE, "Redis is away");
    }

    /**
     * Waits for what was asked.
     *
     * @throws PersistenceException if it failed
     */
    static <T> T await(CompletableFuture<T> answer) {
        try {
            return answer.join();
        } catch (RuntimeException e) {
            throw Failures.of(e);
        }
    }

    // ---- who keeps what ----

    /** Whether there is a server to ask; of a cluster, one that keeps something. */
    boolean isUp() {
        return servers.values().stream().anyMatch(Server::isUp);
    }

    boolean isCluster() {
        return topology.isCluster();
    }

    /** Where the primary of a slot is; null if nobody keeps it. */
    @Nullable
    Place owner(int slot) {
        @Nullable Server owner = owners.get(slot);
        return owner == null ? null : owner.place();
    }

    /** Whether some slot is kept there. */
    boolean keepsSlots(Place place) {
        for (int slot = 0; slot < Layout.SLOTS; slot++) {
            if (place.equals(owner(slot))) return true;
        }
        return false;
    }

    /** @param listener is told which slots have another owner, on any thread; must not block */
    void onMove(Consumer<BitSet> listener) {
        listeners.add(listener);
    }

    /**
     * Waits until a server can be asked.
     *
     * @throws RuntimeException if it cannot be reached or used
     */
    void awaitServer(Place place) {
        Server.Session _ = server(place).open().join();
    }

    private Server server(Place place) {
        return servers.computeIfAbsent(
                place, at -> new Server(at, dial, topology.isCluster(), slot -> at.equals(owner(slot)), this::soon));
    }

    /** A server says who keeps a slot. */
    Server moved(Redirect redirect) {
        Server to = server(redirect.to());
        if (owners.getAndSet(redirect.slot(), to) == to) return to;
        BitSet one = new BitSet();
        one.set(redirect.slot());
        listeners.forEach(listener -> listener.accept(one));
        return to;
    }

    // The link's thread, or before it runs.
    private void take(Layout layout) {
        BitSet others = new BitSet();
        for (int slot = 0; slot < Layout.SLOTS; slot++) {
            Place place = layout.owners().get(slot);
            @Nullable Server owner = place == null ? null : server(place);
            if (owners.getAndSet(slot, owner) != owner) others.set(slot);
        }
        Set<Place> primaries = layout.primaries();
        for (Server server : List.copyOf(servers.values())) {
            // one that a slot is being moved to may keep none yet
            if (primaries.contains(server.place()) || server.takeUsed()) continue;
            servers.remove(server.place());
            server.close();
        }
        if (!others.isEmpty()) listeners.forEach(listener -> listener.accept(others));
    }

    // ---- keeping up ----

    // Many nodes lose a server at the same moment: they do not come back at the same one. A cluster that is down
    // refuses each command, and is not looked at for each.
    private void soon() {
        long sinceLook = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - lookedNanos);
        retryAfter(Math.max(0, LOOKS_APART_MILLIS - sinceLook)
                + ThreadLocalRandom.current().nextLong(RETRY_MIN_MILLIS));
    }

    private void later() {
        retryMillis = Math.min(RETRY_MAX_MILLIS, 2 * retryMillis);
        retryAfter(retryMillis / 2 + ThreadLocalRandom.current().nextLong(retryMillis / 2));
    }

    private void retryAfter(long millis) {
        if (closed || !retrying.compareAndSet(false, true)) return;
        try {
            ScheduledFuture<?> _ = thread.schedule(this::settleAgain, millis, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            // closed meanwhile
        }
    }

    private void settleAgain() {
        retrying.set(false);
        settle();
    }

    private void settle() {
        if (closed) return;
        lookedNanos = System.nanoTime();
        try {
            Layout layout = topology.look(servers.values());
            take(layout);
            if (!layout.isWhole()) later();
            for (Place place : layout.primaries()) {
                Server server = server(place);
                if (!server.isUp()) comeBack(server);
            }
        } catch (RuntimeException e) {
            LOG.debug("Redis is still away: {}", e.getMessage());
            later();
        }
    }

    private void comeBack(Server server) {
        CompletableFuture<Server.Session> _ = server.open().whenComplete((session, thrown) -> {
            if (thrown == null) {
                retryMillis = RETRY_MIN_MILLIS;
                LOG.info("Redis at {} answers.", server.place());
            } else {
                LOG.debug("Redis is still away: {}", Failures.causeOf(thrown).getMessage());
                later();
            }
        });
    }

    private void beat() {
        servers.values().forEach(Server::beat);
    }

    @Override
    public void close() {
        closed = true;
        thread.shutdownNow();
        servers.values().forEach(Server::close);
    }
}
