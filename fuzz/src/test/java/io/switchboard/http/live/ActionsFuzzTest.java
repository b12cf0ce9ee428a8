package io.switchboard.http.live;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.switchboard.core.channel.Payloads;
import io.switchboard.http.wire.JsonMessages;
import io.switchboard.http.wire.Utf8;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.provider.MethodSource;

@Tag("slow") // the fuzzer takes its time to start, seeds or not
class ActionsFuzzTest {
    static Stream<byte[]> seeds() {
        return Stream.of(
                        "{\"id\":1,\"action\":\"auth\",\"token\":\"t\"}",
                        "{\"id\":2,\"action\":\"subscribe\",\"channel\":\"c\",\"offset\":\"now\",\"rate\":2,\"presence\":true}",
                        "{\"action\":\"unsubscribe\",\"channel\":\"a/b\"}",
                        "{\"id\":4,\"action\":\"publish\",\"channel\":\"c\",\"data\":{\"x\":[1,\"\\u00e9\"]},"
                                + "\"producer\":{\"id\":\"p\",\"epoch\":0,\"seq\":7}}",
                        "{\"action\":\"publish\",\"channel\":\"c\",\"batch\":[1,\"two\",null],\"close\":true}",
                        "{\"action\":\"publish\",\"channel\":\"c\",\"base64\":\"AP+A\"}",
                        " { \"action\" : \"p\\u0069ng\" } ",
                        "{\"a\":1,\"\\u0061\":2}",
                        "{\"action\":\"publish\",\"channel\":\"c\",\"data\":\"\\ud800\"}",
                        "[]")
                .map(text -> text.getBytes(UTF_8));
    }

    @MethodSource("seeds")
    @FuzzTest(maxDuration = "1m")
    void whateverIsSaidIsUnderstoodOrRefusedAndMessagesAreVerbatim(byte[] message) {
        if (!Utf8.isValid(message, 0, message.length)) return; // never comes this far
        byte[] before = message.clone();
        ActionParser.Result result = ActionParser.parse(message);
        assertThat(message).isEqualTo(before);
        switch (result) {
            case ActionParser.Result.NotJson() -> {}
            case ActionParser.Result.Refused(long id, String sentence) ->
                assertThat(sentence).endsWith(".");
            case ActionParser.Result.Understood(long id, Action.Publish publish) -> content(publish, message);
            case ActionParser.Result.Understood(long id, Action action) -> {}
        }
    }

    private static void content(Action.Publish publish, byte[] message) {
        if (!(publish.content() instanceof Action.Content.Json(Payloads values, var texts))) return;
        String said = new String(message, UTF_8);
        int start = 0;
        for (int end : values.ends()) {
            byte[] value = Arrays.copyOfRange(values.bytes(), start, end);
            assertThat(JsonMessages.whole(value)).isInstanceOf(JsonMessages.Result.Messages.class);
            assertThat(said).contains(new String(value, UTF_8));
            start = end;
        }
        if (texts != null) assertThat(texts.count()).isEqualTo(values.count());
    }
}
