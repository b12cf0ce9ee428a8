package io.switchboard.http.wire;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.core.channel.Payloads;
import io.switchboard.http.wire.JsonMessages.Result;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;

class JsonMessagesTest {
    private static final JsonFactory JACKSON = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(JsonMessages.DEPTH_MAX)
                    .maxNumberLength(JsonMessages.NUMBER_LENGTH_MAX)
                    .build())
            .build();

    @Test
    void anArrayIsOneMessagePerElementAndOnlyOneLevelIsTakenOff() {
        assertThat(messages("[1,[2,3],{\"a\":[4]}, \"x\" ,null]"))
                .containsExactly("1", "[2,3]", "{\"a\":[4]}", "\"x\"", "null");
        assertThat(messages("[[]]")).containsExactly("[]");
    }

    @Test
    void bytesInsideAMessageStayAndWhitespaceAroundItGoes() {
        assertThat(messages(" \t\r\n{ \"a\" :\t1.50,\n\"a\":\"\\u00e9é\" } \n"))
                .containsExactly("{ \"a\" :\t1.50,\n\"a\":\"\\u00e9é\" }");
        assertThat(messages("[ 1.0e+1 ,\n\n-0\t]")).containsExactly("1.0e+1", "-0");
    }

    @Test
    void aBodyThatNeedsNoTrimmingIsNotCopied() {
        byte[] body = "{\"a\":1}".getBytes(UTF_8);

        assertThat(((Result.Messages) JsonMessages.split(body)).payloads().bytes())
                .isSameAs(body);
    }

    @Test
    void anEmptyArrayIsAnOutcomeOfItsOwn() {
        assertThat(JsonMessages.split("[]".getBytes(UTF_8))).isEqualTo(new Result.EmptyArray());
        assertThat(JsonMessages.split(" [ \n] ".getBytes(UTF_8))).isEqualTo(new Result.EmptyArray());
        assertThat(JsonMessages.split("[] 1".getBytes(UTF_8))).isInstanceOf(Result.Invalid.class);
    }

    @Test
    void aRefusalNamesTheByte() {
        assertThat(JsonMessages.split("{\"é\":tru}".getBytes(UTF_8))).isEqualTo(new Result.Invalid(6, "a value"));
        assertThat(new Result.Invalid(6, "a value").sentence())
                .isEqualTo("The body is no valid JSON: at byte 6 there should be a value.");
        assertThat(JsonMessages.split(new byte[0])).isEqualTo(new Result.Invalid(0, "a value"));
        assertThat(JsonMessages.split("[1 2]".getBytes(UTF_8)))
                .isEqualTo(new Result.Invalid(3, "a comma or the end of the array"));
    }

    @Test
    void limitsHoldExactly() {
        String most = "1,".repeat(JsonMessages.MESSAGES_MAX - 1) + "1";
        assertThat(messages("[" + most + "]")).hasSize(JsonMessages.MESSAGES_MAX);
        assertThat(JsonMessages.split(("[" + most + ",1]").getBytes(UTF_8))).isEqualTo(new Result.TooMany());

        int depth = JsonMessages.DEPTH_MAX;
        for (String[] pair : new String[][] {{"[", "]"}, {"{\"a\":", "}"}}) {
            assertThat(valid(pair[0].repeat(depth) + "1" + pair[1].repeat(depth)))
                    .isTrue();
            assertThat(valid(pair[0].repeat(depth + 1) + "1" + pair[1].repeat(depth + 1)))
                    .isFalse();
        }
        assertThat(valid("9".repeat(JsonMessages.NUMBER_LENGTH_MAX))).isTrue();
        assertThat(valid("9".repeat(JsonMessages.NUMBER_LENGTH_MAX + 1))).isFalse();
    }

    @Test
    void deepContainersOfBothKindsCloseInTheOrderTheyOpened() {
        Random random = new Random(7);
        for (int round = 0; round < 200; round++) {
            StringBuilder open = new StringBuilder();
            StringBuilder close = new StringBuilder();
            for (int i = 0; i < JsonMessages.DEPTH_MAX; i++) {
                boolean object = random.nextBoolean();
                open.append(object ? "{\"\":" : "[");
                close.append(object ? '}' : ']');
            }
            close.reverse();
            assertThat(valid(open + "0" + close)).isTrue();
            int swapped = random.nextInt(close.length());
            close.setCharAt(swapped, close.charAt(swapped) == '}' ? ']' : '}');
            assertThat(valid(open + "0" + close)).isFalse();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "null",
                "true",
                "false",
                "0",
                "-0",
                "-1",
                "1e5",
                "1E-5",
                "1.25e+10",
                "\"\"",
                "{}",
                "{\"a\":{}}",
                "[[],{}]",
                "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\uABcd\"",
                "\"\\ud800\"",
                "\"\u007f\"",
                "\"😀\"",
                "{\"a\":1,\"a\":2}",
                "{\"\":\"\"}",
                " 1",
                "1\n",
                "\"12345678\"",
                "\"1234567\"",
                "\"123456789\\n\"",
                "\"\u2028\"",
                "[[[[[[]]]]]]",
                "1e400",
                "\"\uffff\""
            })
    void whatTheGrammarAllowsIsAccepted(String json) {
        assertThat(valid(json)).isTrue();
        assertThat(valid("[" + json + "]")).isTrue();
        assertThat(valid("{\"k\":" + json + "}")).isTrue();
        assertThat(jackson(json.getBytes(UTF_8))).isNotNull();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "\ufeff1",
                "nul",
                "nulll",
                "True",
                "tru",
                "fals",
                "falsy",
                "NaN",
                "Infinity",
                "-Infinity",
                "+1",
                "01",
                "-01",
                "-",
                "1.",
                ".5",
                "1.e5",
                "1e",
                "1e+",
                "1e5.5",
                "0x10",
                "1_000",
                "--1",
                "1 2",
                "1,",
                ",1",
                "[1,]",
                "[,1]",
                "[1,,2]",
                "[1",
                "1]",
                "[1}",
                "{]",
                "{\"a\"}",
                "{\"a\":}",
                "{\"a\":1,}",
                "{,\"a\":1}",
                "{a:1}",
                "{1:1}",
                "{'a':1}",
                "'a'",
                "\"a",
                "\"\\\"",
                "\"\\x41\"",
                "\"\\u12\"",
                "\"\\u00e\u0363\"",
                "\"\\u12G4\"",
                "\"\\u 123\"",
                "\"\\",
                "\"\\u",
                "\"\n\"",
                "\"\t\"",
                "\"a\u0000b\"",
                "\"abcdefg\u001f\"",
                "\u00a01",
                "\u20281",
                "\f1",
                "\u000b1",
                "1//c",
                "/*c*/1",
                "#c",
                "{\"a\":1 \"b\":2}",
                "{\"a\" 1}",
                "[1 2]",
                "{\"a\":1}{\"b\":2}",
                "[][]",
                "\u0000",
                "1\u0000",
                "[\u0000]",
                "{\"a\":1\u0000}",
                "{\"a\"\u0000:1}"
            })
    void whatTheGrammarForbidsIsRefused(String json) {
        assertThat(valid(json)).isFalse();
        assertThat(valid("[" + json + "\u0001]")).isFalse();
        assertThat(jackson(json.getBytes(UTF_8))).isNull();
    }

    static List<byte[]> badUtf8() {
        return List.of(
                new byte[] {'"', (byte) 0xc0, (byte) 0x80, '"'}, // overlong zero
                new byte[] {'"', (byte) 0xed, (byte) 0xa0, (byte) 0x80, '"'}, // surrogate
                new byte[] {'"', (byte) 0xf4, (byte) 0x90, (byte) 0x80, (byte) 0x80, '"'},
                new byte[] {'"', (byte) 0xe2, (byte) 0x82, '"'}, // cut off
                new byte[] {'"', (byte) 0x80, '"'},
                new byte[] {'"', (byte) 0xff, '"'},
                new byte[] {'"', (byte) 0xe2, (byte) 0x82},
                new byte[] {(byte) 0xef, (byte) 0xbb, (byte) 0xbf, '1'}, // byte order mark
                new byte[] {(byte) 0xfe, (byte) 0xff, 0, '1'}, // UTF-16
                new byte[] {'1', 0, 0, 0}); // UTF-32
    }

    @ParameterizedTest
    @MethodSource("badUtf8")
    void whatIsNotPlainUtf8IsRefused(byte[] body) {
        assertThat(JsonMessages.split(body)).isInstanceOf(Result.Invalid.class);
    }

    @Test
    void randomBodiesAreJudgedAndSplitAsJacksonDoes() {
        long seed = Long.getLong("switchboard.seed", System.nanoTime());
        Random random = new Random(seed);
        for (int round = 0; round < 10_000; round++) {
            byte[] body = mutated(random, value(random, 0).getBytes(UTF_8));
            assertAgreesWithJackson(body, "repeat with -Dswitchboard.seed=" + seed + ", round " + round);
        }
    }

    private static void assertAgreesWithJackson(byte[] body, String description) {
        List<String> expected = jackson(body);
        Result result = JsonMessages.split(body);
        switch (result) {
            case Result.Invalid(int at, String what) -> {
                assertThat(expected).as(description).isNull();
                assertThat(at).as(description).isBetween(0, body.length);
            }
            case Result.EmptyArray() ->
                assertThat(expected).as(description).containsExactly("START_ARRAY [", "END_ARRAY ]");
            case Result.TooMany() -> assertThat(body.length).as(description).isGreaterThan(JsonMessages.MESSAGES_MAX);
            case Result.Messages(Payloads payloads) -> {
                List<String> all = Objects.requireNonNull(expected, description);
                List<String> tokens = new ArrayList<>();
                for (String message : strings(payloads)) {
                    tokens.addAll(Objects.requireNonNull(jackson(message.getBytes(UTF_8))));
                }
                boolean array = new String(body, UTF_8).strip().startsWith("[");
                assertThat(tokens).as(description).isEqualTo(array ? all.subList(1, all.size() - 1) : all);
                assertVerbatim(body, payloads, description);
            }
        }
    }

    // Each message stands in the body, and between them is nothing but whitespace, commas and brackets.
    private static void assertVerbatim(byte[] body, Payloads payloads, String description) {
        int at = 0;
        int start = 0;
        for (int end : payloads.ends()) {
            while (" \t\r\n,[".indexOf(body[at]) >= 0 && body[at] != payloads.bytes()[start]) at++;
            if (!Arrays.equals(body, at, at + end - start, payloads.bytes(), start, end)) {
                // A message that begins with a bracket, behind the body's own bracket.
                at++;
                while (" \t\r\n".indexOf(body[at]) >= 0) at++;
            }
            assertThat(Arrays.copyOfRange(body, at, at + end - start))
                    .as(description)
                    .isEqualTo(Arrays.copyOfRange(payloads.bytes(), start, end));
            at += end - start;
            start = end;
        }
        assertThat(new String(body, at, body.length - at, UTF_8))
                .as(description)
                .matches("[ \\t\\r\\n]*]?[ \\t\\r\\n]*");
    }

    private static String value(Random random, int depth) {
        String pad = " ".repeat(random.nextInt(20) == 0 ? random.nextInt(3) : 0);
        String value =
                switch (random.nextInt(depth > 4 ? 5 : 8)) {
                    case 0 -> "" + random.nextInt();
                    case 1 -> "" + random.nextDouble();
                    case 2 -> random.nextBoolean() ? "true" : random.nextBoolean() ? "false" : "null";
                    case 3, 4 -> string(random);
                    case 5 -> {
                        StringBuilder object = new StringBuilder("{");
                        int count = random.nextInt(4);
                        for (int i = 0; i < count; i++) {
                            object.append(i == 0 ? "" : ",")
                                    .append(string(random))
                                    .append(pad)
                                    .append(':');
                            object.append(value(random, depth + 1));
                        }
                        yield object.append('}').toString();
                    }
                    default -> {
                        StringBuilder array = new StringBuilder("[");
                        int count = random.nextInt(5);
                        for (int i = 0; i < count; i++) {
                            array.append(i == 0 ? "" : ",").append(value(random, depth + 1));
                        }
                        yield array.append(']').toString();
                    }
                };
        return pad + value + pad;
    }

    private static String string(Random random) {
        StringBuilder text = new StringBuilder("\"");
        int length = random.nextInt(20);
        for (int i = 0; i < length; i++) {
            switch (random.nextInt(12)) {
                case 0 -> text.append("\\n");
                case 1 -> text.append("\\u00").append(10 + random.nextInt(90));
                case 2 -> text.append("é");
                case 3 -> text.append("😀");
                default -> text.append((char) ('a' + random.nextInt(26)));
            }
        }
        return text.append('"').toString();
    }

    private static byte[] mutated(Random random, byte[] json) {
        String alphabet = "[]{},:\"\\ \n0123456789-+.eEtruefalsn/u\u0000\u001f";
        byte[] body = json;
        int changes = random.nextInt(3);
        for (int i = 0; i < changes && body.length > 0; i++) {
            int at = random.nextInt(body.length);
            byte b = random.nextInt(10) == 0
                    ? (byte) random.nextInt(256)
                    : (byte) alphabet.charAt(random.nextInt(alphabet.length()));
            switch (random.nextInt(3)) {
                case 0 -> {
                    body = body.clone();
                    body[at] = b;
                }
                case 1 -> {
                    byte[] longer = Arrays.copyOf(body, body.length + 1);
                    System.arraycopy(body, at, longer, at + 1, body.length - at);
                    longer[at] = b;
                    body = longer;
                }
                default -> {
                    byte[] shorter = Arrays.copyOf(body, body.length - 1);
                    System.arraycopy(body, at + 1, shorter, at, shorter.length - at);
                    body = shorter;
                }
            }
        }
        return body;
    }

    /** The tokens of {@code body}; null if it is not exactly one JSON text in UTF-8. */
    private static @Nullable List<String> jackson(byte[] body) {
        if (!Utf8Test.jdk(body, 0, body.length)) return null;
        // No JSON, but what Jackson would skip or take for another encoding.
        if (body.length > 0 && body[0] == (byte) 0xef) return null;
        for (int i = 0; i < Math.min(body.length, 4); i++) {
            if (body[i] == 0) return null;
        }
        List<String> tokens = new ArrayList<>();
        int depth = 0;
        int roots = 0;
        try (JsonParser parser = JACKSON.createParser(ObjectReadContext.empty(), body)) {
            for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
                if (depth == 0) roots++;
                if (token.isStructStart()) depth++;
                if (token.isStructEnd()) depth--;
                tokens.add(token + " " + parser.getString());
            }
        } catch (JacksonException e) {
            return null;
        }
        return roots == 1 ? tokens : null;
    }

    private static boolean valid(String json) {
        return !(JsonMessages.split(json.getBytes(UTF_8)) instanceof Result.Invalid);
    }

    private static List<String> messages(String json) {
        return strings(((Result.Messages) JsonMessages.split(json.getBytes(UTF_8))).payloads());
    }

    private static List<String> strings(Payloads payloads) {
        List<String> messages = new ArrayList<>();
        int start = 0;
        for (int end : payloads.ends()) {
            messages.add(new String(payloads.bytes(), start, end - start, UTF_8));
            start = end;
        }
        return messages;
    }
}
