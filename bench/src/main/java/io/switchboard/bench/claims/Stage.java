package io.switchboard.bench.claims;

import io.switchboard.bench.BenchFailure;
import io.switchboard.bench.Halt;
import io.switchboard.bench.Progress;
import io.switchboard.bench.Transport;
import io.switchboard.bench.Trial;
import io.switchboard.bench.own.Front;
import io.switchboard.bench.own.Launch;
import io.switchboard.bench.own.OwnServer;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.Supplier;

/**
 * What an experiment works with: servers of its own, loads on them, and the wish to end. One thread.
 *
 * @param http the version of HTTP that is looked at, 1 to 3
 * @param quick whether to measure shorter and less, to see that it works
 * @param version of this program
 */
record Stage(int http, boolean quick, String version, Progress progress, Halt halt) {
    /** Viewers here read what a browser would have had compressed. */
    private static final Map<String, String> PLAIN = Map.of("--live-compression", "none");

    private static final int WARMUP_SECONDS = 1;
    /** QUIC acknowledges within 25 ms (RFC 9000, section 18.2), in datagrams of their own. */
    private static final int STILL_MILLIS = 60;

    static final Supplier<OptionalDouble> NOT_ASKED = OptionalDouble::empty;

    int pick(int whole, int quickly) {
        return quick ? quickly : whole;
    }

    double pick(double whole, double quickly) {
        return quick ? quickly : whole;
    }

    void say(String text) {
        progress.line(text);
    }

    /** @throws BenchFailure if whoever asked wants it to end */
    void check() throws BenchFailure {
        if (halt.isWished()) throw BenchFailure.stopped();
    }

    /** @throws BenchFailure if whoever asked wants it to end, at once */
    void pause(long millis) throws BenchFailure {
        if (millis > 0 && halt.await(millis * 1_000_000)) throw BenchFailure.stopped();
    }

    /** Whether it is looked at without TLS, too. */
    boolean isPlain() {
        return http != 3;
    }

    /** Waits until what belongs to an exchange has been counted, where it does not come with it. */
    void still() throws BenchFailure {
        if (http == 3) pause(STILL_MILLIS);
    }

    /** The same over another version of HTTP. */
    Stage over(int version) {
        return new Stage(version, quick, this.version, progress, halt);
    }

    /** Without anything in front; over HTTP/3 with TLS in any case. */
    OwnServer server(boolean tls, int connections, Map<String, String> flags) throws BenchFailure {
        check();
        return OwnServer.start(new Launch(http, tls, Front.DIRECT, connections, flags));
    }

    /** For {@link #trial}. */
    OwnServer uncompressed(boolean tls, int connections) throws BenchFailure {
        return server(tls, connections, PLAIN);
    }

    static Trial.Load load(Transport transport, double pollEverySeconds, int viewers, double rate, int size) {
        return new Trial.Load(transport, pollEverySeconds, viewers, rate, size, 0, false);
    }

    /** Loads code and has it compiled, so that who comes first does not pay for all. */
    void warmUp(OwnServer own, Trial.Load load) throws BenchFailure {
        say("warming up");
        Trial.run(own.load(1, 0, version), load, NOT_ASKED, line -> {}, halt);
    }

    Trial.Outcome trial(OwnServer own, String what, Trial.Load load, int seconds) throws BenchFailure {
        return trial(own, what, load, seconds, WARMUP_SECONDS, NOT_ASKED);
    }

    /** @param held asked twice: before the viewers are there, and once they are */
    Trial.Outcome trial(
            OwnServer own, String what, Trial.Load load, int seconds, int warmup, Supplier<OptionalDouble> held)
            throws BenchFailure {
        check();
        return Trial.run(own.load(seconds, warmup, version), load, held, line -> say(what + ": " + line), halt);
    }
}
