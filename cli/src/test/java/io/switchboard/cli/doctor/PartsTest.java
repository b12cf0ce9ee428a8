package io.switchboard.cli.doctor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.switchboard.cli.place.Failure;
import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The parts of the doctor that need no connection. */
class PartsTest {
    private static Head head(String... lines) throws WireFailure {
        return Head.parse(List.of(lines));
    }

    private static Answer answer(String body, String... lines) throws WireFailure {
        return new Answer(head(lines), body.getBytes(StandardCharsets.UTF_8), Duration.ZERO);
    }

    @Test
    void headsAreReadAsTheyCome() throws WireFailure {
        Head head = head("HTTP/1.1 101 Switching", "Connection: keep-alive, Upgrade", "SERVER:  nginx ", "server: b");
        assertThat(head.status()).isEqualTo(101);
        assertThat(head.lists("connection", "upgrade")).isTrue();
        assertThat(head.lists("connection", "close")).isFalse();
        assertThat(head.first("server")).hasValue("nginx");
        assertThat(head.all("server")).containsExactly("nginx", "b");
        assertThat(head.first("via")).isEmpty();
        assertThat(head("HTTP/1.0 200").version()).isEqualTo("HTTP/1.0");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "HTTP/2 200 OK", "HTTP/1.1 20 OK", "HTTP/1.1 600 OK", "ICY 200 OK", "HTTP/1.1  200"})
    void whatIsNoStatusLineIsNone(String line) {
        assertThatThrownBy(() -> head(line)).isInstanceOf(WireFailure.class);
    }

    @Test
    void fieldsWithoutANameAreNone() {
        assertThatThrownBy(() -> head("HTTP/1.1 200 OK", ": x")).isInstanceOf(WireFailure.class);
        assertThatThrownBy(() -> head("HTTP/1.1 200 OK", "x")).isInstanceOf(WireFailure.class);
    }

    @ParameterizedTest
    @CsvSource({
        "127.0.0.1, 127.0.0.1",
        "::ffff:127.0.0.1, 127.0.0.1",
        "0:0:0:0:0:0:0:0, ::",
        "0:0:0:0:0:0:0:1, ::1",
        "2001:DB8:0:0:0:0:0:1, 2001:db8::1",
        "fe80:0:0:0:0:0:0:0, fe80::",
        "2001:0:0:1:0:0:0:1, 2001:0:0:1::1",
        "2001:db8:0:0:1:0:0:1, 2001:db8::1:0:0:1",
        "2001:db8:0:1:1:1:1:1, 2001:db8:0:1:1:1:1:1",
        "10:0:a0:0:0a:0:0:10, 10:0:a0:0:a::10",
        "fe80:0:0:0:0:0:0:1%1, fe80::1%1"
    })
    void addressesAreShownShort(String address, String shown) {
        assertThat(Excerpt.of(InetAddress.ofLiteral(address))).isEqualTo(shown);
    }

    @ParameterizedTest
    @CsvSource({
        "http://a.example, http://a.example, , a.example, 80",
        "a.example:81, http://a.example:81, , a.example, 81",
        "wss://a.example/base/live, https://a.example/base, , a.example, 443",
        "ws://[::1]:9/, http://[::1]:9, , ::1, 9",
        "https://a.example/base/v1/stream/chat/1, https://a.example/base, chat/1, a.example, 443"
    })
    void targetsAreServersOrChannels(String url, String server, String channel, String host, int port) throws Failure {
        Target target = Target.of(url);
        assertThat(target.server()).hasToString(server);
        assertThat(target.channel()).isEqualTo(Optional.ofNullable(channel));
        assertThat(target.host()).isEqualTo(host);
        assertThat(target.port()).isEqualTo(port);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "ftp://a.example",
                "http://a.example?x=1",
                "http://a.example/v1/stream/",
                "http://a.example/v1/stream/a?offset=-1",
                "http://ann:secret@a.example"
            })
    void otherUrlsAreMistakes(String url) {
        assertThatThrownBy(() -> Target.of(url))
                .isInstanceOf(Failure.class)
                .message()
                .doesNotContain("secret@");
    }

    @Test
    void acceptIsThatOfTheStandard() {
        // RFC 6455, section 1.3
        assertThat(Handshake.accept("dGhlIHNhbXBsZSBub25jZQ==")).isEqualTo("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    }

    @Test
    void whatOthersSayIsShortAndPlain() {
        assertThat(Excerpt.of("a\r\n\u001b[31mé")).isEqualTo("a???[31m?");
        assertThat(Excerpt.of("x".repeat(1_000))).hasSize(83).endsWith("...");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "h3=\":8443\"; ma=3600 | '' | 8443",
                "h2=\":443\", h3=\":444\", h3=\":445\" | '' | 444",
                "h3=\"other.example:443\" | other.example | 443",
                "h3=\"[::1]:443\" | [::1] | 443",
                "clear | |",
                "h3-29=\":443\" | |",
                "h3=\":0\", h3=\":65536\", h3=\"443\", h3=:443 | |"
            })
    void http3IsWhereItIsAnnounced(String field, String host, Integer port) {
        assertThat(Alternative.in(List.of(field)))
                .isEqualTo(Optional.ofNullable(host).map(name -> new Alternative(name, port)));
    }

    @Test
    void onlyAListOfVersionsForTheSameNamesIsAnAnswerToTheProbe() {
        QuicProbe probe = new QuicProbe();
        byte[] question = probe.question();
        assertThat(question).hasSize(1_200);
        byte[] theirs = Arrays.copyOfRange(question, 6, 14);
        byte[] ours = Arrays.copyOfRange(question, 15, 23);
        byte[] answer = versions(ours, theirs, 0, 0, 0, 1);
        assertThat(probe.isAnswer(answer)).isTrue();
        assertThat(probe.isAnswer(versions(theirs, ours, 0, 0, 0, 1))).isFalse();
        assertThat(probe.isAnswer(versions(ours, theirs))).isFalse();
        assertThat(probe.isAnswer(versions(ours, theirs, 0, 0, 0))).isFalse();
        assertThat(probe.isAnswer(question)).as("an echo").isFalse();
        assertThat(new QuicProbe().isAnswer(answer)).as("of another one").isFalse();
        for (int length = 0; length < answer.length; length++) {
            assertThat(probe.isAnswer(Arrays.copyOf(answer, length))).isFalse();
        }
    }

    private static byte[] versions(byte[] to, byte[] from, int... versions) {
        ByteArrayOutputStream packet = new ByteArrayOutputStream();
        packet.writeBytes(new byte[] {(byte) 0x80, 0, 0, 0, 0, 8});
        packet.writeBytes(to);
        packet.write(8);
        packet.writeBytes(from);
        for (int each : versions) packet.write(each);
        return packet.toByteArray();
    }

    @ParameterizedTest
    @EnumSource(Remedy.class)
    void everyRemedyHasALineForEveryProxy(Remedy remedy) {
        for (Proxy proxy : Proxy.values()) assertThat(remedy.in(proxy)).hasSizeGreaterThan(10);
    }

    @ParameterizedTest
    @CsvSource({
        "Server: nginx/1.22.1, nginx/1.22.1, NGINX",
        "Server: Caddy, Caddy, CADDY",
        "Server: cloudflare, cloudflare, CLOUD",
        "Via: 1.1 google, via 1.1 google, CLOUD",
        "Server: awselb/2.0, awselb/2.0, CLOUD",
        "X: y, HAProxy, HAPROXY",
        "Server: Apache, Apache,"
    })
    void authorsAreNamedByWhatTheySign(String field, String author, Proxy proxy) throws WireFailure {
        Answer answer = answer("<html><body><h1>503 Service Unavailable</h1>", "HTTP/1.1 503 No", field);
        assertThat(answer.author()).hasValue(author);
        assertThat(answer.proxy()).isEqualTo(Optional.ofNullable(proxy));
        assertThat(answer.problem()).isEmpty();
    }

    @Test
    void problemsAreTheServers() throws WireFailure {
        String json = "{\"type\":\"about:blank\",\"code\":\"not_found\"}";
        assertThat(answer(json, "HTTP/1.1 404 No", "Content-Type: application/problem+json")
                        .problem())
                .hasValue("not_found");
        assertThat(answer(json, "HTTP/1.1 404 No", "Content-Type: text/html").problem())
                .isEmpty();
        assertThat(answer("{", "HTTP/1.1 404 No", "Content-Type: application/problem+json")
                        .problem())
                .isEmpty();
    }

    @Test
    void clocksAreCompared() throws WireFailure {
        Answer answer = answer("", "HTTP/1.1 200 OK", "Date: Mon, 23 Nov 2026 00:00:10 GMT");
        assertThat(ClockCheck.ahead(answer, Instant.parse("2026-11-23T00:00:00Z")))
                .hasValue(Duration.ofSeconds(10));
        assertThat(ClockCheck.ahead(answer, Instant.parse("2026-11-23T00:00:10.500Z")))
                .hasValue(Duration.ZERO);
        assertThat(ClockCheck.ahead(answer("", "HTTP/1.1 200 OK", "Date: soon"), Instant.EPOCH))
                .isEmpty();
    }

    private static Claims claims(long issued, long expires) {
        return new Claims(OptionalLong.of(expires), OptionalLong.of(issued), OptionalLong.empty());
    }

    @Test
    void tokensAreJudgedByTheirTime() {
        assertThat(TokenCheck.judge(claims(0, 7_200), 100).code()).isEqualTo("token");
        assertThat(TokenCheck.judge(claims(0, 7_200), 7_150).code()).isEqualTo("token-ends");
        assertThat(TokenCheck.judge(claims(0, 7_200), 7_200).code()).isEqualTo("token-expired");
        assertThat(TokenCheck.judge(claims(111, 7_200), 100).code()).isEqualTo("token-early");
        assertThat(TokenCheck.judge(claims(110, 7_200), 100).code()).isEqualTo("token");
        Claims none = new Claims(OptionalLong.empty(), OptionalLong.of(1), OptionalLong.empty());
        assertThat(TokenCheck.judge(none, 100).code()).isEqualTo("token-claims");
    }

    @Test
    void claimsAreReadOrNot() {
        assertThat(Claims.of(token("{\"exp\":20,\"iat\":10.5,\"nbf\":\"x\"}")))
                .hasValue(new Claims(OptionalLong.of(20), OptionalLong.of(10), OptionalLong.empty()));
        for (String bad : List.of("", "a.b", "a.!!.c", token("[]"), token("{\"exp\":"), token("") + ".d")) {
            assertThat(Claims.of(bad)).isEmpty();
        }
    }

    private static String token(String claims) {
        return "h." + Base64.getUrlEncoder().withoutPadding().encodeToString(claims.getBytes(StandardCharsets.UTF_8))
                + ".s";
    }
}
