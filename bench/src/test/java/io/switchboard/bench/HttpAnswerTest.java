package io.switchboard.bench;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Answers of one connection, cut anywhere. */
class HttpAnswerTest {
    /** Writes down what it is told. */
    private static final class Recorder implements HttpAnswer.Reader {
        final List<String> seen = new ArrayList<>();
        private final StringBuilder body = new StringBuilder();

        @Override
        public void head(HttpHead head) {
            seen.add(String.valueOf(head.status()));
        }

        @Override
        public void content(byte[] bytes, int from, int to) {
            body.append(new String(bytes, from, to - from, ISO_8859_1));
        }

        @Override
        public void answered() {
            seen.add(body.toString());
            body.setLength(0);
        }
    }

    private static byte[] bytes(String text) {
        return text.replace("|", "\r\n").getBytes(ISO_8859_1);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '#',
            quoteCharacter = '`',
            value = {
                "HTTP/1.1 200 OK|Content-Length: 5||hello# 200,hello",
                "HTTP/1.1 200 OK|content-length:5||helloHTTP/1.1 204 No Content||# 200,hello,204,''",
                "HTTP/1.1 200 OK|Transfer-Encoding: chunked||5|hello|1;x=y|!|0||# 200,hello!",
                "HTTP/1.1 200 OK|Transfer-Encoding: CHUNKED||a|0123456789|0|Trailer: x||# 200,0123456789",
                "HTTP/1.1 100 Continue||HTTP/1.1 304 Not Modified|Content-Length: 9||# 304,''",
                "HTTP/1.1 200 OK|Content-Length: 0||HTTP/1.1 200 OK|Content-Length: 1||x# 200,'',200,x",
            })
    void answersAreTheSameHoweverTheyAreCut(String text, String expected) {
        byte[] all = bytes(text);
        List<String> told = List.of(expected.replace("''", "").split(",", -1));
        for (int cut = 0; cut <= all.length; cut++) {
            for (int again = cut; again <= all.length; again += 3) {
                Recorder recorder = new Recorder();
                HttpAnswer answer = new HttpAnswer(new HttpHead());
                answer.feed(all, 0, cut, recorder);
                answer.feed(all, cut, again, recorder);
                answer.feed(all, again, all.length, recorder);
                assertThat(recorder.seen).as("cut at %d and %d", cut, again).isEqualTo(told);
            }
        }
    }

    @Test
    void aBodyWithoutLengthGoesToTheEndOfTheConnection() {
        Recorder recorder = new Recorder();
        HttpAnswer answer = new HttpAnswer(new HttpHead());
        byte[] all = bytes("HTTP/1.1 200 OK||some");
        assertThat(answer.feed(all, 0, all.length, recorder)).isEqualTo(all.length);
        assertThat(recorder.seen).containsExactly("200");
        assertThat(recorder.body).hasToString("some");
    }

    @Test
    void whatFollowsAChangeOfProtocolIsLeftAlone() {
        Recorder recorder = new Recorder();
        HttpAnswer answer = new HttpAnswer(new HttpHead());
        byte[] all = bytes("HTTP/1.1 101 Switching Protocols|Upgrade: websocket||frames");
        assertThat(answer.feed(all, 0, all.length, recorder)).isEqualTo(all.length - "frames".length());
        assertThat(answer.isUpgraded()).isTrue();
    }

    @Test
    void fieldsAreFoundWhateverTheirCaseAndPlace() {
        HttpHead head = new HttpHead();
        byte[] all =
                bytes("HTTP/1.1 429 Too Many|X-Stream-Next-Offset: no|STREAM-Next-Offset:  7_8 |Connection: close||");
        head.over(all, 0, all.length);
        assertThat(head.status()).isEqualTo(429);
        assertThat(head.text(HttpHead.name("stream-next-offset"))).isEqualTo("7_8");
        assertThat(head.text(HttpHead.name("next-offset"))).isNull();
        assertThat(head.closes()).isTrue();
        assertThat(head.contentLength()).isEqualTo(-1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SSH-2.0-OpenSSH||",
                "HTTP/1.1 abc||",
                "HTTP/1.1 200 OK|Content-Length: 1x||",
                "HTTP/1.1 200 OK|Content-Length: 99999999999999999999||",
                "HTTP/1.1 200 OK|Transfer-Encoding: chunked||zz|",
                "HTTP/1.1 200 OK|Transfer-Encoding: chunked||fffffffffffffffffff|",
            })
    void whatIsNoHttpIsRefused(String text) {
        byte[] all = bytes(text);
        assertThatThrownBy(() -> new HttpAnswer(new HttpHead()).feed(all, 0, all.length, new Recorder()))
                .isInstanceOf(Malformed.class);
    }

    @Test
    void aHeadWithoutEndIsRefused() {
        HttpAnswer answer = new HttpAnswer(new HttpHead());
        byte[] piece = bytes("x".repeat(1_000));
        assertThatThrownBy(() -> {
                    for (int i = 0; i < 100; i++) answer.feed(piece, 0, piece.length, new Recorder());
                })
                .isInstanceOf(Malformed.class);
    }
}
