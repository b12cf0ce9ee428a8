package io.switchboard.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.websocketx.CorruptedWebSocketFrameException;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.switchboard.http.wire.Utf8;
import java.util.Arrays;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.provider.MethodSource;

@Tag("slow") // the fuzzer takes its time to start, seeds or not
class FramesFuzzTest {
    private static final int BYTES_MAX = 4_096;

    static Stream<byte[]> seeds() {
        return Stream.of(
                bytes(0x81, 0x85, 0, 0, 0, 0, 'h', 'e', 'l', 'l', 'o'),
                bytes(0x01, 0x81, 1, 2, 3, 4, 'h', 0x89, 0x80, 0, 0, 0, 0, 0x80, 0x81, 1, 2, 3, 4, 'i'),
                bytes(0x82, 0xfe, 0, 126, 9, 9, 9, 9),
                bytes(0x82, 0xff, 0x40, 0, 0, 0, 0, 0, 0, 0),
                bytes(0x88, 0x82, 0, 0, 0, 0, 3, 0xe8),
                bytes(0xc1, 0x87, 0, 0, 0, 0, 0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00),
                bytes(0x81, 0x82, 0, 0, 0, 0, 0xce, 0xba, 0x81, 0x81, 0, 0, 0, 0, 0xce));
    }

    private static byte[] bytes(int... values) {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < bytes.length; i++) bytes[i] = (byte) values[i];
        return bytes;
    }

    @MethodSource("seeds")
    @FuzzTest(maxDuration = "1m")
    void framesMeanTheSameHoweverTheyArriveAndNothingGrows(byte[] bytes) {
        for (boolean deflated : new boolean[] {false, true}) {
            String whole = arrived(bytes, Math.max(1, bytes.length), deflated);
            assertThat(arrived(bytes, 1, deflated)).isEqualTo(whole);
            assertThat(arrived(bytes, 7, deflated)).isEqualTo(whole);
        }
    }

    private static String arrived(byte[] bytes, int step, boolean deflated) {
        FrameDecoder decoder = new FrameDecoder(BYTES_MAX, deflated);
        Assembly assembly = new Assembly(MessageLimit.of(BYTES_MAX), deflated);
        EmbeddedChannel channel = new EmbeddedChannel(decoder);
        StringBuilder seen = new StringBuilder();
        boolean over = false;
        for (int at = 0; at < bytes.length && !over; at += step) {
            String corrupt = null;
            try {
                channel.writeInbound(Unpooled.copiedBuffer(bytes, at, Math.min(step, bytes.length - at)));
            } catch (CorruptedWebSocketFrameException e) {
                corrupt = "corrupt " + e.closeStatus().code();
            }
            over = take(channel, assembly, seen);
            if (!over && corrupt != null) {
                seen.append(corrupt);
                over = true;
            }
            assertThat(assembly.held()).isLessThanOrEqualTo(BYTES_MAX);
        }
        channel.finishAndReleaseAll();
        return seen.toString();
    }

    // Until a message is refused, which ends the connection.
    private static boolean take(EmbeddedChannel channel, Assembly assembly, StringBuilder seen) {
        for (@Nullable WebSocketFrame frame = channel.readInbound(); frame != null; frame = channel.readInbound()) {
            try {
                switch (assembly.add(frame)) {
                    case Assembly.Step.More more -> {}
                    case Assembly.Step.Message(boolean text, byte[] message) -> {
                        assertThat(message.length).isLessThanOrEqualTo(BYTES_MAX);
                        if (text)
                            assertThat(Utf8.isValid(message, 0, message.length)).isTrue();
                        seen.append(text ? "text " : "binary ").append(Arrays.toString(message));
                    }
                    case Assembly.Step.Refused(var code, String reason) -> {
                        seen.append(code).append(reason);
                        return true;
                    }
                }
            } finally {
                frame.release();
            }
        }
        return false;
    }
}
