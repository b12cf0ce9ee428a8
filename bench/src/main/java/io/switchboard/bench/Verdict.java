package io.switchboard.bench;

import java.util.Comparator;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/**
 * What broke, and what to raise.
 *
 * @param what a word for machines
 * @param sentence for a person, with what to do about it
 */
record Verdict(String what, String sentence) {
    /** Nearly all, of files or processors. */
    private static final double NEARLY = 0.95;

    private static final double MEMORY_LEFT_MIN = 0.05;

    /**
     * What is known of one step.
     *
     * @param toolProcessors those that all threads of the tool used together
     * @param processors of the machine that both share; empty where the server is on another
     * @param memoryLeft the share of that machine's memory, as far as it is known
     * @param serverGone whether its figures could be read before and cannot now
     * @param refused publications that the server did not want
     * @param rateKept whether as much was published and delivered in the time as was due
     */
    record Evidence(
            Map<Trouble, Integer> failures,
            Map<Trouble, Integer> losses,
            OptionalDouble serverFiles,
            OptionalDouble serverProcessors,
            double toolBusiest,
            double toolProcessors,
            OptionalInt processors,
            Optional<Double> memoryLeft,
            boolean serverGone,
            long refused,
            boolean rateKept,
            double p99Millis,
            int delayMaxMillis) {}

    /** Empty if all went well. */
    static Optional<Verdict> of(Evidence seen) {
        if (seen.serverGone()) {
            return verdict(
                    "server_gone",
                    "The server went away: look into its log, and with dmesg whether the kernel ended it for want of"
                            + " memory; give the machine more, or lower limits.connections.");
        }
        Optional<Verdict> ended = connections(seen);
        if (ended.isPresent()) return ended;
        if (seen.memoryLeft().isPresent() && seen.memoryLeft().get() < MEMORY_LEFT_MIN) {
            return verdict(
                    "memory",
                    "The memory of this machine is used up ("
                            + Text.percent(seen.memoryLeft().get())
                            + " left): add some, or run this tool on another machine.");
        }
        if (seen.refused() > 0) {
            return verdict(
                    "refused",
                    "The server refused " + Text.count(seen.refused(), "publication")
                            + ": raise limits.appendsPerSecondPerChannel, limits.appendsPerSecondPerSubject or"
                            + " limits.appendsInFlight, whichever its answer or its log names.");
        }
        return !seen.rateKept() || isLate(seen) ? Optional.of(slow(seen)) : Optional.empty();
    }

    private static Optional<Verdict> connections(Evidence seen) {
        if (!seen.failures().isEmpty()) {
            Trouble why = most(seen.failures());
            boolean silent = why == Trouble.TIMED_OUT || why == Trouble.CLOSED;
            if (silent && seen.serverFiles().orElse(0) >= NEARLY) return Optional.of(serverFiles());
            String ports = why == Trouble.PORTS
                    ? Machine.portRange().map(range -> " (now " + range + ")").orElse("")
                    : "";
            return verdict(
                    why.word(), "One more could not be opened: " + why.sentence() + "; " + why.advice() + ports + ".");
        }
        if (!seen.losses().isEmpty()) {
            Trouble why = most(seen.losses());
            return verdict(
                    "lost_" + why.word(),
                    "Connections ended by themselves: " + why.sentence() + "; " + why.advice() + ".");
        }
        return seen.serverFiles().orElse(0) >= NEARLY ? Optional.of(serverFiles()) : Optional.empty();
    }

    private static Verdict serverFiles() {
        return new Verdict(
                "server_files",
                "The server is out of file handles: raise them where it is started (ulimit -n, or LimitNOFILE= of its"
                        + " systemd unit), to limits.connections and 1,000 more.");
    }

    private static boolean isLate(Evidence seen) {
        return seen.p99Millis() > seen.delayMaxMillis();
    }

    private static String symptom(Evidence seen) {
        if (!isLate(seen)) return "The rate was not kept";
        return "The p99 of the delays was " + Text.millis(seen.p99Millis() * 1e6) + " ms, more than "
                + Text.count(seen.delayMaxMillis()) + " ms" + (seen.rateKept() ? "" : ", and the rate was not kept");
    }

    private static Verdict slow(Evidence seen) {
        String so = symptom(seen);
        double server = seen.serverProcessors().orElse(0);
        if (seen.toolBusiest() > Findings.BUSY) {
            return new Verdict(
                    "tool",
                    so + ", because this tool had no processor time left: give it more --threads, or run it on another"
                            + " machine.");
        }
        double all = seen.processors().isPresent() ? seen.processors().getAsInt() : Double.POSITIVE_INFINITY;
        if (server >= all * NEARLY) {
            return new Verdict(
                    "cpu",
                    so + ", because the server used " + processors(server, seen)
                            + ": take a machine with more processors, or spread channels over several servers.");
        }
        if (server + seen.toolProcessors() >= all * Findings.BUSY) {
            return new Verdict(
                    "cpu",
                    so + ", because the server (" + processors(server, seen) + ") and this tool use up the machine"
                            + " together: run the tool on another machine to see what the server alone can do.");
        }
        if (server >= Findings.BUSY) {
            return new Verdict(
                    "threads",
                    so + ", while the server used " + processors(server, seen)
                            + ": raise threads, and spread readers over more connections.");
        }
        so += ", though neither the server nor this tool was short of processor time: ";
        return isLate(seen)
                ? new Verdict(
                        "delay",
                        so
                                + "one publication to all of them takes that long, or the disk does; raise threads, or look at"
                                + " switchboard_store_commit_seconds.")
                : new Verdict(
                        "rate",
                        so + "something else is waited for, such as the disk or the network; look at"
                                + " switchboard_store_commit_seconds.");
    }

    private static String processors(double server, Evidence seen) {
        String of = seen.processors().isPresent() ? " of " + seen.processors().getAsInt() : "";
        return String.format(Locale.ROOT, "%.1f%s processors", server, of);
    }

    private static Trouble most(Map<Trouble, Integer> counts) {
        return counts.entrySet().stream()
                .max(Comparator.comparingInt(Map.Entry::getValue))
                .orElseThrow()
                .getKey();
    }

    private static Optional<Verdict> verdict(String what, String sentence) {
        return Optional.of(new Verdict(what, sentence));
    }
}
