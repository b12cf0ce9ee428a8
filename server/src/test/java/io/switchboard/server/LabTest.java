package io.switchboard.server;

import static io.switchboard.server.TestServer.JSON;
import static io.switchboard.server.TestServer.expect;
import static io.switchboard.server.TestServer.header;
import static io.switchboard.server.TestServer.text;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The lab behind the page at /: who may wish for what, and the process that does it. */
class LabTest {
    private static final Duration STARTED = Duration.ofSeconds(30);

    private static HttpResponse<byte[]> wish(TestServer server, String wish, String... headers) {
        HttpRequest.Builder request =
                server.request("/v1/lab").header("Content-Type", JSON).POST(BodyPublishers.ofString(wish));
        if (headers.length > 0) request.headers(headers);
        return server.send(request);
    }

    @Test
    void aChangeLeavesTheRestAsItWasWished() {
        try (TestServer server = TestServer.start()) {
            expect(wish(server, "{\"delayMillis\":25,\"pollMillis\":500}"), 200);
            HttpRequest.Builder change = server.request("/v1/lab").header("Content-Type", JSON);
            assertThat(text(expect(
                            server.send(change.method("PATCH", BodyPublishers.ofString("{\"lossPercent\":2}"))), 200)))
                    .contains("\"delayMillis\":25,\"lossPercent\":2.0,", "\"pollMillis\":500,");
            expect(server.send(change.method("PATCH", BodyPublishers.ofString("{\"lossPercent\":51}"))), 400);
            assertThat(text(expect(wish(server, "{\"lossPercent\":1}"), 200)))
                    .contains("\"delayMillis\":0,\"lossPercent\":1.0,", "\"pollMillis\":1000,");
        }
    }

    private static long count(TestServer server, String pattern) {
        Matcher found = Pattern.compile(pattern).matcher(server.getText("/v1/lab"));
        return found.find() ? Long.parseLong(found.group(1)) : -1;
    }

    private static long processes() {
        return ProcessHandle.current().children().filter(ProcessHandle::isAlive).count();
    }

    @Test
    @Tag("slow")
    void aWishStartsViewersAndARelayAndTheServersEndEndsThem() throws IOException {
        long before = processes();
        try (TestServer server = TestServer.start()) {
            assertThat(server.getText("/v1/lab"))
                    .startsWith("{\"available\":true,\"readable\":true,\"stage\":\"resting\"")
                    .endsWith("\"figures\":null}");
            assertThat(processes()).isEqualTo(before);
            server.create("lab/ticks", JSON);
            assertThat(text(expect(wish(server, "{\"relay\":true,\"viewers\":20,\"carrier\":\"websocket\"}"), 200)))
                    .contains("\"viewers\":20,\"carrier\":\"websocket\"");
            await().atMost(STARTED).until(() -> count(server, "\"ready\":(\\d+)") == 20);
            assertThat(server.getText("/metrics")).contains("switchboard_connections{transport=\"websocket\"} 20");
            assertThat(processes()).isEqualTo(before + 1);

            int port = (int) count(server, "\"sse\":\\{[^}]*\"port\":(\\d+)");
            try (Socket client = new Socket(InetAddress.getLoopbackAddress(), port)) {
                client.getOutputStream().write("GET /health/live HTTP/1.1\r\nHost: h\r\n\r\n".getBytes(ISO_8859_1));
                assertThat(new String(client.getInputStream().readNBytes(15), ISO_8859_1))
                        .isEqualTo("HTTP/1.1 200 OK");
            }
            expect(wish(server, "{\"viewers\":0}"), 200);
            await().until(() -> count(server, "\"ready\":(\\d+)") == 0);
            assertThat(count(server, "\"sse\":\\{[^}]*\"port\":(\\d+)")).isEqualTo(port);
        }
        await().until(() -> processes() == before);
    }

    @Test
    @Tag("slow")
    void viewersShowTheTokenOfWhoWishedForThem(@TempDir Path folder) {
        Tokens tokens = new Tokens(folder);
        String[] admin = {"Authorization", "Bearer " + tokens.all()};
        String[] blind = {
            "Authorization",
            "Bearer " + tokens.of("ann").read("other/**").admin().sign()
        };
        String[] reader = {
            "Authorization", "Bearer " + tokens.of("bob").read("**").sign()
        };
        String wish = "{\"viewers\":5,\"carrier\":\"long-poll\"}";
        try (TestServer server = tokens.server()) {
            expect(server.get("/v1/lab"), 401);
            expect(server.get("/v1/lab", reader), 403);
            expect(wish(server, wish, reader), 403);
            expect(wish(server, wish, blind), 403);
            HttpRequest.Builder create = server.request("/v1/stream/lab/ticks")
                    .header("Content-Type", JSON)
                    .PUT(BodyPublishers.noBody())
                    .headers(admin);
            expect(server.send(create), 201);
            assertThat(text(expect(wish(server, wish, admin), 200)))
                    .doesNotContain(tokens.all().substring(0, 20));
            await().atMost(STARTED)
                    .until(() -> text(server.get("/v1/lab", admin)).contains("\"ready\":5,"));
        }
    }

    @Test
    void hostileWishesAreRefusedInWords() {
        try (TestServer server = TestServer.start()) {
            for (String wish : new String[] {
                "",
                "[]",
                "{",
                "{\"viewers\":10001}",
                "{\"viewers\":-1}",
                "{\"viewers\":1.5}",
                "{\"viewers\":\"7\"}",
                "{\"viewers\":1,\"viewers\":2}",
                "{\"delayMillis\":5001}",
                "{\"lossPercent\":50.1}",
                "{\"lossPercent\":-0.1}",
                "{\"lossPercent\":1e999}",
                "{\"lossPercent\":true}",
                "{\"pollMillis\":99}",
                "{\"carrier\":\"pigeon\"}",
                "{\"carrier\":null}",
                "{\"channel\":\"a b\"}",
                "{\"channel\":\"a\\nviewers=9\"}",
                "{\"relay\":1}",
                "{\"plugged\":\"no\"}",
                "{\"shell\":\"x\"}",
                "{\"\\u0000\":1}"
            }) {
                HttpResponse<byte[]> refused = expect(wish(server, wish), 400);
                assertThat(header(refused, "Content-Type")).as(wish).isEqualTo("application/problem+json");
            }
            expect(wish(server, " ".repeat(5_000) + "{}"), 413);
            expect(server.send(server.request("/v1/lab").POST(BodyPublishers.ofString("{}"))), 415);
            HttpResponse<byte[]> refused =
                    expect(server.send(server.request("/v1/lab").DELETE()), 405);
            assertThat(header(refused, "Allow")).isEqualTo("GET, HEAD, POST, PATCH, OPTIONS");
            assertThat(server.getText("/v1/lab")).contains("\"stage\":\"resting\"");
        }
    }

    @Test
    void nobodyElsesPageAndNobodyElsesNameLeadsToTheLab() {
        try (TestServer server = TestServer.start()) {
            String own = "http://127.0.0.1:" + server.port();
            expect(wish(server, "{}", "Origin", own), 200);
            for (String origin : new String[] {"https://evil.example", "null", "http://127.0.0.1:1"}) {
                expect(wish(server, "{\"viewers\":9}", "Origin", origin), 403);
                expect(server.get("/v1/lab", "Origin", origin), 403);
            }
            expect(server.get("/v1/lab", "X-Forwarded-For", "203.0.113.9"), 403);
            try (RawClient raw = server.raw()) {
                for (String host : new String[] {"evil.example", "127.0.0.1.evil.example:80", "203.0.113.9"}) {
                    raw.send("GET /v1/lab HTTP/1.1\r\nHost: " + host + "\r\nOrigin: http://" + host + "\r\n\r\n");
                    assertThat(raw.answer().status()).as(host).isEqualTo(403);
                }
                for (String host : new String[] {"localhost:1", "LOCALHOST", "127.0.0.1", "[::1]:80"}) {
                    raw.send("GET /v1/lab HTTP/1.1\r\nHost: " + host + "\r\n\r\n");
                    assertThat(raw.answer().status()).as(host).isEqualTo(200);
                }
            }
        }
    }

    @Test
    void withoutALabThePageIsToldWhyAndMayConnectNowhereElse() {
        try (TestServer server = TestServer.start("lab", "off")) {
            assertThat(server.getText("/v1/lab"))
                    .isEqualTo("{\"available\":false,\"because\":\"The server is configured with lab: off.\"}");
            expect(wish(server, "{\"viewers\":9}"), 403);
            assertThat(header(server.get("/"), "Content-Security-Policy")).contains("connect-src 'self';");
        }
        try (TestServer server = TestServer.start("host", "0.0.0.0", "auth.open", "network")) {
            assertThat(server.getText("/v1/lab")).contains("\"available\":false");
        }
        try (TestServer server = TestServer.start()) {
            assertThat(header(server.get("/"), "Content-Security-Policy"))
                    .contains("connect-src 'self' http://127.0.0.1:* ws://127.0.0.1:*;");
        }
    }
}
