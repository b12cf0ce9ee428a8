package io.switchboard.fuzz;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.switchboard.core.channel.ChannelName;
import io.switchboard.http.wire.ChannelPath;
import io.switchboard.http.wire.Query;
import java.util.HexFormat;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.provider.MethodSource;

@Tag("slow") // the fuzzer takes its time to start, seeds or not
class RequestTargetFuzzTest {
    static Stream<byte[]> seeds() {
        return Stream.of(
                        "a/b.c:d?offset=-1&live=sse&echo",
                        "%61%2F%2e?%C3%A9=%e2%82%ac&&=x&a=b=c+d",
                        "a/../b?%ff",
                        "__ds/x?%zz")
                .map(text -> text.getBytes(ISO_8859_1));
    }

    @MethodSource("seeds")
    @FuzzTest(maxDuration = "1m")
    void whatIsAcceptedMeansTheSameInItsCanonicalForm(byte[] bytes) {
        String target = new String(bytes, ISO_8859_1);
        int question = target.indexOf('?');
        String path = question < 0 ? target : target.substring(0, question);
        if (ChannelPath.parse(path) instanceof ChannelPath.Named(ChannelName name)) {
            assertThat(ChannelPath.parse(name.value())).isEqualTo(new ChannelPath.Named(name));
            assertThat(("/" + name.value() + "/")).doesNotContain("//", "/../", "/./", "%", "\\");
        }
        if (question >= 0 && Query.parse(target.substring(question + 1)) instanceof Query.Result.Parsed(Query query)) {
            assertThat(query.count()).isLessThanOrEqualTo(Query.PARAMETERS_MAX);
            StringBuilder canonical = new StringBuilder();
            for (int i = 0; i < query.count(); i++) {
                canonical
                        .append(encoded(query.name(i)))
                        .append('=')
                        .append(encoded(query.value(i)))
                        .append('&');
                assertThat(query.all(query.name(i))).contains(query.value(i));
            }
            assertThat(Query.parse(canonical.toString()))
                    .isInstanceOfSatisfying(Query.Result.Parsed.class, again -> assertThat(again.query())
                            .hasToString(query.toString()));
        }
    }

    private static String encoded(String text) {
        byte[] bytes = text.getBytes(UTF_8);
        return bytes.length == 0 ? "" : "%" + HexFormat.ofDelimiter("%").formatHex(bytes);
    }
}
