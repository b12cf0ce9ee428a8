package io.switchboard.server;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;

/** Servers of the same channels, each asked in its turn, and those after a restart. */
record Succession(List<TestServer> servers, AtomicInteger turns, CompletableFuture<Succession> next) {
    Succession(List<TestServer> servers) {
        this(servers, new AtomicInteger(), new CompletableFuture<>());
    }

    /** Whether those who are cut off may find the same server again. */
    boolean losesConnections() {
        return servers.stream().anyMatch(TestServer::losesConnections);
    }

    TestServer server() {
        return servers.get(Math.floorMod(turns.getAndIncrement(), servers.size()));
    }
}
