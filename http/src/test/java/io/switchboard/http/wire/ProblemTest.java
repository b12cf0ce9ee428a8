package io.switchboard.http.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

class ProblemTest {
    @Test
    void aProblemIsAnRfc9457ObjectWithACode() {
        Problem problem = Problem.of(ErrorCode.GONE, "Messages before the asked offset are gone.")
                .with("reason", "trimmed")
                .with("earliest", "a1a7")
                .with("count", 12);

        assertThat(new String(problem.json(), StandardCharsets.UTF_8))
                .isEqualTo("{\"type\":\"about:blank\",\"title\":\"Gone\",\"status\":410,"
                        + "\"detail\":\"Messages before the asked offset are gone.\",\"code\":\"gone\","
                        + "\"reason\":\"trimmed\",\"earliest\":\"a1a7\",\"count\":12}");
    }

    @Test
    void everyCharacterSurvivesTheEscaping() {
        StringBuilder all = new StringBuilder();
        for (int c = 0; c < 0x3000; c++) all.append((char) c);
        all.append("😀</script>");

        assertThat(detailOf(Problem.of(ErrorCode.INVALID, all.toString()))).isEqualTo(all.toString());
    }

    @Test
    void halfACharacterBecomesTheReplacementCharacter() {
        assertThat(detailOf(Problem.of(ErrorCode.INVALID, "a\ud800b\udc00"))).isEqualTo("a\ufffdb\ufffd");
    }

    @Test
    void wordsAndStatusesOfTheCatalogueAreDistinct() {
        assertThat(Arrays.stream(ErrorCode.values()).map(ErrorCode::word)).doesNotHaveDuplicates();
        assertThat(Arrays.stream(ErrorCode.values()).map(ErrorCode::status)).doesNotHaveDuplicates();
        assertThat(ErrorCode.values())
                .allSatisfy(code -> assertThat(code.word()).matches("[a-z_]+"))
                .allSatisfy(code -> assertThat(code.status()).isBetween(400, 599));
    }

    private static String detailOf(Problem problem) {
        try (JsonParser parser =
                JsonFactory.builder().build().createParser(ObjectReadContext.empty(), problem.json())) {
            String detail = "";
            while (parser.nextToken() != null) {
                if (parser.currentToken() == JsonToken.VALUE_STRING && "detail".equals(parser.currentName())) {
                    detail = parser.getString();
                }
            }
            return detail;
        }
    }
}
