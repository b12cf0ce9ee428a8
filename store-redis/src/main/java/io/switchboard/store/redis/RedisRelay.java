package io.switchboard.store.redis;

import io.lettuce.core.RedisChannelHandler;
import io.lettuce.core.RedisConnectionStateListener;
import io.lettuce.core.pubsub.RedisPubSubAdapter;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import io.switchboard.core.channel.ChannelName;
import io.switchboard.core.relay.Relay;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hears the calls of followed channels over one connection. A thread of its own brings what is subscribed in line with
 * what is followed, so many at a time; after a connection was lost it begins with nothing subscribed.
 *
 * <pre>
 *   follow, unfollow ─► followed ─┐
 *                                 ├─► uneven: followed, not subscribed, or the reverse ─► (s)unsubscribe, 1,000 at a time
 *   connection lost ──► subscribed┘                                     confirmed ─► changed
 * </pre>
 */
final class RedisRelay implements Relay {
    private static final Logger LOG = LoggerFactory.getLogger(RedisRelay.class);
    private static final int AT_ONCE = 1_000;
    /** Between two lots: whoever is told that a channel may have changed goes and looks. */
    private static final long PAUSE_MILLIS = 20;

    private static final Duration HEARTBEAT = Duration.ofSeconds(5);
    private static final long RETRY_MIN_MILLIS = 50;
    private static final long RETRY_MAX_MILLIS = 2_000;

    private final Dial dial;
    private final Keys keys;
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread made = new Thread(task, "redis-relay");
        made.setDaemon(true);
        return made;
    });

    private final Set<ChannelName> followed = ConcurrentHashMap.newKeySet(); // as many as its caller wants
    private final AtomicLong garbled = new AtomicLong();
    private volatile @Nullable Hearer hearer;
    private volatile boolean closed;

    private final Object lock = new Object();
    private final Set<ChannelName> uneven = new LinkedHashSet<>(); // guarded by lock; only followed or subscribed ones
    private boolean evening; // guarded by lock: whether the thread will look at `uneven`

    // the relay's thread alone
    private volatile @Nullable StatefulRedisPubSubConnection<byte[], byte[]> connection; // read by any
    private final Set<ChannelName> subscribed = new HashSet<>();
    private long retryMillis = RETRY_MIN_MILLIS;

    RedisRelay(Dial dial, Keys keys) {
        this.dial = dial;
        this.keys = keys;
    }

    @Override
    public boolean isShared() {
        return true;
    }

    @Override
    public void start(Hearer listener) {
        if (hearer != null) throw new IllegalStateException("started already");
        hearer = listener;
        thread.execute(this::connect);
        ScheduledFuture<?> _ = thread.scheduleWithFixedDelay(
                this::beat, HEARTBEAT.toMillis(), HEARTBEAT.toMillis(), TimeUnit.MILLISECONDS);
    }

    @Override
    public void follow(ChannelName name) {
        if (followed.add(name)) even(name);
    }

    @Override
    public void unfollow(ChannelName name) {
        if (followed.remove(name)) even(name);
    }

    /** Whether there is a connection on which calls can be heard. */
    boolean isListening() {
        return connection != null;
    }

    /** How many calls could not be read. */
    long garbled() {
        return garbled.get();
    }

    // ---- bringing in line ----

    private void even(ChannelName name) {
        synchronized (lock) {
            uneven.add(name);
            if (evening) return;
            evening = true;
        }
        soon(this::evenOut, 0);
    }

    private void soon(Runnable task, long afterMillis) {
        try {
            ScheduledFuture<?> _ = thread.schedule(task, afterMillis, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            // closed meanwhile
        }
    }

    private void evenOut() {
        StatefulRedisPubSubConnection<byte[], byte[]> now = connection;
        List<byte[]> wanted = new ArrayList<>();
        List<byte[]> unwanted = new ArrayList<>();
        List<ChannelName> refollowed = new ArrayList<>(); // let go and followed again before anything was sent
        boolean more;
        synchronized (lock) {
            if (now == null) {
                evening = false; // once there is a connection, all that is followed is uneven
                return;
            }
            Iterator<ChannelName> each = uneven.iterator();
            while (each.hasNext() && wanted.size() + unwanted.size() < AT_ONCE) {
                ChannelName name = each.next();
                each.remove();
                boolean want = followed.contains(name);
                if (want && !subscribed.add(name)) refollowed.add(name);
                else if (want) wanted.add(keys.channel(name));
                else if (subscribed.remove(name)) unwanted.add(keys.channel(name));
            }
            more = !uneven.isEmpty();
            evening = more;
        }
        if (!wanted.isEmpty()) told(now, now.async().ssubscribe(wanted.toArray(new byte[0][])));
        if (!unwanted.isEmpty()) told(now, now.async().sunsubscribe(unwanted.toArray(new byte[0][])));
        refollowed.forEach(this::mayHaveChanged);
        if (more) soon(this::evenOut, PAUSE_MILLIS);
    }

    private void mayHaveChanged(ChannelName name) {
        Hearer listener = hearer;
        if (listener != null && !closed && followed.contains(name)) listener.changed(name);
    }

    private void told(
            StatefulRedisPubSubConnection<byte[], byte[]> on, java.util.concurrent.CompletionStage<?> answer) {
        CompletableFuture<?> _ = answer.toCompletableFuture().handle((told, thrown) -> {
            if (thrown == null) {
                soon(() -> proved(on), 0);
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

    // ---- the connection ----

    private void connect() {
        if (closed || connection != null) return;
        StatefulRedisPubSubConnection<byte[], byte[]> made;
        try {
            made = dial.connectForCalls();
        } catch (RuntimeException e) {
            LOG.debug("Calls are not heard: {}", e.getMessage());
            again();
            return;
        }
        made.addListener(new Ears(made));
        made.addListener(new RedisConnectionStateListener() {
            @Override
            public void onRedisDisconnected(RedisChannelHandler<?, ?> gone) {
                lost(made);
            }
        });
        connection = made;
        subscribed.clear();
        synchronized (lock) {
            uneven.clear();
            uneven.addAll(followed);
            evening = true;
        }
        if (!made.isOpen()) lost(made); // before anybody listened
        evenOut();
    }

    private void lost(StatefulRedisPubSubConnection<byte[], byte[]> gone) {
        soon(
                () -> {
                    if (!gone.equals(connection)) return;
                    connection = null;
                    gone.closeAsync();
                    if (closed) return;
                    LOG.warn("The connection that hears calls was lost.");
                    again();
                },
                0);
    }

    // Later and later, until something that was asked for has been done.
    private void again() {
        soon(this::connect, retryMillis / 2 + ThreadLocalRandom.current().nextLong(retryMillis / 2));
        retryMillis = Math.min(RETRY_MAX_MILLIS, 2 * retryMillis);
    }

    // A connection whose other end is gone without a word looks like one on which nobody calls.
    private void beat() {
        StatefulRedisPubSubConnection<byte[], byte[]> now = connection;
        if (now != null) told(now, now.async().ping());
    }

    // ---- hearing ----

    /** What the connection hears, on a thread of the network library. */
    private final class Ears extends RedisPubSubAdapter<byte[], byte[]> {
        private final StatefulRedisPubSubConnection<byte[], byte[]> of;

        Ears(StatefulRedisPubSubConnection<byte[], byte[]> of) {
            this.of = of;
        }

        @Override
        public void smessage(byte[] channel, byte[] message) {
            Hearer listener = hearer;
            if (listener == null || closed) return;
            ChannelName name = keys.nameIn(channel);
            if (!followed.contains(name)) return;
            Call call;
            try {
                call = Call.of(message);
            } catch (IllegalArgumentException e) {
                garbled.incrementAndGet();
                call = new Call.Changed();
            }
            switch (call) {
                case Call.Committed committed ->
                    listener.called(name, committed.id(), committed.block(), committed.tail());
                case Call.Changed changed -> listener.changed(name);
            }
        }

        @Override
        public void ssubscribed(byte[] channel, long count) {
            mayHaveChanged(keys.nameIn(channel));
        }

        // Nobody asked for it: the channel has moved to another server.
        @Override
        public void sunsubscribed(byte[] channel, long count) {
            ChannelName name = keys.nameIn(channel);
            soon(
                    () -> {
                        if (!of.equals(connection) || !followed.contains(name)) return;
                        subscribed.remove(name);
                        even(name);
                    },
                    0);
        }
    }

    @Override
    public void close() {
        closed = true;
        followed.clear();
        try {
            thread.execute(() -> {
                StatefulRedisPubSubConnection<byte[], byte[]> now = connection;
                connection = null;
                if (now != null) now.closeAsync();
            });
        } catch (RejectedExecutionException e) {
            return; // closed before
        }
        thread.shutdown();
    }
}
