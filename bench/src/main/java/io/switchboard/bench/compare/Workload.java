package io.switchboard.bench.compare;

import io.switchboard.bench.BenchFailure;
import io.switchboard.bench.own.Front;
import java.util.List;
import java.util.Locale;

/**
 * What is compared: one channel, who writes to it and who watches.
 *
 * @param rate messages a second to the channel
 * @param size of each, in bytes
 * @param viewers of the channel
 * @param clientRate messages a second that each viewer sends himself, 0 for none
 * @param durationSeconds how long is measured over each transport
 * @param tls whether viewers come over HTTPS; over HTTP/3 they do in any case
 * @param http the version of HTTP that viewers speak: 1 to 3, each on a connection of his own
 * @param front what stands between viewers and server
 * @param pollEverySeconds how often pollers ask; each is measured
 */
public record Workload(
        double rate,
        int size,
        int viewers,
        double clientRate,
        int durationSeconds,
        boolean tls,
        int http,
        Front front,
        List<Double> pollEverySeconds) {
    /** Less than that and its figures are chance. */
    static final int MESSAGES_MIN = 3;

    private static final double DELIVERIES_MAX = 100_000;
    private static final double SPOKEN_MAX = 5_000;
    private static final int POLLS_MAX = 4;

    /** Of any size; {@link Comparison#run} refuses what is out of bounds. */
    public Workload {
        tls |= http == 3;
        pollEverySeconds = List.copyOf(pollEverySeconds);
    }

    /** @throws BenchFailure with a sentence for whoever asked, if it is out of bounds */
    void check() throws BenchFailure {
        check("--rate", rate, 0.01, 1_000);
        check("--size", size, 48, 65_536);
        check("--viewers", viewers, 1, 10_000);
        if (clientRate != 0) check("--client-rate", clientRate, 0.01, 100);
        check("--duration", durationSeconds, 1, 600);
        check("--http", http, 1, 3);
        if (http != 1 && front != Front.DIRECT) {
            throw BenchFailure.usage("--http " + http + " goes to the server itself, without --through: nginx passes no"
                    + " WebSocket over it (RFC " + (http == 2 ? "8441" : "9220") + ").");
        }
        if (pollEverySeconds.isEmpty() || pollEverySeconds.size() > POLLS_MAX) {
            throw BenchFailure.usage("--poll-every takes 1 to " + POLLS_MAX + " intervals, such as 1,5.");
        }
        for (double every : pollEverySeconds) check("--poll-every", every, 0.1, 60);
        if (pollEverySeconds.stream().distinct().count() < pollEverySeconds.size()) {
            throw BenchFailure.usage("--poll-every names an interval twice.");
        }
        double messages = rate * durationSeconds;
        if (messages < MESSAGES_MIN) {
            throw BenchFailure.usage(text(rate) + " messages a second for " + durationSeconds + " s are too few to tell"
                    + " anything: give --duration " + (long) Math.ceil(MESSAGES_MIN / rate)
                    + " or more, or a higher --rate.");
        }
        if (rate * viewers > DELIVERIES_MAX) {
            throw BenchFailure.usage(
                    "--rate times --viewers is at most 100,000 messages a second, as one machine carries both"
                            + " sides. How much a server can do shows ./switchboard bench fanout.");
        }
        if (clientRate * viewers > SPOKEN_MAX) {
            throw BenchFailure.usage("--client-rate times --viewers is at most 5,000 messages a second.");
        }
    }

    private static void check(String option, double value, double min, double max) throws BenchFailure {
        if (value >= min && value <= max) return;
        throw BenchFailure.usage(option + " is " + text(min) + " to " + text(max) + ", not " + text(value) + ".");
    }

    /** What is measured, one after the other. */
    List<Way> ways() {
        return Way.all(pollEverySeconds);
    }

    /** A number as it is typed, thousands apart. */
    static String text(double value) {
        if (value == Math.rint(value) && Math.abs(value) < 1e15) return String.format(Locale.ROOT, "%,d", (long) value);
        return String.format(Locale.ROOT, "%.3f", value).replaceFirst("0+$", "");
    }

    /** In a line. */
    String title() {
        return text(rate) + " messages a second of " + text(size) + " bytes to " + text(viewers)
                + (viewers == 1 ? " viewer" : " viewers")
                + (clientRate > 0 ? ", each sending " + text(clientRate) + " a second" : "")
                + (http == 1 ? "" : ", HTTP/" + http)
                + (tls ? ", over TLS" : ", without TLS")
                + switch (front) {
                    case DIRECT -> "";
                    case NGINX -> ", through nginx";
                    case NGINX_CACHE -> ", through nginx with a cache";
                    case NGINX_BARE -> ", through nginx with its own time-outs";
                };
    }

    /** As it is typed, to do it again. */
    public String command() {
        StringBuilder command = new StringBuilder("./switchboard compare");
        command.append(" --rate ").append(plain(rate));
        command.append(" --size ").append(size);
        command.append(" --viewers ").append(viewers);
        if (clientRate > 0) command.append(" --client-rate ").append(plain(clientRate));
        command.append(" --duration ").append(durationSeconds);
        command.append(" --poll-every ");
        command.append(
                String.join(",", pollEverySeconds.stream().map(Workload::plain).toList()));
        if (tls && http != 3) command.append(" --tls");
        if (http != 1) command.append(" --http ").append(http);
        if (front != Front.DIRECT) command.append(" --through ").append(front);
        return command.toString();
    }

    private static String plain(double value) {
        return text(value).replace(",", "");
    }
}
