package io.switchboard.cli.doctor;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;

/** From the name to a connection. */
final class ReachCheck implements Check {
    private static final int ADDRESSES_MAX = 8;

    @Override
    public Step step() {
        return Step.RESOLVE;
    }

    @Override
    public void run(Visit visit) throws InterruptedException {
        List<InetAddress> addresses = resolve(visit);
        if (addresses.isEmpty()) {
            visit.giveUp();
            return;
        }
        visit.found(Finding.ok(
                Step.RESOLVE,
                "resolved",
                visit.target().host() + " is "
                        + addresses.stream().map(Excerpt::of).collect(Collectors.joining(", ")) + "."));
        List<String> failures = new ArrayList<>();
        boolean reached = false;
        for (InetAddress address : addresses) {
            String place = place(address, visit.target().port());
            long beganNanos = System.nanoTime();
            try (Wire wire = visit.connect(address)) {
                wire.within(visit.patience());
                String took = Excerpt.time(Visit.since(beganNanos));
                if (!reached) visit.reachedAt(address);
                reached = true;
                visit.found(Finding.ok(Step.CONNECT, "connected", place + " takes connections, within " + took + "."));
                // The names of this machine have addresses that nobody listens on, and nobody minds.
                if (address.isLoopbackAddress()) break;
            } catch (WireFailure failed) {
                failures.add(place + " " + failed.predicate());
            }
        }
        for (String failure : failures) {
            if (reached && addresses.getFirst().isLoopbackAddress()) break;
            visit.found(
                    reached
                            ? Finding.warning(
                                    Step.CONNECT,
                                    "address-unreachable",
                                    failure + "; clients that try this address first lose time. Take it out of the DNS,"
                                            + " or let the server be reached there.")
                            : Finding.trouble(Step.CONNECT, "unreachable", failure + "."));
        }
        if (!reached) visit.giveUp();
    }

    private static String place(InetAddress address, int port) {
        String text = Excerpt.of(address);
        return text.indexOf(':') < 0 ? text + ":" + port : "[" + text + "]:" + port;
    }

    // The system's resolver has no time-out that could be set.
    private static List<InetAddress> resolve(Visit visit) throws InterruptedException {
        String host = visit.target().host();
        FutureTask<InetAddress[]> task = new FutureTask<>(() -> InetAddress.getAllByName(host));
        Thread.ofPlatform().daemon().name("resolve").start(task);
        try {
            InetAddress[] all = task.get(visit.patience().toMillis(), TimeUnit.MILLISECONDS);
            return List.of(all).subList(0, Math.min(all.length, ADDRESSES_MAX));
        } catch (TimeoutException slow) {
            visit.found(Finding.trouble(
                    Step.RESOLVE,
                    "resolve-late",
                    "Nobody said within " + Excerpt.time(visit.patience()) + " what address " + Excerpt.of(host)
                            + " has; look at the DNS of this machine."));
        } catch (ExecutionException unknown) {
            visit.found(Finding.trouble(
                    Step.RESOLVE,
                    "unknown-host",
                    "Nobody knows an address of " + Excerpt.of(host) + "; look at its DNS record."));
        }
        return List.of();
    }
}
