package io.switchboard.store.rocksdb;

import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The threads of one store: one that commits, one that syncs, one for upkeep, and a few that read. Their
 * queues are bounded by the store's limit of requests in flight and by {@link Upkeep}'s own.
 */
final class StoreThreads {
    private static final int READERS = 2;
    private static final long END_SECONDS_MAX = 60;

    private final ExecutorService committing = Executors.newSingleThreadExecutor(named("store-commit"));
    private final ExecutorService reading = Executors.newFixedThreadPool(READERS, named("store-read"));
    private final ScheduledExecutorService syncing = Executors.newSingleThreadScheduledExecutor(named("store-sync"));
    private final ExecutorService upkeep = Executors.newSingleThreadExecutor(named("store-upkeep"));
    private final AtomicBoolean ended = new AtomicBoolean();

    private static java.util.concurrent.ThreadFactory named(String name) {
        return task -> {
            Thread thread = new Thread(task, name);
            thread.setDaemon(true);
            return thread;
        };
    }

    /**
     * Lets whoever wakes it go first: on a busy core an event loop then hands in all that its clients sent,
     * and one commit takes it all.
     */
    @SuppressWarnings("ThreadPriorityCheck") // nothing relies on it; it only makes batches larger
    Executor committing() {
        return task -> committing.execute(() -> {
            Thread.yield();
            task.run();
        });
    }

    Executor syncing() {
        return syncing;
    }

    Executor reading() {
        return reading;
    }

    Executor upkeep() {
        return upkeep;
    }

    void everySecond(Runnable task) {
        ScheduledFuture<?> _ = syncing.scheduleWithFixedDelay(task, 1, 1, TimeUnit.SECONDS);
    }

    /**
     * Ends them all; what they had begun is done.
     *
     * @return whether this call did it
     */
    boolean end() {
        if (!ended.compareAndSet(false, true)) return false;
        upkeep.shutdownNow();
        for (ExecutorService threads : new ExecutorService[] {reading, committing, syncing}) threads.shutdown();
        for (ExecutorService threads : new ExecutorService[] {reading, committing, syncing, upkeep}) await(threads);
        return true;
    }

    private static void await(ExecutorService threads) {
        boolean interrupted = false;
        while (true) {
            try {
                if (threads.awaitTermination(END_SECONDS_MAX, TimeUnit.SECONDS)) break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) Thread.currentThread().interrupt();
    }
}
