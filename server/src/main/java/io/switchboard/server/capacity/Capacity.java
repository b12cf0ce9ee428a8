package io.switchboard.server.capacity;

import java.util.EnumMap;
import java.util.Map;
import java.util.OptionalLong;

/** How many connections there can be at a moment, those that are open with them. */
public final class Capacity {
    private final int open;
    private final Cost cost;
    private final Map<Limit, Long> most = new EnumMap<>(Limit.class);

    /**
     * @param open connections now
     * @param configured as many as may be, 1 or more
     */
    public Capacity(int open, int configured, Left left, Cost cost) {
        this.open = open;
        this.cost = cost;
        most.put(Limit.CONFIGURED, (long) configured);
        put(Limit.FILES, left.files(), 1);
        put(Limit.HEAP, left.heapBytes(), cost.heapBytes());
        put(Limit.MACHINE, left.machineBytes(), cost.machineBytes());
    }

    private void put(Limit limit, long left, long each) {
        if (left != Left.UNTOLD) most.put(limit, open + left / each);
    }

    public int open() {
        return open;
    }

    public Cost cost() {
        return cost;
    }

    /** As many as this limit lets be; empty where the system does not tell. */
    public OptionalLong by(Limit limit) {
        Long count = most.get(limit);
        return count == null ? OptionalLong.empty() : OptionalLong.of(count);
    }

    /** As many as heap and machine have memory for. */
    public OptionalLong byMemory() {
        long least =
                Math.min(by(Limit.HEAP).orElse(Left.UNTOLD), by(Limit.MACHINE).orElse(Left.UNTOLD));
        return least == Left.UNTOLD ? OptionalLong.empty() : OptionalLong.of(least);
    }

    /** The limit that is met first. */
    public Limit nearest() {
        Limit nearest = Limit.CONFIGURED;
        for (Limit limit : most.keySet()) if (count(limit) < count(nearest)) nearest = limit;
        return nearest;
    }

    /** As many as all limits let be. */
    public long smallest() {
        return count(nearest());
    }

    private long count(Limit limit) {
        return by(limit).orElse(Left.UNTOLD);
    }

    /** The share of {@link #smallest} that is open; above 1 while those beyond a limit are being told so. */
    public double used() {
        return open == 0 ? 0 : (double) open / Math.max(1, smallest());
    }
}
