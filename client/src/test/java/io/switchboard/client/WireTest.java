package io.switchboard.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.switchboard.http.wire.JsonMessages;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The readers of what comes: JSON, envelopes, event streams; and the cursor. */
class WireTest {
    private static final String ALPHABET = "{}[]\",:\\u09.eE+-tfn \n\u00e4\u0000";
    private static final List<String> SEEDS = List.of(
            "{\"a\":[1,-2.5e+3,true,null],\"b\":{\"c\":\"\\u00e4\\n\"}}", "[[],{},\"\"]", " 0 ", "-0.1E5", "\"\\\\\"");

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0",
                "-0.5e+10",
                "1e400",
                "\"\"",
                "\"\\u00b5\\n\\/\"",
                "null",
                " [ ] ",
                "{\"a\":{\"a\":[1,{}]},\"a\":2}",
                "\"\u007f\ud83d\ude00\""
            })
    void jsonIsTaken(String text) {
        assertThatCode(() -> Json.check(text)).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "01",
                "+1",
                "1.",
                ".5",
                "1e",
                "-",
                "nul",
                "NaN",
                "'a'",
                "\"",
                "\"\\",
                "\"\\u00g0\"",
                "\"\\x\"",
                "\"\n\"",
                "[1,]",
                "[1 2]",
                "{\"a\"}",
                "{a:1}",
                "{\"a\":1,}",
                "[",
                "{",
                "1 2",
                "\uFEFF1"
            })
    void whatIsNoJsonIsNot(String text) {
        assertThatThrownBy(() -> Json.check(text)).isInstanceOf(Json.Malformed.class);
    }

    @Test
    void depthIsBounded() {
        assertThatCode(() -> Json.check("[".repeat(511) + "]".repeat(511))).doesNotThrowAnyException();
        assertThatThrownBy(() -> Json.check("[".repeat(512) + "]".repeat(512)))
                .as("there is an array around it")
                .isInstanceOf(Json.Malformed.class);
        assertThatThrownBy(() -> Json.check("[".repeat(1_000_000))).isInstanceOf(Json.Malformed.class);
        assertThatCode(() -> Json.members("{\"data\":" + "[".repeat(512) + "]".repeat(512) + "}"))
                .doesNotThrowAnyException();
    }

    @Test
    void aMessageIsWhatTheServerTakesForOne() {
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
            assertThat(isTaken(text.toString())).as("seed %d: %s", seed, text).isEqualTo(isMessage(text.toString()));
        }
        for (int digits : new int[] {1_000, 1_001}) {
            assertThat(isTaken("1".repeat(digits))).isEqualTo(isMessage("1".repeat(digits)));
        }
    }

    private static boolean isTaken(String text) {
        try {
            Json.check(text);
            return true;
        } catch (Json.Malformed malformed) {
            return false;
        }
    }

    private static boolean isMessage(String text) {
        byte[] array = ("[" + text + "]").getBytes(StandardCharsets.UTF_8);
        return JsonMessages.split(array) instanceof JsonMessages.Result.Messages messages
                && messages.payloads().count() == 1;
    }

    @Test
    void aMistakeSaysWhereItIs() {
        assertThatThrownBy(() -> Json.check("{\"ä\":}")).isInstanceOfSatisfying(Json.Malformed.class, malformed -> {
            assertThat(malformed.at()).isEqualTo(5);
            assertThat(malformed.expected()).isEqualTo("a value");
        });
    }

    @Test
    void valuesStayAsTheyStand() throws Exception {
        assertThat(Json.members(" {\"a\" : 1.50 ,\"\\u0062\":[ 1 ] } "))
                .containsExactly(java.util.Map.entry("a", "1.50"), java.util.Map.entry("b", "[ 1 ]"));
        assertThat(Json.elements("[1 , {\"x\":\"],\"} ]")).containsExactly("1", "{\"x\":\"],\"}");
        assertThat(Json.unquote(Json.quote("\"\\\n\u0001\u2028µ"))).isEqualTo("\"\\\n\u0001\u2028µ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "{\"channel\":\"c\"}", "{\"channel\":\"c\",\"offset\":\"1\"}", "[]", "1"})
    void whatIsNoEnvelopeIsNot(String text) {
        assertThatThrownBy(() -> Envelope.of(Json.members(text))).isInstanceOf(Json.Malformed.class);
    }

    private static List<String> events(String stream, int pieces) throws IOException {
        List<String> told = new ArrayList<>();
        EventStream parser = new EventStream(new EventStream.Events() {
            @Override
            public void alive() {}

            @Override
            public void event(String name, String id, String data) {
                told.add(name + "|" + id + "|" + data);
            }

            @Override
            public void retry(long millis) {
                told.add("retry " + millis);
            }
        });
        byte[] bytes = stream.getBytes(StandardCharsets.UTF_8);
        for (int i = 0; i < bytes.length; i += pieces) {
            parser.add(ByteBuffer.wrap(bytes, i, Math.min(pieces, bytes.length - i)));
        }
        return told;
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 7, 1_000})
    void eventsComeHoweverTheirBytesAreCut(int pieces) throws IOException {
        String stream =
                "\uFEFFid:1\ndata: µ\ndata:b\r\n\r\n: comment\n\nid:2\r\revent: gap\ndata:{}\n\nretry: 42\nretry: x\n\n"
                        + "data\n\nid:3\ndata:not ended";
        assertThat(events(stream, pieces)).containsExactly("|1|µ\nb", "|2|", "gap||{}", "retry 42", "||");
    }

    @Test
    void theCursorPassesOverWhatWasGivenBefore() {
        Cursor cursor = new Cursor("now");
        cursor.named("1_5");
        assertThat(cursor.take("1_5")).isFalse();
        assertThat(cursor.take("1_6")).isTrue();
        cursor.named("1_9");
        assertThat(cursor.at()).isEqualTo("1_6");
        assertThat(cursor.skip("1_6", "1_4")).as("a tail that was lost").isTrue();
        assertThat(cursor.take("2_5")).isTrue();
        assertThat(cursor.skip("1_6", "1_4")).as("told by another transport").isFalse();
        assertThat(cursor.at()).isEqualTo("2_5");
        assertThat(new Cursor("-1").take("0_0")).isTrue();
    }
}
