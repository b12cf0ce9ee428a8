package io.switchboard.bench;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SharedStreamTest {
    private static final String HANDSHAKE = head(
            "Connection: Upgrade",
            "Upgrade: websocket",
            "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==");
    private static final String STREAM = head("Accept: text/event-stream");

    private final List<Throwable> failures = new ArrayList<>();

    private static String head(String... fields) {
        return "GET /v1/stream/c HTTP/1.1\r\nHost: h\r\n" + String.join("\r\n", fields) + "\r\n\r\n";
    }

    private EmbeddedChannel stream(boolean sockets) {
        return new EmbeddedChannel(
                new SharedStream(new Translation("https"), sockets), new ChannelInboundHandlerAdapter() {
                    @Override
                    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
                        failures.add(cause);
                    }
                });
    }

    @Test
    void noWebSocketIsAskedForWhereTheServerTakesNoneOnStreams() {
        EmbeddedChannel stream = stream(false);
        stream.writeOneOutbound(Unpooled.copiedBuffer(HANDSHAKE, US_ASCII));
        assertThat(failures).extracting(Trouble::of).containsExactly(Trouble.HTTP_VERSION);
        assertThat(stream.outboundMessages()).isEmpty();
    }

    @Test
    void eventStreamsNeedNoSuchLeave() {
        EmbeddedChannel stream = stream(false);
        stream.writeOutbound(Unpooled.copiedBuffer(STREAM, US_ASCII));
        Object asked = stream.readOutbound();
        assertThat(asked).isInstanceOf(Http2HeadersFrame.class);
        assertThat(failures).isEmpty();
    }

    @Test
    void aWebSocketIsAskedForWhereTheServerTakesThem() {
        EmbeddedChannel stream = stream(true);
        stream.writeOutbound(Unpooled.copiedBuffer(HANDSHAKE, US_ASCII));
        Http2HeadersFrame asked = stream.readOutbound();
        assertThat(asked.headers().method()).hasToString("CONNECT");
        assertThat(asked.isEndStream()).isFalse();
        assertThat(failures).isEmpty();
    }
}
