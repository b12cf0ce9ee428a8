package io.switchboard.fuzz;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.switchboard.http.wire.Problem;
import io.switchboard.http.wire.RequestDecoder;
import io.switchboard.http.wire.RequestGuard;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.provider.MethodSource;

@Tag("slow") // the fuzzer takes its time to start, seeds or not
class RequestFuzzTest {
    static Stream<byte[]> seeds() {
        return Stream.of(
                        "GET /v1/stream/a?offset=-1 HTTP/1.1\r\nHost: h:80\r\nAccept: text/event-stream\r\n\r\n",
                        "POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabcGET / HTTP/1.0\r\n\r\n",
                        "PUT /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3;a=\"b\"\r\nabc\r\n0\r\nX: y\r\n\r\n",
                        "GET http://a/b HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nX: a\r\n b\r\n\r\n",
                        "OPTIONS * HTTP/1.1\r\nHost: [::1]:1\r\nTransfer-Encoding: gzip\r\n\r\n")
                .map(text -> text.getBytes(ISO_8859_1));
    }

    @MethodSource("seeds")
    @FuzzTest(maxDuration = "1m")
    void requestsMeanTheSameHoweverTheyArriveAndOnlyClearOnesPass(byte[] bytes) {
        String whole = arrived(bytes, Math.max(1, bytes.length));
        assertThat(arrived(bytes, 1)).isEqualTo(whole);
        assertThat(arrived(bytes, 7)).isEqualTo(whole);
    }

    private static String arrived(byte[] bytes, int step) {
        // Limits beyond what is fed, since Netty draws them a byte earlier for lines that come in pieces.
        HttpDecoderConfig config = new HttpDecoderConfig()
                .setMaxInitialLineLength(bytes.length + 64)
                .setMaxHeaderSize(bytes.length + 64);
        EmbeddedChannel channel = new EmbeddedChannel(new RequestDecoder(config, 100), new RequestGuard());
        for (int at = 0; at < bytes.length; at += step) {
            channel.writeInbound(Unpooled.copiedBuffer(bytes, at, Math.min(step, bytes.length - at)));
        }
        channel.checkException();
        StringBuilder seen = new StringBuilder();
        boolean refused = false;
        boolean inBody = false;
        for (Object message = channel.readInbound(); message != null; message = channel.readInbound()) {
            assertThat(refused).as("a message behind a refusal").isFalse();
            switch (message) {
                case Problem problem -> {
                    refused = true;
                    seen.append(problem.status());
                }
                case HttpRequest head -> {
                    assertThat(inBody).as("a head in a body").isFalse();
                    assertClear(head);
                    inBody = true;
                    seen.append(head.method())
                            .append(' ')
                            .append(head.uri())
                            .append(head.headers().entries());
                }
                case HttpContent content -> {
                    assertThat(inBody).as("a body without a head").isTrue();
                    seen.append(content.content().toString(ISO_8859_1));
                    if (content instanceof LastHttpContent) {
                        inBody = false;
                        seen.append('.');
                    }
                    content.release();
                }
                default -> throw new AssertionError("an unexpected message: " + message);
            }
        }
        channel.finishAndReleaseAll();
        return seen.toString();
    }

    private static void assertClear(HttpRequest head) {
        HttpHeaders headers = head.headers();
        int lengths = headers.getAll("Content-Length").size();
        int codings = headers.getAll("Transfer-Encoding").size();
        assertThat(lengths + codings).isLessThanOrEqualTo(1);
        if (lengths == 1) assertThat(headers.get("Content-Length")).matches("[0-9]{1,18}");
        if (codings == 1) assertThat(headers.get("Transfer-Encoding")).isEqualToIgnoringCase("chunked");
        int hosts = headers.getAll("Host").size();
        assertThat(hosts).isBetween(head.protocolVersion().equals(HttpVersion.HTTP_1_1) ? 1 : 0, 1);
        assertThat(head.uri()).matches("[/*][\\x21-\\x22\\x24-\\x7e]*");
        headers.forEach(field -> assertThat(field.getKey() + field.getValue()).doesNotContain("\r", "\n", "\0"));
    }
}
