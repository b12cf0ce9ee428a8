package io.switchboard.core.advice;

import io.switchboard.core.channel.ChannelName;
import io.switchboard.core.time.Ticker;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The channels of one loop that are observed, up to a number. Belongs to that loop. */
public final class Sightings {
    /** All loops together observe at most so many channels; a server knows of others that they are there. */
    public static final int CHANNELS_MAX = 100_000;

    private static final long MILLIS_PER_TICK = 1_000 / Sighting.TICKS_PER_SECOND;

    private final Ticker steady;
    private final int channelsMax;
    private @Nullable Sighting[] all = new Sighting[16];
    private int size; // with those that are forgotten and not swept yet
    private int forgotten;

    /**
     * @param steady a clock of which nobody sets the time; what it counts from does not matter
     * @param channelsMax 1 or more
     */
    public Sightings(Ticker steady, int channelsMax) {
        this.steady = steady;
        this.channelsMax = channelsMax;
    }

    /** The moment. */
    public int tick() {
        return (int) (steady.nowMillis() / MILLIS_PER_TICK);
    }

    /** How many channels are observed. */
    public int size() {
        return size - forgotten;
    }

    /** Whether no more are observed than are now. */
    public boolean isFull() {
        return size >= channelsMax;
    }

    /** Begins to observe a channel; null if there are as many as may be. */
    public @Nullable Sighting begin(ChannelName channel) {
        if (size == all.length || size >= channelsMax) sweep();
        if (size >= channelsMax) return null;
        if (size == all.length) all = Arrays.copyOf(all, Math.min(channelsMax, size + size / 4 + 16));
        Sighting sighting = new Sighting(channel, tick());
        all[size++] = sighting;
        return sighting;
    }

    /** It is observed no longer. Once. */
    public void forget(Sighting sighting) {
        sighting.forget();
        forgotten++;
    }

    // Worth its while only when many go at a time: a place that is free may have to wait for that.
    private void sweep() {
        if (forgotten <= size / 16) return;
        int kept = 0;
        for (int i = 0; i < size; i++) {
            Sighting sighting = all[i];
            if (sighting != null && !sighting.isForgotten()) all[kept++] = sighting;
        }
        Arrays.fill(all, kept, size, null);
        size = kept;
        forgotten = 0;
    }

    /** All that are observed now, to be looked at in pieces. */
    public List<Sighting> list() {
        List<Sighting> list = new ArrayList<>(size());
        for (int i = 0; i < size; i++) {
            Sighting sighting = all[i];
            if (sighting != null && !sighting.isForgotten()) list.add(sighting);
        }
        return list;
    }
}
