package io.switchboard.server;

import static io.switchboard.server.FrameClient.FIN;
import static io.switchboard.server.FrameClient.PING;
import static io.switchboard.server.FrameClient.PONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** How a server finds out who is still there. */
@Tag("slow")
class HeartbeatTest {
    @Test
    void aSilentSocketIsPingedAndWhoAnswersStays() {
        try (TestServer server = TestServer.start("live.heartbeat", "1s");
                FrameClient client = FrameClient.open(server.port(), "/v1/stream/x?echo")) {
            for (int i = 0; i < 3; i++) {
                FrameClient.Frame ping = client.next();
                assertThat(ping.first()).isEqualTo(FIN | PING);
                client.send(FIN | PONG, ping.payload());
            }
            client.text("still here");
            assertThat(client.nextText()).isEqualTo("still here");
        }
    }

    /**
     * Clients in a network of their own, whose answers find no way back from one moment on: as when somebody pulls the
     * cable, there is neither an end nor a reset.
     */
    @Test
    void whoVanishesIsGoneWhateverItReads() throws Exception {
        long pid = ProcessHandle.current().pid(); // other runs on this machine may do the same
        String network = "switchboard" + pid;
        String subnet = "10.213." + pid % 250 + ".";
        String outside = "sb" + pid;
        boolean made = run("ip", "netns", "add", network) == 0;
        assumeTrue(made, "left out: network namespaces need root and the program ip");
        List<Process> clients = new ArrayList<>();
        try (TestServer server = TestServer.start("live.heartbeat", "1s", "host", "0.0.0.0", "auth.open", "network")) {
            assertThat(run("ip", "link", "add", outside, "type", "veth", "peer", "name", "inside", "netns", network))
                    .isZero();
            assertThat(run("ip", "addr", "add", subnet + "1/30", "dev", outside))
                    .isZero();
            assertThat(run("ip", "link", "set", outside, "up")).isZero();
            assertThat(run("ip", "-n", network, "addr", "add", subnet + "2/30", "dev", "inside"))
                    .isZero();
            assertThat(run("ip", "-n", network, "link", "set", "inside", "up")).isZero();
            server.create("c", TestServer.JSON);
            String upgrade = "Upgrade: websocket\\r\\nConnection: Upgrade\\r\\nSec-WebSocket-Version: 13\\r\\n"
                    + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\\r\\n";
            for (String request : List.of(
                    "GET /v1/stream/c HTTP/1.1\\r\\nHost: x\\r\\nAccept: text/event-stream\\r\\n",
                    "GET /live?channel=c HTTP/1.1\\r\\nHost: x\\r\\nAccept: text/event-stream\\r\\n",
                    "GET /v1/stream/c HTTP/1.1\\r\\nHost: x\\r\\n" + upgrade,
                    "GET /live HTTP/1.1\\r\\nHost: x\\r\\n" + upgrade)) {
                String script = "exec 3<>/dev/tcp/" + subnet + "1/" + server.port() + "; printf '" + request
                        + "\\r\\n' >&3; read -r status <&3; echo \"$status\"; exec cat <&3 >/dev/null";
                Process client = new ProcessBuilder("ip", "netns", "exec", network, "bash", "-c", script).start();
                clients.add(client);
                String status =
                        CompletableFuture.supplyAsync(() -> firstLine(client)).get(10, TimeUnit.SECONDS);
                assertThat(status).containsAnyOf("200", "101");
            }
            int own = server.server().openConnections() - clients.size();
            assertThat(run("ip", "-n", network, "route", "add", "blackhole", subnet + "1/32"))
                    .isZero();
            long begun = System.nanoTime();
            server.awaitConnections(0, own, Duration.ofSeconds(30));
            // At a heartbeat a second there may be something acknowledged just before, which is found out after nine
            // seconds and gives nine more. With the usual heartbeat of 25 s it is 25, nine, and the looks.
            assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(25));
        } finally {
            clients.forEach(Process::destroyForcibly);
            run("ip", "link", "del", outside);
            run("ip", "netns", "del", network);
        }
    }

    private static String firstLine(Process process) {
        try {
            return String.valueOf(process.inputReader().readLine());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static int run(String... command) {
        try {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            process.getInputStream().readAllBytes();
            assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();
            return process.exitValue();
        } catch (IOException missing) {
            return -1;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }
}
