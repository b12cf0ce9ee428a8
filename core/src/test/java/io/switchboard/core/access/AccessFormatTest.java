package io.switchboard.core.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.core.channel.ChannelPattern;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class AccessFormatTest {
    private static final Access ALICE = new Access(
            "alice \u00e4\ud83d\ude00",
            new Grants(patterns("chat/*", "news/**"), patterns("chat/alice"), patterns(), true),
            "t-1",
            1_799_999_000_000L,
            Access.NEVER);

    private static List<ChannelPattern> patterns(String... patterns) {
        return Arrays.stream(patterns).map(ChannelPattern::new).toList();
    }

    @Test
    void anAccessComesBackAsItWas() {
        for (Access access : List.of(ALICE, Access.OPEN, Access.NONE)) {
            assertThat(AccessFormat.access(AccessFormat.bytes(access))).isEqualTo(access);
        }
    }

    @Test
    void anotherVersionIsNotRead() {
        byte[] bytes = AccessFormat.bytes(ALICE);
        for (int version = 0; version < 256; version++) {
            if (bytes[0] == (byte) version) continue;
            byte[] other = bytes.clone();
            other[0] = (byte) version;
            assertThat(AccessFormat.access(other)).isNull();
        }
    }

    @Test
    void whatIsLeftOffOrLeftOverIsNoAccess() {
        byte[] bytes = AccessFormat.bytes(ALICE);
        for (int length = 0; length < bytes.length; length++) {
            assertThat(AccessFormat.access(Arrays.copyOf(bytes, length))).isNull();
        }
        assertThat(AccessFormat.access(Arrays.copyOf(bytes, bytes.length + 1))).isNull();
    }

    @Test
    void bytesOfAnythingAreAnAccessOrNone() {
        byte[] bytes = AccessFormat.bytes(ALICE);
        for (int at = 1; at < bytes.length; at++) {
            for (int value : new int[] {0, 1, 0x7f, 0x80, 0xff}) {
                byte[] other = bytes.clone();
                other[at] = (byte) value;
                Access access = AccessFormat.access(other);
                if (access != null)
                    assertThat(AccessFormat.access(AccessFormat.bytes(access))).isEqualTo(access);
            }
        }
    }
}
