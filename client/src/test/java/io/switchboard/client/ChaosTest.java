package io.switchboard.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.testkit.check.DeliveryChecker;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Readers on every transport and on the ladder, and publishers that retry, through a proxy that does its worst and a server
 * that is restarted: nothing is lost, nothing comes twice, nothing out of order, and nobody is told of a gap. Time goes ten
 * times as fast for the clients. Another run: {@code -Dchaos.seed=N}.
 */
@Tag("slow")
class ChaosTest {
    private static final int SPEED = 10;
    private static final int MESSAGES = 300; // of each publisher, to each channel
    private static final List<String> CHANNELS = List.of("chaos/a", "chaos/b", "chaos/c");
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Duration PUBLISH_TIMEOUT = Duration.ofMinutes(10);

    private final long seed = Long.getLong("chaos.seed", new Random().nextLong());

    @TempDir
    private Path folder;

    private static final class Told implements Listener {
        final List<Object> all = new CopyOnWriteArrayList<>(); // Message, Gap, End

        @Override
        public void onMessage(Message message) {
            all.add(message);
        }

        @Override
        public void onGap(Gap gap) {
            all.add(gap);
        }

        @Override
        public void onEnd(End end) {
            all.add(end);
        }
    }

    @Test
    void nothingIsLostAndNothingComesTwice() throws Exception {
        List<Throwable> errors = new CopyOnWriteArrayList<>();
        Map<String, Told> readers = new LinkedHashMap<>();
        List<Switchboard> clients = new ArrayList<>();
        try (Node node = Node.in(folder, "live.heartbeat", "1s", "live.longPollTimeout", "1s");
                Proxy proxy = new Proxy(node.port(), seed)) {
            DeliveryChecker checker = new DeliveryChecker(0);
            for (String channel : CHANNELS) checker.created(channel, create(node, channel));
            proxy.treat(head -> Proxy.Treatment.CHAOS);
            Map<Transport, Switchboard> byTransport = new EnumMap<>(Transport.class);
            for (Transport transport : Transport.values()) {
                Switchboard client = read(proxy, EnumSet.of(transport), transport.toString(), readers, errors);
                byTransport.put(transport, client);
                clients.add(client);
            }
            Switchboard onLadder = read(proxy, EnumSet.allOf(Transport.class), "ladder", readers, errors);
            clients.add(onLadder);
            Switchboard byPost = Switchboard.connect(
                    proxy.url(),
                    Options.defaults().publishTimeout(PUBLISH_TIMEOUT).onError(errors::add),
                    SPEED);
            clients.add(byPost);

            Runnable halfWay =
                    () -> byTransport.forEach((transport, client) -> subscribe(client, transport + ", later", readers));
            publish(node, Map.of("line", onLadder, "post", byPost), halfWay);

            proxy.treat(head -> Proxy.Treatment.PASS);
            proxy.cut();
            for (String channel : CHANNELS) check(node, channel, checker, readers);
            checker.atRest();
            assertThat(checker.complaints()).as("seed %d", seed).isEmpty();
            assertThat(proxy.treated.get()).isGreaterThan(50);
            assertThat(errors).as("seed %d", seed).isEmpty();
        } finally {
            clients.forEach(Switchboard::close);
        }
    }

    private static String create(Node node, String channel) {
        return node.ask("PUT", "/v1/stream/" + channel, "", "Content-Type", Node.JSON)
                .headers()
                .firstValue("Stream-Next-Offset")
                .orElseThrow();
    }

    private static Switchboard read(
            Proxy proxy, Set<Transport> transports, String name, Map<String, Told> readers, List<Throwable> errors) {
        Switchboard client = Switchboard.connect(
                proxy.url(),
                Options.defaults()
                        .transports(transports)
                        .publishTimeout(PUBLISH_TIMEOUT)
                        .onError(errors::add),
                SPEED);
        subscribe(client, name, readers);
        return client;
    }

    private static void subscribe(Switchboard client, String name, Map<String, Told> readers) {
        for (String channel : CHANNELS) {
            Told told = new Told();
            readers.put(channel + " by " + name, told);
            client.channel(channel).subscribe("-1", told);
        }
    }

    // With two restarts in between: one in an orderly way that tells the clients, and one at once.
    private void publish(Node node, Map<String, Switchboard> publishers, Runnable halfWay) throws Exception {
        List<CompletableFuture<Published>> all = new ArrayList<>();
        for (int i = 0; i < MESSAGES; i++) {
            for (String channel : CHANNELS) {
                for (var each : publishers.entrySet()) {
                    String message = "{\"by\":\"" + each.getKey() + "\",\"n\":" + i + "}";
                    all.add(each.getValue().channel(channel).publish(message));
                }
            }
            if (i % 20 == 0) all.getLast().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            if (i == MESSAGES / 2) halfWay.run();
            if (i == MESSAGES / 3) node.restart(Duration.ofSeconds(1));
            if (i == MESSAGES * 2 / 3) node.restart(Duration.ZERO);
        }
        for (CompletableFuture<Published> each : all) each.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }

    private void check(Node node, String channel, DeliveryChecker checker, Map<String, Told> readers) throws Exception {
        List<Envelope> facts = new ArrayList<>();
        String at = "-1";
        while (true) {
            var page = node.ask("GET", "/v1/stream/" + channel + "?as=envelopes&offset=" + at, "");
            facts.addAll(Envelope.all(page.body()));
            at = page.headers().firstValue("Stream-Next-Offset").orElseThrow();
            if (page.headers().firstValue("Stream-Up-To-Date").isPresent()) break;
        }
        Map<String, Integer> next = new LinkedHashMap<>();
        for (Envelope fact : facts) {
            checker.committed(channel, null, fact.offset(), fact.data());
            Map<String, String> message = Json.members(fact.data());
            int n = next.merge(Envelope.text(message, "by"), 1, Integer::sum) - 1;
            if (n != Envelope.number(message, "n")) checker.complain(fact.data() + " where " + n + " was to come");
        }
        assertThat(next).containsOnly(Map.entry("line", MESSAGES), Map.entry("post", MESSAGES));

        for (var each : readers.entrySet()) {
            if (!each.getKey().startsWith(channel)) continue;
            Told told = each.getValue();
            Awaiting.until(
                    PATIENCE,
                    () -> told.all.size() >= facts.size(),
                    () -> "seed " + seed + ", " + each.getKey() + " has " + told.all.size() + " of " + facts.size());
            DeliveryChecker.Watch watch =
                    checker.watch(each.getKey(), channel, new DeliveryChecker.Start.Earliest(), false);
            for (Object what : told.all) {
                if (what instanceof Message message) watch.message(message.offset(), message.json());
                else checker.complain(each.getKey() + " was told of " + what);
            }
        }
    }
}
