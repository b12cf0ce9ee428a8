package io.switchboard.core.channel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ChannelNameTest {
    @ParameterizedTest
    @ValueSource(strings = {"a", "chat/room-1", "A9-_.:@=,~+", "a/__ds", "__dsx", "...", ".a", "a/..b"})
    void theseAreNames(String name) {
        assertThat(ChannelName.problemWith(name)).isNull();
        assertThat(new ChannelName(name)).hasToString(name);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "", "/", "/a", "a/", "a//b", ".", "..", "a/..", "a/./b", "__ds", "__ds/a", "a b", "a%2Fb", "a?", "a\\b",
                "\u00e4", "a\u0000", "a\n"
            })
    void theseAreNone(String name) {
        assertThat(ChannelName.problemWith(name)).isNotBlank();
        assertThatThrownBy(() -> new ChannelName(name)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void segmentsAreLimitedInLengthAndNumber() {
        String segment = "s".repeat(ChannelName.SEGMENT_LENGTH_MAX);
        String longest = (segment + "/").repeat(ChannelName.SEGMENTS_MAX - 1) + segment;

        assertThat(ChannelName.problemWith(longest)).isNull();
        assertThat(ChannelName.problemWith(segment + "s")).contains("128");
        assertThat(ChannelName.problemWith(longest + "/s")).contains("16");
    }
}
