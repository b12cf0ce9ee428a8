package io.switchboard.cli.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.http.wire.JsonMessages;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonTextTest {
    private static final String ALPHABET = "[]{}\",:0123.eE+-\\utfnrlase \n\tä\u0001";
    private static final List<String> SEEDS = List.of(
            "{\"a\":[1,-2.5e+3,true,null],\"b\":{\"c\":\"\\u00e4\\n\"}}", "[[],{},\"\"]", " 0 ", "-0.1E5", "\"\\\\\"");

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void takesExactlyWhatTheServerTakes() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int i = 0; i < 20_000; i++) {
            StringBuilder text = new StringBuilder(SEEDS.get(random.nextInt(SEEDS.size())));
            for (int edits = random.nextInt(3); edits >= 0; edits--) {
                int at = random.nextInt(text.length() + 1);
                char c = ALPHABET.charAt(random.nextInt(ALPHABET.length()));
                if (random.nextBoolean() || at == text.length()) text.insert(at, c);
                else text.setCharAt(at, c);
            }
            boolean server =
                    JsonMessages.split(bytes("[" + text + "]")) instanceof JsonMessages.Result.Messages messages
                            && messages.payloads().count() == 1;
            assertThat(JsonText.flaw(bytes(text.toString())).isEmpty())
                    .as("seed %d: %s", seed, text)
                    .isEqualTo(server);
        }
    }

    @Test
    void depthIsThatOfAMessageInAnArray() {
        assertThat(JsonText.flaw(bytes("[".repeat(511) + "]".repeat(511)))).isEmpty();
        assertThat(JsonText.flaw(bytes("[".repeat(512) + "]".repeat(512)))).isPresent();
        assertThat(JsonText.flaw(bytes("[".repeat(1_000_000)))).isPresent();
    }

    @Test
    void whatIsNotUtf8IsNoMessage() {
        assertThat(JsonText.flaw(new byte[] {'"', (byte) 0xC0, (byte) 0x80, '"'}))
                .isPresent();
    }

    @Test
    void elementsStayAsTheyAre() {
        assertThat(JsonText.elements(bytes("[1.50, {\"a\": [ ]} ,\"x\\u0041\"]"))
                        .orElseThrow())
                .extracting(element -> new String(element, StandardCharsets.UTF_8))
                .containsExactly("1.50", "{\"a\": [ ]}", "\"x\\u0041\"");
        assertThat(JsonText.elements(bytes("[]")).orElseThrow()).isEmpty();
        assertThat(JsonText.elements(bytes("[1,]"))).isEmpty();
        assertThat(JsonText.elements(bytes("{}"))).isEmpty();
    }

    @Test
    void membersHaveTheirNames() {
        var members = JsonText.members(bytes("{ \"a\\\"b\" : 1 , \"c\":\"d\"}")).orElseThrow();
        assertThat(members).containsOnlyKeys("a\"b", "c");
        assertThat(members.get("c")).isEqualTo(bytes("\"d\""));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "plain", "\"\\/\b\f\n\r\t\u0000\u001f\u007f", "ä𝄞\ud834"})
    void quotingAndUnquotingIsNothing(String text) {
        assertThat(JsonText.unquote(bytes(JsonText.quote(text))))
                .isEqualTo(new String(bytes(text), StandardCharsets.UTF_8));
    }
}
