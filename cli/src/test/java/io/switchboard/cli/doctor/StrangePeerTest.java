package io.switchboard.cli.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.cli.place.Credentials;
import io.switchboard.cli.place.Failure;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Whatever answers there, each step ends in time, with a sentence. */
@Timeout(30)
@Tag("slow") // it waits for real time
class StrangePeerTest {
    private static final Duration PATIENCE = Duration.ofMillis(400);

    private static List<Finding> examine(String url, String... origin) {
        try {
            return examine(url, Credentials.of("header.payload.secret", "test"), origin);
        } catch (Failure failure) {
            throw new AssertionError(failure);
        }
    }

    private static List<Finding> examine(String url, Credentials credentials, String... origin) {
        Examination examination = new Examination(
                PATIENCE,
                64 << 10,
                Duration.ZERO,
                List.of(origin).stream().findFirst(),
                Optional.empty(),
                Optional.empty());
        List<Finding> findings = new ArrayList<>();
        try {
            new Doctor(Target.of(url), examination, credentials).examine(new Audience() {
                @Override
                public void looking(Step step) {}

                @Override
                public void found(Finding finding) {
                    findings.add(finding);
                }
            });
        } catch (Failure failure) {
            throw new AssertionError(failure);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
        assertThat(findings).allSatisfy(finding -> assertThat(finding.sentence())
                .endsWith(".")
                .matches("[\\x20-\\x7e]{10,400}")
                .doesNotContain("secret", "Exception"));
        return findings;
    }

    /** The codes of all troubles. */
    private static List<String> troubles(StrangePeer.Behaviour behaviour) throws IOException {
        try (StrangePeer peer = new StrangePeer(behaviour)) {
            return troubles(examine(peer.url()));
        }
    }

    private static List<String> troublesBehindTheFirst(StrangePeer.Behaviour behaviour) throws IOException {
        try (StrangePeer peer = StrangePeer.likeSwitchboard(behaviour)) {
            return troubles(examine(peer.url()));
        }
    }

    private static List<String> troubles(List<Finding> findings) {
        return findings.stream()
                .filter(finding -> finding.level() == Level.TROUBLE && finding.step() != Step.TOKEN)
                .map(Finding::code)
                .toList();
    }

    private static String sentence(List<Finding> findings, String code) {
        return findings.stream()
                .filter(finding -> finding.code().equals(code))
                .findFirst()
                .orElseThrow(() -> new AssertionError(findings))
                .sentence();
    }

    @Test
    void nobodyListens() throws IOException {
        int port;
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = taken.getLocalPort();
        }
        assertThat(troubles(examine("http://127.0.0.1:" + port))).containsExactly("unreachable");
    }

    @Test
    void theNameIsUnknown() {
        assertThat(troubles(examine("http://nobody.invalid")))
                .hasSize(1)
                .first()
                .asString()
                .matches("unknown-host|resolve-late");
    }

    @Test
    void itTakesConnectionsAndNeverSpeaks() throws IOException {
        assertThat(troubles((request, line) -> line.staySilent())).containsExactly("http-failed");
    }

    @Test
    void itHangsUp() throws IOException {
        assertThat(troubles((request, line) -> {})).containsExactly("http-failed");
    }

    @Test
    void itSpeaksADropAtATime() throws IOException {
        assertThat(troubles((request, line) -> line.drip("HTTP/1.1 200 OK\r\n")))
                .containsExactly("http-failed");
    }

    @Test
    void itsHeaderHasNoEnd() throws IOException {
        for (String endless : List.of("X: y\r\n", "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx")) {
            try (StrangePeer peer = new StrangePeer((request, line) -> {
                line.say("HTTP/1.1 200 OK\r\n");
                line.pour(endless);
            })) {
                assertThat(sentence(examine(peer.url()), "http-failed")).contains("header without end");
            }
        }
    }

    @Test
    void itSendsInterimAnswersForEver() throws IOException {
        assertThat(troubles((request, line) -> line.pour("HTTP/1.1 103 Early Hints\r\n\r\n")))
                .containsExactly("http-failed");
    }

    @Test
    void itSpeaksSomethingElse() throws IOException {
        try (StrangePeer peer = new StrangePeer((request, line) -> {
            line.say("SSH-2.0-\u001b[31mEvil\u0007_9.2\r\n");
            line.staySilent();
        })) {
            assertThat(sentence(examine(peer.url()), "http-failed")).contains("\"SSH-2.0-?[31mEvil?_9.2");
        }
    }

    @Test
    void itsFramingIsNone() throws IOException {
        for (String framing : List.of("Content-Length: -1", "Content-Length: 1e3", "Transfer-Encoding: chunked")) {
            assertThat(troubles((request, line) -> {
                        line.say("HTTP/1.1 406 No\r\n" + framing + "\r\n\r\nzz\r\n");
                        line.staySilent();
                    }))
                    .containsExactly("http-failed");
        }
    }

    @Test
    void itsBodyHasNoEnd() throws IOException {
        assertThat(troubles((request, line) -> {
                    line.say("HTTP/1.1 200 OK\r\nServer: nginx\r\n\r\n");
                    line.pour("<p>and so on</p>".repeat(1_000));
                }))
                .containsExactly("not-switchboard");
    }

    @Test
    void itSendsUsElsewhere() throws IOException {
        assertThat(troubles((request, line) ->
                        line.say("HTTP/1.1 301 Moved\r\nLocation: https://x\u001b[2J/\r\nContent-Length: 0\r\n\r\n")))
                .containsExactly("redirect");
    }

    @Test
    void aProxyStandsBeforeNothing() throws IOException {
        try (StrangePeer peer = new StrangePeer((request, line) -> line.say(StrangePeer.answer(
                "502 Bad Gateway\r\nServer: nginx/1.22.1\r\nVia: 1.1 varnish", "text/html", "<html></html>")))) {
            List<Finding> findings = examine(peer.url());
            assertThat(troubles(findings)).containsExactly("no-upstream");
            assertThat(sentence(findings, "no-upstream")).contains("nginx/1.22.1, via 1.1 varnish");
        }
    }

    @Test
    void aProxyReplacesErrors() throws IOException {
        assertThat(troubles((request, line) ->
                        line.say(StrangePeer.answer("406 Not Acceptable", "text/html", "<html>Sorry</html>"))))
                .containsExactly("errors-replaced");
    }

    @Test
    void itSpeaksNoTls() throws IOException {
        try (StrangePeer peer = new StrangePeer((request, line) -> line.staySilent())) {
            assertThat(troubles(examine("https://127.0.0.1:" + peer.port()))).containsExactly("tls-failed");
        }
    }

    @Test
    void everythingButPlainGetsIsSilent() throws IOException {
        assertThat(troublesBehindTheFirst((request, line) -> line.staySilent()))
                .containsExactly("events-held-back", "websocket-unanswered", "body-unanswered");
    }

    @Test
    void everythingButPlainGetsIsRefusedInFront() throws IOException {
        assertThat(troublesBehindTheFirst(
                        (request, line) -> line.say(StrangePeer.answer("405 No", "text/html", "<html></html>"))))
                .containsExactly("events-refused-in-front", "websocket-refused-in-front", "body-refused-in-front");
    }

    @Test
    void handshakesAreAnsweredWithAnothersAccept() throws IOException {
        assertThat(troublesBehindTheFirst((request, line) -> {
                    if (!request.contains("Upgrade")) return;
                    line.say("HTTP/1.1 101 OK\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: abc=\r\n\r\n");
                    line.staySilent();
                }))
                .contains("websocket-wrong-accept");
    }

    @Test
    void socketsOpenAndThenAreStrange() throws IOException {
        byte[] huge = {(byte) 0x82, 127, 0x7f, -1, -1, -1, -1, -1, -1, -1};
        byte[] negative = {(byte) 0x82, 127, -1, -1, -1, -1, -1, -1, -1, -1};
        byte[] masked = {(byte) 0x82, (byte) 0x81, 0, 0, 0, 0, 1};
        byte[] longPing = {(byte) 0x89, 126, 1, 0};
        byte[] loneContinuation = {0x00, 1, 65};
        for (byte[] frame : List.of(new byte[0], huge, negative, masked, longPing, loneContinuation)) {
            List<String> troubles = troublesBehindTheFirst((request, line) -> {
                if (!request.contains("Upgrade")) return;
                line.say(opening(request));
                line.say(frame);
                line.staySilent();
            });
            assertThat(troubles).contains("websocket-mute", "websocket-subprotocol-lost");
        }
    }

    @Test
    void socketsPourPings() throws IOException {
        assertThat(troublesBehindTheFirst((request, line) -> {
                    if (!request.contains("Upgrade")) return;
                    line.say(opening(request));
                    line.pour("\u0089\u0000");
                }))
                .contains("websocket-noise");
    }

    private static String opening(String request) {
        String key = request.replaceFirst("(?s).*Sec-WebSocket-Key: ([^\r]*).*", "$1");
        return "HTTP/1.1 101 OK\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "
                + Handshake.accept(key) + "\r\n\r\n";
    }

    @Test
    void eventStreamsAreCompressedOrEmpty() throws IOException {
        try (StrangePeer peer = StrangePeer.likeSwitchboard((request, line) -> {
            if (!request.contains("text/event-stream")) return;
            String coding = request.contains("Accept-Encoding") ? "Content-Encoding: gzip\r\n" : "";
            line.say("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n" + coding + "\r\n");
            line.staySilent();
        })) {
            List<Finding> findings = examine(peer.url());
            assertThat(findings).extracting(Finding::code).contains("events-compressed", "events-held-back");
        }
    }

    @Test
    void originsAreAllowedTwice() throws IOException {
        String twice = "200 OK\r\nAccess-Control-Allow-Origin: *\r\nAccess-Control-Allow-Origin: https://a.example";
        try (StrangePeer peer = StrangePeer.likeSwitchboard(
                (request, line) -> line.say(StrangePeer.answer(twice, "application/json", "[]")))) {
            assertThat(troubles(examine(peer.url(), "https://a.example"))).contains("cors-doubled");
        }
    }

    @Test
    void theTokenIsShownAndWhoRefusesItInFrontIsNamed() throws IOException {
        List<String> requests = new CopyOnWriteArrayList<>();
        assertThat(troubles((request, line) -> {
                    requests.add(request);
                    line.say(StrangePeer.answer("401 No", "text/html", ""));
                }))
                .containsExactly("refused-in-front");
        assertThat(requests).singleElement().asString().contains("Authorization: Bearer header.payload.secret\r\n");
    }

    @Test
    void whoRefusesEverythingInFrontIsNamedOnceWithTheLineToChange() throws IOException {
        String json = "{\"code\":\"access_denied\",\"status\":403}";
        for (String answer : List.of(
                StrangePeer.answer("401 No\r\nServer: nginx\r\nWWW-Authenticate: Basic realm=\"x\"", "text/html", ""),
                StrangePeer.answer("403 Forbidden\r\nServer: nginx", "text/html", "<html></html>"),
                StrangePeer.answer("403 Forbidden\r\nServer: nginx", "application/problem+json", json))) {
            try (StrangePeer peer = new StrangePeer((request, line) -> line.say(answer))) {
                List<Finding> findings = examine(peer.url());
                assertThat(troubles(findings)).containsExactly("refused-in-front");
                assertThat(findings.getLast().code()).isEqualTo("refused-in-front");
                assertThat(findings.getLast().remedy()).contains(Remedy.DOOR);
                assertThat(sentence(findings, "refused-in-front"))
                        .contains(
                                answer.contains("Basic")
                                        ? "nginx answers 401, and asks for Basic,"
                                        : "nginx answers 403,");
            }
        }
    }

    @Test
    void onlyChannelsAreRefusedInFront() throws IOException {
        try (StrangePeer peer = StrangePeer.likeSwitchboard(
                (request, line) -> line.say(StrangePeer.answer("403 No", "text/html", "<html></html>")))) {
            assertThat(troubles(examine(peer.url(), Credentials.NONE))).containsExactly("refused-in-front");
        }
    }

    @Test
    void whatATokenDoesNotAllowIsSaidOnce() throws IOException {
        try (StrangePeer peer = StrangePeer.likeSwitchboard((request, line) ->
                line.say(StrangePeer.answer("403 No", "application/problem+json", "{\"code\":\"forbidden\"}")))) {
            List<Finding> findings = examine(peer.url() + "/v1/stream/c");
            assertThat(findings)
                    .extracting(Finding::code)
                    .contains("channel-refused", "events-forbidden", "websocket-forbidden");
            assertThat(findings)
                    .filteredOn(finding -> finding.code().endsWith("-forbidden"))
                    .allMatch(finding -> finding.level() == Level.SKIPPED);
        }
    }

    @Test
    void aTokenThatIsSentBackIsNotShown() throws IOException {
        try (StrangePeer peer = new StrangePeer((request, line) -> line.say("HTTP/1.1 301 No\r\nLocation: /?"
                + request.replaceFirst("(?s).*Bearer ([^\r]*).*", "$1") + "\r\n\r\n"))) {
            assertThat(sentence(examine(peer.url()), "redirect")).contains("not shown");
        }
    }
}
