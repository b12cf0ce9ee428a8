package io.switchboard.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.switchboard.bench.BenchFailure;
import io.switchboard.bench.Trust;
import io.switchboard.bench.own.Front;
import io.switchboard.bench.own.Launch;
import io.switchboard.bench.own.OwnServer;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A server that the load tool starts for itself: this program, as a process. */
@Timeout(60)
@Tag("slow") // it starts a program
class OwnServerTest {
    private static final String CHANNEL = "/v1/stream/own/test";

    private static HttpResponse<String> send(HttpClient client, URI server, String method, String path, String body)
            throws Exception {
        return client.send(
                HttpRequest.newBuilder(URI.create(server + path))
                        .header("Content-Type", "application/json")
                        .method(method, HttpRequest.BodyPublishers.ofString(body))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    @Test
    void itAnswersOverTlsTellsItsFiguresAndIsGoneWithAllItHad() throws Exception {
        ProcessHandle process;
        Path folder;
        try (OwnServer own = OwnServer.start(new Launch(1, true, Front.DIRECT, 10, Map.of()))) {
            process = ProcessHandle.of(own.pid()).orElseThrow();
            Path certificate = own.certificate().orElseThrow();
            folder = Objects.requireNonNull(certificate.getParent());
            assertThat(own.url()).isEqualTo(own.origin()).hasScheme("https").hasHost("127.0.0.1");
            try (HttpClient client = HttpClient.newBuilder()
                    .sslContext(Trust.context(certificate))
                    .build()) {
                assertThat(send(client, own.url(), "PUT", CHANNEL, "[1]").statusCode())
                        .isEqualTo(201);
            }
            assertThat(folder.resolve("data")).isDirectory();
            assertThat(own.collect()).isTrue();
            assertThat(own.figures().heapBytes().orElseThrow()).isPositive();
            assertThat(own.figures().cpuSeconds().orElseThrow()).isPositive();
            assertThat(own.figures().sum("switchboard_http_answers_total", "method=\"put\""))
                    .isEqualTo(1);
            assertThat(own.isAlive()).isTrue();
        }
        assertThat(process.isAlive()).isFalse();
        assertThat(folder).doesNotExist();
    }

    @Test
    void nginxWithACacheInFrontAsksTheServerOnceForWhatManyAsk() throws Exception {
        assumeThat(OwnServer.hasNginx()).as("nginx is installed").isTrue();
        try (OwnServer own = OwnServer.start(new Launch(1, true, Front.NGINX_CACHE, 10, Map.of()));
                HttpClient client = HttpClient.newBuilder()
                        .sslContext(Trust.context(own.certificate().orElseThrow()))
                        .build()) {
            assertThat(own.url()).hasScheme("https");
            assertThat(own.origin()).hasScheme("http");
            assertThat(send(client, own.url(), "PUT", CHANNEL, "[1]").statusCode())
                    .isEqualTo(201);
            double before = own.figures().sum("switchboard_http_answers_total", "method=\"get\"");
            for (int i = 0; i < 20; i++)
                assertThat(send(client, own.url(), "GET", CHANNEL + "?offset=-1", "")
                                .body())
                        .isEqualTo("[1]");
            // Kept for a second, in which a machine that is slow may not have asked all of it.
            assertThat(own.figures().sum("switchboard_http_answers_total", "method=\"get\"") - before)
                    .isBetween(1.0, 15.0);
        }
    }

    @Test
    void theLoadToolReadsOverHttp3() throws Exception {
        try (OwnServer own = OwnServer.start(new Launch(3, true, Front.DIRECT, 10, Map.of()))) {
            for (String transport : List.of("sse", "websocket", "long-poll", "poll")) {
                List<String> command =
                        new ArrayList<>(List.of("bench", "fanout", "--http", "3", "-n", "5", "--rate", "40"));
                command.addAll(List.of("-t", transport, "--streams", transport.equals("sse") ? "3" : "1"));
                command.addAll(List.of("--poll-every", "0.2", "--duration", "1", "--warmup", "0"));
                command.addAll(List.of("--server", own.url().toString()));
                command.addAll(
                        List.of("--ca-file", own.certificate().orElseThrow().toString()));
                try (RunningCommand bench = RunningCommand.start(command.toArray(String[]::new))) {
                    int code = bench.exitCode();
                    String out = String.join("\n", bench.out.rest());
                    assertThat(code)
                            .as(transport + "\n" + out + "\n" + bench.err.rest())
                            .isZero();
                    assertThat(out)
                            .contains("HTTP/3 with", "0 lost, 0 doubled, 0 reordered")
                            .doesNotContain("delivered    0");
                }
            }
            assertThat(own.figures().sum("switchboard_http_answers_total", "http=\"3\""))
                    .isPositive();
        }
    }

    @Test
    void whatKeepsTheServerFromStartingIsTold() {
        assertThatThrownBy(() -> OwnServer.start(new Launch(1, false, Front.DIRECT, 1, Map.of("--store", "paper"))))
                .isInstanceOf(BenchFailure.class)
                .hasMessageStartingWith("The server did not start: ")
                .hasMessageContaining("paper");
    }
}
