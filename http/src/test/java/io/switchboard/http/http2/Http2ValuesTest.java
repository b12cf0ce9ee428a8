package io.switchboard.http.http2;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Headers;
import io.switchboard.http.wire.Problem;
import org.junit.jupiter.api.Test;

class Http2ValuesTest {
    private static final HeadReader.Limits LIMITS = new HeadReader.Limits(100, 10, 1_000);

    private static Http2Headers fields(String... more) {
        Http2Headers fields = new DefaultHttp2Headers()
                .method("GET")
                .scheme("https")
                .authority("h:1")
                .path("/a?b=c");
        for (int i = 0; i < more.length; i += 2) fields.add(more[i], more[i + 1]);
        return fields;
    }

    @Test
    void aRequestHasTheFormThatItHasOverHttp1() {
        RequestHead read =
                HeadReader.read(fields("cookie", "a=1", "x", "y", "cookie", "b=2"), RequestHead.VERSION, true, LIMITS);
        assertThat(read).isInstanceOfSatisfying(RequestHead.Accepted.class, accepted -> {
            assertThat(accepted.contentLength()).isEqualTo(-1);
            assertThat(accepted.head().method()).isEqualTo(HttpMethod.GET);
            assertThat(accepted.head().uri()).isEqualTo("/a?b=c");
            assertThat(accepted.head().headers().get("Host")).isEqualTo("h:1");
            assertThat(accepted.head().headers().getAll("Cookie")).containsExactly("a=1; b=2");
            assertThat(accepted.head().headers().get("X")).isEqualTo("y");
            assertThat(accepted.head().headers().names()).noneMatch(name -> name.startsWith(":"));
        });
    }

    @Test
    void moreFieldsThanMayBeAreTooMany() {
        Http2Headers fields = fields();
        for (int i = 0; i < 11; i++) fields.add("x", "y");
        assertThat(HeadReader.read(fields, RequestHead.VERSION, true, LIMITS))
                .isInstanceOfSatisfying(RequestHead.Refused.class, refused -> assertThat(refused.problem())
                        .extracting(Problem::status)
                        .isEqualTo(431));
    }

    @Test
    void anAnswerSaysNothingOfTheConnection() {
        HttpHeaders headers = new DefaultHttpHeaders()
                .add("Content-Type", "text/plain")
                .add("Connection", "close")
                .add("Upgrade", "websocket")
                .add("Transfer-Encoding", "chunked");
        Http2Headers fields = ResponseHead.of(426, headers);
        assertThat(fields.status()).hasToString("426");
        assertThat(fields.size()).isEqualTo(2);
        assertThat(fields.get("content-type")).hasToString("text/plain");
    }

    @Test
    void theStreamsThatClosedLastAreRemembered() {
        ClosedStreams closed = new ClosedStreams();
        assertThat(closed.how(1)).isEqualTo(ClosedStreams.How.UNKNOWN);
        closed.add(1, true);
        closed.add(3, false);
        assertThat(closed.how(1)).isEqualTo(ClosedStreams.How.RESET_HERE);
        assertThat(closed.how(3)).isEqualTo(ClosedStreams.How.ENDED);
        for (int i = 0; i < ClosedStreams.REMEMBERED; i++) closed.add(5 + 2 * i, false);
        assertThat(closed.how(1)).isEqualTo(ClosedStreams.How.UNKNOWN);
        assertThat(closed.how(5)).isEqualTo(ClosedStreams.How.ENDED);
    }

    @Test
    void anAllowanceIsUsedUpAndComesBackSlowly() {
        Allowance allowance = new Allowance(3, 1);
        for (int i = 0; i < 3; i++) assertThat(allowance.take()).isTrue();
        for (int i = 0; i < 5; i++) assertThat(allowance.take()).isFalse();
        allowance.refill();
        assertThat(allowance.take()).isTrue();
        assertThat(allowance.take()).isFalse();
        for (int i = 0; i < 9; i++) allowance.refill();
        for (int i = 0; i < 3; i++) assertThat(allowance.take()).isTrue();
        assertThat(allowance.take()).isFalse();
    }
}
