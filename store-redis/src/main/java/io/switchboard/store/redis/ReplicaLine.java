package io.switchboard.store.redis;

import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.async.RedisAsyncCommands;
import io.lettuce.core.cluster.SlotHash;
import io.switchboard.core.store.Failure;
import io.switchboard.core.store.PersistenceException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/**
 * Waits until replicas have what one server has written. Whoever comes while one WAIT is under way shares the next one, as
 * appends share a sync of a disk.
 *
 * <pre>
 *   reached ─► waiting ─┐ one at a time
 *                       └─► mark, WAIT ─────┬─► enough have it ─► told
 *                                           └─► too few, or no answer in time ─► failed
 * </pre>
 *
 * WAIT holds up whatever comes behind it on its connection, so it has one of its own; and it is about what that connection
 * wrote, so a mark is written first: replicas that have the mark have all that the server wrote before. A script writes it,
 * because a server whose memory is full takes no SET, but deletions, which are waited for too. Any thread; nothing blocks.
 * How many wait is limited by who hands in requests.
 */
final class ReplicaLine {
    /** Marks that may be refused because their slot is being moved, until it is given up. */
    private static final int TRIES = 8;

    private final StatefulRedisConnection<byte[], byte[]> connection;
    private final Keys keys;
    private final int replicas;
    private final long waitMillis;
    private final IntPredicate keeps;
    private final Object lock = new Object();
    private List<CompletableFuture<@Nullable Void>> waiting = new ArrayList<>(); // guarded by lock
    private boolean asking; // guarded by lock
    private volatile int mark; // that was taken last; one question after the other

    /**
     * @param connection for this alone
     * @param keeps whether a slot is the server's
     */
    ReplicaLine(StatefulRedisConnection<byte[], byte[]> connection, RedisSettings settings, IntPredicate keeps) {
        this.connection = connection;
        this.keys = new Keys(settings.prefix());
        this.replicas = settings.replicas();
        // an answer that there are too few has to come before none is waited for
        this.waitMillis = Math.max(1, settings.commandTimeout().toMillis() / 2);
        this.keeps = keeps;
    }

    StatefulRedisConnection<byte[], byte[]> connection() {
        return connection;
    }

    /** Done when enough replicas have all that the server has answered by now; failed if that is not known in time. */
    CompletableFuture<@Nullable Void> reached() {
        CompletableFuture<@Nullable Void> told = new CompletableFuture<>();
        synchronized (lock) {
            waiting.add(told);
            if (asking) return told;
            asking = true;
        }
        ask();
        return told;
    }

    private void ask() {
        List<CompletableFuture<@Nullable Void>> now;
        synchronized (lock) {
            now = waiting;
            waiting = new ArrayList<>();
            asking = !now.isEmpty();
        }
        if (!now.isEmpty()) ask(now, mark, TRIES);
    }

    private void ask(List<CompletableFuture<@Nullable Void>> now, int from, int tries) {
        int number = markFrom(from);
        if (number < 0) {
            // as where the first slot of a new server is being moved to it
            tell(now, new PersistenceException(Failure.UNAVAILABLE, "a server of Redis keeps no slot to ask about"));
            return;
        }
        mark = number;
        CompletableFuture<List<Object>> marked;
        CompletableFuture<Long> counted;
        try {
            RedisAsyncCommands<byte[], byte[]> commands = connection.async();
            byte[][] keysOf = {keys.replicated(number)};
            marked = commands.<List<Object>>eval(Script.MARK.text, ScriptOutputType.MULTI, keysOf)
                    .toCompletableFuture();
            counted = commands.waitForReplication(replicas, waitMillis).toCompletableFuture();
        } catch (RuntimeException e) {
            tell(now, e); // the connection was closed a moment ago
            return;
        }
        CompletableFuture<Void> _ = marked.thenCombine(counted, (done, count) -> count)
                .handle((count, thrown) -> {
                    boolean moves = thrown != null && Redirect.isOne(Failures.causeOf(thrown));
                    if (moves && tries > 1) ask(now, number + 1, tries - 1);
                    else if (thrown != null) tell(now, Failures.causeOf(thrown));
                    else tell(now, count >= replicas ? null : tooFew(count));
                    return null;
                });
    }

    // A mark whose slot is the server's; -1 if it has none. In a cluster of so many primaries, so many are tried.
    private int markFrom(int from) {
        for (int tried = 0; tried < Layout.SLOTS; tried++) {
            int number = (from + tried) % Layout.SLOTS;
            if (keeps.test(SlotHash.getSlot(keys.replicated(number)))) return number;
        }
        return -1;
    }

    private PersistenceException tooFew(long count) {
        Failures.tell("An append is not confirmed: {}", count + " of " + replicas + " replicas have it in time");
        return new PersistenceException(Failure.UNAVAILABLE, "too few replicas of Redis have it");
    }

    private void tell(List<CompletableFuture<@Nullable Void>> told, @Nullable Throwable failure) {
        for (CompletableFuture<@Nullable Void> each : told) {
            if (failure == null) each.complete(null);
            else each.completeExceptionally(failure);
        }
        ask();
    }
}
