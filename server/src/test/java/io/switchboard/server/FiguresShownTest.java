package io.switchboard.server;

import static io.switchboard.server.TestServer.JSON;
import static io.switchboard.server.TestServer.expect;
import static io.switchboard.server.TestServer.header;
import static io.switchboard.server.TestServer.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** {@code /metrics}: what Prometheus reads, and who may. */
class FiguresShownTest {
    private static Map<String, Double> figures(String exposition) {
        Map<String, Double> figures = new TreeMap<>();
        for (String line : exposition.split("\n", -1)) {
            if (line.isEmpty() || line.startsWith("#")) continue;
            int space = line.lastIndexOf(' ');
            figures.put(line.substring(0, space), Double.parseDouble(line.substring(space + 1)));
        }
        return figures;
    }

    private static Map<String, Double> figures(TestServer server) {
        return figures(server.getText("/metrics"));
    }

    @Test
    @SuppressWarnings("try") // those connections are there to be counted
    void everyConnectionMessageAndAnswerIsInThem() {
        try (TestServer server = TestServer.start()) {
            server.create("a", JSON);
            try (EventClient events = server.events("/v1/stream/a?offset=-1&live=sse");
                    RawClient poll = server.raw();
                    FrameClient socket = FrameClient.open(server.port(), "/v1/stream/a")) {
                server.append("a", JSON, "[1,2,3]");
                poll.ask("GET /v1/stream/a?offset=now&live=long-poll");
                await().atMost(Duration.ofSeconds(10)).until(() -> {
                    Map<String, Double> now = figures(server);
                    return now.getOrDefault("switchboard_connections{transport=\"sse\"}", 0.0) == 1
                            && now.getOrDefault("switchboard_connections{transport=\"long-poll\"}", 0.0) == 1
                            && now.getOrDefault("switchboard_connections{transport=\"websocket\"}", 0.0) == 1
                            && now.getOrDefault("switchboard_messages_out_total", 0.0) == 6;
                });
                Map<String, Double> now = figures(server);
                assertThat(now)
                        .containsEntry("switchboard_messages_in_total", 3.0)
                        .containsEntry("switchboard_bytes_in_total", 3.0)
                        .containsEntry("switchboard_appends_total{outcome=\"stored\"}", 1.0)
                        .containsEntry("switchboard_append_seconds_count", 1.0)
                        .containsEntry("switchboard_append_seconds_bucket{le=\"+Inf\"}", 1.0)
                        .containsEntry("switchboard_readers", 3.0)
                        .containsEntry("switchboard_readers_lagging", 0.0)
                        .containsEntry("switchboard_ready", 1.0)
                        .containsEntry(
                                "switchboard_http_answers_total{http=\"1.1\",method=\"put\",status=\"201\"}", 1.0)
                        .containsEntry(
                                "switchboard_http_answers_total{http=\"1.1\",method=\"get\",status=\"101\"}", 1.0)
                        .containsEntry("switchboard_auth_failures_total{reason=\"signature\"}", 0.0);
                assertThat(now.get("switchboard_store_commit_seconds_count")).isPositive();
                assertThat(now.get("switchboard_delivery_seconds_count")).isPositive();
                assertThat(now.get("switchboard_bytes_sent_total")).isPositive();
                assertThat(now.get("process_open_fds")).isPositive();
                assertThat(now.containsKey("process_resident_memory_bytes"))
                        .isEqualTo(Files.isReadable(Path.of("/proc/self/status")));
                assertThat(now.getOrDefault("process_resident_memory_bytes", 1.0))
                        .isPositive();
            }
            expect(server.get("/v1/stream/none"), 404);
            await().atMost(Duration.ofSeconds(10)).until(() -> {
                Map<String, Double> now = figures(server);
                return now.getOrDefault("switchboard_readers", -1.0) == 0
                        && now.getOrDefault("switchboard_websocket_closes_total{code=\"1006\"}", 0.0) == 1
                        && now.getOrDefault(
                                        "switchboard_http_answers_total{http=\"1.1\",method=\"get\",status=\"404\"}",
                                        0.0)
                                == 1;
            });
            HttpResponse<byte[]> answer = server.get("/metrics");
            assertThat(header(answer, "Content-Type")).isEqualTo("text/plain; version=0.0.4; charset=utf-8");
            assertThat(header(answer, "Cache-Control")).isEqualTo("no-store");
            expect(server.send(server.request("/metrics").DELETE()), 405);
        }
    }

    @Test
    @Tag("slow") // it is looked at every five seconds
    void howManyConnectionsThereCanBeIsShownByEachLimitAndWarnedOf() {
        ListAppender<ILoggingEvent> logged = new ListAppender<>();
        Logger log = (Logger) LoggerFactory.getLogger(Switchboard.class);
        logged.start();
        log.addAppender(logged);
        List<RawClient> clients = new ArrayList<>();
        try (TestServer server = TestServer.start("limits.connections", "9")) {
            Map<String, Double> now = figures(server);
            assertThat(now)
                    .containsEntry("switchboard_capacity_connections{limit=\"configured\"}", 9.0)
                    .containsEntry("switchboard_capacity_connections_smallest", 9.0);
            assertThat(now.get("switchboard_capacity_connections{limit=\"files\"}"))
                    .isGreaterThan(9);
            assertThat(now.get("switchboard_capacity_connections{limit=\"memory\"}"))
                    .isGreaterThan(9);
            assertThat(now.get("switchboard_capacity_connection_bytes{area=\"machine\"}"))
                    .isGreaterThan(now.get("switchboard_capacity_connection_bytes{area=\"heap\"}"));
            for (int i = 0; i < 8; i++) clients.add(server.raw());
            await().atMost(Duration.ofSeconds(20)).untilAsserted(() -> assertThat(List.copyOf(logged.list))
                    .extracting(ILoggingEvent::getFormattedMessage)
                    .anyMatch(line -> line.contains("of the 9 that limits.connections allows")));
        } finally {
            clients.forEach(RawClient::close);
            log.detachAppender(logged);
        }
    }

    @Test
    void whereTokensAreAskedForTheyAreForAdmins(@TempDir Path folder, @TempDir Path elsewhere) {
        Tokens stranger = new Tokens(elsewhere);
        Tokens tokens = new Tokens(folder);
        try (TestServer server = tokens.server()) {
            expect(server.get("/metrics"), 401);
            expect(server.get("/metrics", bearer(tokens.of("ann").read("**").sign())), 403);
            String wrong = stranger.of("eve").admin().sign();
            expect(server.get("/metrics", bearer(wrong)), 401);
            HttpResponse<byte[]> answer = expect(
                    server.get("/metrics", bearer(tokens.of("ops").admin().sign())), 200);
            double refused = figures(text(answer)).entrySet().stream()
                    .filter(figure -> figure.getKey().startsWith("switchboard_auth_failures_total"))
                    .mapToDouble(Map.Entry::getValue)
                    .sum();
            assertThat(refused).isEqualTo(1);
            expect(server.get("/health/ready"), 200);
        }
    }

    private static String[] bearer(String token) {
        return new String[] {"Authorization", "Bearer " + token};
    }

    @Test
    void aPortOfTheirOwnHasThemAndNothingElse() {
        try (TestServer server = TestServer.start("admin.port", "0")) {
            String admin = String.valueOf(server.server().adminUrl());
            int port = URI.create(admin).getPort();
            assertThat(port).isNotEqualTo(server.port());
            try (RawClient client = RawClient.connect(port)) {
                assertThat(client.ask("GET /metrics").answer().body()).contains("switchboard_ready 1");
                assertThat(client.ask("GET /health/ready").answer().status()).isEqualTo(200);
                assertThat(client.ask("GET /v1/streams").answer().status()).isEqualTo(404);
                assertThat(client.ask("POST /metrics", "Content-Length: 0")
                                .answer()
                                .status())
                        .isEqualTo(405);
            }
            expect(server.get("/metrics"), 404);
            expect(server.get("/health/live"), 200);
        }
    }
}
