package io.switchboard.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/**
 * So many publications are under way: one more as soon as one has, on average, reached everybody. All publishers are on
 * one lane, whose thread it belongs to; readers of all lanes tell what arrived.
 */
final class Window implements Work {
    private final Lane lane;
    private final int size;
    private final int subscribers;
    private final List<Duty> duties = new ArrayList<>();
    private final AtomicLong arrived = new AtomicLong();
    private final AtomicBoolean asked = new AtomicBoolean();
    private boolean begun;
    private long published;

    /** @param lane of the publishers */
    Window(Lane lane, int size, int subscribers) {
        this.lane = lane;
        this.size = size;
        this.subscribers = subscribers;
    }

    @Override
    public int add(Duty duty) {
        duties.add(duty);
        return duties.size() - 1;
    }

    @Override
    public long intended(int place, long n) {
        return lane.clock.getAsLong();
    }

    @Override
    public boolean isOver() {
        return lane.span.isOver(lane.clock.getAsLong());
    }

    void begin() {
        begun = true;
        open();
    }

    /** So many messages came to readers. Any lane. */
    void arrived(Lane from, long count) {
        arrived.addAndGet(count);
        if (from == lane) {
            open();
        } else if (asked.compareAndSet(false, true)) {
            lane.eventLoop.execute(() -> {
                asked.set(false);
                open();
            });
        }
    }

    /** What has not arrived never will: goes on without it. */
    void writeOff() {
        long missing = published * subscribers - arrived.get();
        if (missing <= 0) return;
        lane.stalls++;
        arrived(lane, missing);
    }

    private void open() {
        if (!begun || duties.isEmpty()) return;
        while (published - arrived.get() / subscribers < size && !isOver()) {
            duties.get((int) (published++ % duties.size())).owe();
        }
    }
}
