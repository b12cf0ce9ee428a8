package io.switchboard.store.redis;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Makes what takes long to make, once at a time for all who want it meanwhile. After a failure, whatever it was, there is
 * a pause in which whoever asks is told of that one; then it is tried again. Any thread; nobody is blocked.
 *
 * <pre>
 *   nothing ─► being made ─┬─► made: nothing is held here ─► nothing
 *      ▲                   └─► failed ─► a pause ─┐
 *      └──────────────────────────────────────────┘
 * </pre>
 */
final class Dialling<T> {
    private record Refusal(Throwable why, long nanos) {}

    private final Executor executor;
    private final long pauseNanos;
    private final Supplier<T> maker;
    private final AtomicReference<@Nullable CompletableFuture<T>> under = new AtomicReference<>(); // being made
    private volatile @Nullable Refusal refusal; // the last one

    /**
     * @param executor for what blocks; it may refuse, which counts as a failure
     * @param maker is asked on it
     */
    Dialling(Executor executor, long pauseNanos, Supplier<T> maker) {
        this.executor = executor;
        this.pauseNanos = pauseNanos;
        this.maker = maker;
    }

    /** What is being made from now on, or already. */
    CompletableFuture<T> begin() {
        Refusal last = refusal;
        if (last != null && System.nanoTime() - last.nanos() < pauseNanos) {
            return CompletableFuture.failedFuture(last.why());
        }
        CompletableFuture<T> mine = new CompletableFuture<>();
        CompletableFuture<T> before = under.compareAndExchange(null, mine);
        if (before != null) return before;
        try {
            executor.execute(() -> make(mine));
        } catch (RuntimeException | Error e) {
            failed(mine, e);
        }
        return mine;
    }

    private void make(CompletableFuture<T> mine) {
        T made;
        try {
            made = maker.get();
        } catch (RuntimeException | Error e) {
            failed(mine, e);
            return;
        }
        under.set(null);
        mine.complete(made);
    }

    private void failed(CompletableFuture<T> mine, Throwable why) {
        refusal = new Refusal(why, System.nanoTime());
        under.set(null);
        mine.completeExceptionally(why);
    }
}
