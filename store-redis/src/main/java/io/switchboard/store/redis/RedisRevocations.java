package io.switchboard.store.redis;

import io.switchboard.core.access.RevocationList;
import io.switchboard.core.access.Revocations.Revocation;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The list of revocations in Redis: a sorted set of {@code sub:NAME} and {@code jti:NAME}, by the moment of each. */
final class RedisRevocations implements RevocationList {
    private static final String SUBJECT = "sub:";
    private static final String TOKEN = "jti:";

    private final Link link;
    private final Keys keys;

    RedisRevocations(Link link, Keys keys) {
        this.link = link;
        this.keys = keys;
    }

    @Override
    public void add(List<Revocation> revocations, int countMax, Consumer<Kept> answer) {
        byte[][] arguments = new byte[1 + 2 * revocations.size()][];
        int next = 0;
        arguments[next++] = Keys.bytes(countMax);
        for (Revocation revocation : revocations) {
            String subject = revocation.subject();
            arguments[next++] = Keys.bytes(revocation.throughMillis());
            arguments[next++] = Keys.bytes(subject != null ? SUBJECT + subject : TOKEN + revocation.tokenId());
        }
        byte[][] keysOf = {keys.revocations};
        CompletableFuture<Void> _ = link.run(Script.REVOKE, keysOf, arguments)
                .thenApply(reply -> (long) reply.getFirst() == 1 ? Kept.KEPT : Kept.FULL)
                .exceptionally(thrown -> Kept.UNKNOWN)
                .thenAccept(answer);
    }

    @Override
    public void latest(long oldestMillis, int skip, int limit, Consumer<@Nullable Page> answer) {
        byte[][] keysOf = {keys.revocations};
        CompletableFuture<Void> _ = link.run(
                        Script.REVOKED, keysOf, Keys.bytes(oldestMillis), Keys.bytes(skip), Keys.bytes(limit))
                .<@Nullable Page>thenApply(RedisRevocations::page)
                .exceptionally(thrown -> null) // also where the reply is none
                .thenAccept(answer);
    }

    // What is none was not written by a node, and is passed over.
    private static Page page(List<Object> reply) {
        List<Revocation> revocations = new ArrayList<>(reply.size() / 2);
        for (int i = 1; i + 1 < reply.size(); i += 2) {
            String name = Keys.text((byte[]) reply.get(i));
            Long through = moment(Keys.text((byte[]) reply.get(i + 1)));
            if (through == null) continue;
            if (name.startsWith(SUBJECT)) {
                revocations.add(new Revocation(name.substring(SUBJECT.length()), null, through));
            } else if (name.startsWith(TOKEN)) {
                revocations.add(new Revocation(null, name.substring(TOKEN.length()), through));
            }
        }
        return new Page((int) (long) reply.getFirst(), revocations);
    }

    // By a score, in the words of Redis; null if it is no number.
    private static @Nullable Long moment(String score) {
        if (score.equals("inf")) return Long.MAX_VALUE;
        try {
            return (long) Double.parseDouble(score);
        } catch (NumberFormatException none) {
            return null;
        }
    }
}
