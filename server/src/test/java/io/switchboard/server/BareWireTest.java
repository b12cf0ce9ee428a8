package io.switchboard.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.StandardSocketOptions;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is carried by its descriptor alone, a WebSocket or an event stream, at its beginning and at its end. */
class BareWireTest {
    private static final int SOCKETS = 200;
    private static final String V1 = "Sec-WebSocket-Protocol: switchboard.v1";

    private static Socket connect(TestServer server, boolean resets) throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port());
        if (resets) socket.setOption(StandardSocketOptions.SO_LINGER, 0);
        return socket;
    }

    private static void say(FrameClient client, String text) {
        client.send(FrameClient.FIN | FrameClient.TEXT, text.getBytes(StandardCharsets.UTF_8));
    }

    private static long descriptors() {
        try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
            return open.count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Some leave while the channel still has the descriptor, some before it has an answer, some later. */
    @ParameterizedTest
    @CsvSource({"false,false", "false,true", "true,false", "true,true"})
    void whoLeavesAtOnceLeavesNothingBehind(boolean resets, boolean webSocket) throws IOException {
        String asks = webSocket ? FrameClient.UPGRADE : "Accept: text/event-stream\r\n";
        try (TestServer server = TestServer.start()) {
            server.create("left", TestServer.TEXT);
            server.settle();
            long before = descriptors();
            for (int i = 0; i < SOCKETS; i++) {
                try (Socket socket = connect(server, resets)) {
                    String request = "GET /v1/stream/left HTTP/1.1\r\nHost: test\r\n" + asks + "\r\n";
                    socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
                    if (i % 3 > 0) assertThat(socket.getInputStream().read()).isEqualTo('H');
                    if (i % 3 > 1) server.get("/health/live");
                }
            }
            server.awaitConnections(0, 1);
            await().atMost(Duration.ofSeconds(10)).until(() -> descriptors() <= before + 2);
            assertThat(server.get("/v1/sessions").statusCode()).isEqualTo(404); // it still answers
        }
    }

    /** What comes behind the question is read, by the channel or after it, and means nothing: a half of a request, or more. */
    @Test
    void whatAListenerSendsIsForgotten() {
        List<RawClient> clients = new ArrayList<>();
        try (TestServer server = TestServer.start()) {
            server.create("heard", TestServer.TEXT);
            for (int i = 0; i < SOCKETS; i++) {
                RawClient client = RawClient.connect(server.port());
                clients.add(client);
                String more = i % 2 == 0 ? "GET /health/live HTTP/1.1\r\n" : "\0".repeat(100_000);
                client.ask("GET /v1/stream/heard", "Accept: text/event-stream").send(more);
                assertThat(client.head().status()).isEqualTo(200);
                client.send(more);
            }
            server.append("heard", TestServer.TEXT, "hello");
            for (RawClient client : clients) {
                String seen = "";
                while (!seen.contains("data:")) seen = new String(client.chunk(), StandardCharsets.UTF_8);
                assertThat(seen).endsWith("data:hello\n\n");
            }
        } finally {
            clients.forEach(RawClient::close);
        }
    }

    /** Whatever was sent right behind the handshake's answer is read, by the channel or after it. */
    @Test
    void whatIsSentAtOnceArrivesInItsOrder() {
        List<FrameClient> clients = new ArrayList<>();
        try (TestServer server = TestServer.start()) {
            server.create("early", TestServer.TEXT);
            for (int i = 0; i < SOCKETS; i++) {
                FrameClient client = FrameClient.open(server.port(), "/v1/stream/early?echo");
                clients.add(client);
                for (int n = 0; n < 20; n++) say(client, i + "/" + n);
            }
            for (int i = 0; i < SOCKETS; i++) {
                for (int n = 0; n < 20; n++) {
                    assertThat(clients.get(i).next().text()).isEqualTo(i + "/" + n);
                }
            }
        } finally {
            clients.forEach(FrameClient::close);
        }
    }

    /** A peer that does not read is not read; when it does, both go on, as often as it likes. */
    @Test
    void aPeerThatStopsReadingGoesOnWhereItStopped() throws InterruptedException {
        String large = "x".repeat(100_000);
        try (TestServer server = TestServer.start();
                FrameClient client = FrameClient.open(server.port(), 4_096, "/v1/stream/any?echo")) {
            for (int round = 0; round < 3; round++) {
                String begin = round + "/";
                Thread sends = Thread.startVirtualThread(() -> {
                    for (int n = 0; n < 60; n++) say(client, begin + n + large);
                });
                for (int n = 0; n < 60; n++) {
                    assertThat(client.next().text()).isEqualTo(begin + n + large);
                }
                sends.join();
            }
        }
    }

    /** What waits for a slow peer comes before the answer to its farewell, and then the end. */
    @Test
    void theLastWordComesBehindWhatWaits() {
        String large = "y".repeat(50_000);
        try (TestServer server = TestServer.start();
                FrameClient client = FrameClient.open(server.port(), 4_096, "/v1/stream/any?echo")) {
            for (int n = 0; n < 10; n++) say(client, large);
            client.send(FrameClient.FIN | FrameClient.CLOSE, new byte[] {0x03, (byte) 0xe8});
            for (int n = 0; n < 10; n++) assertThat(client.next().text()).isEqualTo(large);
            assertThat(client.next().code()).isEqualTo(1000);
            assertThat(client.ends()).isTrue();
        }
    }

    /** Its last words are wrong, and it is gone before it is told so: whatever it took part in ends all the same. */
    @Test
    void whoBreaksTheRulesAndLeavesIsGone() {
        try (TestServer server = TestServer.start("live.presenceGrace", "0ms")) {
            server.create("room", TestServer.TEXT);
            for (int i = 0; i < SOCKETS; i++) {
                try (FrameClient client = FrameClient.open(server.port(), "/live", V1)) {
                    client.text("{\"id\":1,\"action\":\"auth\",\"token\":\"member-" + i + "\"}");
                    client.nextText();
                    client.text("{\"id\":2,\"action\":\"subscribe\",\"channel\":\"room\",\"presence\":true}");
                    client.nextText();
                    client.nextText(); // who is there
                    client.raw(new byte[] {(byte) (FrameClient.FIN | FrameClient.TEXT), 1, 'x'}); // not masked
                }
            }
            try (FrameClient watcher = FrameClient.open(server.port(), "/live", V1)) {
                await().atMost(Duration.ofSeconds(10)).until(() -> {
                    watcher.text("{\"id\":3,\"action\":\"presence\",\"channel\":\"room\"}");
                    return watcher.nextText().contains("\"count\":0");
                });
            }
        }
    }
}
