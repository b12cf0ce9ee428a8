package io.switchboard.core.advice;

import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;

/** What is advised for many channels: the sum, and those where it matters most. One loop at a time. */
public final class Survey {
    private static final Comparator<Advice> BY_SAVING = Comparator.comparingDouble(Advice::savedShare)
            .thenComparingDouble(advice -> advice.now().share());

    private final int limit;
    private final PriorityQueue<Advice> most;
    private final Map<Advice.Kind, Integer> kinds = new EnumMap<>(Advice.Kind.class);
    private Cost now = Cost.NONE;
    private Cost then = Cost.NONE;
    private long notObserved;

    /** @param limit how many channels it names, 1 or more */
    public Survey(int limit) {
        this.limit = limit;
        this.most = new PriorityQueue<>(BY_SAVING);
    }

    public void add(Advice advice) {
        kinds.merge(advice.kind(), 1, Integer::sum);
        now = now.plus(advice.now());
        then = then.plus(advice.then());
        keep(advice);
    }

    private void keep(Advice advice) {
        most.add(advice);
        if (most.size() > limit) most.remove();
    }

    /** There are more channels, of which nothing is known. */
    public void notObserved(long channels) {
        notObserved += channels;
    }

    public void add(Survey other) {
        other.kinds.forEach((kind, count) -> kinds.merge(kind, count, Integer::sum));
        now = now.plus(other.now);
        then = then.plus(other.then);
        notObserved += other.notObserved;
        other.most.forEach(this::keep);
    }

    /** How many channels are observed. */
    public int channels() {
        return kinds.values().stream().mapToInt(Integer::intValue).sum();
    }

    public int channels(Advice.Kind kind) {
        return kinds.getOrDefault(kind, 0);
    }

    /** Channels in use that are not observed. */
    public long notObserved() {
        return notObserved;
    }

    /** Of all channels for whose readers something is advised. */
    public Cost now() {
        return now;
    }

    /** The same, were all advice followed. */
    public Cost then() {
        return then;
    }

    /** Those first that would save most. */
    public List<Advice> most() {
        return most.stream().sorted(BY_SAVING.reversed()).toList();
    }
}
