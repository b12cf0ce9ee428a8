package io.switchboard.store.redis;

import io.lettuce.core.RedisChannelHandler;
import io.lettuce.core.RedisConnectionStateListener;
import io.lettuce.core.RedisException;
import io.lettuce.core.api.StatefulRedisConnection;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One primary, and connections to it: one for what changes something, another for what only looks, so that large
 * answers do not stand before small ones; where replicas are waited for, a third one for that. Any thread; nothing blocks.
 *
 * <pre>
 *   no session ─► all connected ─► session ────┬─► closed, a command without answer, READONLY ─► no session
 *       ▲                                      │
 *       └───── when somebody says open ◄───────┘
 * </pre>
 */
final class Server {
    private static final Logger LOG = LoggerFactory.getLogger(Server.class);

    /** After a failure, before it is dialled again, however many want it. */
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    /** For what blocks and is rare. */
    static final Executor ON_A_THREAD_OF_ITS_OWN = Thread.ofVirtual().name("redis-dial-", 0)::start;

    /**
     * All lead to the same start of the same server.
     *
     * @param replicas null if none are waited for
     */
    record Session(
            StatefulRedisConnection<byte[], byte[]> changing,
            StatefulRedisConnection<byte[], byte[]> looking,
            @Nullable ReplicaLine replicas) {
        List<StatefulRedisConnection<byte[], byte[]>> connections() {
            return replicas == null ? List.of(changing, looking) : List.of(changing, looking, replicas.connection());
        }
    }

    private final Place place;
    private final Dial dial;
    private final boolean cluster;
    private final IntPredicate keeps;
    private final Runnable ended;
    private final AtomicReference<@Nullable Session> session = new AtomicReference<>();
    private final Dialling<Session> dialling = new Dialling<>(ON_A_THREAD_OF_ITS_OWN, PAUSE_NANOS, this::opened);
    private volatile boolean used = true; // since somebody asked last; a new one is wanted
    private volatile boolean closed;

    /**
     * @param cluster whether it has to be one of a cluster
     * @param keeps whether a slot is its own, as far as is known
     * @param ended is told of the end of a session, on any thread, unless it was closed from here
     */
    Server(Place place, Dial dial, boolean cluster, IntPredicate keeps, Runnable ended) {
        this.place = place;
        this.dial = dial;
        this.cluster = cluster;
        this.keeps = keeps;
        this.ended = ended;
    }

    Place place() {
        return place;
    }

    /** Null while it is away. */
    @Nullable
    Session session() {
        return session.get();
    }

    /** Likewise, to ask something about a key. */
    @Nullable
    Session sessionToUse() {
        used = true;
        return session.get();
    }

    boolean isUp() {
        return session.get() != null;
    }

    /** Whether somebody wanted a session of it since this was asked last. */
    boolean takeUsed() {
        boolean was = used;
        used = false;
        return was;
    }

    /** The session there is, or the one that is being made from now on; a {@link RedisStoreException} if that fails. */
    CompletableFuture<Session> open() {
        Session now = session.get();
        if (now != null) return CompletableFuture.completedFuture(now);
        return dialling.begin();
    }

    private Session opened() {
        Session there = session.get(); // made while this was about to begin
        return there == null ? connect() : there;
    }

    private Session connect() {
        boolean waits = dial.settings().replicas() > 0;
        List<StatefulRedisConnection<byte[], byte[]>> all = new ArrayList<>();
        try {
            for (int i = 0; i < (waits ? 3 : 2); i++) all.add(dial.connect(place, cluster));
            // a second server would not know what the first is told
            if (all.stream().map(Dial::run).distinct().count() > 1) {
                throw new RedisStoreException("Another Redis server has taken the place of " + dial.name(place) + ".");
            }
        } catch (RuntimeException | Error e) {
            all.forEach(StatefulRedisConnection::closeAsync);
            if (e instanceof Error) LOG.error("Dialling Redis at {} failed", place, e); // no server's doing
            if (!(e instanceof RedisException refused)) throw e;
            throw new RedisStoreException(dial.unreachable("Redis server", place, refused), refused);
        }
        ReplicaLine replicas = waits ? new ReplicaLine(all.get(2), dial.settings(), keeps) : null;
        Session made = new Session(all.get(0), all.get(1), replicas);
        RedisConnectionStateListener ends = new RedisConnectionStateListener() {
            @Override
            public void onRedisDisconnected(RedisChannelHandler<?, ?> connection) {
                lost(made, "the connection was closed");
            }
        };
        session.set(made);
        all.forEach(each -> each.addListener(ends));
        // one that was closed before anybody listened
        if (!all.stream().allMatch(StatefulRedisConnection::isOpen)) lost(made, "the connection was closed");
        if (closed) lost(made, "closing");
        return made;
    }

    /** Ends a session, if it is the one there is. */
    void lost(Session gone, @Nullable String why) {
        if (!session.compareAndSet(gone, null)) return;
        gone.connections().forEach(StatefulRedisConnection::closeAsync);
        if (closed) return;
        LOG.warn("Redis at {} is away: {}", place, why);
        ended.run();
    }

    /**
     * Looks after it. A connection whose other end is gone without a word looks like an idle one, and a server that has
     * become a replica still answers who only looks.
     */
    void beat() {
        Session now = session.get();
        if (now == null) return;
        for (StatefulRedisConnection<byte[], byte[]> each : now.connections()) {
            CompletableFuture<String> told;
            try {
                told = each.async().info("replication").toCompletableFuture();
            } catch (RuntimeException e) {
                told = CompletableFuture.failedFuture(e); // it was closed a moment ago
            }
            CompletableFuture<Void> _ = told.handle((info, thrown) -> {
                if (thrown == null && !info.contains("role:master")) lost(now, "it is the primary no more");
                if (thrown != null && Failures.endsConnection(thrown)) {
                    lost(now, String.valueOf(Failures.causeOf(thrown)));
                }
                return null;
            });
        }
    }

    /** Blocks until its connections are closed. */
    void close() {
        closed = true;
        Session now = session.getAndSet(null);
        if (now == null) return;
        now.connections().forEach(StatefulRedisConnection::close);
    }
}
