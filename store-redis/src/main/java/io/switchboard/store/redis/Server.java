package io.switchboard.store.redis;

import io.lettuce.core.RedisChannelHandler;
import io.lettuce.core.RedisConnectionStateListener;
import io.lettuce.core.RedisException;
import io.lettuce.core.api.StatefulRedisConnection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One primary, and two connections to it: one for what changes something, another for what only looks, so that large
 * answers do not stand before small ones. Any thread; nothing blocks.
 *
 * <pre>
 *   no session ─► connected, twice ─► session ─┬─► closed, a command without answer, READONLY ─► no session
 *       ▲                                      │
 *       └───── when somebody says open ◄───────┘
 * </pre>
 */
final class Server {
    private static final Logger LOG = LoggerFactory.getLogger(Server.class);

    /** For what blocks and is rare. */
    static final Executor ON_A_THREAD_OF_ITS_OWN = Thread.ofVirtual().name("redis-dial-", 0)::start;

    /** Both lead to the same start of the same server. */
    record Session(StatefulRedisConnection<byte[], byte[]> changing, StatefulRedisConnection<byte[], byte[]> looking) {
        void close() {
            changing.closeAsync();
            looking.closeAsync();
        }
    }

    private final Place place;
    private final Dial dial;
    private final boolean cluster;
    private final Runnable ended;
    private final AtomicReference<@Nullable Session> session = new AtomicReference<>();
    private final AtomicReference<@Nullable CompletableFuture<Session>> opening = new AtomicReference<>();
    private volatile boolean used = true; // since somebody asked last; a new one is wanted
    private volatile boolean closed;

    /**
     * @param cluster whether it has to be one of a cluster
     * @param ended is told of the end of a session, on any thread, unless it was closed from here
     */
    Server(Place place, Dial dial, boolean cluster, Runnable ended) {
        this.place = place;
        this.dial = dial;
        this.cluster = cluster;
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
        CompletableFuture<Session> mine = new CompletableFuture<>();
        CompletableFuture<Session> before = opening.compareAndExchange(null, mine);
        if (before != null) return before;
        ON_A_THREAD_OF_ITS_OWN.execute(() -> {
            try {
                Session there = session.get(); // made while this was about to begin
                Session made = there == null ? connect() : there;
                opening.set(null);
                mine.complete(made);
            } catch (RuntimeException e) {
                opening.set(null);
                mine.completeExceptionally(e);
            }
        });
        return mine;
    }

    private Session connect() {
        StatefulRedisConnection<byte[], byte[]> changing = dial.connect(place, cluster);
        StatefulRedisConnection<byte[], byte[]> looking;
        try {
            looking = dial.connect(place, cluster);
        } catch (RuntimeException e) {
            changing.closeAsync();
            throw e;
        }
        Session made = new Session(changing, looking);
        // a second server would not know what the first is told
        boolean same;
        try {
            same = Dial.run(looking).equals(Dial.run(changing));
        } catch (RedisException e) {
            made.close();
            throw new RedisStoreException(dial.unreachable("Redis server", place, e), e);
        }
        if (!same) {
            made.close();
            throw new RedisStoreException("Another Redis server has taken the place of " + dial.name(place) + ".");
        }
        RedisConnectionStateListener ends = new RedisConnectionStateListener() {
            @Override
            public void onRedisDisconnected(RedisChannelHandler<?, ?> connection) {
                lost(made, "the connection was closed");
            }
        };
        session.set(made);
        changing.addListener(ends);
        looking.addListener(ends);
        // one that was closed before anybody listened
        if (!changing.isOpen() || !looking.isOpen()) lost(made, "the connection was closed");
        if (closed) lost(made, "closing");
        return made;
    }

    /** Ends a session, if it is the one there is. */
    void lost(Session gone, @Nullable String why) {
        if (!session.compareAndSet(gone, null)) return;
        gone.close();
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
        for (StatefulRedisConnection<byte[], byte[]> each : List.of(now.changing(), now.looking())) {
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
        now.changing().close();
        now.looking().close();
    }
}
