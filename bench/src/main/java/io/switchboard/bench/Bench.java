package io.switchboard.bench;

import java.util.Optional;
import java.util.function.LongSupplier;

/** The way in: runs one plan against one server. */
public final class Bench {
    /** File handles that the tool needs beside its connections. */
    private static final int FILES_BESIDE = 64;

    private Bench() {}

    /**
     * Blocks until the plan is done or the wish to end is heard.
     *
     * @throws BenchFailure if nothing could be measured
     */
    public static Report run(Settings settings, Plan plan, Progress progress, Halt halt) throws BenchFailure {
        return run(settings, plan, progress, halt, System::nanoTime);
    }

    private static Report run(Settings settings, Plan plan, Progress progress, Halt halt, LongSupplier clock)
            throws BenchFailure {
        settings.check();
        plan.check();
        if (settings.http() > 1 && !has(plan, settings.streams())) {
            throw BenchFailure.usage(
                    "--http 2 and 3 are for the readers of fanout and connections; who polls takes a stream after"
                            + " the other, on a connection of its own (--streams 1).");
        }
        Target target = Target.of(settings);
        if (settings.http() == 3 && !target.isTls()) {
            throw BenchFailure.usage("--http 3 is spoken within TLS alone: give an address with https.");
        }
        // The planner finds that out by itself.
        if (!(plan instanceof Plan.Capacity)) checkFiles(plan.connections());
        String over = settings.http() > 1
                ? ", HTTP/" + settings.http() + " with " + Text.count(settings.streams(), "stream") + " each"
                : "";
        Report report = new Report(
                plan.mode(),
                title(plan, settings.http() > 1 && settings.streams() > 1 ? "stream" : "connection") + over);
        report.put("http", settings.http());
        if (settings.http() > 1) report.put("streams", settings.streams());
        try (Control control = new Control(target, settings, clock)) {
            Run run = new Run(settings, target, control, progress, halt, clock);
            Findings.heading(report, run);
            control.greet();
            try {
                Modes modes = new Modes(run, report);
                switch (plan) {
                    case Plan.Connections connections -> new Holding(run, report).measure(connections);
                    case Plan.Fanout fanout -> modes.fanout(fanout);
                    case Plan.Echo echo -> modes.echo(echo);
                    case Plan.Append append -> modes.append(append);
                    case Plan.Read read -> modes.read(read);
                    case Plan.Capacity capacity -> new Capacity(run, report).measure(capacity);
                }
            } catch (BenchFailure failure) {
                Optional<String> left = control.cleanUp();
                throw left.isEmpty() ? failure : failure.and(left.get());
            }
            control.cleanUp().ifPresent(report::remark);
        }
        if (halt.isWished()) report.stopped();
        return report;
    }

    private static boolean has(Plan plan, int streams) {
        return switch (plan) {
            case Plan.Connections connections -> streams == 1 || isShared(connections.transport());
            case Plan.Fanout fanout -> streams == 1 || isShared(fanout.transport());
            case Plan.Echo _, Plan.Append _, Plan.Read _, Plan.Capacity _ -> false;
        };
    }

    private static boolean isShared(Transport transport) {
        return switch (transport) {
            case WEBSOCKET, LIVE, SSE -> true;
            case LONG_POLL, POLL -> false;
        };
    }

    /** @throws BenchFailure if this process may not open so many connections */
    public static void checkFiles(int connections) throws BenchFailure {
        long left = Machine.filesLeft();
        if (left >= connections + FILES_BESIDE) return;
        throw BenchFailure.failed("This tool may open " + Text.count(left) + " more files, too few for "
                + Text.count(connections, "connection") + "; " + Trouble.CLIENT_FILES.advice() + ".");
    }

    /** @param one what a reader has to itself */
    private static String title(Plan plan, String one) {
        return switch (plan) {
            case Plan.Connections(int connections, Transport transport, double every) ->
                Text.count(connections, one) + " held over " + transport + every(transport, every);
            case Plan.Fanout fanout ->
                Text.count(fanout.subscribers(), "reader") + " over " + fanout.transport()
                        + every(fanout.transport(), fanout.pollEverySeconds()) + ", "
                        + Text.count(fanout.publishers(), "publisher") + " by "
                        + (fanout.byPost() ? "POST" : "WebSocket") + ", "
                        + (fanout.window().isPresent()
                                ? Text.count(fanout.window().getAsInt()) + " in flight"
                                : Text.rate(fanout.rate().orElse(0)) + "/s")
                        + ", " + Text.count(fanout.size(), "byte");
            case Plan.Echo echo ->
                Text.count(echo.connections(), "WebSocket") + ", " + Text.count(echo.depth()) + " in flight each, "
                        + Text.count(echo.size(), "byte");
            case Plan.Append append ->
                Text.count(append.connections(), "connection") + ", " + Text.count(append.channels(), "channel") + ", "
                        + Text.count(append.size(), "byte") + " of " + (append.binary() ? "binary" : "JSON");
            case Plan.Read read ->
                Text.count(read.connections(), "connection")
                        + (read.catchUp() ? ", catching up on " + read.fillMegabytes() + " MB" : ", at the tail");
            case Plan.Capacity capacity ->
                "up to " + Text.count(capacity.connections(), "connection") + ", a p99 of "
                        + Text.count(capacity.delayMaxMillis()) + " ms at most";
        };
    }

    private static String every(Transport transport, double seconds) {
        return transport == Transport.POLL ? " every " + Text.seconds(seconds) : "";
    }
}
