package io.switchboard.store.redis;

import io.switchboard.testkit.redis.RedisCluster;
import io.switchboard.testkit.redis.RedisServer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;

/** What the nodes of a test share: one server, or a cluster. */
record Ground(Supplier<List<RedisServer>> primaries, AutoCloseable closing) implements AutoCloseable {
    /** Held by classes that use the cluster that all share. */
    static final String CLUSTER = "cluster";

    static Ground server(Path folder) {
        RedisServer redis = RedisServer.start(folder);
        return new Ground(() -> List.of(redis), redis);
    }

    /** The primaries that all tests share. */
    static Ground cluster() {
        return new Ground(RedisCluster.shared()::servers, () -> {});
    }

    /** The first of them. */
    RedisServer server() {
        return primaries.get().getFirst();
    }

    RedisSettings settings(Duration timeout) {
        return Node.settings(timeout, server());
    }

    Node node() {
        return Node.of(settings(Node.PATIENT));
    }

    void flush() {
        primaries.get().forEach(server -> server.ask("FLUSHALL"));
    }

    int keys() {
        return primaries.get().stream()
                .mapToInt(server -> Integer.parseInt(server.ask("DBSIZE")))
                .sum();
    }

    /** Ends all connections but those that hear calls. */
    void cut() {
        primaries.get().forEach(server -> server.ask("CLIENT KILL TYPE normal"));
    }

    @Override
    public void close() {
        try {
            closing.close();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}
