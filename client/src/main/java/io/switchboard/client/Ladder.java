package io.switchboard.client;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Which transport carries the reading (spec/clients.md, section 4): races what is allowed, uses what is proven, climbs
 * back when the way is clear. Pure: each method is an event with the time of it in milliseconds, and returns the commands
 * that follow; {@link #waitUntil} says when {@link #tick} is due.
 */
final class Ladder {
    /** A connection that held so long after it was proven is stable. */
    static final long STABLE_MILLIS = 10_000;

    private static final long HEAD_START = 1_500;
    private static final long PROVE = 10_000;
    private static final long CLIMB_FIRST = 30_000;
    private static final long CLIMB_MAX = 600_000;
    private static final long REMEMBER = 600_000;
    private static final int YOUNG_MAX = 3;
    private static final long SHUN = 60_000;

    /** What is to be done. */
    record Command(Kind kind, @Nullable Transport rung) {
        enum Kind {
            /** Begin to prove that it works. */
            TRY,
            /** End it. */
            DROP,
            /** Read over it. */
            USE,
            /** It held: attempts begin anew. */
            STABLE,
            /** Nothing works: back off, then {@link Ladder#begin}. */
            RETRY
        }
    }

    /** What worked last, and when. */
    record Remembered(Transport rung, long atMillis) {}

    private final List<Transport> rungs;
    private final Map<Transport, Long> tries = new LinkedHashMap<>(); // since when, in the order tried
    private final Deque<Transport> queue = new ArrayDeque<>(); // what the race under way has not tried yet
    private final Map<Transport, Integer> young = new EnumMap<>(Transport.class); // ends soon after the proof, in a row
    private final Map<Transport, Long> shunned = new EnumMap<>(Transport.class); // until when
    private long lastTry;
    private boolean resting = true; // whether begin is to come
    private boolean climbing; // whether the race under way began while something was in use
    private @Nullable Transport used;
    private long usedAt;
    private boolean stable = true;
    private @Nullable Long climbAt;
    private long climbWait = CLIMB_FIRST;
    private @Nullable Remembered remembered;
    private List<Command> commands = new ArrayList<>();

    /** @param rungs that are allowed, best first */
    Ladder(List<Transport> rungs, @Nullable Remembered remembered) {
        this.rungs = List.copyOf(rungs);
        this.remembered = remembered;
    }

    @Nullable
    Remembered remembered() {
        return remembered;
    }

    /** When {@link #tick} is due; empty if it is not. */
    OptionalLong waitUntil() {
        long until = Long.MAX_VALUE;
        for (long since : tries.values()) until = Math.min(until, since + PROVE);
        if (!queue.isEmpty()) until = Math.min(until, lastTry + HEAD_START);
        if (!stable) until = Math.min(until, usedAt + STABLE_MILLIS);
        until = Math.min(until, climbTime());
        return until == Long.MAX_VALUE ? OptionalLong.empty() : OptionalLong.of(until);
    }

    List<Command> begin(long now) {
        if (used != null || !resting) return done();
        resting = false;
        Remembered last = remembered;
        int first = last != null && now - last.atMillis() < REMEMBER ? rank(last.rung()) : 0;
        List<Transport> order = new ArrayList<>(rungs.subList(first, rungs.size()));
        order.addAll(rungs.subList(0, first));
        race(now, order);
        return done();
    }

    /** Something came through it that only the server could send. */
    List<Command> proven(Transport rung, long now) {
        if (tries.remove(rung) == null) return done();
        Transport before = used;
        used = rung;
        resting = false;
        usedAt = now;
        stable = false;
        queue.clear();
        say(Command.Kind.USE, rung);
        if (before != null) say(Command.Kind.DROP, before);
        for (Iterator<Transport> trying = tries.keySet().iterator(); trying.hasNext(); ) {
            Transport lower = trying.next();
            if (rank(lower) < rank(rung)) continue;
            trying.remove();
            say(Command.Kind.DROP, lower);
        }
        if (rank(rung) == 0) climbAt = null;
        settle(now);
        return done();
    }

    /** A try came to nothing. */
    List<Command> failed(Transport rung, long now) {
        if (tries.remove(rung) != null) next(now);
        return done();
    }

    /** A try came to nothing by the server's own word that it cannot now: the others need not ask. */
    List<Command> busy(Transport rung, long now) {
        if (tries.containsKey(rung)) queue.clear();
        return failed(rung, now);
    }

    /**
     * What was proven has ended.
     *
     * @param planned whether the server said that it would
     */
    List<Command> ended(Transport rung, long now, boolean planned) {
        if (rung != used) return failed(rung, now);
        used = null;
        stable = true;
        if (!planned) {
            int times = now - usedAt < STABLE_MILLIS ? young.getOrDefault(rung, 0) + 1 : 0;
            if (times >= YOUNG_MAX) shunned.put(rung, now + SHUN);
            young.put(rung, times >= YOUNG_MAX ? 0 : times);
        }
        climbing = false;
        rest(); // what is being tried goes on meanwhile
        return done();
    }

    List<Command> tick(long now) {
        for (Map.Entry<Transport, Long> each : List.copyOf(tries.entrySet())) {
            if (now - each.getValue() < PROVE) continue;
            tries.remove(each.getKey());
            say(Command.Kind.DROP, each.getKey());
            next(now);
        }
        if (!queue.isEmpty() && now - lastTry >= HEAD_START) next(now);
        Transport current = used;
        if (current != null && !stable && now - usedAt >= STABLE_MILLIS) {
            stable = true;
            young.put(current, 0);
            // Not by what climbing led to and did not hold.
            if (remembered == null || remembered.rung() != current) climbWait = CLIMB_FIRST;
            remembered = new Remembered(current, now);
            say(Command.Kind.STABLE, current);
        }
        if (now >= climbTime()) climb(now);
        return done();
    }

    List<Command> networkChanged(long now) {
        remembered = null;
        shunned.clear();
        young.clear();
        climbWait = CLIMB_FIRST;
        if (used != null) {
            if (!above().isEmpty()) climb(now);
        } else if (!resting) {
            queue.clear();
            queue.addAll(untried(rungs));
        }
        return done();
    }

    // When the way up is tried, and not before there is something above that is not shunned; never if it is not due.
    private long climbTime() {
        if (climbAt == null || used == null || !tries.isEmpty()) return Long.MAX_VALUE;
        long open = Long.MAX_VALUE;
        for (Transport rung : above()) open = Math.min(open, shunned.getOrDefault(rung, 0L));
        return Math.max(climbAt, open);
    }

    private void climb(long now) {
        climbAt = null;
        climbing = true;
        race(now, above().stream().filter(rung -> !isShunned(rung, now)).toList());
    }

    private void race(long now, List<Transport> order) {
        queue.clear();
        List<Transport> untried = untried(order);
        untried.stream().filter(rung -> !isShunned(rung, now)).forEach(queue::add);
        untried.stream().filter(rung -> isShunned(rung, now)).forEach(queue::add);
        next(now);
    }

    // Tries the next; or, where none is left, that was the end of a race.
    private void next(long now) {
        Transport rung = queue.poll();
        if (rung == null) {
            settle(now);
            return;
        }
        tries.put(rung, now);
        lastTry = now;
        say(Command.Kind.TRY, rung);
    }

    private void settle(long now) {
        if (!tries.isEmpty()) return;
        if (used == null) {
            rest();
            return;
        }
        if (climbing) climbWait = Math.min(CLIMB_MAX, climbWait * 2);
        climbing = false;
        if (!above().isEmpty() && climbAt == null) climbAt = now + climbWait;
    }

    private void rest() {
        if (!resting) say(Command.Kind.RETRY, null);
        resting = true;
        queue.clear();
    }

    private List<Transport> above() {
        return used == null ? List.of() : rungs.subList(0, rank(used));
    }

    private List<Transport> untried(List<Transport> order) {
        return order.stream().filter(rung -> !tries.containsKey(rung)).toList();
    }

    private int rank(Transport rung) {
        return Math.max(0, rungs.indexOf(rung));
    }

    private boolean isShunned(Transport rung, long now) {
        return shunned.getOrDefault(rung, 0L) > now;
    }

    private void say(Command.Kind kind, @Nullable Transport rung) {
        commands.add(new Command(kind, rung));
    }

    private List<Command> done() {
        List<Command> said = commands;
        commands = new ArrayList<>();
        return said;
    }
}
