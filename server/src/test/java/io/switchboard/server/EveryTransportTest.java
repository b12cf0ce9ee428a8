package io.switchboard.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.core.channel.Offset;
import io.switchboard.server.RawClient.Answer;
import io.switchboard.testkit.check.DeliveryChecker;
import io.switchboard.testkit.check.DeliveryChecker.Watch;
import io.switchboard.testkit.redis.RedisCluster;
import io.switchboard.testkit.redis.RedisServer;
import io.switchboard.testkit.sse.EventStreamParser.Event;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
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

    /** A reader that hops stays for so many events or answers. */
    private static final int STAY_MAX = 12;
    /** What a plain socket gave has to be found again elsewhere, to know where it stands. */
    private static final int PLAIN_SOCKET_STAY_MAX = 50;

    private static final String EVENTS = "Accept: text/event-stream";
    private static final int PATIENCE_SECONDS = 60;
    private static final int LARGE_BYTES = 12_000;

    private static final Pattern NEXT_OFFSET = Pattern.compile("\"streamNextOffset\":\"([^\"]*)\"");
    private static final Pattern ENVELOPE =
            Pattern.compile("\\{\"channel\":\"([^\"]*)\",\"offset\":\"([^\"]*)\",\"data\":(.*)}");
    private static final Pattern ABOUT = Pattern.compile("\\{\"channel\":\"([^\"]*)\"}");

    /** How to read. */
    private enum Way {
        CATCH_UP,
        LONG_POLL,
        ENVELOPES,
        LONG_POLL_ENVELOPES,
        DURABLE_EVENTS,
        PLAIN_EVENTS,
        SHARED_LINE,
        PLAIN_SOCKET,
        LINE_SOCKET
    }

    /** Servers of the same channels, each asked in its turn, and those after a restart. */
    private record Running(List<TestServer> servers, AtomicInteger turns, CompletableFuture<Running> next) {
        Running(List<TestServer> servers) {
            this(servers, new AtomicInteger(), new CompletableFuture<>());
        }

        /** Whether those who are cut off may find the same server again. */
        boolean losesConnections() {
            return servers.stream().anyMatch(TestServer::losesConnections);
        }

        TestServer server() {
            return servers.get(Math.floorMod(turns.getAndIncrement(), servers.size()));
        }
    }

    /** What a client notices of a server that stops, where it gets an answer at all. */
    private static final class CutOff extends RuntimeException {
        private static final long serialVersionUID = 1;

        CutOff(String how) {
            super(how);
        }
    }

    /** What a reader was told. */
    private sealed interface Told {
        /** @param next the position after the last message; those of the others follow from it */
        record Messages(String next, List<String> messages) implements Told {}

        record CaughtUp(String at) implements Told {}

        record Closed() implements Told {}
    }

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
        Running first = new Running(servers);
        Running second = null;
        ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor();
        try {
            Map<String, String> roots = new LinkedHashMap<>();
            for (String channel : CHANNELS) roots.put(channel, create(first.server(), channel));
            List<Writer> writers = writers(first);
            List<Reader> readers = readers(first, roots);
            Map<Client, Future<?>> reading = submit(clients, readers);
            Map<Client, Future<?>> writing = submit(clients, writers);

            assertThat(halfWritten.await(PATIENCE_SECONDS, TimeUnit.SECONDS))
                    .as("half is written")
                    .isTrue();
            long begun = System.nanoTime();
            servers.getFirst().leave(drain);
            if (!drain.isZero())
                assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(drain);
            List<TestServer> left = new ArrayList<>(servers.subList(1, servers.size()));
            left.add(another.get());
            second = new Running(left);
            first.next().complete(second);
            awaitAll(writing);
            for (String channel : CHANNELS) second.server().closeChannel(channel);
            awaitAll(reading);

            DeliveryChecker checker = new DeliveryChecker(0);
            for (Map.Entry<String, String> root : roots.entrySet()) {
                List<Event> log = log(second.server(), root.getKey());
                assertHoldsWhatWasWritten(log, writers, root.getKey());
                tell(checker, root.getKey(), root.getValue(), log);
                for (Reader reader : readers) reader.tell(checker, root.getKey(), log);
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

    private List<Writer> writers(Running first) {
        List<Writer> writers = new ArrayList<>();
        for (String channel : CHANNELS) {
            for (int w = 0; w < WRITERS_PER_CHANNEL; w++) writers.add(new Writer(first, channel, w));
        }
        return writers;
    }

    private List<Reader> readers(Running first, Map<String, String> roots) {
        List<Reader> readers = new ArrayList<>();
        roots.forEach((channel, root) -> {
            for (Way way : Way.values()) {
                String start = way == Way.SHARED_LINE ? root : "-1";
                readers.add(new Reader(first, way.name(), Map.of(channel, start), List.of(way)));
            }
            for (int h = 0; h < HOPPERS_PER_CHANNEL; h++) {
                readers.add(new Reader(first, "hopper " + h, Map.of(channel, root), List.of(Way.values())));
            }
        });
        readers.add(new Reader(first, "line", roots, List.of(Way.SHARED_LINE)));
        readers.add(new Reader(first, "line hopper", roots, List.of(Way.SHARED_LINE, Way.CATCH_UP)));
        readers.add(new Reader(first, "line socket", roots, List.of(Way.LINE_SOCKET)));
        readers.add(new Reader(first, "line socket hopper", roots, List.of(Way.LINE_SOCKET, Way.CATCH_UP)));
        return readers;
    }

    private static String create(TestServer server, String channel) {
        server.create(channel, TestServer.JSON);
        return TestServer.header(server.get("/v1/stream/" + channel), "Stream-Next-Offset");
    }

    private static Map<Client, Future<?>> submit(ExecutorService threads, List<? extends Client> clients) {
        Map<Client, Future<?>> running = new LinkedHashMap<>();
        for (Client client : clients) running.put(client, threads.submit(client::run));
        return running;
    }

    private void awaitAll(Map<Client, Future<?>> clients) throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        for (Map.Entry<Client, Future<?>> client : clients.entrySet()) {
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

    private static void assertHoldsWhatWasWritten(List<Event> log, List<Writer> writers, String channel) {
        Map<String, String> byOffset = log.stream().collect(Collectors.toMap(Event::lastEventId, Event::data));
        List<String> all = log.stream().map(Event::data).toList();
        List<String> written = new ArrayList<>();
        for (Writer writer : writers) {
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

    /** A client that asks, and turns to the next server when the one it asked is gone. One thread. */
    private abstract static class Client {
        final Running first;
        private Running running;

        Client(Running first) {
            this.first = first;
            this.running = first;
        }

        /** @return whether there is more to do */
        abstract boolean step(Running running);

        final void run() {
            for (boolean more = true; more; ) {
                try {
                    more = step(running);
                } catch (UncheckedIOException | CutOff e) {
                    if (!running.losesConnections()) running = after(running, e);
                }
            }
        }

        // A server that is not followed by another one had no reason to cut anybody off.
        static Running after(Running running, @Nullable RuntimeException cause) {
            try {
                return running.next().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            } catch (InterruptedException | ExecutionException | TimeoutException e) {
                throw new AssertionError("cut off, and there is no other server", cause == null ? e : cause);
            }
        }

        static Answer expect(Answer answer, Integer... statuses) {
            if (answer.status() == 503) throw new CutOff(answer.toString());
            assertThat(answer.status()).as(answer.toString()).isIn((Object[]) statuses);
            return answer;
        }
    }

    /** Appends one or a few messages at a time, and repeats what it got no answer to. */
    private final class Writer extends Client {
        final String channel;
        final List<String> written = new ArrayList<>();
        /** By the offset after it, the last message of each append that was answered the first time. */
        final Map<String, String> acknowledged = new HashMap<>();

        private final int number;
        private final Random random;
        private int sequence;
        private List<String> messages = List.of();

        Writer(Running first, String channel, int number) {
            super(first);
            this.channel = channel;
            this.number = number;
            this.random = new Random(seed ^ channel.hashCode() ^ number);
        }

        @Override
        boolean step(Running running) {
            try (Conversation raw = running.server().talk()) {
                while (sequence < appendsPerWriter) {
                    if (messages.isEmpty()) messages = some();
                    append(raw);
                    if (sequence == appendsPerWriter / 2) halfWritten.countDown();
                    // So that there is something to write before the restart and behind it.
                    if (sequence == appendsPerWriter * 3 / 4) after(first, null);
                }
            }
            return false;
        }

        @Override
        public String toString() {
            return "writer " + number + " of " + channel + " at " + sequence;
        }

        private void append(Conversation raw) {
            raw.post(
                    channel,
                    TestServer.JSON,
                    "[" + String.join(",", messages) + "]",
                    "Producer-Id: writer-" + number,
                    "Producer-Epoch: 0",
                    "Producer-Seq: " + sequence);
            Answer answer = expect(raw.answer(), 200, 204);
            if (answer.status() == 200) {
                acknowledged.put(Objects.requireNonNull(answer.header("Stream-Next-Offset")), messages.getLast());
            }
            written.addAll(messages);
            messages = List.of();
            sequence++;
        }

        // Without commas, so that a batch is easily taken apart.
        private List<String> some() {
            List<String> some = new ArrayList<>();
            int count = 1 + random.nextInt(3);
            for (int i = 0; i < count; i++) {
                String pad = "x".repeat(random.nextInt(20) == 0 ? LARGE_BYTES : random.nextInt(40));
                some.add("\"" + number + "." + sequence + "." + i + pad + "\"");
            }
            return some;
        }
    }

    /** Reads on from where it stands, in one way or in several by turns, until all its channels are closed. */
    private final class Reader extends Client {
        private final String name;
        private final List<Way> ways;
        private final Random random;
        private final Map<String, String> starts;
        private final Map<String, String> positions; // in the order in which the shared line names them
        private final Map<String, List<Told>> told = new HashMap<>();
        private final Set<String> closed = new HashSet<>();

        Reader(Running first, String name, Map<String, String> starts, List<Way> ways) {
            super(first);
            this.name = name;
            this.ways = ways;
            this.starts = starts;
            this.positions = new LinkedHashMap<>(starts);
            this.random = new Random(seed ^ name.hashCode() ^ starts.hashCode());
            for (String channel : starts.keySet()) told.put(channel, new ArrayList<>());
        }

        @Override
        boolean step(Running running) {
            Way way = ways.get(random.nextInt(ways.size()));
            int stay = ways.size() == 1 ? Integer.MAX_VALUE : 1 + random.nextInt(STAY_MAX);
            if (way == Way.LINE_SOCKET) {
                lineSocket(running.server(), stay);
                return closed.size() < positions.size();
            }
            try (Conversation raw = running.server().talk()) {
                if (way == Way.SHARED_LINE) {
                    line(raw, stay);
                } else if (way == Way.PLAIN_SOCKET) {
                    for (String channel : positions.keySet()) {
                        if (!closed.contains(channel)) plainSocket(running.server(), channel, stay);
                    }
                } else {
                    for (String channel : positions.keySet()) {
                        if (!closed.contains(channel)) read(raw, channel, way, stay);
                    }
                }
            }
            return closed.size() < positions.size();
        }

        @Override
        public String toString() {
            return name + " at " + positions + ", told of the end of " + closed;
        }

        private void read(Conversation raw, String channel, Way way, int stay) {
            switch (way) {
                case CATCH_UP -> poll(raw, channel, "", stay);
                case LONG_POLL -> poll(raw, channel, "&live=long-poll", stay);
                case ENVELOPES -> pollEnvelopes(raw, channel, "", stay);
                case LONG_POLL_ENVELOPES -> pollEnvelopes(raw, channel, "&live=long-poll", stay);
                case DURABLE_EVENTS -> durableEvents(raw, channel, stay);
                case PLAIN_EVENTS -> plainEvents(raw, channel, stay);
                case SHARED_LINE, PLAIN_SOCKET, LINE_SOCKET -> throw new AssertionError("reads in its own way");
            }
        }

        private String from(String channel) {
            return "GET /v1/stream/" + channel + "?offset=" + positions.get(channel);
        }

        private void tell(String channel, Told what) {
            Objects.requireNonNull(told.get(channel)).add(what);
        }

        private void messages(String channel, String next, List<String> messages) {
            if (!messages.isEmpty()) tell(channel, new Told.Messages(next, messages));
            positions.put(channel, next);
        }

        private void closed(String channel) {
            tell(channel, new Told.Closed());
            closed.add(channel);
        }

        private void poll(Conversation raw, String channel, String live, int stay) {
            for (int i = 0; i < stay && !closed.contains(channel); i++) {
                Answer answer = expect(raw.ask(from(channel) + live).answer(), 200, 204);
                String next = Objects.requireNonNull(answer.header("Stream-Next-Offset"));
                messages(channel, next, batch(answer.body()));
                boolean upToDate = answer.header("Stream-Up-To-Date") != null;
                if (upToDate) tell(channel, new Told.CaughtUp(next));
                if (answer.header("Stream-Closed") != null) closed(channel);
                else if (upToDate && live.isEmpty()) Pause.millis(5);
            }
        }

        private void pollEnvelopes(Conversation raw, String channel, String live, int stay) {
            for (int i = 0; i < stay && !closed.contains(channel); i++) {
                Answer answer =
                        expect(raw.ask(from(channel) + live + "&as=envelopes").answer(), 200, 204);
                String next = Objects.requireNonNull(answer.header("Stream-Next-Offset"));
                for (String part : answer.body().split("(?<=})[,\\]]", -1)) {
                    Matcher envelope = ENVELOPE.matcher(part.startsWith("[") ? part.substring(1) : part);
                    if (part.equals("[]") || part.isEmpty()) continue;
                    assertThat(envelope.matches()).as(part).isTrue();
                    assertThat(envelope.group(1)).isEqualTo(channel);
                    messages(channel, envelope.group(2), List.of(envelope.group(3)));
                }
                if (answer.body().length() > 2) {
                    assertThat(next).as("behind the last envelope").isEqualTo(positions.get(channel));
                }
                positions.put(channel, next);
                boolean upToDate = answer.header("Stream-Up-To-Date") != null;
                if (upToDate) tell(channel, new Told.CaughtUp(next));
                if (answer.header("Stream-Closed") != null) closed(channel);
                else if (upToDate && live.isEmpty()) Pause.millis(5);
            }
        }

        private static List<String> batch(String array) {
            if (array.length() <= 2) return List.of();
            return Arrays.asList(array.substring(1, array.length() - 1).split(",", -1));
        }

        private void durableEvents(Conversation raw, String channel, int stay) {
            raw.ask(from(channel) + "&live=sse");
            EventClient client = EventClient.over(raw, expect(raw.head(), 200));
            List<String> batch = List.of();
            for (int i = 0; i < stay; ) {
                Event event = client.nextIfAny();
                if (event == null) return;
                if (event.type().equals("data")) {
                    assertThat(batch).as("data without its control event").isEmpty();
                    batch = batch(event.data());
                    continue;
                }
                assertThat(event.type()).isEqualTo("control");
                Matcher next = NEXT_OFFSET.matcher(event.data());
                assertThat(next.find()).as(event.data()).isTrue();
                messages(channel, next.group(1), batch);
                batch = List.of();
                if (event.data().contains("\"upToDate\":true")) tell(channel, new Told.CaughtUp(next.group(1)));
                if (event.data().contains("\"streamClosed\":true")) {
                    closed(channel);
                    return;
                }
                i++;
            }
        }

        private void plainEvents(Conversation raw, String channel, int stay) {
            // Both ways to say where to begin; a page's reconnect has the offset of its first request as well.
            if (random.nextBoolean()) raw.ask(from(channel), EVENTS);
            else raw.ask("GET /v1/stream/" + channel, EVENTS, "Last-Event-ID: " + positions.get(channel));
            Answer head = expect(raw.head(), 200, 204);
            if (head.status() == 204) {
                closed(channel);
                return;
            }
            EventClient client = EventClient.over(raw, head);
            for (int i = 0; i < stay; i++) {
                Event event = client.nextIfAny();
                if (event == null) return;
                if (event.type().equals("closed")) {
                    closed(channel);
                    return;
                }
                assertThat(event.type()).as(event.toString()).isEqualTo("message");
                messages(channel, event.lastEventId(), List.of(event.data()));
            }
        }

        private void line(Conversation raw, int stay) {
            raw.ask(
                    "GET /live?channel=" + String.join("&channel=", positions.keySet()),
                    EVENTS,
                    "Last-Event-ID: " + String.join(",", positions.values()));
            Answer head = expect(raw.head(), 200, 204);
            if (head.status() == 204) {
                for (String channel : positions.keySet()) if (!closed.contains(channel)) closed(channel);
                return;
            }
            EventClient client = EventClient.over(raw, head);
            for (int i = 0; i < stay; i++) {
                Event event = client.nextIfAny();
                if (event == null) return;
                if (event.type().equals("closed")) {
                    Matcher about = ABOUT.matcher(event.data());
                    assertThat(about.matches()).as(event.data()).isTrue();
                    // Who comes back for the other channels is told again.
                    if (!closed.contains(about.group(1))) closed(about.group(1));
                    continue;
                }
                assertThat(event.type()).as(event.toString()).isEqualTo("message");
                Matcher envelope = ENVELOPE.matcher(event.data());
                assertThat(envelope.matches()).as(event.data()).isTrue();
                messages(envelope.group(1), envelope.group(2), List.of(envelope.group(3)));
                assertThat(event.lastEventId())
                        .as("where it stands in all channels")
                        .isEqualTo(String.join(",", positions.values()));
            }
        }

        private FrameClient socket(TestServer server, String target, String... fields) {
            FrameClient client = server.askForSocket(target, fields);
            if (client.isOpen()) return client;
            client.close();
            if (client.status() == 503) throw new CutOff("503");
            throw new AssertionError(target + " gave " + client.status());
        }

        // Its messages carry no offsets, so the same ones are read once more with them.
        private void plainSocket(TestServer server, String channel, int stay) {
            List<String> got = new ArrayList<>();
            boolean ended = false;
            String target = "/v1/stream/" + channel + "?offset=" + positions.get(channel);
            try (FrameClient client = socket(server, target)) {
                while (!ended && got.size() < Math.min(stay, PLAIN_SOCKET_STAY_MAX)) {
                    FrameClient.Frame frame = client.nextOrEnd();
                    if (frame == null) break;
                    if (frame.opcode() == FrameClient.CLOSE) {
                        assertThat(frame.code()).isIn(4009, 1012);
                        ended = frame.code() == 4009;
                        break;
                    }
                    assertThat(frame.first()).isEqualTo(FrameClient.FIN | FrameClient.TEXT);
                    got.add(frame.text());
                }
            }
            if (!got.isEmpty()) {
                try (Conversation raw = server.talk()) {
                    raw.ask(from(channel), EVENTS);
                    EventClient events = EventClient.over(raw, expect(raw.head(), 200));
                    List<Event> same = new ArrayList<>();
                    while (same.size() < got.size()) {
                        Event event = events.nextIfAny();
                        if (event == null) return; // and none of it was told
                        same.add(event);
                    }
                    assertThat(same.stream().map(Event::data)).isEqualTo(got);
                    for (Event event : same) messages(channel, event.lastEventId(), List.of(event.data()));
                }
            }
            if (ended) closed(channel);
        }

        private void lineSocket(TestServer server, int stay) {
            try (FrameClient client = socket(server, "/live", "Sec-WebSocket-Protocol: switchboard.v1")) {
                for (String channel : positions.keySet()) {
                    if (closed.contains(channel)) continue;
                    client.text("{\"action\":\"subscribe\",\"channel\":\"" + channel + "\",\"offset\":\""
                            + positions.get(channel) + "\"}");
                }
                for (int i = 0; i < stay && closed.size() < positions.size(); i++) {
                    FrameClient.Frame frame = client.nextOrEnd();
                    if (frame == null || frame.opcode() == FrameClient.CLOSE) return;
                    if (frame.text().startsWith("{\"event\":\"reconnect\"")) continue;
                    if (frame.text().startsWith("{\"event\":\"closed\"")) {
                        closed(frame.text().replaceFirst(".*\"channel\":\"([^\"]*)\".*", "$1"));
                        continue;
                    }
                    Matcher envelope = ENVELOPE.matcher(frame.text());
                    assertThat(envelope.matches()).as(frame.text()).isTrue();
                    messages(envelope.group(1), envelope.group(2), List.of(envelope.group(3)));
                }
            }
        }

        /** Tells the checker what this reader was told of the channel; nothing if it does not read it. */
        void tell(DeliveryChecker checker, String channel, List<Event> log) {
            String start = starts.get(channel);
            if (start == null) return;
            Watch watch = checker.watch(
                    name + " " + channel,
                    channel,
                    start.equals("-1") ? new DeliveryChecker.Start.Earliest() : new DeliveryChecker.Start.At(start),
                    false);
            Map<Long, String> offsets = log.stream()
                    .map(Event::lastEventId)
                    .collect(Collectors.toMap(EveryTransportTest::sequence, offset -> offset));
            for (Told what : Objects.requireNonNull(told.get(channel))) {
                switch (what) {
                    case Told.CaughtUp(String at) -> watch.caughtUp(at);
                    case Told.Closed _ -> watch.ended(DeliveryChecker.End.CLOSED, null);
                    case Told.Messages(String next, List<String> messages) -> {
                        long at = sequence(next) - messages.size();
                        for (String message : messages) {
                            at++;
                            watch.message(at == sequence(next) ? next : offsets.getOrDefault(at, next), message);
                        }
                    }
                }
            }
        }
    }

    private static long sequence(String offset) {
        return Objects.requireNonNull(Offset.parse(offset), offset).sequence();
    }
}
