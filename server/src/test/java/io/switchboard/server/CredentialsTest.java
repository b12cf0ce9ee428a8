package io.switchboard.server;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.switchboard.security.session.LocalTickets;
import io.switchboard.server.RawClient.Answer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.ObjectMapper;

/** How somebody says who it is: bearer tokens, tickets, cookies, and from which pages. */
final class CredentialsTest {
    private static final String MINE = "https://app.example.com";
    private static final String EVENTS = "Accept: text/event-stream";
    private static final String CHANNEL = "/v1/stream/c";

    @TempDir
    private static Path folder;

    private static Tokens tokens;
    private static TestServer server; // with a list of origins
    private static TestServer open; // to pages of any origin
    private static String token;
    private static String bearer;

    private final ListAppender<ILoggingEvent> logged = new ListAppender<>();
    private final List<String> secrets = new ArrayList<>();

    @BeforeAll
    static void start() {
        tokens = new Tokens(folder);
        server = tokens.server("cors.origins", MINE);
        open = tokens.server();
        token = tokens.all();
        bearer = Tokens.bearer(token);
        for (TestServer each : List.of(server, open)) {
            try (RawClient raw = each.raw()) {
                raw.ask("PUT " + CHANNEL, bearer, "Content-Type: application/json");
                assertThat(raw.answer().status()).isEqualTo(201);
            }
        }
    }

    @AfterAll
    static void stop() {
        server.close();
        open.close();
    }

    @BeforeEach
    void listen() {
        secrets.add(token);
        logged.start();
        root().addAppender(logged);
        ((Logger) LoggerFactory.getLogger("io.switchboard")).setLevel(Level.TRACE);
    }

    @AfterEach
    void nothingSecretWasLogged() {
        root().detachAppender(logged);
        ((Logger) LoggerFactory.getLogger("io.switchboard")).setLevel(null);
        for (ILoggingEvent event : List.copyOf(logged.list)) {
            for (String secret : secrets) {
                assertThat(event.getFormattedMessage()).doesNotContain(secret);
            }
        }
    }

    private static Logger root() {
        return (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    }

    private Answer ask(TestServer to, String request, String... fields) {
        try (RawClient raw = to.raw()) {
            raw.ask(request, fields);
            Answer answer = request.startsWith("HEAD") ? raw.answerToHead() : raw.answer();
            for (String secret : secrets) {
                if (answer.status() >= 400) assertThat(answer.toString()).doesNotContain(secret);
            }
            return answer;
        }
    }

    private Answer ask(String request, String... fields) {
        return ask(server, request, fields);
    }

    // Whose keys are not this server's, and not in its file.
    private static Tokens strangers() {
        try {
            return new Tokens(Files.createDirectories(folder.resolve("strangers")));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String ticket(String from) {
        Answer answer = ask("POST /v1/tickets", from);
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.header("Cache-Control")).isEqualTo("no-store");
        var json = new ObjectMapper().readTree(answer.body());
        assertThat(json.get("expiresIn").asInt()).isBetween(1, 30);
        String ticket = json.get("ticket").asString();
        secrets.add(ticket);
        return ticket;
    }

    private String ticket() {
        return ticket(bearer);
    }

    // --- tokens

    @ParameterizedTest
    @ValueSource(
            strings = {"", "Bearer", "Bearer ", "Basic eDp5", "Bearer a b", "Bearer a,b", "Bearer\u00e9", "Digest x"})
    void whatIsNoBearerTokenIsAskedForOne(String authorization) {
        Answer answer = ask("GET " + CHANNEL, "Authorization: " + authorization);
        assertThat(answer.status()).isEqualTo(401);
        assertThat(answer.header("WWW-Authenticate")).isEqualTo("Bearer realm=\"switchboard\"");
        assertThat(answer.header("Content-Type")).isEqualTo("application/problem+json");
        assertThat(answer.body()).contains("\"code\":\"unauthorized\"");
    }

    @Test
    void aTokenThatIsNotAcceptedIsNotToldWhy() {
        String expired = tokens.of("a").read("**").lives(-1_000).sign();
        String foreign = strangers().all();
        String first = null;
        for (String wrong : List.of(expired, foreign, "a.b.c", "x", "e30.e30.", token + "x")) {
            Answer answer = ask("GET " + CHANNEL, Tokens.bearer(wrong));
            assertThat(answer.status()).isEqualTo(401);
            assertThat(answer.header("WWW-Authenticate"))
                    .isEqualTo("Bearer realm=\"switchboard\", error=\"invalid_token\"");
            if (first == null) first = answer.body();
            assertThat(answer.body()).isEqualTo(first);
        }
    }

    @Test
    void aTokenThatHasOnlyExpiredLeavesTheConnectionOpen() {
        String expired = tokens.of("a").read("**").lives(-1_000).bearer();
        try (RawClient raw = server.raw()) {
            assertThat(raw.ask("GET " + CHANNEL, expired).answer().status()).isEqualTo(401);
            assertThat(raw.ask("GET " + CHANNEL, bearer).answer().status()).isEqualTo(200);
        }
    }

    @Test
    void whatIsSentBehindAForgedTokenIsNotLookedAt() {
        String foreign = strangers().all();
        for (String forged : List.of(foreign, token.substring(0, token.lastIndexOf('.') + 1), "a.b.c", "e30.e30.")) {
            String request = "GET " + CHANNEL + " HTTP/1.1\r\nHost: test\r\n" + Tokens.bearer(forged) + "\r\n\r\n";
            String good = request.replace(forged, token);
            try (RawClient raw = server.raw()) {
                raw.send(request.repeat(200) + good);
                Answer answer = raw.answer();
                assertThat(answer.status()).isEqualTo(401);
                assertThat(answer.closes()).isTrue();
                assertThat(raw.rest()).isEmpty();
            }
        }
    }

    @Test
    void twoTokensAreARequestOfTwoMeanings() {
        assertThat(ask("GET " + CHANNEL, bearer, bearer).status()).isEqualTo(400);
        assertThat(ask("GET " + CHANNEL + "?ticket=" + ticket(), bearer, EVENTS).status())
                .isEqualTo(400);
    }

    @ParameterizedTest
    @ValueSource(strings = {"token", "access_token", "jwt", "%74oken"})
    void aTokenInAUrlIsRefusedWithWhatToDoInstead(String name) {
        for (String path : List.of(CHANNEL, "/live", "/v1/streams", "/nowhere")) {
            Answer answer = ask("GET " + path + "?" + name + "=" + token);
            assertThat(answer.status()).isEqualTo(400);
            assertThat(answer.body()).contains("/v1/tickets").doesNotContain(token);
        }
        try (FrameClient client = FrameClient.ask(server.port(), 0, "/live?" + name + "=" + token)) {
            assertThat(client.status()).isEqualTo(400);
        }
    }

    @Test
    void withoutAuthenticationATokenInAUrlIsAnyParameter() {
        try (TestServer plain = TestServer.start()) {
            plain.create("c", TestServer.JSON);
            assertThat(plain.get(CHANNEL + "?token=x").statusCode()).isEqualTo(200);
            assertThat(plain.get("/v1/sessions").statusCode()).isEqualTo(404);
            assertThat(plain.get(CHANNEL).headers().allValues("Vary")).containsExactly("accept");
        }
    }

    // --- tickets

    @Test
    void aTicketOpensEverythingThatCannotSendAHeaderOnce() {
        for (String target : List.of(CHANNEL + "?", "/live?channel=c&", CHANNEL + "?offset=-1&live=sse&")) {
            String ticket = ticket();
            try (EventClient events = server.events(target + "ticket=" + ticket)) {
                assertThat(events.head().status()).isEqualTo(200);
            }
            assertThat(ask("GET " + target + "ticket=" + ticket, EVENTS).status())
                    .isEqualTo(401);
        }
        for (String target : List.of(CHANNEL, "/live")) {
            String ticket = ticket();
            for (int status : new int[] {101, 401}) {
                try (FrameClient client = FrameClient.ask(server.port(), 0, target + "?ticket=" + ticket)) {
                    assertThat(client.status()).isEqualTo(status);
                }
            }
        }
    }

    @Test
    void oneSubjectHoldsOnlySoManyTickets() {
        String hoarder = tokens.of("hoarder").read("c").bearer();
        for (int i = 0; i < LocalTickets.SUBJECT_COUNT_MAX; i++) {
            assertThat(ask("POST /v1/tickets", hoarder).status()).isEqualTo(200);
        }
        Answer refused = ask("POST /v1/tickets", hoarder);
        assertThat(refused.status()).isEqualTo(429);
        assertThat(refused.header("Retry-After")).isEqualTo("5");
        assertThat(refused.body()).contains("\"too_many\"");
        assertThat(ticket()).isNotEmpty();
    }

    @Test
    void aTicketIsForNothingElse() {
        String ticket = ticket();
        assertThat(ask("GET " + CHANNEL + "?ticket=" + ticket).status()).isEqualTo(400);
        assertThat(ask("POST " + CHANNEL + "?ticket=" + ticket, EVENTS).status())
                .isEqualTo(400);
        assertThat(ask("DELETE " + CHANNEL + "?ticket=" + ticket, EVENTS).status())
                .isEqualTo(400);
        assertThat(ask("POST /v1/tickets?ticket=" + ticket).status()).isEqualTo(400);
        assertThat(ask("GET " + CHANNEL + "?ticket=", EVENTS).status()).isEqualTo(401);
        try (EventClient events = server.events(CHANNEL + "?ticket=" + ticket)) { // it was not spent by those
            assertThat(events.head().status()).isEqualTo(200);
        }
        assertThat(ask("POST /v1/tickets").status()).isEqualTo(401);
        assertThat(ask("GET /v1/tickets", bearer).status()).isEqualTo(405);
    }

    /** What looks like an event stream in one way, and is answered otherwise. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "/v1/sessions?live=sse",
                "/v1/streams?live=sse",
                "/metrics?live=sse",
                "/nowhere?live=sse",
                CHANNEL + "?offset=-1&live=long-poll",
                CHANNEL + "?last=1",
                CHANNEL + "?before=now"
            })
    void neitherTicketNorCookieCountsWhereTheAnswerIsNoEventStream(String target) {
        String ticket = ticket();
        assertThat(ask("GET " + target + "&ticket=" + ticket, EVENTS).status()).isEqualTo(400);
        assertThat(ask("GET " + target, EVENTS, cookie()).status()).isIn(401, 404);
        try (EventClient events = server.events(CHANNEL + "?ticket=" + ticket)) { // it was not spent by those
            assertThat(events.head().status()).isEqualTo(200);
        }
    }

    @Test
    void aTicketCarriesTheRightsOfItsToken() {
        String ticket = ticket(tokens.of("x").read("elsewhere").bearer());
        assertThat(ask("GET " + CHANNEL + "?ticket=" + ticket, EVENTS).status()).isEqualTo(403);
    }

    // --- cookies

    private static String cookie(Answer head) {
        String set = head.header("Set-Cookie");
        if (set == null) throw new AssertionError("no cookie: " + head);
        return "Cookie: other=1; " + set.substring(0, set.indexOf(';'));
    }

    private String cookie() {
        try (EventClient events = server.events(CHANNEL + "?ticket=" + ticket())) {
            String cookie = cookie(events.head());
            secrets.add(cookie.substring(cookie.lastIndexOf('=') + 1));
            return cookie;
        }
    }

    @Test
    void anEventStreamComesBackWithTheCookieThatItsTicketLeft() {
        String ticket = ticket();
        String target = CHANNEL + "?ticket=" + ticket;
        String cookie;
        try (EventClient events = server.events(target)) {
            String set = events.head().header("Set-Cookie");
            assertThat(set)
                    .startsWith("switchboard=")
                    .contains("; HttpOnly", "; Secure", "; Path=/", "; SameSite=Strict")
                    .containsPattern("; Max-Age=(59|60)(;|$)");
            cookie = cookie(events.head());
        }
        for (int i = 0; i < 3; i++) {
            try (EventClient events = server.events(target, cookie)) {
                assertThat(events.head().status()).isEqualTo(200);
                assertThat(events.head().header("Set-Cookie")).isNull();
            }
        }
        try (EventClient events = server.events("/live?channel=c", cookie)) {
            assertThat(events.head().status()).isEqualTo(200);
        }
    }

    @Test
    void aSpentTicketCountsAsAFailureOnlyWhereItIsTurnedAway() {
        String ticket = ticket();
        String target = CHANNEL + "?ticket=" + ticket;
        String cookie;
        try (EventClient events = server.events(target)) {
            cookie = cookie(events.head());
        }
        double before = refusedTickets();
        for (int i = 0; i < 3; i++) {
            try (EventClient events = server.events(target, cookie)) {
                assertThat(events.head().status()).isEqualTo(200);
            }
        }
        assertThat(refusedTickets()).isEqualTo(before);
        assertThat(ask("GET " + target, EVENTS).status()).isEqualTo(401);
        assertThat(refusedTickets()).isEqualTo(before + 1);
    }

    private double refusedTickets() {
        return ask("GET /metrics", bearer)
                .body()
                .lines()
                .filter(line -> line.startsWith("switchboard_auth_failures_total{reason=\"ticket\"}"))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.indexOf(' ') + 1)))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void aCookieReadsEventStreamsAndDoesNothingElse() {
        String cookie = cookie();
        assertThat(ask("GET " + CHANNEL, cookie).status()).isEqualTo(401);
        assertThat(ask("HEAD " + CHANNEL, cookie).status()).isEqualTo(401);
        assertThat(ask("POST " + CHANNEL, cookie, EVENTS, "Stream-Closed: true").status())
                .isEqualTo(401);
        assertThat(ask("PUT " + CHANNEL, cookie, EVENTS).status()).isEqualTo(401);
        assertThat(ask("DELETE " + CHANNEL, cookie, EVENTS).status()).isEqualTo(401);
        assertThat(ask("POST /v1/tickets", cookie, EVENTS).status()).isEqualTo(401);
        assertThat(ask("GET /v1/sessions", cookie, EVENTS).status()).isEqualTo(401);
        try (FrameClient client = FrameClient.ask(server.port(), 0, CHANNEL, cookie)) {
            assertThat(client.status()).isEqualTo(401);
        }
    }

    @Test
    void aCookieThatWasChangedOrIsForeignIsNone() {
        String cookie = cookie();
        char last = cookie.charAt(cookie.length() - 5);
        String changed = cookie.substring(0, cookie.length() - 5)
                + (last == 'A' ? 'B' : 'A')
                + cookie.substring(cookie.length() - 4);
        for (String wrong :
                List.of(changed, "Cookie: switchboard=", "Cookie: switchboard=AAAA", "Cookie: switchboard=%%%")) {
            assertThat(ask("GET " + CHANNEL, EVENTS, wrong).status()).isEqualTo(401);
        }
        assertThat(ask(open, "GET " + CHANNEL, EVENTS, cookie).status()).isEqualTo(401);
    }

    @Test
    void aCookieSpeaksForPagesOfThisServerAndOfThoseListed() {
        String cookie = cookie();
        assertThat(status(server, cookie, "Origin: " + MINE)).isEqualTo(200);
        assertThat(status(server, cookie, "Origin: http://test")).isEqualTo(200); // as the Host
        assertThat(status(server, cookie, "Origin: https://evil.example")).isEqualTo(403);
        assertThat(status(server, cookie, "Origin: null")).isEqualTo(403);
        assertThat(status(server, cookie, "Sec-Fetch-Site: cross-site")).isEqualTo(403);
        assertThat(status(server, cookie, "Sec-Fetch-Site: same-site")).isEqualTo(403);
        assertThat(status(server, cookie, "Sec-Fetch-Site: same-origin")).isEqualTo(200);
    }

    private static int status(TestServer to, String... fields) {
        try (RawClient raw = to.raw()) {
            List<String> all = new ArrayList<>(List.of(fields));
            all.add(EVENTS);
            return raw.ask("GET " + CHANNEL, all.toArray(String[]::new)).head().status();
        }
    }

    @Test
    void aStarLetsPagesReadWithTicketsButLeavesThemNoCookie() {
        Answer answer = ask(open, "POST /v1/tickets", bearer, "Origin: https://any.example");
        assertThat(answer.header("Access-Control-Allow-Origin")).isEqualTo("*");
        assertThat(answer.header("Access-Control-Allow-Credentials")).isNull();
        String ticket = new ObjectMapper().readTree(answer.body()).get("ticket").asString();
        try (EventClient events = open.events(CHANNEL + "?ticket=" + ticket, "Origin: https://any.example")) {
            assertThat(events.head().header("Set-Cookie")).isNull();
        }
    }

    @Test
    void aPageOfAListedOriginGetsACookieAcrossSites() {
        try (EventClient events = server.events(CHANNEL + "?ticket=" + ticket(), "Origin: " + MINE)) {
            assertThat(events.head().header("Set-Cookie")).contains("; SameSite=None");
            assertThat(events.head().header("Access-Control-Allow-Credentials")).isEqualTo("true");
            assertThat(events.head().header("Access-Control-Allow-Origin")).isEqualTo(MINE);
        }
    }

    // --- origins

    @Test
    void aForeignPageIsRefusedWhateverItHasInHand() {
        String evil = "Origin: https://app.example.com.evil.example";
        assertThat(ask("GET " + CHANNEL, bearer, evil).status()).isEqualTo(403);
        String ticket = ticket();
        assertThat(ask("GET " + CHANNEL + "?ticket=" + ticket, EVENTS, evil).status())
                .isEqualTo(403);
        for (String fields : List.of(evil, "Origin: null", "Origin: HTTPS://APP.EXAMPLE.COM")) {
            try (FrameClient client = FrameClient.ask(server.port(), 0, "/live?ticket=" + ticket, fields)) {
                assertThat(client.status()).isEqualTo(403);
            }
            try (FrameClient client =
                    FrameClient.ask(server.port(), 0, "/live", fields, "Sec-WebSocket-Protocol: switchboard.v1")) {
                assertThat(client.status()).isEqualTo(403);
            }
        }
        try (FrameClient client =
                FrameClient.ask(server.port(), 0, "/live?ticket=" + ticket, "Origin: " + MINE)) { // not spent by those
            assertThat(client.status()).isEqualTo(101);
        }
    }

    @Test
    void aForeignPreflightIsPermittedNothing() {
        Answer answer = ask("OPTIONS " + CHANNEL, "Origin: https://evil.example");
        assertThat(answer.status()).isEqualTo(204);
        assertThat(answer.headers())
                .noneMatch(line -> line.toLowerCase(java.util.Locale.ROOT).startsWith("access-control"));
        Answer mine = ask("OPTIONS " + CHANNEL, "Origin: " + MINE);
        assertThat(mine.header("Access-Control-Allow-Headers")).contains("Authorization");
        assertThat(mine.header("Access-Control-Allow-Credentials")).isEqualTo("true");
    }

    @Test
    void aPageSeesThatItIsNotLetIn() {
        Answer answer = ask("GET " + CHANNEL, "Origin: " + MINE);
        assertThat(answer.status()).isEqualTo(401);
        assertThat(answer.header("Access-Control-Allow-Origin")).isEqualTo(MINE);
    }
}
