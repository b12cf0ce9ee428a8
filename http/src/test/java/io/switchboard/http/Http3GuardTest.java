package io.switchboard.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.switchboard.core.figures.Counter;
import io.switchboard.core.time.Ticker;
import io.switchboard.http.http3.AddressTokens;
import java.net.InetSocketAddress;
import org.junit.jupiter.api.Test;

/** Who may begin a handshake of QUIC. */
class Http3GuardTest {
    private static final InetSocketAddress HERE = new InetSocketAddress("192.0.2.7", 4_000);
    private static final ByteBuf ID = Unpooled.wrappedBuffer(new byte[] {1, 2, 3, 4, 5, 6, 7, 8});

    private long now = 1_000_000;
    private final Ticker ticker = () -> now;
    private final Traffic traffic = new Traffic();
    private final AddressTokens tokens = tokens(7);
    private final Http3Guard guard = new Http3Guard(tokens, ticker, traffic);

    private AddressTokens tokens(int secret) {
        byte[] key = new byte[AddressTokens.KEY_BYTES];
        key[0] = (byte) secret;
        return new AddressTokens(key, ticker);
    }

    private ByteBuf token() {
        ByteBuf token = Unpooled.buffer(guard.maxTokenLength(), guard.maxTokenLength());
        assertThat(guard.writeToken(token, ID, HERE)).isTrue();
        return token;
    }

    @Test
    void aTokenCountsForItsAddressAndForAMoment() {
        ByteBuf token = token();
        int idAt = guard.validateToken(token, HERE);
        assertThat(token.slice(idAt, token.readableBytes() - idAt)).isEqualTo(ID);
        assertThat(guard.validateToken(token, new InetSocketAddress("192.0.2.8", 4_000)))
                .isEqualTo(-1);
        assertThat(guard.validateToken(token, new InetSocketAddress("192.0.2.7", 4_001)))
                .isEqualTo(-1);
        assertThat(tokens(8).validateToken(token, HERE)).isEqualTo(-1);
        for (int at = 0; at < token.readableBytes(); at++) {
            ByteBuf other = token.copy();
            other.setByte(at, other.getByte(at) ^ 1);
            assertThat(guard.validateToken(other, HERE)).as("byte %s", at).isEqualTo(-1);
            assertThat(guard.validateToken(token.copy(0, at), HERE)).isEqualTo(-1);
        }
        assertThat(guard.validateToken(Unpooled.wrappedBuffer(token, Unpooled.wrappedBuffer(new byte[40])), HERE))
                .isEqualTo(-1);
        now += AddressTokens.LIFE_MILLIS;
        assertThat(guard.validateToken(token, HERE)).isEqualTo(-1);
    }

    @Test
    void asManyHandshakesBeginAsTheSecondHasPlaceFor() {
        ByteBuf token = token();
        for (int i = 0; i < Http3Guard.HANDSHAKES_A_SECOND_MAX; i++) {
            assertThat(guard.validateToken(token, HERE)).isPositive();
        }
        assertThat(guard.validateToken(token, HERE)).isEqualTo(-1);
        Counter tooFast = traffic.turnedAway().getOrDefault(Traffic.TurnedAway.TOO_FAST, new Counter());
        assertThat(tooFast.value()).isEqualTo(1);
        now += 1_000;
        assertThat(guard.validateToken(token, HERE)).isPositive();
    }
}
