package io.switchboard.server;

import static io.switchboard.server.TestServer.JSON;
import static io.switchboard.server.TestServer.TEXT;
import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.server.RawClient.Answer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever a peer sends is answered with the right status and words, and nobody else notices. */
class BadRequestTest {
    private static TestServer server;
    private EventClient bystander;

    @BeforeAll
    static void start() {
        server = TestServer.start(
                "limits.messageBytes", "10KB", "limits.headerBytes", "4KB", "limits.requestLineBytes", "1KB");
        server.create("bystander", TEXT);
        server.create("j", JSON);
        server.create("t", TEXT);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @BeforeEach
    void watch() {
        bystander = server.events("/v1/stream/bystander");
    }

    @AfterEach
    void nobodyElseNoticed() {
        server.append("bystander", TEXT, "still here");
        assertThat(bystander.next().data()).isEqualTo("still here");
        bystander.close();
    }

    private static Answer refusal(Answer answer, int status, String code) {
        assertThat(answer.status()).as(answer.toString()).isEqualTo(status);
        assertThat(answer.header("Content-Type")).isEqualTo("application/problem+json");
        assertThat(answer.header("Cache-Control")).isEqualTo("no-store");
        assertThat(answer.body())
                .startsWith("{\"type\":\"about:blank\",\"title\":\"")
                .contains("\"status\":" + status + ",", "\"code\":\"" + code + "\"")
                .matches(".*\"detail\":\"[A-Za-z][^\"]{10,}\".*");
        return answer;
    }

    // The connection is as good as before: the next request on it is answered.
    private static void goesOn(RawClient raw) {
        assertThat(raw.ask("GET /health/live").answer().status()).isEqualTo(200);
    }

    // Nobody knows where the next request would begin, or the peer is not worth reading on.
    private static void ends(RawClient raw, Answer answer) {
        assertThat(answer.closes()).isTrue();
        assertThat(raw.endsWithin(5_000)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/v1/stream/",
                "/v1/stream/a%2Fb",
                "/v1/stream/a%2fb",
                "/v1/stream/a//b",
                "/v1/stream/a/",
                "/v1/stream//a",
                "/v1/stream/.",
                "/v1/stream/..",
                "/v1/stream/a/../b",
                "/v1/stream/a/./b",
                "/v1/stream/a/%2e%2e/b",
                "/v1/stream/%2E",
                "/v1/stream/__ds",
                "/v1/stream/__ds/x",
                "/v1/stream/%5F_ds/x",
                "/v1/stream/a%00b",
                "/v1/stream/a%0d%0ab",
                "/v1/stream/a%20b",
                "/v1/stream/a%252Fb",
                "/v1/stream/%",
                "/v1/stream/%4",
                "/v1/stream/%zz",
                "/v1/stream/%ff",
                "/v1/stream/%c0%ae",
                "/v1/stream/a\\b",
                "/v1/stream/a*b",
                "/v1/stream/a;b",
                "/v1/stream/a'b",
                "/v1/stream/a/b/c/d/e/f/g/h/i/j/k/l/m/n/o/p/q"
            })
    void badChannelNamesAreRefusedForEveryMethod(String target) {
        try (RawClient raw = server.raw()) {
            for (String method : new String[] {"GET", "PUT", "DELETE"}) {
                refusal(raw.ask(method + " " + target).answer(), 400, "invalid");
            }
            refusal(raw.ask("POST " + target, "Content-Length: 1").send("x").answer(), 400, "invalid");
            assertThat(raw.ask("HEAD " + target).answerToHead().status()).isEqualTo(400);
            goesOn(raw);
        }
    }

    @Test
    void segmentsHaveAtMost128Characters() {
        try (RawClient raw = server.raw()) {
            assertThat(raw.ask("PUT /v1/stream/" + "s".repeat(128)).answer().status())
                    .isEqualTo(201);
            refusal(raw.ask("PUT /v1/stream/" + "s".repeat(129)).answer(), 400, "invalid");
            goesOn(raw);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "offset=",
                "offset=0",
                "offset=-2",
                "offset=NOW",
                "offset=a1a",
                "offset=0000000000000001_0000000000000001",
                "offset=00000000000000000_0000000000000000",
                "offset=a1b01",
                "offset=9999999999999999_99999999999999999",
                "offset=-1&offset=-1",
                "offset=%",
                "offset=%f",
                "offset=%ff",
                "live=sse",
                "live=long-poll",
                "live=poll&offset=-1",
                "live=&offset=-1",
                "live=sse&live=sse&offset=-1"
            })
    void badReadsAreRefused(String query) {
        try (RawClient raw = server.raw()) {
            refusal(raw.ask("GET /v1/stream/j?" + query).answer(), 400, "invalid");
            goesOn(raw);
        }
    }

    @Test
    void aQueryHasAtMost64Parameters() {
        try (RawClient raw = server.raw()) {
            refusal(raw.ask("GET /v1/stream/j?" + "a&".repeat(65) + "offset=-1").answer(), 400, "invalid");
            goesOn(raw);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{",
                "",
                "[1,2",
                "nul",
                "1 2",
                "{\"a\":1,}",
                "'x'",
                "[]",
                "\"\u0001\"",
                "\\u0041",
                "NaN",
                "01",
                "\ufeff1"
            })
    void badJsonIsRefused(String body) {
        try (RawClient raw = server.raw()) {
            refusal(raw.post("j", JSON, body).answer(), 400, "invalid");
            goesOn(raw);
        }
    }

    @Test
    void deepJsonIsRefusedOrTakenAndHurtsNobody() {
        try (RawClient raw = server.raw()) {
            Answer answer =
                    raw.post("j", JSON, "[".repeat(5_000) + "]".repeat(5_000)).answer();
            assertThat(answer.status()).isIn(204, 400);
            refusal(raw.post("j", JSON, "[".repeat(10_000)).answer(), 400, "invalid");
            goesOn(raw);
        }
    }

    @Test
    void textThatIsNoUtf8IsRefused() {
        try (RawClient raw = server.raw()) {
            raw.send("POST /v1/stream/t HTTP/1.1\r\nHost: h\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\n")
                    .send(new byte[] {(byte) 0xc0, (byte) 0x80});
            refusal(raw.answer(), 400, "invalid");
            goesOn(raw);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "Producer-Id: p",
        "Producer-Epoch: 0",
        "Producer-Seq: 0",
        "Stream-Seq:",
        "Content-Type: nonsense",
    })
    void badFieldsOfAnAppendAreRefused(String field) {
        try (RawClient raw = server.raw()) {
            String type = field.startsWith("Content-Type") ? field : "Content-Type: " + JSON;
            raw.ask("POST /v1/stream/j", type, "Content-Length: 1", field.equals(type) ? "X-A: b" : field)
                    .send("1");
            refusal(raw.answer(), 400, "invalid");
            goesOn(raw);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "Stream-TTL: -1",
        "Stream-TTL: 01",
        "Stream-TTL: 1.5",
        "Stream-TTL: 1e3",
        "Stream-TTL: 99999999999999999999",
        "Stream-Expires-At: tomorrow",
        "Stream-Expires-At: 2026-02-30T00:00:00Z",
        "Content-Type: /",
        "Stream-Fork-Offset: -1",
        "Stream-Fork-Sub-Offset: 1",
        "Stream-Forked-From: j",
        "Stream-Forked-From: /v1/stream/../j",
        "Stream-Forked-From: http://test/v1/stream/j"
    })
    void badFieldsOfACreationAreRefused(String field) {
        try (RawClient raw = server.raw()) {
            refusal(raw.ask("PUT /v1/stream/never", field).answer(), 400, "invalid");
            assertThat(raw.ask("HEAD /v1/stream/never").answerToHead().status()).isEqualTo(404);
            goesOn(raw);
        }
    }

    @Test
    void anAnnouncedBodyThatIsTooLargeIsRefusedBeforeItComes() {
        try (RawClient raw = server.raw()) {
            raw.ask("POST /v1/stream/t", "Content-Type: text/plain", "Content-Length: 10241", "Expect: 100-continue");
            Answer answer = refusal(raw.answer(), 413, "too_large");
            assertThat(answer.body()).contains("\"bytesMax\":10240");
            ends(raw, answer);
        }
    }

    // The peer sends all of it before it reads, as most do: it must find the answer, not a reset.
    @Test
    void aBodyThatIsTooLargeIsRefusedToWhoSendsItAll() {
        try (RawClient raw = server.raw()) {
            raw.post("t", TEXT, "x".repeat(3_000_000));
            ends(raw, refusal(raw.answer(), 413, "too_large"));
        }
    }

    @Test
    void aBodyOfUnknownLengthIsRefusedWhenItGetsTooLarge() {
        try (RawClient raw = server.raw()) {
            raw.ask("POST /v1/stream/t", "Content-Type: text/plain", "Transfer-Encoding: chunked");
            for (int i = 0; i < 3; i++) raw.send("1000\r\n" + "x".repeat(4_096) + "\r\n");
            ends(raw, refusal(raw.answer(), 413, "too_large"));
        }
    }

    @Test
    void aBodyAsLargeAsMayBeIsTakenEitherWay() {
        try (RawClient raw = server.raw()) {
            assertThat(raw.post("t", TEXT, "x".repeat(10_240)).answer().status())
                    .isEqualTo(204);
            raw.ask("POST /v1/stream/t", "Content-Type: text/plain", "Transfer-Encoding: chunked")
                    .send("2800\r\n" + "x".repeat(10_240) + "\r\n0\r\n\r\n");
            assertThat(raw.answer().status()).isEqualTo(204);
            goesOn(raw);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "PATCH, /v1/stream/j, 'GET, HEAD, POST, PUT, DELETE, OPTIONS'",
        "TRACE, /v1/stream/j, 'GET, HEAD, POST, PUT, DELETE, OPTIONS'",
        "POST, /v1/streams, 'GET, HEAD, OPTIONS'",
        "DELETE, /health/live, 'GET, HEAD, OPTIONS'",
        "PUT, /live, 'GET, HEAD, OPTIONS'"
    })
    void otherMethodsAreNotAllowedAndTheAnswerSaysWhichAre(String method, String target, String allowed) {
        try (RawClient raw = server.raw()) {
            Answer answer = refusal(raw.ask(method + " " + target).answer(), 405, "method_not_allowed");
            assertThat(answer.header("Allow")).isEqualTo(allowed);
            goesOn(raw);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "501, not_implemented, 'BREW /v1/stream/j HTTP/1.1\nHost: h\n\n'",
        "405, method_not_allowed, 'CONNECT h:80 HTTP/1.1\nHost: h\n\n'",
        "400, invalid, 'GET /v1/stream/j HTTP/1.1\n\n'",
        "400, invalid, 'GET /v1/stream/j HTTP/1.1\nHost: a\nHost: a\n\n'",
        "400, invalid, 'GET /v1/stream/j HTTP/1.1\nHost: a b\n\n'",
        "400, invalid, 'GET /v1/stream/j HTTP/1.1\nHost: h\nX : y\n\n'",
        "400, invalid, 'GET /v1/stream/j HTTP/1.1\nHost: h\n folded\n\n'",
        "400, invalid, 'GET  /v1/stream/j HTTP/1.1\nHost: h\n\n'",
        "400, invalid, 'GET /v1/stream/j#x HTTP/1.1\nHost: h\n\n'",
        "400, invalid, 'GET v1/stream/j HTTP/1.1\nHost: h\n\n'",
        "400, invalid, 'nonsense\n\n'",
        "505, version_not_supported, 'GET /v1/stream/j HTTP/2.0\nHost: h\n\n'",
        "400, invalid, 'POST /v1/stream/j HTTP/1.1\nHost: h\nContent-Length: 1\nTransfer-Encoding: chunked\n\n0\n\n'",
        "400, invalid, 'POST /v1/stream/j HTTP/1.1\nHost: h\nContent-Length: 1\nContent-Length: 2\n\n12'",
        "400, invalid, 'POST /v1/stream/j HTTP/1.1\nHost: h\nContent-Length: -1\n\n'",
        "400, invalid, 'POST /v1/stream/j HTTP/1.1\nHost: h\nContent-Length: +1\n\n1'",
        "501, not_implemented, 'POST /v1/stream/j HTTP/1.1\nHost: h\nTransfer-Encoding: gzip, chunked\n\n0\n\n'",
        "400, invalid, 'POST /v1/stream/j HTTP/1.1\nHost: h\nTransfer-Encoding: chunked\n\nxyz\n\n'",
        "417, expectation_failed, 'POST /v1/stream/j HTTP/1.1\nHost: h\nExpect: tea\nContent-Length: 1\n\n1'"
    })
    void whatIsNotHttpEndsTheConnection(int status, String code, String request) {
        try (RawClient raw = server.raw()) {
            // Behind it stands what a smuggler would like to be taken for a request.
            raw.send(request.replace("\n", "\r\n") + "DELETE /v1/stream/j HTTP/1.1\r\nHost: h\r\n\r\n");
            ends(raw, refusal(raw.answer(), status, code));
        }
        assertThat(server.get("/v1/stream/j").statusCode()).isEqualTo(200);
    }

    @Test
    void aLongRequestLineIsRefused() {
        try (RawClient raw = server.raw()) {
            raw.send("GET /v1/stream/j?x=" + "y".repeat(5_000));
            ends(raw, refusal(raw.answer(), 414, "uri_too_long"));
        }
    }

    @Test
    void aLargeHeaderIsRefused() {
        try (RawClient raw = server.raw()) {
            raw.send("GET /v1/stream/j HTTP/1.1\r\nHost: h\r\nX-Large: " + "y".repeat(20_000));
            ends(raw, refusal(raw.answer(), 431, "headers_too_large"));
        }
    }

    @Test
    void aFloodOfHeadersIsRefused() {
        try (RawClient raw = server.raw()) {
            raw.send("GET /v1/stream/j HTTP/1.1\r\nHost: h\r\n" + "a:b\r\n".repeat(150));
            ends(raw, refusal(raw.answer(), 431, "headers_too_large"));
        }
    }

    @Test
    void aFloodOfTrailersIsRefused() {
        try (RawClient raw = server.raw()) {
            raw.ask("POST /v1/stream/j", "Content-Type: " + JSON, "Transfer-Encoding: chunked")
                    .send("1\r\n1\r\n0\r\n" + "a: b\r\n".repeat(150));
            ends(raw, refusal(raw.answer(), 431, "headers_too_large"));
        }
    }

    @Test
    void manyMessagesInOneAppendAreCountedNotParsedForEver() {
        try (RawClient raw = server.raw()) {
            Answer answer = raw.post("j", JSON, "[" + "1,".repeat(5_000) + "1]").answer();
            assertThat(answer.status()).isIn(204, 400);
            goesOn(raw);
        }
    }

    @Test
    void anEmptyAppendIsRefused() {
        try (RawClient raw = server.raw()) {
            refusal(raw.post("j", JSON, "").answer(), 400, "invalid");
            refusal(raw.ask("POST /v1/stream/j", "Content-Length: 1").send("1").answer(), 400, "invalid");
            refusal(raw.post("t", JSON, "1").answer(), 409, "conflict");
            refusal(raw.post("missing", JSON, "1").answer(), 404, "not_found");
            goesOn(raw);
        }
    }
}
