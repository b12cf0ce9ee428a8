package io.switchboard.fuzz;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.switchboard.http.wire.Accept;
import io.switchboard.http.wire.ByteRange;
import io.switchboard.http.wire.ETags;
import io.switchboard.http.wire.Rfc3339;
import io.switchboard.http.wire.SafeInteger;
import java.time.DateTimeException;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.provider.MethodSource;

@Tag("slow") // the fuzzer takes its time to start, seeds or not
class HeaderValuesFuzzTest {
    static Stream<byte[]> seeds() {
        return Stream.of(
                        "text/event-stream;q=0.5, */*;a=\"b,c\"",
                        "W/\"a\", \"b,c\"",
                        "bytes=0-4",
                        "bytes=-5",
                        "2026-02-28T23:59:59.123+01:00",
                        "2016-12-31T23:59:60Z",
                        "9007199254740991")
                .map(text -> text.getBytes(ISO_8859_1));
    }

    @MethodSource("seeds")
    @FuzzTest(maxDuration = "1m")
    void anyValueIsUnderstoodOrRefused(byte[] bytes) {
        String value = new String(bytes, ISO_8859_1);
        boolean asked = Accept.asksForEventStream(List.of(value));
        if (asked) assertThat(value).containsIgnoringCase("text/event-stream");
        boolean matches = ETags.matchesAny(List.of(value), "\"a\"");
        if (matches) assertThat(value).containsAnyOf("\"a\"", "*");
        long number = SafeInteger.parse(value);
        if (number != SafeInteger.INVALID) assertThat(value).isEqualTo(Long.toString(number));
        switch (ByteRange.of(value, null, "\"a\"", 10)) {
            case ByteRange.Part(long first, long last) -> {
                assertThat(first).isBetween(0L, last);
                assertThat(last).isLessThan(10);
            }
            case ByteRange.Whole(), ByteRange.Unsatisfiable() -> {}
        }
        OptionalLong moment = Rfc3339.parse(value);
        if (moment.isPresent() && !value.startsWith(":60", 16))
            assertThat(moment).isEqualTo(jdk(value));
    }

    // The JDK knows offsets only up to 18 hours.
    private static OptionalLong jdk(String value) {
        try {
            return OptionalLong.of(OffsetDateTime.parse(value).toInstant().toEpochMilli());
        } catch (DateTimeException e) {
            return Rfc3339.parse(value);
        }
    }
}
