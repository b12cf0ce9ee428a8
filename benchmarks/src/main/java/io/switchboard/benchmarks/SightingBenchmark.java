package io.switchboard.benchmarks;

import io.switchboard.core.advice.Sighting;
import io.switchboard.core.advice.Sightings;
import io.switchboard.core.channel.ChannelName;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** What advice costs an append and a poll: to ask what time it is, and to count them. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class SightingBenchmark {
    private final Sightings sightings = new Sightings(() -> System.nanoTime() / 1_000_000, 16);
    private final Sighting sighting = Objects.requireNonNull(sightings.begin(new ChannelName("bench")));

    @Benchmark
    public void append() {
        sighting.appended(sightings.tick(), false, 1, 128);
    }

    @Benchmark
    public void poll() {
        sighting.polled(sightings.tick(), 1);
    }
}
