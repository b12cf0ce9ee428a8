package io.switchboard.cli;

import io.switchboard.bench.BenchFailure;
import io.switchboard.bench.Plan;
import io.switchboard.bench.Transport;
import java.util.Locale;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code switchboard bench fanout}: publishes to a channel with many readers. */
@Command(
        name = "fanout",
        description = {
            "Publish to a channel with many readers, and measure how long each message takes to each of them.",
            "At a rate, delays count from the moment a message should have been sent, however late this tool or the server is."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  switchboard bench fanout --subscribers 1000 --rate 50",
            "  switchboard bench fanout --transport sse --publish-by post --publishers 4",
            "  switchboard bench fanout --window 32 --publishers 32    as fast as it goes",
            "  switchboard bench fanout --subscribers 40000 --connect-rate 2000 --json > result.json"
        })
final class BenchFanout extends BenchMode {
    private static final double RATE = 50;

    @Option(
            names = {"-n", "--subscribers"},
            paramLabel = "N",
            order = 1,
            description = "Readers, 1 to 100,000. Default: 1000.")
    private int subscribers = 1_000;

    @Option(
            names = {"-t", "--transport"},
            paramLabel = "NAME",
            order = 2,
            description = {
                "How they read: websocket, live (switchboard.v1 on /live), sse, long-poll or poll.",
                "Default: websocket."
            })
    private Transport transport = Transport.WEBSOCKET;

    @Option(
            names = {"-p", "--publishers"},
            paramLabel = "N",
            order = 3,
            description = "Connections that publish, 1 to 1,000. Default: 1.")
    private int publishers = 1;

    @Option(
            names = "--publish-by",
            paramLabel = "NAME",
            order = 4,
            description = "websocket, or post: one request after the other on each. Default: websocket.")
    private PublishBy publishBy = PublishBy.WEBSOCKET;

    @Option(
            names = "--poll-every",
            paramLabel = "SECONDS",
            order = 5,
            description = "With poll: how often each asks, 0.1 to 60. Default: 1.")
    private double pollEvery = 1;

    @Option(
            names = {"-r", "--rate"},
            paramLabel = "N",
            order = 6,
            description =
                    "Messages a second, all publishers together, 0.1 to 1,000,000. Default: 50, without --window.")
    private @Nullable Double rate;

    @Option(
            names = {"-w", "--window"},
            paramLabel = "N",
            order = 7,
            description = "In place of a rate: messages that have not reached everybody, at most, 1 to 10,000.")
    private @Nullable Integer window;

    @Mixin
    private Size size = new Size();

    @Mixin
    private HttpOptions http = new HttpOptions();

    /** How messages are published. */
    enum PublishBy {
        WEBSOCKET,
        POST;

        /** As it is typed. */
        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    BenchFanout(Shell shell) {
        super(shell);
    }

    @Override
    Plan plan() {
        Double perSecond = rate == null && window == null ? Double.valueOf(RATE) : rate;
        return new Plan.Fanout(
                subscribers,
                transport,
                pollEvery,
                publishers,
                publishBy == PublishBy.POST,
                optional(perSecond),
                window == null ? OptionalInt.empty() : OptionalInt.of(window),
                size.bytes);
    }

    @Override
    HttpOptions.Chosen http() throws BenchFailure {
        return http.chosen();
    }
}
