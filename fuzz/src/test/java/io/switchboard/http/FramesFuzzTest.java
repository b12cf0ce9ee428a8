package io.switchboard.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.switchboard.http.wire.Utf8;
import java.util.Arrays;
import java.util.stream.Stream;
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
        FrameReader reader = new FrameReader(BYTES_MAX, deflated);
        MessageLimit limit = MessageLimit.of(BYTES_MAX);
        StringBuilder seen = new StringBuilder();
        for (int at = 0; at < bytes.length; at += step) {
            ByteBuf piece = Unpooled.wrappedBuffer(bytes, at, Math.min(step, bytes.length - at));
            while (piece.isReadable()) {
                FrameReader.Step came = reader.take(piece, limit, true);
                assertThat(reader.held()).isLessThanOrEqualTo(BYTES_MAX);
                if (isLast(came, seen)) return seen.toString();
            }
        }
        return seen.toString();
    }

    // What is refused ends the connection.
    private static boolean isLast(FrameReader.Step came, StringBuilder seen) {
        switch (came) {
            case FrameReader.Step.More() -> {
                return false;
            }
            case FrameReader.Step.Message(Assembly.Whole(boolean text, byte[] message)) -> {
                assertThat(message.length).isLessThanOrEqualTo(BYTES_MAX);
                if (text) assertThat(Utf8.isValid(message, 0, message.length)).isTrue();
                seen.append(text ? "text " : "binary ").append(Arrays.toString(message));
                return false;
            }
            case FrameReader.Step.Ping(byte[] payload) -> {
                seen.append("ping ").append(Arrays.toString(payload));
                return false;
            }
            case FrameReader.Step.Close close -> seen.append(close);
            case FrameReader.Step.Refused refused -> seen.append(refused);
            case FrameReader.Step.TooBig tooBig -> seen.append(tooBig);
            case FrameReader.Step.Broken broken -> seen.append(broken);
        }
        return true;
    }
}
