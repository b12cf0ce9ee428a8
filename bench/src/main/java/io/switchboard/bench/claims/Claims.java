package io.switchboard.bench.claims;

import io.switchboard.bench.BenchFailure;
import io.switchboard.bench.Bound;
import io.switchboard.bench.Halt;
import io.switchboard.bench.Machine;
import io.switchboard.bench.Progress;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * All claims, and how they are run: one after the other, each against servers of its own, which are gone when it is done; what
 * mostly waits runs beside the others. One thread, which blocks for minutes.
 */
public final class Claims {
    private static final List<Claim> ALL = List.of(
            Framing.CLAIM,
            RequestHeads.CLAIM,
            Memory.CLAIM,
            PollingDelay.CLAIM,
            PollingCost.CLAIM,
            PollingRate.CLAIM,
            Herd.CLAIM,
            ProxyTimeout.CLAIM,
            Compression.CLAIM,
            Handshakes.CLAIM);

    private final Stage stage;
    private final List<Claim> asked;
    private final Map<Claim, Tested> done = new HashMap<>();
    private int secondsLeft;

    private Claims(Stage stage, List<Claim> asked) {
        this.stage = stage;
        this.asked = asked;
        this.secondsLeft = asked.stream()
                .filter(claim -> !claim.aside())
                .mapToInt(Claim::seconds)
                .sum();
    }

    /** In the order in which they are told. */
    public static List<Claim> all() {
        return ALL;
    }

    public static Optional<Claim> named(String id) {
        return ALL.stream().filter(claim -> claim.id().equals(id)).findFirst();
    }

    /** About how long these take. */
    public static int seconds(List<Claim> asked) {
        int inTurn = asked.stream()
                .filter(claim -> !claim.aside())
                .mapToInt(Claim::seconds)
                .sum();
        int aside = asked.stream()
                .filter(Claim::aside)
                .mapToInt(Claim::seconds)
                .max()
                .orElse(0);
        return Math.max(inTurn, aside);
    }

    /**
     * @param asked of {@link #all}; each is run once
     * @param http the version of HTTP that viewers speak, 1 to 3
     * @param quick whether to measure shorter and less, which shows that it works and not how things are
     * @param version of this program, to be shown
     * @throws BenchFailure if {@code halt} was heard, or there is no such version; what cannot be measured is told as such
     */
    public static Told run(List<Claim> asked, int http, boolean quick, String version, Progress progress, Halt halt)
            throws BenchFailure {
        Bound.HTTP.check(http);
        List<Claim> each = ALL.stream().filter(asked::contains).toList();
        Stage stage = new Stage(http, quick, version, progress, halt);
        long began = System.nanoTime();
        List<Tested> tested = new Claims(stage, each).run();
        return new Told(tested, http, quick, version, Machine.description(), (System.nanoTime() - began) / 1e9);
    }

    private List<Tested> run() throws BenchFailure {
        Map<Claim, FutureTask<Tested>> beside = new HashMap<>();
        List<Thread> threads = new ArrayList<>();
        boolean alone = asked.size() == 1; // nothing else tells how it goes on
        Stage quiet = new Stage(stage.http(), stage.quick(), stage.version(), line -> {}, stage.halt());
        try {
            for (Claim claim : asked) {
                if (!claim.aside()) continue;
                FutureTask<Tested> task = new FutureTask<>(() -> test(claim, alone ? told(claim.id()) : quiet));
                beside.put(claim, task);
                threads.add(Thread.ofPlatform().name(claim.id()).start(task));
            }
            int number = 0;
            for (Claim claim : asked) {
                if (claim.aside()) continue;
                String where = ++number + "/" + (asked.size() - beside.size()) + " " + claim.id();
                if (!stage.quick())
                    stage.say(where + ": about " + claim.seconds() + " s; " + left() + " for all that is left");
                done.put(claim, test(claim, told(where)));
                secondsLeft -= claim.seconds();
            }
            for (Map.Entry<Claim, FutureTask<Tested>> each : beside.entrySet()) {
                if (!alone) stage.say(each.getKey().id() + ": waiting for its end");
                done.put(each.getKey(), ended(each.getValue()));
            }
        } finally {
            end(threads);
        }
        return asked.stream()
                .map(claim -> Optional.ofNullable(done.get(claim)).orElseThrow())
                .toList();
    }

    private String left() {
        return secondsLeft < 90 ? secondsLeft + " s" : (secondsLeft + 30) / 60 + " min";
    }

    private Stage told(String where) {
        return new Stage(
                stage.http(), stage.quick(), stage.version(), line -> stage.say(where + ": " + line), stage.halt());
    }

    private static Tested test(Claim claim, Stage stage) throws BenchFailure {
        long began = System.nanoTime();
        Finding finding;
        boolean failed = false;
        try {
            finding = claim.experiment().measure(stage);
        } catch (BenchFailure failure) {
            // Ctrl-C ends the servers too, and what then fails is no news.
            if (stage.halt().isWished() || failure.kind() == BenchFailure.Kind.STOPPED) throw BenchFailure.stopped();
            finding = Finding.notTold(String.valueOf(failure.getMessage()));
            failed = true;
        } catch (IOException broken) {
            stage.check();
            finding = Finding.notTold("A connection to the server failed: " + broken + ".");
            failed = true;
        }
        return new Tested(claim, finding, failed, (System.nanoTime() - began) / 1e9);
    }

    private static Tested ended(FutureTask<Tested> task) throws BenchFailure {
        try {
            return task.get();
        } catch (ExecutionException failed) {
            if (failed.getCause() instanceof BenchFailure failure) throw failure;
            throw new IllegalStateException(failed.getCause());
        } catch (InterruptedException ended) {
            Thread.currentThread().interrupt();
            throw BenchFailure.stopped();
        }
    }

    /** They clean up after themselves. */
    private static void end(List<Thread> threads) {
        boolean interrupted = false;
        for (Thread thread : threads) {
            thread.interrupt();
            try {
                thread.join();
            } catch (InterruptedException hurried) {
                interrupted = true;
            }
        }
        if (interrupted) Thread.currentThread().interrupt();
    }
}
