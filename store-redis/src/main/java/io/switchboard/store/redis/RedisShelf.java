package io.switchboard.store.redis;

import io.lettuce.core.SetArgs;
import io.switchboard.core.nodes.Shelf;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The shelf in Redis: a key for each thing, which ends by itself, and a sorted set for each owner of any. The two may lie
 * on two servers, so first it is counted and then laid down; a node that dies in between has counted too much until the time
 * of the thing is over.
 *
 * <p>A thing begins with the length of its owner (8 bits) and the owner.
 */
final class RedisShelf implements Shelf {
    private static final int OWNER_BYTES_MAX = 255;

    private final Link link;
    private final Keys keys;

    RedisShelf(Link link, Keys keys) {
        this.link = link;
        this.keys = keys;
    }

    @Override
    public void lay(
            String key, @Nullable String owner, int ownerMax, byte[] content, long lifeMillis, Consumer<Laid> answer) {
        CompletableFuture<Boolean> counted =
                owner == null ? CompletableFuture.completedFuture(true) : count(key, owner, ownerMax, lifeMillis);
        byte[] thing = thing(owner, content);
        SetArgs forSoLong = SetArgs.Builder.px(lifeMillis);
        CompletableFuture<Void> _ = counted.thenCompose(fits -> fits
                        ? link.change(keys.shelf(key), commands -> commands.set(keys.shelf(key), thing, forSoLong))
                                .thenApply(done -> Laid.LAID)
                        : CompletableFuture.completedFuture(Laid.TOO_MUCH))
                .exceptionally(thrown -> Laid.UNKNOWN)
                .thenAccept(answer);
    }

    private CompletableFuture<Boolean> count(String key, String owner, int ownerMax, long lifeMillis) {
        byte[][] keysOf = {keys.shelfOf(owner)};
        return link.run(Script.COUNT, keysOf, Keys.bytes(key), Keys.bytes(lifeMillis), Keys.bytes(ownerMax))
                .thenApply(reply -> (long) reply.getFirst() == 1);
    }

    private static byte[] thing(@Nullable String owner, byte[] content) {
        byte[] name = owner == null ? new byte[0] : Keys.bytes(owner);
        if (name.length > OWNER_BYTES_MAX) throw new IllegalArgumentException("an owner of " + name.length + " bytes");
        byte[] thing = new byte[1 + name.length + content.length];
        thing[0] = (byte) name.length;
        System.arraycopy(name, 0, thing, 1, name.length);
        System.arraycopy(content, 0, thing, 1 + name.length, content.length);
        return thing;
    }

    @Override
    public void take(String key, Consumer<Taken> answer) {
        CompletableFuture<Void> _ = link.change(keys.shelf(key), commands -> commands.getdel(keys.shelf(key)))
                .handle((thing, thrown) -> thrown != null ? new Taken.Unknown() : taken(key, thing))
                .thenAccept(answer);
    }

    private Taken taken(String key, byte @Nullable [] thing) {
        if (thing == null || thing.length == 0) return new Taken.Nothing();
        int from = 1 + Byte.toUnsignedInt(thing[0]);
        if (from > thing.length) return new Taken.Nothing(); // nobody here laid that
        if (from > 1) {
            String owner = Keys.text(Arrays.copyOfRange(thing, 1, from));
            CompletableFuture<Long> _ =
                    link.change(keys.shelfOf(owner), commands -> commands.zrem(keys.shelfOf(owner), Keys.bytes(key)));
        }
        return new Taken.Found(Arrays.copyOfRange(thing, from, thing.length));
    }

    @Override
    public void agree(String name, byte[] proposal, Consumer<byte @Nullable []> answer) {
        byte[] key = keys.agreed(name);
        // What is there is only looked at: a Redis without memory takes nothing, and a node may start all the same.
        CompletableFuture<Void> _ = link.change(key, commands -> commands.get(key))
                .thenCompose(
                        there -> there != null ? CompletableFuture.completedFuture(there) : proposed(key, proposal))
                .exceptionally(thrown -> null)
                .thenAccept(answer);
    }

    private CompletableFuture<byte[]> proposed(byte[] key, byte[] proposal) {
        return link.change(key, commands -> commands.set(key, proposal, SetArgs.Builder.nx()))
                .thenCompose(done -> link.change(key, commands -> commands.get(key)));
    }
}
