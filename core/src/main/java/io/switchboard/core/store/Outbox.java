package io.switchboard.core.store;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;

/**
 * Answers on their way out: those of one commit that go to the same executor are handed to it as one
 * task, because waking a thread costs more than an append. Order is kept for each executor, and between
 * answers given here and all others. Any thread.
 */
final class Outbox {
    /** Answers on the thread that sends. */
    static final Executor HERE = Runnable::run;

    private record Entry(Executor executor, Runnable answer) {}

    private final Object sending = new Object();
    private List<Entry> entries = new ArrayList<>(); // guarded by this

    synchronized void add(Executor executor, Runnable answer) {
        entries.add(new Entry(executor, answer));
    }

    private synchronized List<Entry> take() {
        if (entries.isEmpty()) return List.of();
        List<Entry> taken = entries;
        entries = new ArrayList<>();
        return taken;
    }

    /** Sends all that was added. */
    void send() {
        synchronized (sending) {
            for (List<Entry> taken = take(); !taken.isEmpty(); taken = take()) send(taken);
        }
    }

    private static void send(List<Entry> entries) {
        Map<Executor, List<Runnable>> together = new LinkedHashMap<>();
        for (Entry entry : entries) {
            if (entry.executor().equals(HERE)) {
                send(together);
                entry.answer().run();
            } else {
                together.computeIfAbsent(entry.executor(), executor -> new ArrayList<>())
                        .add(entry.answer());
            }
        }
        send(together);
    }

    private static void send(Map<Executor, List<Runnable>> together) {
        together.forEach((executor, answers) -> executor.execute(() -> {
            for (Runnable answer : answers) answer.run();
        }));
        together.clear();
    }
}
