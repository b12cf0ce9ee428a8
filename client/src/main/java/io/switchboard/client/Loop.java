package io.switchboard.client;

import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The one thread that owns a client's state: what happens elsewhere comes as a task. Nothing blocks it, and no code of
 * the application runs on it. Any thread may give it tasks; after {@link #end} they are dropped.
 */
final class Loop implements Executor {
    /** Something that will happen unless it is cancelled. */
    static final class Timer {
        private @Nullable Future<?> future;

        void cancel() {
            if (future != null) future.cancel(false);
        }
    }

    private static final long MICROS = 1_000;

    private final ScheduledThreadPoolExecutor thread;
    private final Consumer<Throwable> bugs;
    private final int speed;

    /**
     * @param bugs told of what a task throws, which none should
     * @param speed how many times faster than everywhere its time goes: 1, but for those who cannot wait
     */
    Loop(Consumer<Throwable> bugs, int speed) {
        this.bugs = bugs;
        this.speed = speed;
        thread = new ScheduledThreadPoolExecutor(1, task -> {
            Thread made = new Thread(task, "switchboard-client");
            made.setDaemon(true);
            return made;
        });
        thread.setRemoveOnCancelPolicy(true);
        thread.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    }

    @Override
    public void execute(Runnable task) {
        offer(task);
    }

    /** Returns whether it will be done, which it is not after the end. */
    boolean offer(Runnable task) {
        try {
            thread.execute(() -> run(task));
            return true;
        } catch (RejectedExecutionException ended) {
            return false;
        }
    }

    /** @param millis 0 or more */
    Timer after(long millis, Runnable task) {
        Timer timer = new Timer();
        try {
            timer.future =
                    thread.schedule(() -> run(task), Math.max(0, millis) * MICROS / speed, TimeUnit.MICROSECONDS);
        } catch (RejectedExecutionException ended) {
            // Nothing happens any more.
        }
        return timer;
    }

    private void run(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException | Error bug) {
            bugs.accept(bug);
        }
    }

    /** Of a clock that only goes forward. */
    long nowMillis() {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() * speed);
    }

    /** Tasks given so far are still done. */
    void end() {
        thread.shutdown();
    }
}
