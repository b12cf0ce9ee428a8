package io.switchboard.store.redis;

import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisException;
import io.lettuce.core.sentinel.api.StatefulRedisSentinelConnection;
import io.lettuce.core.sentinel.api.sync.RedisSentinelCommands;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/**
 * The primary that sentinels name. All of them are asked, and the one that heard of the newest failover is believed: one
 * that was cut off goes on naming the primary that was.
 */
record Sentinels(Dial dial, String watched) implements Topology {
    private record Told(long epoch, Place primary) {}

    @Override
    public Layout look(Collection<Server> servers) {
        List<CompletableFuture<@Nullable Told>> asked = new ArrayList<>();
        for (Place sentinel : dial.places()) {
            asked.add(CompletableFuture.supplyAsync(() -> ask(sentinel), Server.ON_A_THREAD_OF_ITS_OWN));
        }
        List<String> problems = new ArrayList<>();
        List<Told> told = new ArrayList<>();
        for (CompletableFuture<@Nullable Told> each : asked) {
            try {
                Told answer = each.join();
                if (answer != null) told.add(answer);
            } catch (CompletionException e) {
                problems.add(String.valueOf(Failures.causeOf(e).getMessage()));
            }
        }
        Told newest = told.stream().max(Comparator.comparingLong(Told::epoch)).orElse(null);
        if (newest != null) return Layout.of(newest.primary());
        throw new RedisStoreException(
                problems.isEmpty()
                        ? "The sentinels watch no primary by the name of " + watched + "."
                        : String.join(" ", problems));
    }

    // Null if it does not know that name.
    private @Nullable Told ask(Place sentinel) {
        try (StatefulRedisSentinelConnection<String, String> connection = dial.connectSentinel(sentinel)) {
            RedisSentinelCommands<String, String> commands = connection.sync();
            Map<String, String> about = commands.master(watched);
            // while a failover is under way, this one changes first
            if (!(commands.getMasterAddrByName(watched) instanceof InetSocketAddress address)) return null;
            String epoch = about.getOrDefault("config-epoch", "0");
            return new Told(Long.parseLong(epoch), new Place(address.getHostString(), address.getPort()));
        } catch (RedisCommandExecutionException e) {
            String said = String.valueOf(e.getMessage());
            if (said.startsWith("ERR No such master")) return null;
            if (said.startsWith("ERR unknown command")) {
                throw new RedisStoreException("The server at " + dial.name(sentinel)
                        + " is no sentinel. With redis.sentinel, redis.urls names sentinels.");
            }
            throw new RedisStoreException(dial.unreachable("sentinel", sentinel, e), e);
        } catch (RedisException e) {
            throw new RedisStoreException(dial.unreachable("sentinel", sentinel, e), e);
        }
    }

    @Override
    public boolean changes() {
        return true;
    }

    @Override
    public boolean isCluster() {
        return false;
    }
}
