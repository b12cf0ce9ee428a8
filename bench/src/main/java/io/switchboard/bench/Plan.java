package io.switchboard.bench;

import java.util.OptionalDouble;
import java.util.OptionalInt;

/** What is to be measured. Rates are a second and over all connections together; sizes are bytes. */
public sealed interface Plan {
    /** As it is typed. */
    String mode();

    /** Connections that it opens at the same time. */
    int connections();

    void check() throws BenchFailure;

    /** Opens connections and holds them. */
    record Connections(int connections, Transport transport, double pollEverySeconds) implements Plan {
        @Override
        public String mode() {
            return "connections";
        }

        @Override
        public void check() throws BenchFailure {
            Bound.CONNECTIONS.check(connections);
            Bound.POLL_EVERY.check(pollEverySeconds);
        }
    }

    /**
     * Publishes to a channel with many readers.
     *
     * @param byPost POST in place of {@code publish} on a WebSocket
     * @param rate publications a second, whatever the server does
     * @param window in place of a rate: publications that have not reached everybody, at most
     */
    record Fanout(
            int subscribers,
            Transport transport,
            double pollEverySeconds,
            int publishers,
            boolean byPost,
            OptionalDouble rate,
            OptionalInt window,
            int size)
            implements Plan {
        /** Bounds what the check of order keeps: 16 bytes for each of these. */
        static final int PAIRS_MAX = 4_000_000;

        @Override
        public String mode() {
            return "fanout";
        }

        @Override
        public int connections() {
            return subscribers + publishers;
        }

        @Override
        public void check() throws BenchFailure {
            Bound.SUBSCRIBERS.check(subscribers);
            Bound.PUBLISHERS.check(publishers);
            Bound.POLL_EVERY.check(pollEverySeconds);
            Bound.SIZE.check(size);
            if (rate.isPresent() == window.isPresent()) throw BenchFailure.usage("Give --rate or --window, not both.");
            if (rate.isPresent()) Bound.RATE.check(rate.getAsDouble());
            if (window.isPresent()) Bound.WINDOW.check(window.getAsInt());
            if ((long) subscribers * publishers > PAIRS_MAX) {
                throw BenchFailure.usage(
                        "--subscribers times --publishers is at most 4,000,000, as the order of each is checked.");
            }
        }
    }

    /**
     * Round trips over a WebSocket.
     *
     * @param depth messages under way on a connection, at most
     * @param rate without it each answer is followed by the next message
     */
    record Echo(int connections, int depth, OptionalDouble rate, int size) implements Plan {
        @Override
        public String mode() {
            return "echo";
        }

        @Override
        public void check() throws BenchFailure {
            Bound.CONNECTIONS.check(connections);
            Bound.DEPTH.check(depth);
            Bound.SIZE.check(size);
            if (rate.isPresent()) Bound.RATE.check(rate.getAsDouble());
        }
    }

    /** POSTs on connections that stay, spread over channels. */
    record Append(int connections, int channels, boolean binary, OptionalDouble rate, int size) implements Plan {
        @Override
        public String mode() {
            return "append";
        }

        @Override
        public void check() throws BenchFailure {
            Bound.CONNECTIONS.check(connections);
            Bound.CHANNELS.check(channels);
            Bound.SIZE.check(size);
            if (rate.isPresent()) Bound.RATE.check(rate.getAsDouble());
        }
    }

    /**
     * GETs on connections that stay.
     *
     * @param catchUp the whole channel again and again, in place of nothing new at its tail
     * @param fillMegabytes what is written to the channel beforehand, to be caught up on
     */
    record Read(int connections, boolean catchUp, int fillMegabytes, OptionalDouble rate, int size) implements Plan {
        @Override
        public String mode() {
            return "read";
        }

        @Override
        public void check() throws BenchFailure {
            Bound.CONNECTIONS.check(connections);
            Bound.FILL.check(fillMegabytes);
            Bound.SIZE.check(size);
            if (rate.isPresent()) Bound.RATE.check(rate.getAsDouble());
            if (catchUp && rate.isPresent()) {
                throw BenchFailure.usage("--rate is for reads at the tail; who catches up reads as fast as it goes.");
            }
        }
    }

    /**
     * Raises connections, then the rate, until something breaks.
     *
     * @param connections tried at most
     * @param subscribers of the channel whose rate is raised, at most
     * @param rate publications a second tried at most
     * @param delayMaxMillis a p99 beyond it counts as broken
     */
    record Capacity(int connections, int subscribers, double rate, int delayMaxMillis, int size) implements Plan {
        @Override
        public String mode() {
            return "capacity";
        }

        @Override
        public void check() throws BenchFailure {
            Bound.CONNECTIONS.check(connections);
            Bound.SUBSCRIBERS.check(subscribers);
            Bound.RATE.check(rate);
            Bound.DELAY_MAX.check(delayMaxMillis);
            Bound.SIZE.check(size);
        }
    }
}
