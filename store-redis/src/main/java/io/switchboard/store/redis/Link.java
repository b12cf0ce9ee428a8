package io.switchboard.store.redis;

import io.lettuce.core.RedisChannelHandler;
import io.lettuce.core.RedisConnectionStateListener;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.RedisNoScriptException;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.async.RedisAsyncCommands;
import io.switchboard.core.store.Failure;
import io.switchboard.core.store.PersistenceException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The way to Redis: one connection for what changes something, another for what only looks, so that large answers do
 * not stand before small ones. Any thread may ask; nobody is blocked, and everybody is answered within the time a
 * command may take.
 *
 * <pre>
 *   no session ─► connected to the primary, twice ─► session ─┬─► closed, a command without answer, READONLY ─► no session
 *       ▲                                                     │
 *       └───────── again, later and later ◄───────────────────┘
 * </pre>
 *
 * While there is no session everything fails at once. A command is sent once: of one whose answer is lost it is not
 * known whether it happened.
 */
final class Link implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Link.class);
    private static final Duration HEARTBEAT = Duration.ofSeconds(5);
    private static final long RETRY_MIN_MILLIS = 50;
    private static final long RETRY_MAX_MILLIS = 2_000;

    private record Session(
            StatefulRedisConnection<byte[], byte[]> changing, StatefulRedisConnection<byte[], byte[]> looking) {
        void close() {
            changing.closeAsync();
            looking.closeAsync();
        }
    }

    private final Dial dial;
    private final AtomicReference<@Nullable Session> session = new AtomicReference<>();
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread made = new Thread(task, "redis-link");
        made.setDaemon(true);
        return made;
    });
    private long retryMillis = RETRY_MIN_MILLIS; // the link's thread
    private volatile boolean closed;

    /** @throws RedisStoreException if there is no server that can be used */
    Link(Dial dial) {
        this.dial = dial;
        try {
            begin();
        } catch (RedisStoreException e) {
            thread.shutdownNow();
            throw e;
        }
        ScheduledFuture<?> _ = thread.scheduleWithFixedDelay(
                this::beat, HEARTBEAT.toMillis(), HEARTBEAT.toMillis(), TimeUnit.MILLISECONDS);
    }

    // ---- asking ----

    /** Runs a script that changes something. */
    CompletableFuture<List<Object>> run(Script script, byte[][] keys, byte[]... arguments) {
        Session now = session.get();
        return now == null ? away() : run(now, now.changing().async(), script, keys, arguments);
    }

    /** Asks without changing anything; what was answered before is seen. */
    <T> CompletableFuture<T> look(Function<RedisAsyncCommands<byte[], byte[]>, RedisFuture<T>> command) {
        Session now = session.get();
        return now == null
                ? away()
                : told(now, () -> command.apply(now.looking().async()));
    }

    CompletableFuture<List<Object>> look(Script script, byte[]... keys) {
        Session now = session.get();
        return now == null ? away() : run(now, now.looking().async(), script, keys);
    }

    /** Changes something with a plain command. */
    <T> CompletableFuture<T> change(Function<RedisAsyncCommands<byte[], byte[]>, RedisFuture<T>> command) {
        Session now = session.get();
        return now == null
                ? away()
                : told(now, () -> command.apply(now.changing().async()));
    }

    private CompletableFuture<List<Object>> run(
            Session on,
            RedisAsyncCommands<byte[], byte[]> commands,
            Script script,
            byte[][] keys,
            byte[]... arguments) {
        // Redis has met it already, but for the first time and after a SCRIPT FLUSH
        return told(on, () -> commands.<List<Object>>evalsha(script.digest, ScriptOutputType.MULTI, keys, arguments)
                .exceptionallyCompose(thrown -> Failures.causeOf(thrown) instanceof RedisNoScriptException
                        ? commands.eval(script.text, ScriptOutputType.MULTI, keys, arguments)
                        : CompletableFuture.failedFuture(Failures.causeOf(thrown))));
    }

    private <T> CompletableFuture<T> told(Session on, Supplier<CompletionStage<T>> command) {
        CompletableFuture<T> answer;
        try {
            answer = command.get().toCompletableFuture();
        } catch (RuntimeException e) {
            answer = CompletableFuture.failedFuture(e); // the connection was closed a moment ago
        }
        return answer.exceptionallyCompose(thrown -> {
            if (Failures.endsConnection(thrown)) lost(on, String.valueOf(Failures.causeOf(thrown)));
            return CompletableFuture.failedFuture(Failures.of(thrown));
        });
    }

    private static <T> CompletableFuture<T> away() {
        return CompletableFuture.failedFuture(new PersistenceException(Failure.UNAVAILABLE, "Redis is away"));
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

    // ---- the session ----

    /** Whether there is a server to ask. */
    boolean isUp() {
        return session.get() != null;
    }

    private void begin() {
        StatefulRedisConnection<byte[], byte[]> changing = dial.connect();
        StatefulRedisConnection<byte[], byte[]> looking;
        try {
            looking = dial.connectAlike(changing);
        } catch (RuntimeException e) {
            changing.closeAsync();
            throw e;
        }
        Session made = new Session(changing, looking);
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
    }

    private void lost(Session gone, @Nullable String why) {
        if (!session.compareAndSet(gone, null)) return;
        gone.close();
        if (closed) return;
        LOG.warn("Redis is away: {}", why);
        again(ThreadLocalRandom.current().nextLong(RETRY_MIN_MILLIS));
    }

    private void again(long afterMillis) {
        try {
            ScheduledFuture<?> _ = thread.schedule(this::reconnect, afterMillis, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            // closed meanwhile
        }
    }

    // Many nodes lose a server at the same moment: they do not come back at the same one.
    private void reconnect() {
        if (closed || session.get() != null) return;
        try {
            begin();
            retryMillis = RETRY_MIN_MILLIS;
            LOG.info("Redis is back.");
        } catch (RuntimeException e) {
            LOG.debug("Redis is still away: {}", e.getMessage());
            retryMillis = Math.min(RETRY_MAX_MILLIS, 2 * retryMillis);
            again(retryMillis / 2 + ThreadLocalRandom.current().nextLong(retryMillis / 2));
        }
    }

    // A connection whose other end is gone without a word looks like an idle one, and a server that has become a
    // replica
    // still answers who only looks.
    private void beat() {
        Session now = session.get();
        if (now == null) return;
        for (StatefulRedisConnection<byte[], byte[]> each : List.of(now.changing(), now.looking())) {
            CompletableFuture<Void> _ = told(now, () -> each.async().info("replication"))
                    .thenAccept(told -> {
                        if (!told.contains("role:master")) lost(now, "it is the primary no more");
                    });
        }
    }

    @Override
    public void close() {
        closed = true;
        thread.shutdownNow();
        Session now = session.getAndSet(null);
        if (now == null) return;
        now.changing().close();
        now.looking().close();
    }
}
