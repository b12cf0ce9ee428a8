package io.switchboard.store.redis;

import io.lettuce.core.RedisChannelHandler;
import io.lettuce.core.RedisConnectionStateListener;
import io.lettuce.core.cluster.SlotHash;
import io.lettuce.core.pubsub.RedisPubSubAdapter;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sharded channels that are listened to, each over a connection to the primary that keeps its slot: an ear. A thread of
 * its own brings what is subscribed in line with what is wanted, so many at a time.
 *
 * <pre>
 *   want, unwant ──────────────────────► uneven: wanted and heard by no ear, or by another than
 *   an ear was lost, or found ─────────►         its slot's, or not wanted any more
 *   a slot has another owner ──────────►            │ 1,000 at a time
 *   unsubscribed by the server itself ─►            ▼
 *                                        (S)UNSUBSCRIBE ─► confirmed ─► listening
 * </pre>
 */
final class Subscriptions implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Subscriptions.class);
    private static final int AT_ONCE = 1_000;
    /** Between two lots: whoever is told that something may have been missed goes and looks. */
    private static final long PAUSE_MILLIS = 20;

    /** Before a channel is tried again whose slot nobody serves. */
    private static final long NOT_SERVED_MILLIS = 500;

    private static final Duration HEARTBEAT = Duration.ofSeconds(5);
    private static final long RETRY_MIN_MILLIS = 50;
    private static final long RETRY_MAX_MILLIS = 2_000;

    /** Who is told. On threads of the network library; must not block. */
    interface Listener {
        void heard(String channel, byte[] message);

        /** From now on; before it something may have been missed. Each time that begins anew, and perhaps twice. */
        void listening(String channel);
    }

    private final Dial dial;
    private final Link link;
    private final Listener listener;
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread made = new Thread(task, "redis-relay");
        made.setDaemon(true);
        return made;
    });

    private final Set<String> wanted = ConcurrentHashMap.newKeySet(); // as many as its caller wants
    private volatile boolean closed;

    private final Object lock = new Object();
    private final Set<String> uneven = new LinkedHashSet<>(); // guarded by lock; only wanted or heard ones
    private final BitSet moving = new BitSet(); // guarded by lock; slots that have another owner, to be looked at
    private boolean evening; // guarded by lock: whether the thread will look at `uneven`

    private final Map<Place, Ear> ears = new HashMap<>(); // the thread alone; one a primary
    private final Map<String, Ear> heardBy = new HashMap<>(); // the thread alone

    Subscriptions(Dial dial, Link link, Listener listener) {
        this.dial = dial;
        this.link = link;
        this.listener = listener;
        link.onMove(this::moved);
        ScheduledFuture<?> _ = thread.scheduleWithFixedDelay(
                this::beat, HEARTBEAT.toMillis(), HEARTBEAT.toMillis(), TimeUnit.MILLISECONDS);
    }

    void want(String channel) {
        if (wanted.add(channel)) even(channel);
    }

    void unwant(String channel) {
        if (wanted.remove(channel)) even(channel);
    }

    boolean isWanted(String channel) {
        return wanted.contains(channel);
    }

    // ---- bringing in line ----

    private void even(String channel) {
        synchronized (lock) {
            uneven.add(channel);
            if (evening) return;
            evening = true;
        }
        soon(this::evenOut, 0);
    }

    private void evenLater(String channel) {
        synchronized (lock) {
            uneven.add(channel);
            if (evening) return;
            evening = true;
        }
        soon(this::evenOut, PAUSE_MILLIS);
    }

    private void soon(Runnable task, long afterMillis) {
        try {
            ScheduledFuture<?> _ = thread.schedule(task, afterMillis, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            // closed meanwhile
        }
    }

    /** What one command may name: channels of one slot, or of one server that keeps all slots. */
    private record Lot(Ear ear, int slot) {}

    private void evenOut() {
        Map<Lot, List<byte[]>> news = new LinkedHashMap<>();
        Map<Lot, List<byte[]>> olds = new LinkedHashMap<>();
        List<String> heardAlready = new ArrayList<>();
        boolean more;
        synchronized (lock) {
            Iterator<String> each = uneven.iterator();
            for (int taken = 0; taken < AT_ONCE && each.hasNext(); taken++) {
                String channel = each.next();
                each.remove();
                assign(channel, news, olds, heardAlready);
            }
            more = !uneven.isEmpty();
            evening = more;
        }
        olds.forEach((lot, channels) -> lot.ear().unsubscribe(channels));
        news.forEach((lot, channels) -> lot.ear().subscribe(channels));
        heardAlready.forEach(this::nowListening);
        if (more) soon(this::evenOut, PAUSE_MILLIS);
    }

    // A channel whose slot nobody keeps stays without an ear until somebody does.
    private void assign(
            String channel, Map<Lot, List<byte[]>> news, Map<Lot, List<byte[]>> olds, List<String> heardAlready) {
        byte[] bytes = Keys.bytes(channel);
        int slot = SlotHash.getSlot(bytes);
        int of = link.isCluster() ? slot : 0;
        @Nullable Place owner = wanted.contains(channel) ? link.owner(slot) : null;
        @Nullable Ear to = owner == null ? null : ears.computeIfAbsent(owner, Ear::new);
        @Nullable Ear at = heardBy.get(channel);
        if (Objects.equals(at, to)) {
            // Let go and wanted again before anything was sent: what was called meanwhile was for nobody.
            if (to != null && to.hears(channel)) heardAlready.add(channel);
            return;
        }
        if (at != null) {
            at.channels.remove(channel);
            heardBy.remove(channel);
            if (at.connection != null) add(olds, new Lot(at, of), bytes);
        }
        if (to != null) {
            to.channels.add(channel);
            heardBy.put(channel, to);
            if (to.connection != null) add(news, new Lot(to, of), bytes);
            else to.connect(); // which comes back to this once it is there
        }
    }

    private static void add(Map<Lot, List<byte[]>> lots, Lot lot, byte[] channel) {
        lots.computeIfAbsent(lot, key -> new ArrayList<>()).add(channel);
    }

    // Those that move one after the other are looked at together.
    private void moved(BitSet slots) {
        synchronized (lock) {
            boolean first = moving.isEmpty();
            moving.or(slots);
            if (!first) return;
        }
        soon(this::evenMoved, PAUSE_MILLIS);
    }

    private void evenMoved() {
        BitSet slots = new BitSet();
        synchronized (lock) {
            slots.or(moving);
            moving.clear();
        }
        for (String channel : wanted) {
            if (slots.get(SlotHash.getSlot(Keys.bytes(channel)))) even(channel);
        }
    }

    // From here on no ear hears it.
    private void forget(String channel, Ear ear) {
        if (heardBy.remove(channel, ear)) ear.channels.remove(channel);
    }

    // A connection whose other end is gone without a word looks like one on which nobody calls.
    private void beat() {
        for (Ear ear : List.copyOf(ears.values())) {
            if (ear.channels.isEmpty() && !link.keepsSlots(ear.place)) {
                ears.remove(ear.place);
                ear.end();
            } else {
                ear.beat();
            }
        }
    }

    private void nowListening(String channel) {
        if (!closed && wanted.contains(channel)) listener.listening(channel);
    }

    /** The connection that hears one primary. Its thread is that of the subscriptions. */
    private final class Ear {
        final Place place;
        final Set<String> channels = new HashSet<>(); // that it hears, or will once it is connected
        private final Set<String> unconfirmed = ConcurrentHashMap.newKeySet(); // any thread; some of channels
        private Set<String> longUnconfirmed = Set.of(); // at the last beat

        @Nullable
        StatefulRedisPubSubConnection<byte[], byte[]> connection;

        private boolean connecting;
        private long retryMillis = RETRY_MIN_MILLIS;

        Ear(Place place) {
            this.place = place;
        }

        void connect() {
            if (connecting || connection != null || closed) return;
            connecting = true;
            Server.ON_A_THREAD_OF_ITS_OWN.execute(() -> {
                try {
                    link.awaitServer(place); // whoever is told to look must be able to
                    StatefulRedisPubSubConnection<byte[], byte[]> made = dial.connectForCalls(place, link.isCluster());
                    soon(() -> connected(made), 0);
                    if (closed) made.closeAsync();
                } catch (RuntimeException e) {
                    LOG.debug("Calls are not heard: {}", e.getMessage());
                    soon(this::refused, 0);
                }
            });
        }

        // Until the pause is over nobody else tries either.
        private void refused() {
            retryMillis = Math.min(RETRY_MAX_MILLIS, 2 * retryMillis);
            soon(
                    this::connectIfWanted,
                    retryMillis / 2 + ThreadLocalRandom.current().nextLong(retryMillis / 2));
        }

        private void connectIfWanted() {
            connecting = false;
            if (!channels.isEmpty()) connect();
        }

        private void connected(StatefulRedisPubSubConnection<byte[], byte[]> made) {
            connecting = false;
            if (closed || ears.get(place) != this) {
                made.closeAsync();
                return;
            }
            made.addListener(new Calls(this, made));
            made.addListener(new RedisConnectionStateListener() {
                @Override
                public void onRedisDisconnected(RedisChannelHandler<?, ?> gone) {
                    lost(made);
                }
            });
            connection = made;
            letGo();
            if (!made.isOpen()) lost(made); // before anybody listened
        }

        // All it hears, or was to hear, is uneven.
        private void letGo() {
            unconfirmed.clear();
            longUnconfirmed = Set.of();
            for (String channel : List.copyOf(channels)) {
                forget(channel, this);
                even(channel);
            }
        }

        private void lost(StatefulRedisPubSubConnection<byte[], byte[]> gone) {
            soon(
                    () -> {
                        if (!gone.equals(connection)) return;
                        connection = null;
                        gone.closeAsync();
                        if (closed) return;
                        LOG.warn("The connection that hears calls of Redis at {} was lost.", place);
                        connecting = true; // a moment later: many nodes lose a server at once
                        long before =
                                retryMillis / 2 + ThreadLocalRandom.current().nextLong(retryMillis / 2);
                        retryMillis = Math.min(RETRY_MAX_MILLIS, 2 * retryMillis);
                        soon(
                                () -> {
                                    connecting = false;
                                    letGo();
                                },
                                before);
                    },
                    0);
        }

        void subscribe(List<byte[]> names) {
            StatefulRedisPubSubConnection<byte[], byte[]> now = connection;
            if (now == null) return;
            for (byte[] name : names) unconfirmed.add(Keys.text(name));
            told(now, names, () -> now.async().ssubscribe(names.toArray(new byte[0][])));
        }

        void unsubscribe(List<byte[]> names) {
            StatefulRedisPubSubConnection<byte[], byte[]> now = connection;
            if (now == null) return;
            for (byte[] name : names) unconfirmed.remove(Keys.text(name));
            told(now, List.of(), () -> now.async().sunsubscribe(names.toArray(new byte[0][])));
        }

        private interface Telling {
            CompletionStage<?> tell();
        }

        private void told(StatefulRedisPubSubConnection<byte[], byte[]> on, List<byte[]> names, Telling telling) {
            CompletableFuture<?> answer;
            try {
                answer = telling.tell().toCompletableFuture();
            } catch (RuntimeException e) {
                answer = CompletableFuture.failedFuture(e); // it was closed a moment ago
            }
            CompletableFuture<?> _ = answer.handle((told, thrown) -> {
                if (thrown == null) {
                    soon(() -> proved(on), 0);
                    return null;
                }
                @Nullable Redirect redirect = Redirect.of(Failures.causeOf(thrown), place);
                if (redirect != null) {
                    Server _ = link.moved(redirect);
                    soon(() -> refused(names), 0);
                } else if (Failures.isOfTopology(Failures.causeOf(thrown))) {
                    soon(() -> refused(names), NOT_SERVED_MILLIS); // what else is heard here goes on
                } else {
                    Failures.of(thrown); // which logs what is no passing failure
                    lost(on);
                }
                return null;
            });
        }

        // A server that takes connections and refuses what they are for is not to be asked at full speed.
        private void proved(StatefulRedisPubSubConnection<byte[], byte[]> on) {
            if (on.equals(connection)) retryMillis = RETRY_MIN_MILLIS;
        }

        private void refused(List<byte[]> names) {
            for (byte[] name : names) {
                String channel = Keys.text(name);
                unconfirmed.remove(channel);
                forget(channel, this);
                evenLater(channel);
            }
        }

        // The answer to a subscription may be lost where a server unsubscribes others at the same moment.
        void beat() {
            StatefulRedisPubSubConnection<byte[], byte[]> now = connection;
            if (now == null) return;
            told(now, List.of(), () -> now.async().ping());
            for (String channel : longUnconfirmed) {
                if (!unconfirmed.remove(channel)) continue;
                forget(channel, this);
                even(channel);
            }
            longUnconfirmed = Set.copyOf(unconfirmed);
        }

        void confirmed(String channel) {
            unconfirmed.remove(channel);
        }

        boolean hears(String channel) {
            return connection != null && !unconfirmed.contains(channel);
        }

        // Nobody asked for it, as far as is known: the channel has moved to another server.
        void unsubscribed(String channel, StatefulRedisPubSubConnection<byte[], byte[]> on) {
            soon(
                    () -> {
                        if (!on.equals(connection) || !wanted.contains(channel)) return;
                        forget(channel, this);
                        even(channel);
                    },
                    0);
        }

        void end() {
            StatefulRedisPubSubConnection<byte[], byte[]> now = connection;
            connection = null;
            if (now != null) now.closeAsync();
        }
    }

    /** What a connection hears, on a thread of the network library. */
    private final class Calls extends RedisPubSubAdapter<byte[], byte[]> {
        private final Ear ear;
        private final StatefulRedisPubSubConnection<byte[], byte[]> on;

        Calls(Ear ear, StatefulRedisPubSubConnection<byte[], byte[]> on) {
            this.ear = ear;
            this.on = on;
        }

        @Override
        public void smessage(byte[] channel, byte[] message) {
            String name = Keys.text(channel);
            if (!closed && wanted.contains(name)) listener.heard(name, message);
        }

        @Override
        public void ssubscribed(byte[] channel, long count) {
            String name = Keys.text(channel);
            ear.confirmed(name);
            nowListening(name);
        }

        @Override
        public void sunsubscribed(byte[] channel, long count) {
            ear.unsubscribed(Keys.text(channel), on);
        }
    }

    @Override
    public void close() {
        closed = true;
        wanted.clear();
        try {
            thread.execute(() -> ears.values().forEach(Ear::end));
        } catch (RejectedExecutionException e) {
            return; // closed before
        }
        thread.shutdown();
    }
}
