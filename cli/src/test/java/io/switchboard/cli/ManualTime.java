package io.switchboard.cli;

import io.switchboard.cli.channel.Time;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;

/** Time that passes only when somebody waits, and then at once. */
public final class ManualTime implements Time {
    private final AtomicLong nanos = new AtomicLong();
    private final List<Duration> pauses = new CopyOnWriteArrayList<>();

    @Override
    public long nanos() {
        return nanos.get();
    }

    @Override
    public void pause(Duration duration) throws InterruptedException {
        if (Thread.interrupted()) throw new InterruptedException();
        pauses.add(duration);
        nanos.addAndGet(Math.max(0, duration.toNanos()));
    }

    public void pass(Duration duration) {
        nanos.addAndGet(duration.toNanos());
    }

    public List<Duration> pauses() {
        return List.copyOf(pauses);
    }
}
