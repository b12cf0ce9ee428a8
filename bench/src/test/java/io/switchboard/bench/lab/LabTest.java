package io.switchboard.bench.lab;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Viewers and relay over real sockets, to a server of a few lines that answers every request head with what it was. */
@Timeout(30)
class LabTest {
    private static final Conditions IDEAL = Conditions.IDEAL;

    private final List<String> heads = new CopyOnWriteArrayList<>();
    private final List<Socket> accepted = new CopyOnWriteArrayList<>();
    private ServerSocket server;
    private Lab lab;
    private volatile String answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nStream-Next-Offset: 7\r\n\r\n[]";

    @BeforeEach
    void listen() throws IOException {
        server = new ServerSocket(0, 50, InetAddress.ofLiteral("127.0.0.1"));
        Thread.ofVirtual().start(this::accept);
        lab = new Lab(new InetSocketAddress(server.getInetAddress(), server.getLocalPort()));
    }

    @AfterEach
    void close() throws IOException {
        lab.close();
        server.close();
        for (Socket each : accepted) each.close();
    }

    private void accept() {
        while (true) {
            try {
                Socket socket = server.accept();
                accepted.add(socket);
                Thread.ofVirtual().start(() -> serve(socket));
            } catch (IOException closed) {
                return;
            }
        }
    }

    private void serve(Socket socket) {
        try {
            InputStream in = socket.getInputStream();
            OutputStream out = socket.getOutputStream();
            StringBuilder head = new StringBuilder();
            for (int b = in.read(); b >= 0; b = in.read()) {
                head.append((char) b);
                if (!head.toString().endsWith("\r\n\r\n")) continue;
                heads.add(head.toString());
                head.setLength(0);
                out.write(answer.getBytes(ISO_8859_1));
            }
        } catch (IOException gone) {
            // The client has what it wanted.
        }
    }

    private void wish(boolean relay, Conditions conditions, Carrier carrier, int viewers) {
        lab.become(new Wish(relay, conditions, new Crowd(carrier, viewers, 50, "lab/ticks", null)));
    }

    private static Map<String, Object> object(@Nullable Object value) {
        Map<String, Object> members = new HashMap<>();
        if (value instanceof Map<?, ?> map) map.forEach((name, member) -> members.put(String.valueOf(name), member));
        return members;
    }

    private Map<String, Object> door(Carrier carrier) {
        return object(object(lab.figures().get("relay")).get(carrier.word()));
    }

    private Map<String, Object> viewers() {
        return object(lab.figures().get("viewers"));
    }

    private Socket client(Carrier carrier) throws IOException {
        Socket client = new Socket(
                InetAddress.getLoopbackAddress(),
                Integer.parseInt(String.valueOf(door(carrier).get("port"))));
        client.setSoTimeout(10_000);
        return client;
    }

    private static void ask(Socket client, String head) throws IOException {
        client.getOutputStream().write(head.getBytes(ISO_8859_1));
    }

    private String answered(Socket client) throws IOException {
        return new String(client.getInputStream().readNBytes(answer.length()), ISO_8859_1);
    }

    @Test
    void theRelayPassesOnWhatItIsGivenAndCountsEveryByte() throws IOException {
        wish(true, IDEAL, Carrier.SSE, 0);
        String request = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";
        try (Socket client = client(Carrier.POLL)) {
            for (int i = 0; i < 3; i++) {
                ask(client, request);
                assertThat(answered(client)).isEqualTo(answer);
            }
            assertThat(heads).containsExactly(request, request, request);
            await().untilAsserted(() -> assertThat(door(Carrier.POLL))
                    .containsEntry("open", 1)
                    .containsEntry("opened", 1L)
                    .containsEntry("bytesUp", 3L * request.length())
                    .containsEntry("bytesDown", 3L * answer.length()));
            assertThat(door(Carrier.SSE)).containsEntry("opened", 0L).containsEntry("bytesUp", 0L);
        }
        await().untilAsserted(() -> assertThat(door(Carrier.POLL)).containsEntry("open", 0));
    }

    @Test
    void theDelayIsTakenThereAndBackAndOnceForTheConnection() throws IOException {
        wish(true, new Conditions(100, 0, false, true), Carrier.SSE, 0);
        try (Socket client = client(Carrier.SSE)) {
            assertThat(millisToAnswer(client)).isBetween(200L, 5_000L);
            assertThat(millisToAnswer(client)).isBetween(100L, 5_000L);
        }
    }

    private long millisToAnswer(Socket client) throws IOException {
        long begun = System.nanoTime();
        ask(client, "GET / HTTP/1.1\r\n\r\n");
        answered(client);
        return (System.nanoTime() - begun) / 1_000_000;
    }

    @Test
    void largeAnswersArriveWholeAndInOrderOverASlowLine() throws IOException {
        StringBuilder large = new StringBuilder("HTTP/1.1 200 OK\r\n\r\n");
        for (int i = 0; large.length() < 3 * Way.UNDER_WAY_MAX; i++)
            large.append(i).append(' ');
        answer = large.toString();
        wish(true, new Conditions(10, 0, false, true), Carrier.SSE, 0);
        try (Socket client = client(Carrier.SSE)) {
            ask(client, "GET / HTTP/1.1\r\n\r\n");
            assertThat(answered(client)).isEqualTo(answer);
        }
    }

    @Test
    void withThePlugPulledConnectionsBreakAndNoneIsOpened() throws IOException {
        wish(true, IDEAL, Carrier.SSE, 0);
        try (Socket client = client(Carrier.LONG_POLL)) {
            ask(client, "GET / HTTP/1.1\r\n\r\n");
            answered(client);
            wish(true, new Conditions(0, 0, false, false), Carrier.SSE, 0);
            assertThatThrownBy(() -> client.getInputStream().read()).isInstanceOf(IOException.class);
        }
        try (Socket refused = client(Carrier.LONG_POLL)) {
            assertThatThrownBy(() -> {
                        ask(refused, "GET / HTTP/1.1\r\n\r\n");
                        if (refused.getInputStream().read() < 0) throw new IOException("closed");
                    })
                    .isInstanceOf(IOException.class);
        }
        wish(true, IDEAL, Carrier.SSE, 0);
        try (Socket client = client(Carrier.LONG_POLL)) {
            ask(client, "GET / HTTP/1.1\r\n\r\n");
            assertThat(answered(client)).isEqualTo(answer);
        }
    }

    @Test
    void onlyTheDoorOfWebSocketsStripsUpgrade() throws IOException {
        wish(true, new Conditions(0, 0, true, true), Carrier.SSE, 0);
        String request = "GET / HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";
        for (Carrier carrier : List.of(Carrier.WEBSOCKET, Carrier.SSE)) {
            try (Socket client = client(carrier)) {
                ask(client, request);
                answered(client);
            }
        }
        assertThat(heads).containsExactly("GET / HTTP/1.1\r\nConnection: keep-alive\r\n\r\n", request);
        assertThat(door(Carrier.WEBSOCKET)).containsEntry("bytesUp", (long) request.length());
    }

    @Test
    void theServersEndIsTheClientsEnd() throws IOException {
        wish(true, IDEAL, Carrier.SSE, 0);
        try (Socket client = client(Carrier.SSE)) {
            ask(client, "GET / HTTP/1.1\r\n\r\n");
            answered(client);
            accepted.getFirst().close();
            assertThat(client.getInputStream().read()).isEqualTo(-1);
        }
    }

    @Test
    void thereAreAsManyViewersAsWishedFor() {
        for (int count : new int[] {20, 50, 5}) {
            wish(false, IDEAL, Carrier.POLL, count);
            await().untilAsserted(() ->
                    assertThat(viewers()).containsEntry("ready", count).containsEntry("open", count));
        }
        wish(false, IDEAL, Carrier.POLL, 0);
        await().untilAsserted(() -> assertThat(viewers()).containsEntry("open", 0));
        assertThat(viewers()).containsEntry("lost", 0L).containsEntry("failed", 0L);
    }

    @Test
    void viewersAskOnFromWhereTheyWereTold() {
        wish(false, IDEAL, Carrier.POLL, 1);
        await().until(() -> heads.size() >= 3);
        assertThat(heads.get(0)).startsWith("GET /v1/stream/lab/ticks?offset=now HTTP/1.1\r\nHost: 127.0.0.1:");
        assertThat(heads.get(2)).startsWith("GET /v1/stream/lab/ticks?offset=7 HTTP/1.1\r\n");
    }

    @Test
    @Tag("slow")
    void viewersThatAreCutOffComeBack() throws IOException {
        wish(false, IDEAL, Carrier.POLL, 3);
        await().untilAsserted(() -> assertThat(viewers()).containsEntry("ready", 3));
        for (Socket each : accepted) each.close();
        await().untilAsserted(
                        () -> assertThat(viewers()).containsEntry("lost", 3L).containsEntry("ready", 3));
    }

    @Test
    void viewersThatAreRefusedSayWhy() {
        answer = "HTTP/1.1 429 Too Many\r\nContent-Length: 0\r\n\r\n";
        wish(false, IDEAL, Carrier.SSE, 2);
        await().untilAsserted(() -> {
            assertThat(viewers())
                    .containsEntry("why", "the server answered 429")
                    .containsEntry("ready", 0);
            assertThat(Long.parseLong(String.valueOf(viewers().get("failed")))).isGreaterThanOrEqualTo(2);
        });
    }
}
