package io.switchboard.client;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Between the client's loop, which puts in what was read, and the application, which takes it on a thread of its own at
 * its own pace. Holds a bounded number of messages: when it is full the loop stops reading, and is told when there is
 * room again. States and pictures of who is there do not wait in line; the newest takes the place of the one before.
 *
 * <p>The loop calls {@link #message}, {@link #gap}, {@link #state}, {@link #presence} and {@link #end}; any thread
 * {@link #request}, {@link #cancel} and {@link #silence}. The receiver is called by one thread at a time, and no lock is held meanwhile.
 */
final class Inbox {
    /** Messages and gaps that wait. */
    static final int MESSAGES_MAX = 256;

    /** Characters of messages that wait; beyond by the last of them. */
    static final int CHARACTERS_MAX = 1 << 20;

    private static final int TURN_MAX = 64;

    /** Who gets what is in it. */
    interface Receiver {
        void message(Message message);

        void gap(Gap gap);

        void state(State state);

        void presence(Presence presence);

        void end(End end);
    }

    private final Executor executor;
    private final Receiver receiver;
    private final Consumer<Throwable> errors;
    private final Runnable room;

    private final ReentrantLock lock = new ReentrantLock(); // what follows is used under it
    private final Deque<Object> waiting = new ArrayDeque<>(); // Message, Gap
    private int characters;
    private long demand; // of messages
    private boolean full;
    private boolean running;
    private boolean over;
    private @Nullable State state;
    private @Nullable Presence presence;
    private @Nullable End end;

    private volatile String offset;

    /**
     * @param from where the subscription begins
     * @param demand messages that are wanted at once; {@code Long.MAX_VALUE} is no end
     * @param room called, on any thread, when it was full and no longer is
     * @param errors told what the receiver throws
     */
    Inbox(String from, Executor executor, Receiver receiver, long demand, Runnable room, Consumer<Throwable> errors) {
        this.offset = from;
        this.executor = executor;
        this.receiver = receiver;
        this.demand = demand;
        this.room = room;
        this.errors = errors;
    }

    /** Behind the last message given. */
    String offset() {
        return offset;
    }

    /** Returns whether there is room for another. */
    boolean message(Message message) {
        return put(message, message.length());
    }

    /** Returns whether there is room for another. */
    boolean gap(Gap gap) {
        return put(gap, 0);
    }

    private boolean put(Object what, int length) {
        boolean start;
        boolean hasRoom;
        lock.lock();
        try {
            if (over || end != null) return false;
            waiting.add(what);
            characters += length;
            full = waiting.size() >= MESSAGES_MAX || characters >= CHARACTERS_MAX;
            hasRoom = !full;
            start = wakes();
        } finally {
            lock.unlock();
        }
        if (start) start();
        return hasRoom;
    }

    void state(State newest) {
        change(() -> state = newest);
    }

    void presence(Presence newest) {
        change(() -> presence = newest);
    }

    /** Given behind all messages that wait. */
    void end(End how) {
        change(() -> end = how);
    }

    /** So many more messages are wanted. */
    void request(long more) {
        change(() -> demand = demand + more < 0 ? Long.MAX_VALUE : demand + more);
    }

    /** Nothing of what waits is given any more, but {@code last}, unless the end was given already. */
    void cancel(End last) {
        change(() -> {
            forget();
            end = last;
        });
    }

    /** Nothing is given any more. */
    void silence() {
        change(() -> {
            forget();
            over = true;
        });
    }

    private void forget() {
        waiting.clear();
        characters = 0;
        state = null;
        presence = null;
    }

    private void change(Runnable what) {
        boolean start;
        lock.lock();
        try {
            if (over) return;
            what.run();
            start = wakes();
        } finally {
            lock.unlock();
        }
        if (start) start();
    }

    // Under the lock: whether a turn has to be started, which is the caller's, without it.
    private boolean wakes() {
        if (running || !hasNext()) return false;
        running = true;
        return true;
    }

    private boolean hasNext() {
        if (over) return false;
        if (state != null || presence != null) return true;
        return waiting.isEmpty() ? end != null : demand > 0 || waiting.peek() instanceof Gap;
    }

    private void start() {
        try {
            executor.execute(this::turn);
        } catch (RejectedExecutionException gone) {
            silence(); // the application has taken its threads away: there is nobody to tell
        }
    }

    private void turn() {
        for (int i = 0; i < TURN_MAX; i++) {
            boolean hasRoom = false;
            Object next;
            lock.lock();
            try {
                if (!hasNext()) {
                    running = false;
                    return;
                }
                next = next();
                if (full && waiting.size() <= MESSAGES_MAX / 2 && characters <= CHARACTERS_MAX / 2) {
                    full = false;
                    hasRoom = true;
                }
            } finally {
                lock.unlock();
            }
            if (hasRoom) room.run();
            give(next);
        }
        start();
    }

    // Under the lock; there is one.
    private Object next() {
        if (state != null) {
            State newest = state;
            state = null;
            return newest;
        }
        if (presence != null) {
            Presence newest = presence;
            presence = null;
            return newest;
        }
        Object first = waiting.poll();
        if (first instanceof Message message) {
            characters -= message.length();
            if (demand != Long.MAX_VALUE) demand--;
        }
        if (first != null) return first;
        over = true;
        if (end == null) throw new IllegalStateException("nothing to give");
        return end;
    }

    private void give(Object next) {
        try {
            if (next instanceof Message message) {
                receiver.message(message);
                offset = message.offset();
            } else if (next instanceof Gap gap) {
                receiver.gap(gap);
                offset = gap.to();
            } else if (next instanceof State newest) {
                receiver.state(newest);
            } else if (next instanceof Presence newest) {
                receiver.presence(newest);
            } else if (next instanceof End last) {
                receiver.end(last);
            }
        } catch (RuntimeException | Error thrown) {
            if (next instanceof Message message) offset = message.offset();
            if (next instanceof Gap gap) offset = gap.to();
            tell(thrown);
        }
    }

    private void tell(Throwable thrown) {
        try {
            errors.accept(thrown);
        } catch (RuntimeException nobodyListens) {
            // Whoever is told of errors has one too: there is nobody left to tell.
        }
    }
}
