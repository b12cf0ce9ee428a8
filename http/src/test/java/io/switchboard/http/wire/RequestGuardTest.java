package io.switchboard.http.wire;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.LastHttpContent;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RequestGuardTest {
    private static final int FIELDS_MAX = 100;
    private static final int LINE_MAX = 256;
    private static final int HEADER_MAX = 4096;

    @Test
    void plainRequestsPass() {
        assertThat(seen("GET /a?b=c HTTP/1.1\r\nHost: example.com\r\n\r\n")).isEqualTo("GET /a?b=c example.com 1.1 []");
        assertThat(seen("GET / HTTP/1.0\r\n\r\n")).isEqualTo("GET / - 1.0 []");
        assertThat(seen("POST /a HTTP/1.1\r\nhost: h\r\ncontent-length: 3\r\n\r\nabc"))
                .isEqualTo("POST /a h 1.1 [abc]");
        assertThat(
                        seen(
                                "PUT /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: Chunked\r\n\r\n3\r\nabc\r\n2;a=\"b\"\r\nde\r\n0\r\nX: y\r\n\r\n"))
                .isEqualTo("PUT /a h 1.1 [abcde]");
        assertThat(seen("OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n")).isEqualTo("OPTIONS * h 1.1 []");
        assertThat(seen("\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n")).isEqualTo("GET / h 1.1 []");
        assertThat(seen("POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-Continue\r\nContent-Length: 0\r\n\r\n"))
                .isEqualTo("POST / h 1.1 []");
        assertThat(seen("POST / HTTP/1.0\r\nExpect: magic\r\nContent-Length: 1\r\n\r\na"))
                .isEqualTo("POST / - 1.0 [a]");
    }

    @Test
    void requestsOnOneConnectionFollowEachOther() {
        String request = "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\na";
        assertThat(seen(request + request)).isEqualTo("POST / h 1.1 [a]POST / h 1.1 [a]");
    }

    @Test
    void aFoldedLineIsOneLineWithASpace() {
        assertThat(seen("GET / HTTP/1.1\r\nHost: h\r\nX: a\r\n b\r\n\r\n")).isEqualTo("GET / h 1.1 []");
        assertRefused(400, "GET / HTTP/1.1\r\nHost: h\r\n b\r\n\r\n");
        assertRefused(400, "GET / HTTP/1.1\r\n Host: h\r\n\r\n");
        assertRefused(400, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n 2\r\n\r\na");
        assertRefused(400, "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n");
    }

    @ParameterizedTest
    @CsvSource({
        "http://example.com/a?b, /a?b, example.com",
        "HTTP://example.com:8080, /, example.com:8080",
        "https://[::1]:1?q, /?q, [::1]:1"
    })
    void aTargetInAbsoluteFormBecomesAPathAndAHost(String target, String path, String host) {
        assertThat(seen("GET " + target + " HTTP/1.1\r\nHost: other\r\n\r\n"))
                .isEqualTo("GET " + path + " " + host + " 1.1 []");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "example.com:80",
                "example.com",
                "ftp://h/",
                "http:///a",
                "http://u@h/",
                "http://h:x/",
                "a/b",
                "?q",
                "*",
                "*/a",
                "/a#b",
                "/#",
                "/a\u0001b",
                "/a\u007f",
                "/a\u0080",
                "/\u00e9",
                "javascript:1"
            })
    void aTargetOfAnotherFormIsRefused(String target) {
        assertRefused(400, "GET " + target + " HTTP/1.1\r\nHost: h\r\n\r\n");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET",
                "GET /",
                "GET / ",
                "GET  / HTTP/1.1",
                "GET /  HTTP/1.1",
                " GET / HTTP/1.1",
                "GET / HTTP/1.1 ",
                "GET\t/ HTTP/1.1",
                "GET /\tHTTP/1.1",
                "GET\u000b/ HTTP/1.1",
                "GET\r/ HTTP/1.1",
                "GET /\rHTTP/1.1",
                "GET / HTTP/1.1 x",
                "GET / a HTTP/1.1",
                "GET / http/1.1",
                "GET / HTTP/1.1x",
                "GET / HTTP/1",
                "GET / HTTP/11",
                "GET / HTTP/a.b",
                "GET / HTTP/01.1",
                "GET / ICAP/1.1",
                "G(T / HTTP/1.1",
                "G\u0001T / HTTP/1.1",
                "\u00e9 / HTTP/1.1",
                "\u0001GET / HTTP/1.1",
                "GET /\n",
                "GET / HTTP/1.1\nHost: h"
            })
    void aRequestLineThatIsOtherwiseIsRefused(String line) {
        assertRefused(400, line + "\r\nHost: h\r\n\r\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"HTTP/2.0", "HTTP/1.2", "HTTP/0.9", "HTTP/3.0"})
    void anotherVersionIsNotSupported(String version) {
        assertRefused(505, "GET / " + version + "\r\nHost: h\r\n\r\n");
        assertRefused(505, "PRI * " + version + "\r\n\r\nSM\r\n\r\n");
    }

    @Test
    void unknownMethodsAreNotImplementedAndTunnelsNotAllowed() {
        for (String method : List.of("BREW", "get", "QUERY", "PROPFIND", "X".repeat(200))) {
            assertRefused(501, method + " / HTTP/1.1\r\nHost: h\r\n\r\n");
        }
        assertRefused(405, "CONNECT example.com:80 HTTP/1.1\r\nHost: h\r\n\r\n");
        assertThat(seen("PATCH / HTTP/1.1\r\nHost: h\r\n\r\n")).startsWith("PATCH");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "Host:\r\n",
                "Host: a\r\nHost: a\r\n",
                "Host: a\r\nhost: b\r\n",
                "Host: a b\r\n",
                "Host: a/b\r\n",
                "Host: u@a\r\n",
                "Host: a:b\r\n",
                "Host: a:65536\r\n",
                "Host: a:1:2\r\n",
                "Host: :80\r\n",
                "Host: [::1\r\n",
                "Host: []\r\n",
                "Host: [::1]x\r\n",
                "Host: [g::1]\r\n",
                "Host: a, b\r\n",
                "Host: \u00e9\r\n",
                "Host: a?b\r\n",
                "Host: a\\b\r\n"
            })
    void aHostThatIsMissingOrDoubtfulIsRefused(String fields) {
        assertRefused(400, "GET / HTTP/1.1\r\n" + fields + "\r\n");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"a", "a.b-c_d~e", "a:80", "a:", "a:65535", "127.0.0.1:8080", "[::1]", "[::ffff:1.2.3.4]:1", "%41"
            })
    void hostsPass(String host) {
        assertThat(seen("GET / HTTP/1.1\r\nHost: " + host + "\r\n\r\n")).isEqualTo("GET / " + host + " 1.1 []");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "400 | 1.1 | Content-Length: 1;Content-Length: 1",
                "400 | 1.1 | Content-Length: 1;content-length: 2",
                "400 | 1.0 | Content-Length: 1;Content-Length: 2",
                "400 | 1.0 | Content-Length: 1;Content-Length: 1",
                "400 | 1.1 | Content-Length: 1, 1",
                "400 | 1.0 | Content-Length: 1, 1",
                "400 | 1.1 | Content-Length: +1",
                "400 | 1.1 | Content-Length: -1",
                "400 | 1.1 | Content-Length: 0x1",
                "400 | 1.1 | Content-Length: 1 1",
                "400 | 1.1 | Content-Length:",
                "400 | 1.1 | Content-Length: 1.0",
                "400 | 1.1 | Content-Length: 9223372036854775807",
                "400 | 1.1 | Content-Length: 99999999999999999999",
                "400 | 1.1 | Content-Length: 1;Transfer-Encoding: chunked",
                "400 | 1.1 | Transfer-Encoding: chunked;Content-Length: 1",
                "400 | 1.1 | Content-Length: 0;Transfer-Encoding: identity",
                "501 | 1.1 | Transfer-Encoding: gzip",
                "501 | 1.1 | Transfer-Encoding: gzip, chunked",
                "501 | 1.1 | Transfer-Encoding: chunked, gzip",
                "501 | 1.1 | Transfer-Encoding: chunked, chunked",
                "501 | 1.1 | Transfer-Encoding: chunked;Transfer-Encoding: chunked",
                "501 | 1.1 | Transfer-Encoding: identity;Transfer-Encoding: chunked",
                "501 | 1.1 | Transfer-Encoding: \"chunked\"",
                "501 | 1.1 | Transfer-Encoding: xchunked",
                "501 | 1.1 | Transfer-Encoding: chunked,",
                "501 | 1.1 | Transfer-Encoding:",
                "400 | 1.0 | Transfer-Encoding: chunked",
                "400 | 1.0 | Transfer-Encoding: gzip",
                "400 | 1.1 | Transfer-Encoding : chunked",
                "400 | 1.1 | Transfer-Encoding\t: chunked",
                "400 | 1.1 | Content-Length : 1",
                "400 | 1.1 | Sec-WebSocket-Key1: a;Sec-WebSocket-Key2: b"
            })
    void aBodyWhoseEndIsDoubtfulIsRefused(int status, String version, String fields) {
        String lines = fields.replace(";", "\r\n");
        assertRefused(status, "GET / HTTP/" + version + "\r\nHost: h\r\n" + lines + "\r\n\r\n1\r\na\r\n0\r\n\r\n");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "X",
                ": a",
                "X Y: a",
                "X\u0000: a",
                "X: a\u0000b",
                "X: a\u0001",
                "X: a\u007fb",
                "X: a\rb",
                "X: a\nY: b",
                "X: a\u000bb",
                "(X): a",
                "X\u00e9: a",
                "X: \u000ba",
                "{: a",
                "Authorization: a\r\nAuthorization: b",
                "Content-Type: a/b\r\nContent-Type: a/b",
                "Origin: a\r\nOrigin: b"
            })
    void aFieldThatIsMalformedOrRepeatedIsRefused(String field) {
        assertRefused(400, "GET / HTTP/1.1\r\nHost: h\r\n" + field + "\r\n\r\n");
    }

    @Test
    void whatIsTooLongSaysWhichPart() {
        // A line that comes in pieces may have one character less: Netty counts the CR of which the LF is still to
        // come.
        assertThat(seen("GET /" + "a".repeat(LINE_MAX - 15) + " HTTP/1.1\r\nHost: h\r\n\r\n"))
                .startsWith("GET /a");
        assertRefused(414, "GET /" + "a".repeat(LINE_MAX - 13) + " HTTP/1.1\r\nHost: h\r\n\r\n");
        assertRefused(414, "GET /" + "a".repeat(LINE_MAX * 2));
        assertRefused(431, "GET / HTTP/1.1\r\nHost: h\r\nX: " + "a".repeat(HEADER_MAX) + "\r\n\r\n");
        assertRefused(431, "GET / HTTP/1.1\r\nHost: h\r\n" + ("X: " + "a".repeat(500) + "\r\n").repeat(9) + "\r\n");
        String most = "X: a\r\n".repeat(FIELDS_MAX - 1);
        assertThat(seen("GET / HTTP/1.1\r\nHost: h\r\n" + most + "\r\n")).isEqualTo("GET / h 1.1 []");
        assertRefused(431, "GET / HTTP/1.1\r\nHost: h\r\n" + most + "X: a\r\n\r\n");
    }

    @Test
    void theNumberOfFieldsIsCountedForEachRequest() {
        String request = "GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n" + "X: a\r\n".repeat(60) + "\r\n";
        assertThat(seen(request + request)).isEqualTo("GET / h 1.1 []GET / h 1.1 []");
    }

    @Test
    void anotherExpectationFails() {
        assertRefused(417, "POST / HTTP/1.1\r\nHost: h\r\nExpect: magic\r\nContent-Length: 0\r\n\r\n");
        assertRefused(400, "POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nExpect: 100-continue\r\n\r\n");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "x\r\na\r\n0\r\n\r\n",
                "\r\na",
                "-1\r\na",
                "+1\r\na\r\n0\r\n\r\n",
                "0x1\r\na\r\n0\r\n\r\n",
                "1 \r\na\r\n0\r\n\r\n",
                " 1\r\na\r\n0\r\n\r\n",
                "1\na\r\n0\r\n\r\n",
                "1\r\nab\r\n0\r\n\r\n",
                "1\r\na\n0\r\n\r\n",
                "1\r\na0\r\n\r\n",
                "1;a\n\r\na\r\n0\r\n\r\n",
                "80000000\r\na",
                "ffffffffffffffff1\r\na",
                "0\r\nX\r\n\r\n",
                "0\r\nX : a\r\n\r\n",
                "0\r\nX: a\n\r\n",
                "0\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n"
            })
    void aBodyThatIsNotChunkedAsAnnouncedIsRefused(String body) {
        assertThat(refusal("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n" + body))
                .allSatisfy((way, status) -> assertThat(status).as(way).isEqualTo(400));
    }

    @Test
    void chunkExtensionsAndTrailersAreLimited() {
        String head = "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
        assertRefused(400, head + "1;" + "a".repeat(LINE_MAX) + "\r\na\r\n0\r\n\r\n");
        assertRefused(431, head + "0\r\nX: " + "a".repeat(HEADER_MAX) + "\r\n\r\n");
        assertRefused(431, head + "0\r\n" + "X: a\r\n".repeat(FIELDS_MAX) + "\r\n");
    }

    @Test
    void nothingThatComesAfterARefusalArrives() {
        EmbeddedChannel channel = channel();
        write(channel, "GET / HTTP/1.1\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: h\r\n\r\n");
        write(channel, "GET /later HTTP/1.1\r\nHost: h\r\n\r\n");

        assertThat(channel.<Object>readInbound()).isInstanceOf(Problem.class);
        assertThat(channel.<Object>readInbound()).isNull();
        channel.finishAndReleaseAll();
    }

    @Test
    void aRequestThatThePeerCutsOffIsNobodysProblem() {
        for (String part : List.of("GET", "GET / HTTP/1.1\r\n", "GET / HTTP/1.1\r\nHost: h\r\n")) {
            EmbeddedChannel channel = channel();
            write(channel, part);
            channel.finish();
            assertThat(channel.<Object>readInbound()).as(part).isNull();
        }
    }

    private static void assertRefused(int status, String bytes) {
        assertThat(refusal(bytes))
                .allSatisfy((way, got) -> assertThat(got).as(way + " " + bytes).isEqualTo(status));
    }

    /** The status that ends the connection, for the bytes fed whole, byte by byte, and in two parts; 0 for none. */
    private static Map<String, Integer> refusal(String bytes) {
        Map<String, Integer> statuses = new TreeMap<>();
        for (int step : new int[] {bytes.length() + 1, 1, bytes.length() / 2 + 1}) {
            EmbeddedChannel channel = feed(bytes, step);
            int status = 0;
            for (Object message = channel.readInbound(); message != null; message = channel.readInbound()) {
                assertThat(status).as("a message behind the refusal").isZero();
                if (message instanceof Problem problem) {
                    status = problem.status();
                    assertThat(problem.detail()).doesNotContain("Exception");
                }
                io.netty.util.ReferenceCountUtil.release(message);
            }
            statuses.put("in steps of " + step, status);
            channel.finishAndReleaseAll();
        }
        return statuses;
    }

    /** What arrives, the same whether fed whole or byte by byte. */
    private static String seen(String bytes) {
        String whole = seen(feed(bytes, bytes.length()));
        assertThat(seen(feed(bytes, 1))).isEqualTo(whole);
        return whole;
    }

    private static String seen(EmbeddedChannel channel) {
        StringBuilder text = new StringBuilder();
        StringBuilder body = new StringBuilder();
        for (Object message = channel.readInbound(); message != null; message = channel.readInbound()) {
            switch (message) {
                case Problem problem -> text.append(problem.status());
                case HttpRequest head -> {
                    String host = head.headers().get("Host", "-");
                    text.append(head.method())
                            .append(' ')
                            .append(head.uri())
                            .append(' ')
                            .append(host);
                    text.append(' ')
                            .append(head.protocolVersion().text().substring(5))
                            .append(' ');
                }
                case HttpContent content -> {
                    body.append(content.content().toString(ISO_8859_1));
                    content.release();
                    if (content instanceof LastHttpContent) {
                        text.append('[').append(body).append(']');
                        body.setLength(0);
                    }
                }
                default -> text.append(message);
            }
        }
        channel.finishAndReleaseAll();
        return text.toString();
    }

    private static EmbeddedChannel feed(String bytes, int step) {
        EmbeddedChannel channel = channel();
        for (int at = 0; at < bytes.length(); at += step) {
            write(channel, bytes.substring(at, Math.min(bytes.length(), at + step)));
        }
        return channel;
    }

    private static EmbeddedChannel channel() {
        HttpDecoderConfig config =
                new HttpDecoderConfig().setMaxInitialLineLength(LINE_MAX).setMaxHeaderSize(HEADER_MAX);
        return new EmbeddedChannel(new RequestDecoder(config, FIELDS_MAX), new RequestGuard());
    }

    private static void write(EmbeddedChannel channel, String bytes) {
        channel.writeInbound(Unpooled.copiedBuffer(bytes, ISO_8859_1));
    }
}
