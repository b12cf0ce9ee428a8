package io.switchboard.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.server.RawClient.Answer;
import io.switchboard.server.config.Configuration;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** Who may do what, asked in every way there is: the table of spec/protocol.md, section 6. */
final class AccessRulesTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String[] V1 = {"Sec-WebSocket-Protocol: switchboard.v1"};

    @TempDir
    private static Path folder;

    private static Tokens tokens;
    private static TestServer server;
    private static String root;

    @BeforeAll
    static void start() {
        tokens = new Tokens(folder);
        server = tokens.server("defaults.creation", "on-first-use", "live.longPollTimeout", "100ms");
        root = Tokens.bearer(tokens.all());
        for (String channel : List.of("here", "here/fork-source", "chat/1", "chat/2", "other/1")) {
            assertThat(ask("PUT", "/v1/stream/" + channel, root, "Content-Type: application/json")
                            .status())
                    .isEqualTo(201);
            assertThat(append(channel, "1", root).status()).isEqualTo(204);
        }
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static Answer ask(String method, String target, String... fields) {
        try (RawClient raw = server.raw()) {
            raw.ask(method + " " + target, fields);
            return method.equals("HEAD") ? raw.answerToHead() : raw.answer();
        }
    }

    private static Answer append(String channel, String body, String... fields) {
        try (RawClient raw = server.raw()) {
            return raw.post(channel, "application/json", body, fields).answer();
        }
    }

    private static int head(String target, String... fields) {
        try (RawClient raw = server.raw()) {
            return raw.ask("GET " + target, fields).head().status();
        }
    }

    private static int socket(String target, String... fields) {
        try (FrameClient client = FrameClient.ask(server.port(), 0, target, fields)) {
            return client.status();
        }
    }

    /** The code of the reply to an action on the line; {@code ok} if it was done. */
    private static int line(String action, String bearer) {
        try (FrameClient client = FrameClient.open(server.port(), "/live", V1[0], bearer)) {
            client.text(action);
            JsonNode reply = JSON.readTree(client.nextText());
            if (reply.has("ok")) return 200;
            return switch (reply.get("error").get("code").asString()) {
                case "forbidden" -> 403;
                case "not_found" -> 404;
                default -> throw new AssertionError(reply);
            };
        }
    }

    /** What is done to {@code here}, or to a channel that is not there; answers a status. */
    interface Way {
        int ask(String channel, String bearer);
    }

    record Rule(String name, String needs, Way way) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Rule> rules() {
        String events = "Accept: text/event-stream";
        return Stream.of(
                new Rule("GET", "read", (c, b) -> ask("GET", "/v1/stream/" + c, b)
                        .status()),
                new Rule("HEAD", "read", (c, b) -> ask("HEAD", "/v1/stream/" + c, b)
                        .status()),
                new Rule("last", "read", (c, b) -> ask("GET", "/v1/stream/" + c + "?last=1", b)
                        .status()),
                new Rule("file", "read", (c, b) -> ask("GET", "/v1/stream/" + c, b, "Range: bytes=0-")
                        .status()),
                new Rule("long-poll", "read", (c, b) -> ask("GET", "/v1/stream/" + c + "?offset=now&live=long-poll", b)
                        .status()),
                new Rule("live=sse", "read", (c, b) -> head("/v1/stream/" + c + "?offset=-1&live=sse", b)),
                new Rule("plain SSE", "read", (c, b) -> head("/v1/stream/" + c, b, events)),
                new Rule("/live SSE", "read", (c, b) -> head("/live?channel=" + c, b, events)),
                new Rule("socket", "read", (c, b) -> socket("/v1/stream/" + c, b)),
                new Rule("echo", "read", (c, b) -> socket("/v1/stream/" + c + "?echo", b)),
                new Rule(
                        "subscribe",
                        "read",
                        (c, b) -> line("{\"id\":1,\"action\":\"subscribe\",\"channel\":\"" + c + "\"}", b)),
                new Rule(
                        "presence",
                        "read",
                        (c, b) -> line("{\"id\":1,\"action\":\"presence\",\"channel\":\"" + c + "\"}", b)),
                new Rule("POST", "write", (c, b) -> append(c, "1", b).status()),
                new Rule(
                        "publish",
                        "write",
                        (c, b) -> line("{\"id\":1,\"action\":\"publish\",\"channel\":\"" + c + "\",\"data\":1}", b)),
                new Rule("PUT", "manage", (c, b) -> ask("PUT", "/v1/stream/" + c, b, "Content-Type: application/json")
                        .status()),
                new Rule("close by POST", "manage", (c, b) -> ask(
                                "POST", "/v1/stream/" + c + "-closing", b, "Stream-Closed: true")
                        .status()),
                new Rule(
                        "close by publish",
                        "manage",
                        (c, b) -> line(
                                "{\"id\":1,\"action\":\"publish\",\"channel\":\"" + c + "-closing\",\"close\":true}",
                                b)),
                new Rule("DELETE", "manage", (c, b) -> ask("DELETE", "/v1/stream/" + c + "-going", b)
                        .status()));
    }

    @ParameterizedTest
    @MethodSource("rules")
    void onlyTheRightThatItNeedsLetsItPass(Rule rule) {
        for (String right : List.of("read", "write", "manage")) {
            Tokens.Token token = tokens.of("alice");
            switch (right) {
                case "read" -> token.read("here", "absent", "here-closing", "here-going");
                case "write" -> token.write("here", "absent", "here-closing", "here-going");
                default -> token.manage("here", "absent", "here-closing", "here-going");
            }
            int status = rule.way().ask("here", token.bearer());
            if (right.equals(rule.needs())) {
                assertThat(status).as(right).isNotIn(401, 403);
            } else {
                assertThat(status).as(right).isEqualTo(403);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("rules")
    void whetherAChannelExistsIsNotToldToThoseWhoMayNot(Rule rule) {
        String nothing = tokens.of("bob")
                .read("elsewhere")
                .write("elsewhere")
                .manage("elsewhere")
                .bearer();
        assertThat(rule.way().ask("here", nothing)).isEqualTo(403);
        assertThat(rule.way().ask("absent", nothing)).isEqualTo(403);
    }

    @ParameterizedTest
    @MethodSource("rules")
    void withoutCredentialsNothingIsDone(Rule rule) {
        if (rule.name().matches("subscribe|presence|publish|close by publish"))
            return; // the line has a test of its own
        assertThat(rule.way().ask("here", "X-Nothing: 1")).isEqualTo(401);
    }

    private static Tokens.Token patternless(String subject) {
        return tokens.of(subject);
    }

    @Test
    void aForkNeedsReadOnItsSourceAndManageOnItself() {
        String source = "Stream-Forked-From: /v1/stream/here/fork-source";
        String half = patternless("f").manage("forks/**").bearer();
        String other = patternless("f").read("here/**").manage("elsewhere").bearer();
        String both = patternless("f").read("here/**").manage("forks/**").bearer();
        assertThat(ask("PUT", "/v1/stream/forks/1", half, source).status()).isEqualTo(403);
        assertThat(ask("PUT", "/v1/stream/forks/1", other, source).status()).isEqualTo(403);
        assertThat(ask("PUT", "/v1/stream/forks/1", both, source).status()).isEqualTo(201);
        String absent = "Stream-Forked-From: /v1/stream/not-there";
        assertThat(ask("PUT", "/v1/stream/forks/2", half, absent).status()).isEqualTo(403);
    }

    @Test
    void theFirstAppendMakesAChannelForWhoeverMayWriteWhereThePolicySaysSo() {
        String writer = patternless("w").write("made/*").bearer();
        assertThat(append("made/by-append", "1", writer).status()).isEqualTo(204);
        assertThat(ask("PUT", "/v1/stream/made/by-put", writer, "Content-Type: application/json")
                        .status())
                .isEqualTo(403);
    }

    @Test
    void closingWithAMessageNeedsBothRights() {
        append("both", "1", root);
        String close = "Stream-Closed: true";
        assertThat(append("both", "2", patternless("c").write("both").bearer(), close)
                        .status())
                .isEqualTo(403);
        assertThat(append("both", "2", patternless("c").manage("both").bearer(), close)
                        .status())
                .isEqualTo(403);
        assertThat(append(
                                "both",
                                "2",
                                patternless("c").manage("both").write("both").bearer(),
                                close)
                        .status())
                .isEqualTo(204);
    }

    @Test
    void aPlainSocketThatMayNotWriteIsClosedWhenItDoes() {
        String reader = patternless("r").read("here").bearer();
        try (FrameClient client = FrameClient.open(server.port(), "/v1/stream/here?offset=now", reader)) {
            client.text("1");
            assertThat(client.nextClose().code()).isEqualTo(4003);
        }
    }

    @Test
    void theListShowsWhatMayBeReadAndNothingElse() {
        JsonNode mine = list(patternless("l").read("chat/*").bearer(), "");
        assertThat(mine.findValuesAsString("channel")).containsExactly("chat/1", "chat/2");
        assertThat(mine.has("after")).isFalse();
        JsonNode none = list(patternless("l").write("**").manage("**").bearer(), "");
        assertThat(none.findValuesAsString("channel")).isEmpty();
        JsonNode narrowed = list(patternless("l").read("chat/**", "other/**").bearer(), "?prefix=other/");
        assertThat(narrowed.findValuesAsString("channel")).containsExactly("other/1");
        assertThat(list(patternless("l").read("chat/**").bearer(), "?prefix=other/")
                        .findValuesAsString("channel"))
                .isEmpty();
        assertThat(ask("GET", "/v1/streams").status()).isEqualTo(401);
    }

    @Test
    void aListIsPagedThroughWhatMayNotBeRead() {
        try (TestServer many = tokens.server("defaults.creation", "on-first-use")) {
            for (int i = 0; i < 30; i++) {
                String name = "l/%02d/%s".formatted(i, i % 10 == 0 ? "mine" : "theirs");
                try (RawClient raw = many.raw()) {
                    assertThat(raw.post(name, "application/json", "1", root)
                                    .answer()
                                    .status())
                            .isEqualTo(204);
                }
            }
            String mine = patternless("l").read("**/mine").bearer();
            String after = "";
            StringBuilder seen = new StringBuilder();
            int pages = 0;
            do {
                try (RawClient raw = many.raw()) {
                    raw.ask("GET /v1/streams?limit=2&after=" + after, mine);
                    JsonNode page = JSON.readTree(raw.answer().body());
                    page.findValuesAsString("channel")
                            .forEach(name -> seen.append(name).append(' '));
                    after = page.has("after") ? page.get("after").asString() : "";
                    assertThat(after).doesNotContain("theirs");
                }
                pages++;
            } while (!after.isEmpty());
            assertThat(seen).hasToString("l/00/mine l/10/mine l/20/mine ");
            assertThat(pages).isEqualTo(2);
        }
    }

    @Test
    void aFullPageDoesNotTellWhetherAnythingHiddenFollows() {
        String last = patternless("l").read("other/1").bearer();
        JsonNode page = list(last, "?limit=1");
        assertThat(page.findValuesAsString("channel")).containsExactly("other/1");
        assertThat(page.get("after").asString()).isEqualTo("other/1");
        JsonNode narrow = list(patternless("l").read("chat/1").bearer(), "?limit=1");
        assertThat(narrow.findValuesAsString("channel")).containsExactly("chat/1");
        assertThat(narrow.get("after").asString()).isEqualTo("chat/1"); // whatever begins with that, or nothing
        JsonNode rest = list(last, "?limit=1&after=other/1");
        assertThat(rest.findValuesAsString("channel")).isEmpty();
        assertThat(rest.has("after")).isFalse();
    }

    private static JsonNode list(String bearer, String query) {
        Answer answer = ask("GET", "/v1/streams" + query, bearer);
        assertThat(answer.status()).isEqualTo(200);
        return JSON.readTree(answer.body());
    }

    @Test
    void pagesAndHealthAskForNothing() {
        assertThat(ask("GET", "/").status()).isEqualTo(200);
        assertThat(ask("GET", "/health/live").status()).isEqualTo(200);
        assertThat(ask("GET", "/health/ready", "Authorization: Basic eDp5").status())
                .isEqualTo(200);
        assertThat(ask("GET", "/nowhere").status()).isEqualTo(404);
    }

    @Test
    void pathsOfTheConfigurationAskForTheirChannel() throws Exception {
        Path file = Files.writeString(folder.resolve("routes.yaml"), """
                port: 0
                store: memory
                auth.keys: %s
                defaults.creation: on-first-use
                routes:
                  - path: /
                    channel: front
                  - path: /events
                    channel: front
                    read: sse
                  - path: /log
                    channel: front
                    read: log
                """.formatted(folder.resolve("keys.json")));
        if (!(Configuration.load(Optional.of(file), Map.of(), Map.of()) instanceof Configuration.Loaded.Good good))
            throw new AssertionError("a bad configuration");
        try (TestServer routed = TestServer.start(good.settings())) {
            try (RawClient raw = routed.raw()) {
                raw.post("front", TestServer.JSON, "1", root);
                assertThat(raw.answer().status()).isEqualTo(204);
            }
            String reader = tokens.of("r").read("front").bearer();
            String stranger = tokens.of("s").read("other").bearer();
            for (String path : List.of("/", "/events")) {
                Map.of(reader, 200, stranger, 403, "X-Nothing: 1", 401).forEach((field, status) -> {
                    try (RawClient raw = routed.raw()) {
                        assertThat(raw.ask("GET " + path, field).head().status())
                                .isEqualTo(status);
                    }
                    int upgraded = status == 200 ? 101 : status;
                    try (FrameClient client = FrameClient.ask(routed.port(), 0, path, field)) {
                        assertThat(client.status()).isEqualTo(upgraded);
                    }
                });
            }
            Map.of("/?live=sse", 400, "/log?offset=-1&live=long-poll", 400, "/events?x", 200, "/log?x", 200)
                    .forEach((target, status) -> {
                        try (RawClient raw = routed.raw()) {
                            JsonNode given = JSON.readTree(
                                    raw.ask("POST /v1/tickets", reader).answer().body());
                            String ticket = given.get("ticket").asString();
                            Answer head = raw.ask("GET " + target + "&ticket=" + ticket, "Accept: text/event-stream")
                                    .head();
                            assertThat(head.status()).as(target).isEqualTo(status);
                            assertThat(head.header("Set-Cookie") != null).isEqualTo(status == 200);
                        }
                    });
        }
    }

    @Test
    void whatIsReadWithATokenIsForItsReaderOnly() {
        Answer answer = ask("GET", "/v1/stream/here", root);
        assertThat(answer.header("Cache-Control")).startsWith("private, max-age=60");
        assertThat(answer.headers()).anyMatch(line -> line.equalsIgnoreCase("Vary: authorization"));
    }
}
