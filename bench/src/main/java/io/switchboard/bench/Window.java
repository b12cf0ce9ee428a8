package io.switchboard.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * So many publications are under way: one more as soon as one has, on average, reached everybody who still reads. All
 * publishers are on one lane, whose thread it belongs to; readers of all lanes tell what arrived.
 */
final class Window implements Work {
    private final Lane lane;
    private final int size;
    private final List<Duty> duties = new ArrayList<>();
    private final AtomicBoolean asked = new AtomicBoolean();
    private final AtomicLong arrived = new AtomicLong(); // at those who still read
    private volatile long since;
    private boolean begun;
    private int readers;
    private long published;
    private long turn;

    /** @param lane of the publishers */
    Window(Lane lane, int size) {
        this.lane = lane;
        this.size = size;
        this.since = lane.clock.getAsLong();
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

    /** From which moment on what was sent is waited for. Any lane. */
    long since() {
        return since;
    }

    /** There is a reader more, before it begins. Any lane. */
    void joined() {
        lane.eventLoop.execute(() -> readers++);
    }

    /**
     * There is a reader less, and what it did not get is not waited for. Any lane.
     *
     * @param since by what it went
     * @param count what came to it since then
     */
    void left(long since, long count) {
        lane.eventLoop.execute(() -> {
            readers--;
            if (since == this.since) arrived.addAndGet(-count);
            open();
        });
    }

    /** So many messages, sent since that moment, came to readers. Any lane. */
    void arrived(Lane from, long since, long count) {
        if (since != this.since) return; // written off meanwhile
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

    /** What has not arrived may never: begins anew, and does not wait for it, nor count it if it comes after all. */
    void writeOff() {
        if (published * readers <= arrived.get()) return;
        lane.stalls++;
        since = lane.clock.getAsLong();
        arrived.set(0);
        // What is due and was not sent yet is sent from now on.
        published = duties.stream().filter(Duty::isOfUse).mapToLong(Duty::owed).sum();
        open();
    }

    private void open() {
        if (!begun) return;
        while (readers > 0 && published - arrived.get() / readers < size && !isOver()) {
            Duty next = next();
            if (next == null) return;
            published++;
            next.owe();
        }
    }

    /** Whose turn it is, of those who are still there. */
    private @Nullable Duty next() {
        for (int i = 0; i < duties.size(); i++) {
            Duty next = duties.get((int) (turn++ % duties.size()));
            if (next.isOfUse()) return next;
        }
        return null;
    }
}
