package io.switchboard.store.redis;

import io.lettuce.core.RedisChannelHandler;
import io.lettuce.core.RedisConnectionStateListener;
import io.lettuce.core.pubsub.RedisPubSubAdapter;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import io.switchboard.core.nodes.Nodes;
import io.switchboard.core.nodes.Rendezvous;
import io.switchboard.core.store.PersistenceException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where nodes meet in Redis: a sorted set of leases, by the server's clock, and one channel of calls with the same name.
 * A connection of its own hears that channel; after it was lost, another one does.
 */
final class RedisRendezvous implements Rendezvous {
    private static final Logger LOG = LoggerFactory.getLogger(RedisRendezvous.class);
    private static final Duration HEARTBEAT = Duration.ofSeconds(5);
    private static final long RETRY_MIN_MILLIS = 50;
    private static final long RETRY_MAX_MILLIS = 2_000;

    private final Dial dial;
    private final Link link;
    private final Keys keys;
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread made = new Thread(task, "redis-nodes");
        made.setDaemon(true);
        return made;
    });
    private volatile @Nullable Hearer hearer;
    private volatile boolean closed;

    // its thread alone
    private @Nullable StatefulRedisPubSubConnection<byte[], byte[]> connection;
    private long retryMillis = RETRY_MIN_MILLIS;

    RedisRendezvous(Dial dial, Link link, Keys keys) {
        this.dial = dial;
        this.link = link;
        this.keys = keys;
    }

    // ---- the list ----

    @Override
    public void renew(String id, long leaseMillis, Consumer<@Nullable Roll> answer) {
        byte[][] keysOf = {keys.nodes};
        CompletableFuture<Void> _ = link.run(
                        Script.NODE, keysOf, Keys.bytes(id), Keys.bytes(leaseMillis), Keys.bytes(Nodes.LIVING_MAX))
                .handle((reply, thrown) -> thrown == null ? roll(reply) : null)
                .thenAccept(answer);
    }

    private static Roll roll(List<Object> reply) {
        Set<String> living = new HashSet<>();
        for (Object id : reply.subList(1, reply.size())) living.add(Keys.text((byte[]) id));
        return new Roll((long) reply.getFirst() == 1, living);
    }

    @Override
    public void leave(String id) {
        try {
            Link.await(link.change(commands -> commands.zrem(keys.nodes, Keys.bytes(id))));
        } catch (PersistenceException e) {
            LOG.debug("The lease ends by itself: {}", e.getMessage());
        }
    }

    // ---- calls ----

    @Override
    public void call(byte[] message) {
        CompletableFuture<Long> _ = link.change(commands -> commands.spublish(keys.nodes, message));
    }

    @Override
    public void hear(Hearer listener) {
        if (hearer != null) throw new IllegalStateException("somebody hears already");
        hearer = listener;
        thread.execute(this::connect);
        ScheduledFuture<?> _ = thread.scheduleWithFixedDelay(
                this::beat, HEARTBEAT.toMillis(), HEARTBEAT.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void connect() {
        if (closed || connection != null) return;
        StatefulRedisPubSubConnection<byte[], byte[]> made;
        try {
            made = dial.connectForCalls();
        } catch (RuntimeException e) {
            LOG.debug("Other nodes are not heard: {}", e.getMessage());
            retryMillis = Math.min(RETRY_MAX_MILLIS, 2 * retryMillis);
            soon(this::connect, retryMillis / 2 + ThreadLocalRandom.current().nextLong(retryMillis / 2));
            return;
        }
        retryMillis = RETRY_MIN_MILLIS;
        made.addListener(new Ears(made));
        made.addListener(new RedisConnectionStateListener() {
            @Override
            public void onRedisDisconnected(RedisChannelHandler<?, ?> gone) {
                lost(made);
            }
        });
        connection = made;
        if (!made.isOpen()) lost(made); // before anybody listened
        told(made, made.async().ssubscribe(keys.nodes));
    }

    private void told(StatefulRedisPubSubConnection<byte[], byte[]> on, CompletionStage<?> answer) {
        CompletableFuture<?> _ = answer.toCompletableFuture().exceptionally(thrown -> {
            Failures.of(thrown); // which logs what is no passing failure
            lost(on);
            return null;
        });
    }

    private void lost(StatefulRedisPubSubConnection<byte[], byte[]> gone) {
        soon(
                () -> {
                    if (!gone.equals(connection)) return;
                    connection = null;
                    gone.closeAsync();
                    if (closed) return;
                    LOG.warn("The connection that hears other nodes was lost.");
                    soon(this::connect, ThreadLocalRandom.current().nextLong(RETRY_MIN_MILLIS));
                },
                0);
    }

    private void soon(Runnable task, long afterMillis) {
        try {
            ScheduledFuture<?> _ = thread.schedule(task, afterMillis, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            // closed meanwhile
        }
    }

    // A connection whose other end is gone without a word looks like one on which nobody calls.
    private void beat() {
        StatefulRedisPubSubConnection<byte[], byte[]> now = connection;
        if (now != null) told(now, now.async().ping());
    }

    /** What the connection hears, on a thread of the network library. */
    private final class Ears extends RedisPubSubAdapter<byte[], byte[]> {
        private final StatefulRedisPubSubConnection<byte[], byte[]> of;

        Ears(StatefulRedisPubSubConnection<byte[], byte[]> of) {
            this.of = of;
        }

        @Override
        public void smessage(byte[] channel, byte[] message) {
            Hearer listener = hearer;
            if (listener != null && !closed) listener.heard(message);
        }

        @Override
        public void ssubscribed(byte[] channel, long count) {
            Hearer listener = hearer;
            if (listener != null && !closed) listener.hearing();
        }

        // Nobody asked for it: the channel has moved to another server.
        @Override
        public void sunsubscribed(byte[] channel, long count) {
            lost(of);
        }
    }

    @Override
    public void close() {
        closed = true;
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
