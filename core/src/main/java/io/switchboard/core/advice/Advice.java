package io.switchboard.core.advice;

import java.util.Map;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/**
 * What is advised for the readers of one channel; {@link Rules#sentence} says why.
 *
 * @param rule the number of the one that decided (docs/advice.md)
 * @param traffic what it was made of
 * @param transport what to read it with; null if nothing is advised
 * @param confidence {@link Confidence#LOW} if nothing is advised
 * @param readers how many there are by each transport, as far as can be told; empty if nothing is advised
 * @param pollEverySeconds how often those ask who poll; 0 if nobody does
 * @param now what its readers cost
 * @param then what they would cost by that transport
 * @param options what they would cost by each transport that serves them
 * @param pollingPaysFromSeconds the interval from which on polling would be cheaper than the other way; empty if none up to
 *     an hour is
 */
public record Advice(
        Kind kind,
        int rule,
        Traffic traffic,
        @Nullable Transport transport,
        Confidence confidence,
        Map<Transport, Double> readers,
        double pollEverySeconds,
        Cost now,
        Cost then,
        Map<Transport, Cost> options,
        OptionalDouble pollingPaysFromSeconds) {
    /** What it comes to. */
    public enum Kind {
        /** Too little is known. */
        NONE,
        /** The way its readers read it will do. */
        STAY,
        /** Another way would be cheaper, or quicker at the same price. */
        MOVE
    }

    public Advice {
        readers = Map.copyOf(readers);
        options = Map.copyOf(options);
    }

    static Advice none(Traffic traffic, int rule) {
        return new Advice(
                Kind.NONE,
                rule,
                traffic,
                null,
                Confidence.LOW,
                Map.of(),
                0,
                Cost.NONE,
                Cost.NONE,
                Map.of(),
                OptionalDouble.empty());
    }

    /** What would be saved, in parts of a processor with its memory and network; below 0 if it would cost more. */
    public double savedShare() {
        return now.share() - then.share();
    }
}
