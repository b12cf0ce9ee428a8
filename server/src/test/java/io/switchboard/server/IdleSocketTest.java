package io.switchboard.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.management.ObjectName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What the server keeps for clients that are connected and silent: counted object by object, without a clock. */
@Tag("slow") // it collects the whole heap
class IdleSocketTest {
    private static final int SOCKETS = 300;
    private static final int CHANNELS = 50;
    private static final Pattern ROW = Pattern.compile("\\s*\\d+:\\s+(\\d+)\\s+(\\d+)\\s+(\\S+).*");

    /** Netty's own: the descriptor, and its place in the loop. */
    private static final int NETTY_OBJECTS_MAX = 3;

    private record Rows(Map<String, Integer> instances) {
        /** Classes of which there are more than before, by how many each of {@code count} has. */
        Map<String, Integer> since(Rows before, int count) {
            Map<String, Integer> more = new TreeMap<>();
            instances.forEach((name, now) -> {
                int each = Math.round((now - before.instances.getOrDefault(name, 0)) / (float) count);
                if (each > 0) more.put(name, each);
            });
            return more;
        }
    }

    /** What is reachable of the server's classes and Netty's. */
    private static Rows reachable() throws Exception {
        String told = (String) ManagementFactory.getPlatformMBeanServer()
                .invoke(
                        new ObjectName("com.sun.management:type=DiagnosticCommand"),
                        "gcClassHistogram",
                        new Object[] {new String[0]},
                        new String[] {String[].class.getName()});
        Map<String, Integer> instances = new HashMap<>();
        told.lines().map(ROW::matcher).filter(Matcher::matches).forEach(row -> {
            String name = row.group(3);
            boolean ours = name.startsWith("io.switchboard.")
                    && !name.startsWith(FrameClient.class.getName())
                    && !name.startsWith(RawClient.class.getName());
            if (ours || name.startsWith("io.netty.")) instances.put(name, Integer.parseInt(row.group(1)));
        });
        return new Rows(instances);
    }

    private static Set<String> ours(Map<String, Integer> each) {
        Set<String> names = new TreeSet<>();
        each.forEach((name, count) -> {
            if (name.startsWith("io.switchboard.")) names.add(name.substring(name.lastIndexOf('.') + 1) + " " + count);
        });
        return names;
    }

    private static int nettys(Map<String, Integer> each) {
        return each.entrySet().stream()
                .filter(row -> row.getKey().startsWith("io.netty."))
                .mapToInt(Map.Entry::getValue)
                .sum();
    }

    @Test
    void aSocketThatHasSpokenAndFallenSilentIsFiveObjectsOfOurs() throws Exception {
        List<FrameClient> clients = new ArrayList<>();
        try (TestServer server = TestServer.start()) {
            server.create("idle", TestServer.TEXT);
            for (int i = 0; i < 10; i++) clients.add(FrameClient.open(server.port(), "/v1/stream/idle"));
            server.settle();
            Rows before = reachable();
            for (int i = 0; i < SOCKETS; i++) clients.add(FrameClient.open(server.port(), "/v1/stream/idle"));
            for (FrameClient client : clients) {
                client.send(FrameClient.FIN | FrameClient.PING, new byte[] {1});
                client.next();
            }
            server.settle();
            Map<String, Integer> each = reachable().since(before, SOCKETS);
            assertThat(ours(each))
                    .containsExactly(
                            "ChannelSocket 1", "EpollWire 1", "Headcount$Guest 1", "Reader 1", "WebSocketConnection 1");
            assertThat(nettys(each)).isLessThanOrEqualTo(NETTY_OBJECTS_MAX);
        } finally {
            clients.forEach(FrameClient::close);
        }
    }

    @Test
    void anEventStreamThatIsQuietIsFiveObjectsOfOurs() throws Exception {
        List<RawClient> clients = new ArrayList<>();
        try (TestServer server = TestServer.start()) {
            server.create("idle", TestServer.TEXT);
            for (int i = 0; i < 10; i++) clients.add(listen(server));
            server.settle();
            Rows before = reachable();
            for (int i = 0; i < SOCKETS; i++) clients.add(listen(server));
            server.settle();
            Map<String, Integer> each = reachable().since(before, SOCKETS);
            assertThat(ours(each))
                    .containsExactly(
                            "EpollWire 1", "Headcount$Guest 1", "PlainStream 1", "Reader 1", "StreamConnection 1");
            assertThat(nettys(each)).isLessThanOrEqualTo(NETTY_OBJECTS_MAX);
        } finally {
            clients.forEach(RawClient::close);
        }
    }

    private static RawClient listen(TestServer server) throws IOException {
        RawClient client = RawClient.connect(server.port(), 4_096);
        client.ask("GET /v1/stream/idle", "Accept: text/event-stream");
        assertThat(client.head().status()).isEqualTo(200);
        return client;
    }

    @Test
    void aSubscriptionOfALineOrAnEventStreamIsItsReader() throws Exception {
        List<FrameClient> clients = new ArrayList<>();
        List<RawClient> streams = new ArrayList<>();
        try (TestServer server = TestServer.start("limits.liveChannels", "" + CHANNELS)) {
            for (int c = 0; c < CHANNELS; c++) server.create("idle" + c, TestServer.JSON);
            String protocol = "Sec-WebSocket-Protocol: switchboard.v1";
            for (int i = 0; i < 12; i++) clients.add(FrameClient.open(server.port(), "/live", protocol));
            for (int i = 0; i < 2; i++) subscribe(clients.get(i)); // on both loops
            server.settle();
            Rows before = reachable();
            for (int i = 2; i < 12; i++) subscribe(clients.get(i));
            for (int i = 0; i < 10; i++) streams.add(listenToAll(server));
            server.settle();
            assertThat(ours(reachable().since(before, 10 * CHANNELS))).containsExactly("Reader 2");
        } finally {
            clients.forEach(FrameClient::close);
            streams.forEach(RawClient::close);
        }
    }

    @Test
    void aChannelWithAReaderIsFourteenObjectsOfOurs() throws Exception {
        try (TestServer server = TestServer.start(
                        "defaults.creation", "on-first-use", "limits.appendsPerSecondPerChannel", "unlimited");
                FrameClient client =
                        FrameClient.open(server.port(), "/live", "Sec-WebSocket-Protocol: switchboard.v1")) {
            speak(client, 0, 10);
            server.settle();
            Rows before = reachable();
            speak(client, 10, 10 + SOCKETS);
            server.settle();
            assertThat(ours(reachable().since(before, SOCKETS)))
                    .containsExactly(
                            "Block 1", // the newest message, while there is room for it
                            "ChannelInfo 1",
                            "ChannelLog 1",
                            "ChannelName 1",
                            "ChannelState 1",
                            "Feed 1",
                            "Ledger$Accepted 1",
                            "Lineage 1",
                            "MemoryPersistence$Kept 1", // the store of this test
                            "Offset 1",
                            "Reader 1",
                            "Sighting 1", // while not more than 100,000 are observed
                            "Tail 1",
                            "TailCache$Arrival 1", // as the block
                            "TailCache$Tape 1");
        }
    }

    private static void speak(FrameClient client, int from, int to) throws IOException {
        for (int c = from; c < to; c++) {
            client.text("{\"id\":1,\"action\":\"subscribe\",\"channel\":\"spoken" + c + "\"}");
            assertThat(client.nextText()).contains("\"ok\"");
            client.text("{\"action\":\"publish\",\"channel\":\"spoken" + c + "\",\"data\":1}");
            assertThat(client.nextText()).contains("spoken" + c);
        }
    }

    private static RawClient listenToAll(TestServer server) throws IOException {
        StringBuilder path = new StringBuilder("GET /live?");
        for (int c = 0; c < CHANNELS; c++) path.append("channel=idle").append(c).append('&');
        RawClient client = RawClient.connect(server.port(), 4_096);
        client.ask(path.toString(), "Accept: text/event-stream");
        assertThat(client.head().status()).isEqualTo(200);
        return client;
    }

    private static void subscribe(FrameClient client) {
        for (int c = 0; c < CHANNELS; c++) {
            client.text("{\"id\":1,\"action\":\"subscribe\",\"channel\":\"idle" + c + "\"}");
            assertThat(client.nextText()).contains("\"ok\"");
        }
    }
}
