package io.switchboard.http.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;

class Utf8Test {
    private static final CharsetDecoder DECODER =
            StandardCharsets.UTF_8.newDecoder().onMalformedInput(CodingErrorAction.REPORT);

    @Test
    void everyPairOfBytesAndEveryCutCharacterIsJudgedAsTheJdkDoes() {
        for (int a = 0; a < 256; a++) {
            assertAgrees((byte) a);
            for (int b = 0; b < 256; b++) {
                assertAgrees((byte) a, (byte) b);
                if (a < 0xc0) continue;
                for (int c : new int[] {0x41, 0x80, 0xbf, 0xc0}) {
                    assertAgrees((byte) a, (byte) b, (byte) c);
                    assertAgrees((byte) a, (byte) b, (byte) c, (byte) 0x80);
                    assertAgrees((byte) a, (byte) b, (byte) c, (byte) 0xbf);
                    assertAgrees((byte) a, (byte) b, (byte) c, (byte) 0x41);
                }
            }
        }
    }

    @Test
    void randomBytesAreJudgedAsTheJdkDoes() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int round = 0; round < 5_000; round++) {
            StringBuilder text = new StringBuilder();
            int length = random.nextInt(40);
            for (int i = 0; i < length; i++) {
                int wide = random.nextInt(4);
                text.appendCodePoint(random.nextInt(wide == 0 ? 0x110000 : wide == 1 ? 0x3000 : 0x80));
            }
            byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
            if (bytes.length > 0 && random.nextBoolean()) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
            }
            int from = bytes.length == 0 ? 0 : random.nextInt(bytes.length);
            assertThat(Utf8.isValid(bytes, from, bytes.length))
                    .as("seed %d", seed)
                    .isEqualTo(jdk(bytes, from, bytes.length));
        }
    }

    private static void assertAgrees(byte... bytes) {
        if (Utf8.isValid(bytes, 0, bytes.length) != jdk(bytes, 0, bytes.length)) {
            assertThat(bytes).as("judged otherwise than by the JDK").isNull();
        }
    }

    // Without the exceptions that a decoder's other methods throw: there are half a million refusals.
    static boolean jdk(byte[] bytes, int from, int to) {
        DECODER.reset();
        return !DECODER.decode(ByteBuffer.wrap(bytes, from, to - from), CharBuffer.allocate(to - from), true)
                .isError();
    }
}
