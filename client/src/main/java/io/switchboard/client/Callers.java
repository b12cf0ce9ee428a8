package io.switchboard.client;

import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * The threads that call listeners where the application has set none. What waits for them is one task a subscription
 * and a few of the client, so the queue is as short as those are few.
 */
final class Callers {
    static final int THREADS_MAX = 8;

    private static final long IDLE_SECONDS = 10;

    private Callers() {}

    static Executor start() {
        ThreadPoolExecutor threads = new ThreadPoolExecutor(
                THREADS_MAX, THREADS_MAX, IDLE_SECONDS, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), task -> {
                    Thread thread = new Thread(task, "switchboard-listener");
                    thread.setDaemon(true);
                    return thread;
                });
        threads.allowCoreThreadTimeOut(true);
        return threads;
    }

    /** Has it done on a thread of the application; here, where the application has taken its threads away. */
    static void tell(Executor callers, Runnable completion) {
        try {
            callers.execute(completion);
        } catch (RejectedExecutionException gone) {
            completion.run();
        }
    }
}
