package io.switchboard.server;

import io.switchboard.testkit.redis.RedisServer;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Servers on one Redis. */
record Nodes(RedisServer redis, List<TestServer> all) implements AutoCloseable {
    /** @param settings of each, beside port and store, as keys and values by turns */
    static Nodes start(int count, RedisServer redis, String... settings) {
        List<TestServer> started = new ArrayList<>();
        for (int i = 0; i < count; i++) started.add(node(redis, settings));
        return new Nodes(redis, started);
    }

    static TestServer node(RedisServer redis, String... settings) {
        return node(redis.uri(), settings);
    }

    /** @param urls of a server, or of some of a cluster */
    static TestServer node(String urls, String... settings) {
        String[] shared = {"store", "redis", "redis.urls", urls, "redis.timeout", "1s"};
        return TestServer.start(Stream.of(shared, settings).flatMap(Stream::of).toArray(String[]::new));
    }

    TestServer node(int index) {
        return all.get(index);
    }

    @Override
    public void close() {
        all.forEach(TestServer::close);
    }
}
