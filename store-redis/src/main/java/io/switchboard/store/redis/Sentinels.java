package io.switchboard.store.redis;

import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisException;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.output.ArrayOutput;
import io.lettuce.core.protocol.CommandArgs;
import io.lettuce.core.protocol.CommandType;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The primary that sentinels name. All of them are asked, and the one that heard of the newest failover is believed: one
 * that was cut off goes on naming the primary that was.
 */
final class Sentinels implements Topology {
    // Until they agree that a primary is dead, or an operator says so, it goes on taking what will be lost.
    private static final Duration LOOK_EVERY = Duration.ofSeconds(1);

    /** How long the others are waited for when most sentinels have answered. */
    private static final long REST_MILLIS = 200;

    private record Told(long epoch, Place primary) {}

    private final Dial dial;
    private final String watched;
    private final Map<Place, StatefulRedisConnection<byte[], byte[]>> connections = new ConcurrentHashMap<>();
    private @Nullable Told last; // that was believed

    Sentinels(Dial dial, String watched) {
        this.dial = dial;
        this.watched = watched;
    }

    @Override
    public Layout look(Collection<Server> servers) {
        List<CompletableFuture<@Nullable Told>> asked = new ArrayList<>();
        for (Place sentinel : dial.places()) {
            asked.add(CompletableFuture.supplyAsync(() -> ask(sentinel), Server.ON_A_THREAD_OF_ITS_OWN));
        }
        awaitMost(asked);
        List<String> problems = new ArrayList<>();
        List<Told> told = new ArrayList<>();
        for (CompletableFuture<@Nullable Told> each : asked) {
            if (!each.isDone()) continue;
            try {
                Told answer = each.join();
                if (answer != null) told.add(answer);
            } catch (CompletionException e) {
                problems.add(String.valueOf(Failures.causeOf(e).getMessage()));
            }
        }
        Told newest = told.stream().max(Comparator.comparingLong(Told::epoch)).orElse(null);
        if (newest != null) return Layout.of(believed(newest, servers).primary());
        throw new RedisStoreException(
                problems.isEmpty()
                        ? "The sentinels watch no primary by the name of " + watched + "."
                        : String.join(" ", problems));
    }

    // One on the host of a primary that has died is silent, as that is, and is not waited for once most have answered.
    private static void awaitMost(List<CompletableFuture<@Nullable Told>> asked) {
        AtomicInteger missing = new AtomicInteger(asked.size() / 2 + 1);
        CompletableFuture<@Nullable Void> most = new CompletableFuture<>();
        for (CompletableFuture<@Nullable Told> each : asked) {
            CompletableFuture<Void> _ = each.thenRun(() -> {
                if (missing.decrementAndGet() == 0) most.complete(null);
            });
        }
        CompletableFuture<@Nullable Void> all =
                CompletableFuture.allOf(asked.toArray(CompletableFuture[]::new)).handle((done, thrown) -> null);
        CompletableFuture.anyOf(most, all).join();
        all.completeOnTimeout(null, REST_MILLIS, TimeUnit.MILLISECONDS).join();
    }

    // Where only those answer that know less than what is known, it stays as it is for as long as it does. Sentinels
    // that were set up anew begin at nothing again, and are believed once it is gone.
    private Told believed(Told newest, Collection<Server> servers) {
        Told before = last;
        boolean isThere = before != null
                && servers.stream()
                        .anyMatch(server -> server.isUp() && server.place().equals(before.primary()));
        if (before != null && isThere && newest.epoch() < before.epoch()) return before;
        last = newest;
        return newest;
    }

    // Null if it does not know that name.
    private @Nullable Told ask(Place sentinel) {
        StatefulRedisConnection<byte[], byte[]> connection = connections.get(sentinel);
        try {
            if (connection == null || !connection.isOpen()) {
                connection = dial.connectSentinel(sentinel);
                StatefulRedisConnection<byte[], byte[]> before = connections.put(sentinel, connection);
                if (before != null) before.closeAsync();
            }
            // while a failover is under way, this changes first
            List<Object> address = sentinel(connection, "GET-MASTER-ADDR-BY-NAME");
            if (address.size() < 2) return null;
            Place primary = new Place(text(address.get(0)), Integer.parseInt(text(address.get(1))));
            return new Told(epoch(sentinel(connection, "MASTER")), primary);
        } catch (RedisCommandExecutionException e) {
            String said = String.valueOf(e.getMessage());
            if (said.startsWith("ERR No such master")) return null;
            if (said.startsWith("ERR unknown command")) {
                throw new RedisStoreException("The server at " + dial.name(sentinel)
                        + " is no sentinel. With redis.sentinel, redis.urls names sentinels.");
            }
            throw new RedisStoreException(dial.unreachable("sentinel", sentinel, e), e);
        } catch (RedisException e) {
            if (connection != null && connections.remove(sentinel, connection)) connection.closeAsync();
            throw new RedisStoreException(dial.unreachable("sentinel", sentinel, e), e);
        }
    }

    private List<Object> sentinel(StatefulRedisConnection<byte[], byte[]> connection, String question) {
        List<Object> answer = connection
                .sync()
                .dispatch(
                        CommandType.SENTINEL,
                        new ArrayOutput<>(ByteArrayCodec.INSTANCE),
                        new CommandArgs<>(ByteArrayCodec.INSTANCE).add(question).add(watched));
        return answer == null ? List.of() : answer;
    }

    // Of names and values in turn.
    private static long epoch(List<Object> about) {
        for (int i = 0; i + 1 < about.size(); i += 2) {
            if (text(about.get(i)).equals("config-epoch")) return Long.parseLong(text(about.get(i + 1)));
        }
        return 0;
    }

    private static String text(Object bytes) {
        return Keys.text((byte[]) bytes);
    }

    @Override
    public Duration lookEvery() {
        return LOOK_EVERY;
    }

    @Override
    public boolean isCluster() {
        return false;
    }
}
