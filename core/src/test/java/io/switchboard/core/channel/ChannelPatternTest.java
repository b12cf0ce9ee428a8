package io.switchboard.core.channel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ChannelPatternTest {
    @ParameterizedTest
    @CsvSource({
        "prices, prices",
        "chat/*, chat/a",
        "*/a, chat/a",
        "**, a/b/c",
        "chat/**, chat",
        "chat/**, chat/a/b",
        "**/log, log",
        "**/log, a/b/log",
        "a/**/z, a/z",
        "a/**/z, a/b/c/z",
        "**/**, a",
        "a/**/*, a/b",
        "**/a/**/b, x/a/a/y/b/b",
        "a/*/**/*/d, a/b/c/d",
    })
    void thesePatternsMatch(String pattern, String name) {
        assertThat(new ChannelPattern(pattern).matches(new ChannelName(name))).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "prices, price",
        "prices, prices/a",
        "chat/*, chat",
        "chat/*, chat/a/b",
        "chat/**, chats",
        "a/**/z, a/b",
        "a/**/*, a",
        "*/*, a",
        "prices/a, prices",
        "ab, a",
        "**/a/**/b, x/b/a",
    })
    void theseDoNot(String pattern, String name) {
        assertThat(new ChannelPattern(pattern).matches(new ChannelName(name))).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "/", "a//b", "a*", "***", "a/%/b", "."})
    void theseAreNoPatterns(String pattern) {
        assertThatThrownBy(() -> new ChannelPattern(pattern)).isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @CsvSource({"prices, prices", "chat/**, chat", "chat/*/log, chat", "a/b/*, a/b", "'*', ''", "'**/a', ''"})
    void allThatMatchesBeginsAlike(String pattern, String start) {
        assertThat(new ChannelPattern(pattern).commonStart()).isEqualTo(start);
    }

    @Test
    void manyWildcardsCostNoMoreThanSegmentsTimesSegments() {
        ChannelPattern pattern = new ChannelPattern("**/a/".repeat(7) + "**/b");
        ChannelName name = new ChannelName("a/".repeat(15) + "a");

        assertThat(pattern.matches(name)).isFalse();
        assertThatThrownBy(() -> new ChannelPattern("a/".repeat(16) + "a"))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
