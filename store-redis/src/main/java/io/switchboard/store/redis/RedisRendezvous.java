package io.switchboard.store.redis;

import io.switchboard.core.nodes.Nodes;
import io.switchboard.core.nodes.Rendezvous;
import io.switchboard.core.store.PersistenceException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Where nodes meet in Redis: a sorted set of leases, by the server's clock, and one channel of calls with the same name. */
final class RedisRendezvous implements Rendezvous, Subscriptions.Listener {
    private static final Logger LOG = LoggerFactory.getLogger(RedisRendezvous.class);

    private final Link link;
    private final Keys keys;
    private final Subscriptions subscriptions;
    private volatile @Nullable Hearer hearer;
    private volatile CompletableFuture<?> renewal = CompletableFuture.completedFuture(null); // the last one

    RedisRendezvous(Dial dial, Link link, Keys keys) {
        this.link = link;
        this.keys = keys;
        this.subscriptions = new Subscriptions(dial, link, this);
    }

    // ---- the list ----

    @Override
    public void renew(String id, long leaseMillis, Consumer<@Nullable Roll> answer) {
        byte[][] keysOf = {keys.nodes};
        CompletableFuture<List<Object>> asked =
                link.run(Script.NODE, keysOf, Keys.bytes(id), Keys.bytes(leaseMillis), Keys.bytes(Nodes.LIVING_MAX));
        renewal = asked;
        CompletableFuture<Void> _ = asked.<@Nullable Roll>thenApply(RedisRendezvous::roll)
                .exceptionally(thrown -> null) // also where the reply is none
                .thenAccept(answer);
    }

    private static Roll roll(List<Object> reply) {
        Set<String> living = new HashSet<>();
        for (Object id : reply.subList(1, reply.size())) living.add(Keys.text((byte[]) id));
        return new Roll((long) reply.getFirst() == 1, living);
    }

    @Override
    public void leave(String id) {
        renewal.handle((reply, thrown) -> thrown == null)
                .join(); // as it may be sent twice, and then behind what follows
        try {
            Link.await(link.change(keys.nodes, commands -> commands.zrem(keys.nodes, Keys.bytes(id))));
        } catch (PersistenceException e) {
            LOG.debug("The lease ends by itself: {}", e.getMessage());
        }
    }

    // ---- calls ----

    @Override
    public void call(byte[] message) {
        CompletableFuture<Long> _ = link.change(keys.nodes, commands -> commands.spublish(keys.nodes, message));
    }

    @Override
    public void hear(Hearer listener) {
        if (hearer != null) throw new IllegalStateException("somebody hears already");
        hearer = listener;
        subscriptions.want(Keys.text(keys.nodes));
    }

    @Override
    public void heard(String channel, byte[] message) {
        Hearer told = hearer;
        if (told != null) told.heard(message);
    }

    @Override
    public void listening(String channel) {
        Hearer told = hearer;
        if (told != null) told.hearing();
    }

    @Override
    public void close() {
        subscriptions.close();
    }
}
