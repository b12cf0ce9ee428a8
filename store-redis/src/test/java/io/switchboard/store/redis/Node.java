package io.switchboard.store.redis;

import io.switchboard.core.channel.Append;
import io.switchboard.core.channel.ChannelName;
import io.switchboard.core.channel.ChannelPattern;
import io.switchboard.core.channel.ChannelPolicy;
import io.switchboard.core.channel.Durability;
import io.switchboard.core.channel.Policies;
import io.switchboard.core.channel.Retention;
import io.switchboard.core.figures.Figures;
import io.switchboard.core.store.AppendOutcome;
import io.switchboard.core.store.StoreLimits;
import io.switchboard.testkit.redis.RedisServer;
import io.switchboard.testkit.store.Asking;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;

/** One of the nodes of a test: a store, asked in turn or at once. */
record Node(RedisStore store, Asking ask) implements AutoCloseable {
    /** More than a busy machine takes for an answer. */
    static final Duration PATIENT = Duration.ofSeconds(10);

    static final Duration IMPATIENT = Duration.ofSeconds(1);

    /** Five messages are kept under {@code count/}, about 1,000 bytes under {@code bytes/}, a minute under {@code age/}. */
    static final Policies POLICIES = new Policies(
            List.of(
                    rule("count/**", new Retention(5, Retention.UNLIMITED, Retention.UNLIMITED)),
                    rule("bytes/**", new Retention(Retention.UNLIMITED, 1_000, Retention.UNLIMITED)),
                    rule("age/**", new Retention(Retention.UNLIMITED, Retention.UNLIMITED, 60_000))),
            ChannelPolicy.DEFAULT);

    private static Policies.Rule rule(String pattern, Retention retention) {
        return new Policies.Rule(
                new ChannelPattern(pattern),
                new ChannelPolicy(Durability.OS, retention, ChannelPolicy.Creation.EXPLICIT));
    }

    static RedisSettings settings(Duration timeout, RedisServer... servers) {
        List<String> uris = Stream.of(servers).map(RedisServer::uri).toList();
        return new RedisSettings(uris, null, null, null, null, "sw", timeout, timeout, 0);
    }

    static Node of(RedisServer... servers) {
        return of(PATIENT, servers);
    }

    /** @param timeout of a connection and of a command */
    static Node of(Duration timeout, RedisServer... servers) {
        return of(settings(timeout, servers));
    }

    static Node of(RedisSettings settings) {
        RedisStore store = RedisStore.open(settings, POLICIES, StoreLimits.DEFAULT, Figures.unseen());
        return new Node(store, new Asking(store));
    }

    CompletableFuture<AppendOutcome> append(Append append) {
        CompletableFuture<AppendOutcome> outcome = new CompletableFuture<>();
        store.append(append, outcome::complete);
        return outcome;
    }

    CompletableFuture<AppendOutcome> append(String name, String message) {
        return append(Asking.plain(name, message));
    }

    static ChannelName name(String name) {
        return new ChannelName(name);
    }

    @Override
    public void close() {
        store.close();
    }
}
