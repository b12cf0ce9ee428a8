package io.switchboard.bench.lab;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class UpgradeStripTest {
    private static final String HANDSHAKE = String.join(
            "\r\n",
            "GET /a HTTP/1.1",
            "Host: h",
            "Connection: keep-alive, Upgrade",
            "UPGRADE: websocket",
            "Sec-WebSocket-Key: k",
            "",
            "");
    private static final String PLAIN =
            "GET /a HTTP/1.1\r\nHost: h\r\nConnection: keep-alive\r\nSec-WebSocket-Key: k\r\n\r\n";

    @Test
    void upgradeAndItsConnectionGoAndAllElseStays() {
        assertThat(passed(new UpgradeStrip(), HANDSHAKE + "rest")).isEqualTo(PLAIN + "rest");
    }

    @Test
    void aRequestThatAsksForNoUpgradePassesAsItIs() {
        String request = "GET /a HTTP/1.1\r\nConnection: close\r\n\r\n";
        assertThat(passed(new UpgradeStrip(), request)).isEqualTo(request);
    }

    @Test
    void aHeadMayComeInPieces() {
        UpgradeStrip strip = new UpgradeStrip();
        int last = HANDSHAKE.length() - 1;
        for (int i = 0; i < last; i++)
            assertThat(passed(strip, HANDSHAKE.substring(i, i + 1))).isNull();
        assertThat(passed(strip, HANDSHAKE.substring(last))).isEqualTo(PLAIN);
    }

    @Test
    void whatIsNoHeadIsNotKept() {
        String nonsense = "x".repeat(UpgradeStrip.HEAD_BYTES_MAX + 1);
        assertThat(passed(new UpgradeStrip(), nonsense)).isEqualTo(nonsense);
    }

    private static @Nullable String passed(UpgradeStrip strip, String bytes) {
        ByteBuf passed = strip.pass(Unpooled.copiedBuffer(bytes, ISO_8859_1));
        return passed == null ? null : passed.toString(ISO_8859_1);
    }
}
