package io.switchboard.fuzz;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.switchboard.core.channel.Payloads;
import io.switchboard.http.wire.JsonMessages;
import io.switchboard.http.wire.JsonMessages.Result;
import io.switchboard.http.wire.Utf8;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;

@Tag("slow") // the fuzzer takes its time to start, seeds or not
class JsonMessagesFuzzTest {
    private static final JsonFactory JACKSON = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(JsonMessages.DEPTH_MAX)
                    .maxNumberLength(JsonMessages.NUMBER_LENGTH_MAX)
                    .maxNameLength(Integer.MAX_VALUE)
                    .build())
            .build();

    static Stream<byte[]> seeds() {
        return Stream.of(
                        "[{\"a\":[1,-2.5e+3,true,false,null]},\"\\u00e9\\n\",[]]",
                        "{\"\":{\"x\":\"é😀\"}}",
                        " [ 0 , \"12345678\" ] ",
                        "[[[[[[[[[[{}]]]]]]]]]]",
                        "[1,]",
                        "[".repeat(513) + "]".repeat(513),
                        "\"\\u00e\u0363\"")
                .map(text -> text.getBytes(UTF_8));
    }

    @MethodSource("seeds")
    @FuzzTest(maxDuration = "1m")
    void bodiesAreJudgedAsJacksonDoesAndMessagesAreVerbatim(byte[] body) {
        byte[] before = body.clone();
        Result result = JsonMessages.split(body);
        assertThat(body).isEqualTo(before);
        switch (result) {
            case Result.Messages(Payloads payloads) -> {
                assertThat(isJson(body, 0, body.length)).isTrue();
                int start = 0;
                for (int end : payloads.ends()) {
                    byte[] message = Arrays.copyOfRange(payloads.bytes(), start, end);
                    assertThat(isJson(message, 0, message.length)).isTrue();
                    assertThat(new String(message, UTF_8)).isEqualTo(new String(message, UTF_8).strip());
                    start = end;
                }
                assertThat(start).isEqualTo(payloads.bytes().length);
            }
            case Result.EmptyArray() ->
                assertThat(new String(body, UTF_8)).matches("[ \t\r\n]*\\[[ \t\r\n]*][ \t\r\n]*");
            case Result.Invalid invalid -> {
                assertThat(invalid.at()).isBetween(0, body.length);
                assertThat(isJson(body, 0, body.length)).as(invalid.sentence()).isFalse();
            }
            case Result.TooMany() -> assertThat(body.length).isGreaterThan(2 * JsonMessages.MESSAGES_MAX);
        }
    }

    // From bytes and not from characters, of which Jackson takes the lower half for a hex digit.
    private static boolean isJson(byte[] body, int from, int to) {
        if (!Utf8.isValid(body, from, to)) return false;
        // No JSON, but what Jackson would skip or take for another encoding.
        if (from < to && body[from] == (byte) 0xef) return false;
        for (int i = from; i < Math.min(to, from + 4); i++) {
            if (body[i] == 0) return false;
        }
        int depth = 0;
        int roots = 0;
        try (JsonParser parser = JACKSON.createParser(ObjectReadContext.empty(), body, from, to - from)) {
            for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
                if (depth == 0) roots++;
                if (token.isStructStart()) depth++;
                if (token.isStructEnd()) depth--;
            }
        } catch (JacksonException e) {
            return false;
        }
        return roots == 1;
    }
}
