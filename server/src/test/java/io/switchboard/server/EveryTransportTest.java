package io.switchboard.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.server.RoamingReader.Way;
import io.switchboard.testkit.check.DeliveryChecker;
import io.switchboard.testkit.redis.RedisCluster;
import io.switchboard.testkit.redis.RedisServer;
import io.switchboard.testkit.sse.EventStreamParser.Event;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The promise of all ways to read, over sockets, with two event loops and a restart in the middle: every message,
 * in order, once. Writers and readers are clients that come back after whatever cuts them off, and write down what
 * they were told. When all is over, the checker holds that against the log.
 */
@Tag("slow")
class EveryTransportTest {
    private static final List<String> CHANNELS = List.of("t/a", "t/b", "t/c", "t/d");
    private static final int NODES = 3;
    private static final int WRITERS_PER_CHANNEL = 2;
    private static final int HOPPERS_PER_CHANNEL = 2;
    private static final int APPENDS_PER_WRITER = 80;
    /** For readers and writers to leave in, where they are told to. */
    private static final Duration DRAIN = Duration.ofSeconds(10);
    /** Of packets over HTTP/3, each way. */
    private static final double LOSS = 0.2;
    /** Where each waits until what was lost on its way was sent again. */
    private static final int APPENDS_PER_WRITER_WITH_LOSSES = 8;

    private static final String EVENTS = "Accept: text/event-stream";
    private static final int PATIENCE_SECONDS = 60;

    private final long seed = Long.getLong("switchboard.seed", System.nanoTime());
    private int appendsPerWriter = APPENDS_PER_WRITER;
    private final CountDownLatch halfWritten = new CountDownLatch(CHANNELS.size() * WRITERS_PER_CHANNEL);

    // Many pages, polls without news and streams that end by themselves, within a few seconds.
    private static final String[] HASTE = {
        "limits.readBytes", "16KB", "live.longPollTimeout", "100ms", "live.sseMaxAge", "1s"
    };

    // One connection carries them all, as a proxy's does: readers that hop drop streams all the time.
    private static final String[] FOR_MANY = {
        "http3", "on", "proxy.trusted", "127.0.0.1", "limits.streamsPerConnection", "1000"
    };

    private static TestServer startWithTls(Path data, String... more) {
        List<String> settings = new ArrayList<>(List.of("store", "rocksdb", "data", data.toString()));
        settings.addAll(List.of(HASTE));
        settings.addAll(List.of(more));
        return TlsFiles.start(settings.toArray(String[]::new));
    }

    private static TestServer start(Path data) {
        List<String> settings = new ArrayList<>(List.of("store", "rocksdb", "data", data.toString()));
        settings.addAll(List.of(HASTE));
        return TestServer.start(settings.toArray(String[]::new));
    }

    @Test
    void everyReaderGetsEveryMessageInOrderAndOnce(@TempDir Path data) throws Exception {
        goThroughARestart(List.of(start(data)), () -> start(data));
    }

    /** Those who ask and those who write share one connection, which the restart drains; each WebSocket is a stream too. */
    @Test
    void everyReaderOverHttp2GetsEveryMessageInOrderAndOnce(@TempDir Path data) throws Exception {
        goThroughARestart(List.of(startWithTls(data)), DRAIN, () -> startWithTls(data));
    }

    /** Likewise, and the network loses packets: no WebSocket, stream, poll or answer misses what was in them. */
    @Test
    void everyReaderOverHttp3GetsEveryMessageInOrderAndOnce(@TempDir Path data) throws Exception {
        Supplier<TestServer> start = () -> startWithTls(data, FOR_MANY).overHttp3(LOSS, seed);
        TestServer first = start.get();
        appendsPerWriter = APPENDS_PER_WRITER_WITH_LOSSES;
        goThroughARestart(List.of(first), DRAIN, start);
        assertThat(first.lostPackets()).isPositive();
        assertThat(first.saysGoAway()).isTrue();
    }

    /** Whoever asks goes from node to node, appends to them by turns, and one of them is restarted. */
    @Test
    void everyReaderOfSeveralNodesGetsEveryMessageInOrderAndOnce(@TempDir Path folder) throws Exception {
        try (RedisServer redis = RedisServer.start(folder)) {
            List<TestServer> nodes = new ArrayList<>();
            for (int i = 0; i < NODES; i++) nodes.add(Nodes.node(redis, HASTE));
            goThroughARestart(nodes, () -> Nodes.node(redis, HASTE));
        }
    }

    /** Likewise on a cluster, where all channels move while a node is restarted; nobody is cut off by that. */
    @Test
    void everyReaderOfSeveralNodesOnAClusterGetsEveryMessageInOrderAndOnce() throws Exception {
        RedisCluster cluster = RedisCluster.shared();
        String urls = cluster.servers().getFirst().uri();
        List<TestServer> nodes = new ArrayList<>();
        for (int i = 0; i < NODES; i++) nodes.add(Nodes.node(urls, HASTE));
        goThroughARestart(nodes, () -> {
            for (String channel : CHANNELS) move(cluster, "sw:{" + channel + "}");
            return Nodes.node(urls, HASTE);
        });
    }

    private static void move(RedisCluster cluster, String key) {
        List<RedisServer> servers = cluster.servers();
        RedisServer to = servers.get((servers.indexOf(cluster.owner(key)) + 1) % servers.size());
        int slot = cluster.slot(key);
        cluster.openSlot(slot, to);
        cluster.carryAll(slot, to);
        cluster.closeSlot(slot, to);
    }

    private void goThroughARestart(List<TestServer> servers, Supplier<TestServer> another) throws Exception {
        goThroughARestart(servers, Duration.ZERO, another);
    }

    /** @param drain within which the first server lets go whoever is there, and sooner than at its end; zero for at once */
    private void goThroughARestart(List<TestServer> servers, Duration drain, Supplier<TestServer> another)
            throws Exception {
        Succession first = new Succession(servers);
        Succession second = null;
        ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor();
        try {
            Map<String, String> roots = new LinkedHashMap<>();
            for (String channel : CHANNELS) roots.put(channel, create(first.server(), channel));
            List<RoamingWriter> writers = writers(first);
            List<RoamingReader> readers = readers(first, roots);
            Map<RoamingClient, Future<?>> reading = submit(clients, readers);
            Map<RoamingClient, Future<?>> writing = submit(clients, writers);

            assertThat(halfWritten.await(PATIENCE_SECONDS, TimeUnit.SECONDS))
                    .as("half is written")
                    .isTrue();
            long begun = System.nanoTime();
            servers.getFirst().leave(drain);
            if (!drain.isZero())
                assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(drain);
            List<TestServer> left = new ArrayList<>(servers.subList(1, servers.size()));
            left.add(another.get());
            second = new Succession(left);
            first.next().complete(second);
            awaitAll(writing);
            for (String channel : CHANNELS) second.server().closeChannel(channel);
            awaitAll(reading);

            DeliveryChecker checker = new DeliveryChecker(0);
            for (Map.Entry<String, String> root : roots.entrySet()) {
                List<Event> log = log(second.server(), root.getKey());
                assertHoldsWhatWasWritten(log, writers, root.getKey());
                tell(checker, root.getKey(), root.getValue(), log);
                for (RoamingReader reader : readers) reader.tell(checker, root.getKey(), log);
            }
            checker.atRest();
            assertThat(checker.complaints())
                    .as("repeat with -Dswitchboard.seed=%d", seed)
                    .isEmpty();
        } finally {
            RuntimeException over = new IllegalStateException("the test is over");
            first.next().completeExceptionally(over);
            if (second != null) second.next().completeExceptionally(over);
            if (second != null) second.servers().forEach(TestServer::close);
            first.servers().forEach(TestServer::close);
            clients.shutdownNow();
        }
    }

    private List<RoamingWriter> writers(Succession first) {
        List<RoamingWriter> writers = new ArrayList<>();
        for (String channel : CHANNELS) {
            for (int w = 0; w < WRITERS_PER_CHANNEL; w++)
                writers.add(new RoamingWriter(first, seed, channel, w, appendsPerWriter, halfWritten));
        }
        return writers;
    }

    private List<RoamingReader> readers(Succession first, Map<String, String> roots) {
        List<RoamingReader> readers = new ArrayList<>();
        roots.forEach((channel, root) -> {
            for (Way way : Way.values()) {
                String start = way == Way.SHARED_LINE ? root : "-1";
                readers.add(new RoamingReader(first, seed, way.name(), Map.of(channel, start), List.of(way)));
            }
            for (int h = 0; h < HOPPERS_PER_CHANNEL; h++) {
                readers.add(
                        new RoamingReader(first, seed, "hopper " + h, Map.of(channel, root), List.of(Way.values())));
            }
        });
        readers.add(new RoamingReader(first, seed, "line", roots, List.of(Way.SHARED_LINE)));
        readers.add(new RoamingReader(first, seed, "line hopper", roots, List.of(Way.SHARED_LINE, Way.CATCH_UP)));
        readers.add(new RoamingReader(first, seed, "line socket", roots, List.of(Way.LINE_SOCKET)));
        readers.add(
                new RoamingReader(first, seed, "line socket hopper", roots, List.of(Way.LINE_SOCKET, Way.CATCH_UP)));
        return readers;
    }

    private static String create(TestServer server, String channel) {
        server.create(channel, TestServer.JSON);
        return TestServer.header(server.get("/v1/stream/" + channel), "Stream-Next-Offset");
    }

    private static Map<RoamingClient, Future<?>> submit(
            ExecutorService threads, List<? extends RoamingClient> clients) {
        Map<RoamingClient, Future<?>> running = new LinkedHashMap<>();
        for (RoamingClient client : clients) running.put(client, threads.submit(client::run));
        return running;
    }

    private void awaitAll(Map<RoamingClient, Future<?>> clients) throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        for (Map.Entry<RoamingClient, Future<?>> client : clients.entrySet()) {
            try {
                client.getValue().get(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
            } catch (TimeoutException e) {
                throw new AssertionError(client.getKey() + " is not done; repeat with -Dswitchboard.seed=" + seed, e);
            }
        }
    }

    // Read in the one way that names the offset of each message; held against what the writers know.
    private static List<Event> log(TestServer server, String channel) {
        try (Conversation talk = server.talk()) {
            talk.ask("GET /v1/stream/" + channel + "?offset=-1", EVENTS);
            EventClient client = EventClient.over(talk, talk.head());
            List<Event> all = new ArrayList<>(client.rest());
            assertThat(all.removeLast().type()).isEqualTo("closed");
            assertThat(all).extracting(Event::type).containsOnly("message");
            return all;
        }
    }

    private static void assertHoldsWhatWasWritten(List<Event> log, List<RoamingWriter> writers, String channel) {
        Map<String, String> byOffset = log.stream().collect(Collectors.toMap(Event::lastEventId, Event::data));
        List<String> all = log.stream().map(Event::data).toList();
        List<String> written = new ArrayList<>();
        for (RoamingWriter writer : writers) {
            if (!writer.channel.equals(channel)) continue;
            written.addAll(writer.written);
            assertThat(all).containsSubsequence(writer.written);
            assertThat(byOffset).containsAllEntriesOf(writer.acknowledged);
        }
        assertThat(all).as("each message once").containsExactlyInAnyOrderElementsOf(written);
    }

    private static void tell(DeliveryChecker checker, String channel, String root, List<Event> log) {
        checker.created(channel, root);
        String before = root;
        for (Event message : log) {
            checker.committed(channel, before, message.lastEventId(), message.data());
            before = message.lastEventId();
        }
        checker.closed(channel, before);
    }
}
