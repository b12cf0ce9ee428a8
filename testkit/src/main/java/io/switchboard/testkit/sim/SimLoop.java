package io.switchboard.testkit.sim;

import io.switchboard.core.time.Loop;
import io.switchboard.core.time.Ticker;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.PriorityQueue;

/** A loop that runs one task whenever the world says so. Belongs to the world's thread. */
public final class SimLoop implements Loop, SimWorld.Actor {
    private static final class Alarm implements Timer {
        final long dueMillis;
        final long order;
        final Runnable task;
        boolean cancelled;

        Alarm(long dueMillis, long order, Runnable task) {
            this.dueMillis = dueMillis;
            this.order = order;
            this.task = task;
        }

        @Override
        public void cancel() {
            cancelled = true;
        }
    }

    private final Ticker ticker;
    private final ArrayDeque<Runnable> tasks = new ArrayDeque<>();
    private final PriorityQueue<Alarm> alarms = new PriorityQueue<>(
            Comparator.<Alarm>comparingLong(a -> a.dueMillis).thenComparingLong(a -> a.order));
    private long alarmsMade;
    private boolean running;
    private boolean dead;

    public SimLoop(Ticker ticker) {
        this.ticker = ticker;
    }

    @Override
    public void execute(Runnable task) {
        if (!dead) tasks.add(task);
    }

    @Override
    public boolean inLoop() {
        return running;
    }

    @Override
    public Timer after(long delayMillis, Runnable task) {
        if (!running) throw new IllegalStateException("timers are set on their loop");
        Alarm alarm = new Alarm(ticker.nowMillis() + delayMillis, alarmsMade++, task);
        alarms.add(alarm);
        return alarm;
    }

    /** The process it belonged to is killed: nothing of it runs any more. */
    public void kill() {
        dead = true;
        tasks.clear();
        alarms.clear();
    }

    @Override
    public boolean ready() {
        while (!alarms.isEmpty() && alarms.element().dueMillis <= ticker.nowMillis()) {
            Alarm due = alarms.remove();
            if (!due.cancelled) tasks.add(due.task);
        }
        return !tasks.isEmpty();
    }

    /** Runs the next task. */
    @Override
    public void step() {
        running = true;
        try {
            tasks.remove().run();
        } finally {
            running = false;
        }
    }
}
