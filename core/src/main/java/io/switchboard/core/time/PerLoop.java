package io.switchboard.core.time;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Function;

/**
 * One part for each of several loops, and keys spread over the parts: a key always belongs to the same one.
 * Does not change; any thread.
 */
public final class PerLoop<T> {
    private final List<Loop> loops;
    private final List<T> parts;

    /**
     * @param loops at least one, each once
     * @param make called here, once for each loop
     */
    public PerLoop(List<? extends Loop> loops, Function<? super Loop, ? extends T> make) {
        if (loops.isEmpty()) throw new IllegalArgumentException("at least one loop is needed");
        this.loops = List.copyOf(loops);
        List<T> made = new ArrayList<>(loops.size());
        for (Loop loop : loops) made.add(make.apply(loop));
        this.parts = Collections.unmodifiableList(made);
    }

    /** The part that {@code key} belongs to, by its hash code. */
    public T ownerOf(Object key) {
        int hash = key.hashCode() * 0x9E3779B9;
        return parts.get((int) (((hash & 0xFFFFFFFFL) * parts.size()) >>> 32));
    }

    /**
     * The part of {@code loop}.
     *
     * @throws IllegalArgumentException if there is none
     */
    public T of(Loop loop) {
        int index = loops.indexOf(loop);
        if (index < 0) throw new IllegalArgumentException("not one of the loops");
        return parts.get(index);
    }

    /** In the order of the loops. */
    public List<T> all() {
        return parts;
    }
}
