package io.switchboard.store.redis;

import io.switchboard.core.channel.ChannelName;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Requests of this node in their order: each channel with work has a lane, and of a lane one thing is under way at most.
 * Of all lanes together only so much is, for what Redis has not come to within the time of a command would be lost.
 * Appends that gather meanwhile go together; an errand has its lanes to itself, and may be about two channels.
 *
 * <pre>
 *   a   append append append ─► one script
 *   b   errand b+c ──────────┐
 *   c   append errand b+c ───┴► begins when it is the first in both
 * </pre>
 *
 * <p>Any thread. How much waits is limited by who hands it in.
 */
final class Lanes {
    /** Scripts that append. Redis does some 20,000 a second, for all nodes together. */
    private static final int UNDER_WAY_MAX = 512;

    /** What lanes are for. On any thread, soon done; must call {@code done} once, there or later. */
    interface Appending {
        void append(ChannelName channel, List<Waiting> appends, Runnable done);
    }

    /** Something about channels that must not meet other requests of them. */
    private static final class Errand {
        final List<ChannelName> names;
        final Consumer<Runnable> task;

        Errand(List<ChannelName> names, Consumer<Runnable> task) {
            this.names = names;
            this.task = task;
        }
    }

    private static final class Lane {
        final ArrayDeque<Object> queue = new ArrayDeque<>(4); // of Waiting and Errand
        boolean busy;
        boolean ready; // and has its place among those that are
    }

    private final Appending appending;
    private final int requestsMax;
    private final int bytesMax;
    private final Object lock = new Object();
    private final Map<ChannelName, Lane> lanes = new HashMap<>(); // guarded by lock; those with work
    private final Map<Executor, Set<ChannelName>> turns = new HashMap<>(); // likewise; to be begun when a turn ends
    private final ArrayDeque<ChannelName> ready = new ArrayDeque<>(); // likewise; to be begun when another is done
    private int underWay; // guarded by lock
    private boolean beginning; // guarded by lock: whether somebody begins what is ready

    /**
     * @param requestsMax that go together
     * @param bytesMax of theirs, or one append
     */
    Lanes(Appending appending, int requestsMax, int bytesMax) {
        this.appending = appending;
        this.requestsMax = requestsMax;
        this.bytesMax = bytesMax;
    }

    void append(Waiting append) {
        ChannelName name = append.append().channel();
        Executor loop = append.answerOn();
        boolean first = false;
        synchronized (lock) {
            Lane lane = lane(name);
            lane.queue.add(append);
            if (lane.busy) return;
            if (loop != null) {
                Set<ChannelName> turn = turns.get(loop);
                first = turn == null;
                if (turn == null) turns.put(loop, turn = new LinkedHashSet<>());
                turn.add(name);
                if (!first) return;
            }
        }
        if (loop == null) begin(name);
        else if (first) beginAfterTurn(loop);
    }

    // What one turn of a loop hands in goes together: a script that began with the first of it would leave the rest to
    // a second one.
    private void beginAfterTurn(Executor loop) {
        try {
            loop.execute(() -> endTurn(loop));
        } catch (RejectedExecutionException e) {
            endTurn(loop); // the loop has ended
        }
    }

    private void endTurn(Executor loop) {
        Set<ChannelName> names;
        synchronized (lock) {
            names = turns.remove(loop);
        }
        if (names != null) names.forEach(this::begin);
    }

    /** Begins what waits for a turn to end, as no more turns may come. */
    void endTurns() {
        List<Executor> loops;
        synchronized (lock) {
            loops = List.copyOf(turns.keySet());
        }
        loops.forEach(this::endTurn);
    }

    /** @param task is given what it must run, once, when it is done */
    void alone(List<ChannelName> names, Consumer<Runnable> task) {
        Errand errand = new Errand(names, task);
        synchronized (lock) {
            for (ChannelName name : names) lane(name).queue.add(errand);
        }
        begin(names.getFirst());
    }

    private Lane lane(ChannelName name) {
        return lanes.computeIfAbsent(name, key -> new Lane());
    }

    // Begins what is first in this lane, if it may.
    private void begin(ChannelName name) {
        List<Waiting> appends = new ArrayList<>();
        Errand errand;
        synchronized (lock) {
            Lane lane = lanes.get(name);
            if (lane == null || lane.busy) return;
            errand = lane.queue.peek() instanceof Errand first ? first : null;
            if (errand == null) {
                if (underWay >= UNDER_WAY_MAX) {
                    if (!lane.ready) ready.add(name);
                    lane.ready = true;
                    return;
                }
                take(lane, appends);
                lane.busy = true;
                underWay++;
            } else if (!takes(errand)) {
                return;
            }
        }
        if (errand != null) begin(errand);
        else appending.append(name, appends, () -> appended(name));
    }

    // Who waited longer comes first.
    private void appended(ChannelName name) {
        synchronized (lock) {
            underWay--;
        }
        beginReady();
        done(List.of(name));
    }

    // Not from within itself: each that fails at once would begin the next one deeper down.
    private void beginReady() {
        synchronized (lock) {
            if (beginning) return;
            beginning = true;
        }
        while (true) {
            ChannelName next;
            synchronized (lock) {
                next = underWay < UNDER_WAY_MAX ? ready.poll() : null;
                if (next == null) {
                    beginning = false;
                    return;
                }
                Lane lane = lanes.get(next);
                if (lane != null) lane.ready = false;
            }
            begin(next);
        }
    }

    private void begin(Errand errand) {
        errand.task.accept(() -> done(errand.names));
    }

    private void take(Lane lane, List<Waiting> appends) {
        long bytes = 0;
        while (lane.queue.peek() instanceof Waiting next && appends.size() < requestsMax) {
            bytes += next.bytes();
            if (!appends.isEmpty() && bytes > bytesMax) return;
            appends.add(next);
            lane.queue.remove();
        }
    }

    // It takes part in all of its lanes or in none.
    private boolean takes(Errand errand) {
        for (ChannelName name : errand.names) {
            Lane lane = lane(name);
            if (lane.busy || lane.queue.peek() != errand) return false;
        }
        for (ChannelName name : errand.names) {
            Lane lane = lane(name);
            lane.queue.remove();
            lane.busy = true;
        }
        return true;
    }

    private void done(List<ChannelName> names) {
        for (ChannelName name : names) {
            synchronized (lock) {
                @Nullable Lane lane = lanes.get(name);
                if (lane == null) throw new IllegalStateException("no lane of " + name);
                lane.busy = false;
                if (lane.queue.isEmpty()) lanes.remove(name);
            }
        }
        names.forEach(this::begin);
    }
}
