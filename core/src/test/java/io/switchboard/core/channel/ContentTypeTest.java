package io.switchboard.core.channel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ContentTypeTest {
    @ParameterizedTest
    @CsvSource({
        "application/json, JSON",
        "Application/JSON; charset=utf-8, JSON",
        "text/plain, TEXT",
        "TEXT/event-stream, TEXT",
        "application/octet-stream, BINARY",
        "application/ld+json, BINARY",
    })
    void theKindFollowsFromTypeAndSubtype(String value, ContentType.Kind kind) {
        assertThat(ContentType.of(value).kind()).isEqualTo(kind);
    }

    @Test
    void parametersAreKeptButNotCompared() {
        ContentType type = ContentType.of(" text/plain ; charset=UTF-8 ");

        assertThat(type).hasToString("text/plain ; charset=UTF-8");
        assertThat(type.essence()).isEqualTo("text/plain");
        assertThat(type.matches(ContentType.of("Text/Plain"))).isTrue();
        assertThat(type.matches(ContentType.of("text/html"))).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "text",
                "/",
                "text/",
                "/plain",
                "text/plain/x",
                "te xt/plain",
                "text/pl\u00e4in",
                "text/plain\r\nx: y",
                ";text/plain"
            })
    void theseAreNone(String value) {
        assertThat(ContentType.parse(value)).isNull();
        assertThatThrownBy(() -> ContentType.of(value)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void oneThatIsTooLongIsNone() {
        String parameter = "x".repeat(ContentType.LENGTH_MAX);

        assertThat(ContentType.parse("text/plain;" + parameter)).isNull();
    }
}
