package io.switchboard.server;

import static io.switchboard.server.TestServer.JSON;
import static io.switchboard.server.TestServer.header;
import static io.switchboard.server.TestServer.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.server.config.Configuration;
import io.switchboard.web.WebFile;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The pages a server shows, and what surrounds them. */
class PagesTest {
    @Test
    void everyFileIsServedWithItsTypeAndItsBytes() {
        Map<String, String> types = Map.of(
                "/", "text/html; charset=utf-8",
                "/assets/page.css", "text/css; charset=utf-8",
                "/assets/page.js", "text/javascript; charset=utf-8",
                "/assets/icon.svg", "image/svg+xml",
                "/docs/guide.md", "text/plain; charset=utf-8");
        try (TestServer server = TestServer.start()) {
            for (WebFile file : WebFile.all()) {
                HttpResponse<byte[]> answer = server.get(file.path());
                assertThat(answer.statusCode()).as(file.path()).isEqualTo(200);
                assertThat(answer.body()).as(file.path()).isEqualTo(file.bytes());
                assertThat(header(answer, "Content-Type")).isEqualTo(file.contentType());
                assertThat(header(answer, "Cache-Control")).isEqualTo("no-cache");
                assertThat(header(answer, "X-Content-Type-Options")).isEqualTo("nosniff");
                assertThat(header(answer, "Referrer-Policy")).isEqualTo("no-referrer");
            }
            types.forEach((path, type) -> assertThat(header(server.get(path), "Content-Type"))
                    .as(path)
                    .isEqualTo(type));
        }
    }

    @Test
    void nothingRunsOnThePageButWhatComesFromThisServer() {
        try (TestServer server = TestServer.start()) {
            HttpResponse<byte[]> page = server.get("/");
            assertThat(header(page, "Content-Security-Policy"))
                    .contains("default-src 'none'", "script-src 'self'", "connect-src 'self'", "frame-ancestors 'none'")
                    .doesNotContain("unsafe");
            // What the policy would refuse is not there: scripts and styles within the markup, other servers.
            assertThat(text(page))
                    .doesNotContainPattern("<script(?![^>]* src=)")
                    .doesNotContainPattern("<style|\\sstyle=|\\son[a-z]+=")
                    .doesNotContainPattern("(src|href)=\"(https?:)?//");
        }
    }

    @Test
    void whatThePageAndItsModulesNameIsThere() {
        Pattern links = Pattern.compile("(?:src|href)=\"(/[^\"]*)\"|from '\\./([^']*)'");
        try (TestServer server = TestServer.start()) {
            int found = 0;
            for (WebFile file : WebFile.all()) {
                if (!file.path().equals("/") && !file.path().endsWith(".js")) continue;
                List<String> paths = links.matcher(new String(file.bytes(), StandardCharsets.UTF_8))
                        .results()
                        .map(PagesTest::linked)
                        .toList();
                for (String path : paths) {
                    assertThat(server.get(path).statusCode())
                            .as("%s, named in %s", path, file.path())
                            .isEqualTo(200);
                }
                found += paths.size();
            }
            assertThat(found).isGreaterThan(15);
        }
    }

    private static String linked(MatchResult link) {
        return link.group(1) == null ? "/assets/" + link.group(2) : link.group(1);
    }

    @Test
    void whoHasTheFileIsToldSo() {
        try (TestServer server = TestServer.start()) {
            for (String path : List.of("/", "/assets/page.js")) {
                HttpResponse<byte[]> first = server.get(path);
                String etag = header(first, "ETag");
                assertThat(etag).matches("\"[A-Za-z0-9_-]{22}\"");
                HttpResponse<byte[]> again = server.get(path, "If-None-Match", "\"other\", W/" + etag);
                assertThat(again.statusCode()).isEqualTo(304);
                assertThat(again.body()).isEmpty();
                assertThat(header(again, "ETag")).isEqualTo(etag);
                assertThat(header(again, "Cache-Control")).isEqualTo("no-cache");
                assertThat(server.get(path, "If-None-Match", "\"other\"").statusCode())
                        .isEqualTo(200);
            }
            assertThat(header(server.get("/"), "ETag")).isNotEqualTo(header(server.get("/assets/page.js"), "ETag"));
        }
    }

    @Test
    void headSaysHowLongTheFileIsWithoutSendingIt() {
        try (TestServer server = TestServer.start();
                RawClient raw = server.raw()) {
            // Twice, since all answers share the bytes: nobody may have moved within them.
            for (int i = 0; i < 2; i++) {
                RawClient.Answer head = raw.ask("HEAD /").answerToHead();
                RawClient.Answer page = raw.ask("GET /?channel=lab/other").answer();
                assertThat(head.status()).isEqualTo(200);
                assertThat(page.body()).startsWith("<!doctype html>").endsWith("</html>\n");
                assertThat(head.header("ETag")).isEqualTo(page.header("ETag"));
                assertThat(head.header("Content-Type")).isEqualTo(page.header("Content-Type"));
            }
        }
    }

    @Test
    void pagesAreOnlyRead() {
        try (TestServer server = TestServer.start()) {
            HttpResponse<byte[]> refused =
                    server.send(server.request("/").POST(HttpRequest.BodyPublishers.ofString("x")));
            assertThat(refused.statusCode()).isEqualTo(405);
            assertThat(header(refused, "Allow")).isEqualTo("GET, HEAD, OPTIONS");
        }
    }

    @Test
    void noPathLeadsOutOfTheFiles() {
        try (TestServer server = TestServer.start();
                RawClient raw = server.raw()) {
            for (String path : List.of(
                    "/index.html",
                    "/assets",
                    "/assets/",
                    "/assets/missing.js",
                    "/assets/page.js/",
                    "/assets/%70age.js",
                    "/assets/../index.html",
                    "/assets/..%2f..%2fWebFile.class",
                    "/assets/%2e%2e/WebFile.class",
                    "/assets//page.js",
                    "/assets/page.js%00",
                    "/docs/../../../../etc/passwd",
                    "//",
                    "/..",
                    "/WebFile.class")) {
                RawClient.Answer answer = raw.ask("GET " + path).answer();
                assertThat(answer.status()).as(path).isEqualTo(404);
                assertThat(answer.header("Content-Type")).isEqualTo("application/problem+json");
                assertThat(answer.body()).contains("\"code\":\"not_found\"");
            }
        }
    }

    @Test
    void aRouteOfTheOperatorsStandsInFrontOfThePage(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("switchboard.yaml"), """
                port: 0
                store: memory
                routes:
                  - path: /
                    channel: market/prices
                """);
        Configuration.Loaded loaded = Configuration.load(Optional.of(file), Map.of(), Map.of());
        if (!(loaded instanceof Configuration.Loaded.Good good)) throw new AssertionError(loaded);
        try (TestServer server = TestServer.start(good.settings())) {
            server.create("market/prices", JSON);
            server.append("market/prices", JSON, "3");
            assertThat(server.getText("/")).isEqualTo("[3]");
            assertThat(server.get("/assets/page.js").statusCode()).isEqualTo(200);
        }
    }
}
