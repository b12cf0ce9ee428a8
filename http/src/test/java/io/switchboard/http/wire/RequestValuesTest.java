package io.switchboard.http.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.core.channel.ChannelName;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RequestValuesTest {
    @Test
    void aSafeIntegerIsADecimalNumberThatJavaScriptCanHold() {
        assertThat(SafeInteger.parse("0")).isZero();
        assertThat(SafeInteger.parse("3600")).isEqualTo(3600);
        assertThat(SafeInteger.parse("9007199254740991")).isEqualTo(SafeInteger.MAX);
        for (String text : List.of(
                "",
                "00",
                "01",
                "03600",
                "+1",
                "-1",
                "-0",
                "1.0",
                "3.6e3",
                " 1",
                "1 ",
                "1abc",
                "abc",
                "0x1",
                "1_0",
                "١",
                "9007199254740992",
                "99999999999999999999")) {
            assertThat(SafeInteger.parse(text)).as(text).isEqualTo(SafeInteger.INVALID);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "2026-02-28T23:59:59Z, 2026-02-28T23:59:59Z",
        "2026-02-28t23:59:59z, 2026-02-28T23:59:59Z",
        "2024-02-29T00:00:00Z, 2024-02-29T00:00:00Z",
        "2000-02-29T00:00:00Z, 2000-02-29T00:00:00Z",
        "1970-01-01T00:00:00-00:00, 1970-01-01T00:00:00Z",
        "1969-12-31T23:59:59.999Z, 1969-12-31T23:59:59.999Z",
        "0000-01-01T00:00:00Z, 0000-01-01T00:00:00Z",
        "9999-12-31T23:59:59Z, 9999-12-31T23:59:59Z",
        "2026-07-01T02:00:00+02:00, 2026-07-01T00:00:00Z",
        "2026-07-01T00:00:00-23:59, 2026-07-01T23:59:00Z",
        "2026-07-01T00:00:00.5Z, 2026-07-01T00:00:00.500Z",
        "2026-07-01T00:00:00.123456789Z, 2026-07-01T00:00:00.123Z",
        "2016-12-31T23:59:60Z, 2017-01-01T00:00:00Z",
        "2016-12-31T23:59:60.9Z, 2017-01-01T00:00:00Z",
        "2017-01-01T00:59:60+01:00, 2017-01-01T00:00:00Z"
    })
    void aTimestampIsAMoment(String text, String moment) {
        assertThat(Rfc3339.parse(text))
                .isEqualTo(OptionalLong.of(Instant.parse(moment).toEpochMilli()));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "2026",
                "2026-02-28",
                "2026-02-28T23:59:59",
                "2026-02-28 23:59:59Z",
                "2026-02-29T00:00:00Z",
                "1900-02-29T00:00:00Z",
                "2026-13-01T00:00:00Z",
                "2026-00-01T00:00:00Z",
                "2026-01-00T00:00:00Z",
                "2026-04-31T00:00:00Z",
                "2026-01-01T24:00:00Z",
                "2026-01-01T00:60:00Z",
                "2026-01-01T00:00:61Z",
                "2026-01-01T12:00:60Z",
                "2026-01-01T23:59:60+01:00",
                "2026-01-01T00:00:00.Z",
                "2026-01-01T00:00:00,5Z",
                "2026-01-01T00:00:00+1:00",
                "2026-01-01T00:00:00+0100",
                "2026-01-01T00:00:00+24:00",
                "2026-01-01T00:00:00+01:60",
                "2026-01-01T00:00:00Z ",
                " 2026-01-01T00:00:00Z",
                "2026-1-01T00:00:00Z",
                "+026-01-01T00:00:00Z",
                "2026-01-01T00:00Z",
                "2026-01-01T00:00:00X01:00",
                "2026-01-01T00:00:00ZZ",
                "2026-01-01T00:00:00.00000000000000000000000000000000000000000000000000000Z",
                "tomorrow",
                "1767225600"
            })
    void whatIsNoTimestampIsRefused(String text) {
        assertThat(Rfc3339.parse(text)).isEmpty();
    }

    @Test
    void ifNoneMatchComparesWeaklyAndKnowsLists() {
        assertThat(ETags.matchesAny(List.of("\"a\""), "\"a\"")).isTrue();
        assertThat(ETags.matchesAny(List.of("W/\"a\""), "\"a\"")).isTrue();
        assertThat(ETags.matchesAny(List.of("\"a\""), "W/\"a\"")).isTrue();
        assertThat(ETags.matchesAny(List.of("\"x\", W/\"y,z\" ,,\t\"a\""), "\"a\""))
                .isTrue();
        assertThat(ETags.matchesAny(List.of("\"x\"", "\"a\""), "\"a\"")).isTrue();
        assertThat(ETags.matchesAny(List.of("\"y,\"a\""), "\"a\"")).isFalse();
        assertThat(ETags.matchesAny(List.of(" * "), "\"a\"")).isTrue();
        for (String other : List.of("", "a", "\"ab\"", "\"A\"", "\"", "w/\"a\"", "\"b\" \"", "W/", "\"b\", *")) {
            assertThat(ETags.matchesAny(List.of(other), "\"a\"")).as(other).isFalse();
        }
        assertThat(ETags.matchesAny(List.of(), "\"a\"")).isFalse();
    }

    @Test
    void onlyTwoEqualStrongTagsAreTheSame() {
        assertThat(ETags.sameStrong("\"a\"", "\"a\"")).isTrue();
        assertThat(ETags.sameStrong("\"a\"", "\"b\"")).isFalse();
        assertThat(ETags.sameStrong("W/\"a\"", "W/\"a\"")).isFalse();
        assertThat(ETags.sameStrong("Sat, 29 Oct 1994 19:43:31 GMT", "Sat, 29 Oct 1994 19:43:31 GMT"))
                .isFalse();
        assertThat(ETags.sameStrong("\"", "\"")).isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "bytes=0-0, 0, 0",
        "bytes=0-, 0, 99",
        "BYTES=10-19, 10, 19",
        "bytes=90-1000, 90, 99",
        "bytes=-1, 99, 99",
        "bytes=-1000, 0, 99",
        "bytes=-99999999999999999999, 0, 99",
        "bytes=5-99999999999999999999, 5, 99",
        "'bytes= 1-2 ', 1, 2"
    })
    void oneRangeIsOnePart(String range, long first, long last) {
        assertThat(ByteRange.of(range, null, "\"e\"", 100)).isEqualTo(new ByteRange.Part(first, last));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "bytes",
                "bytes=",
                "bytes=-",
                "bytes=a-b",
                "bytes=1",
                "bytes=2-1",
                "items=0-1",
                "bytes=0-1,5-6",
                "bytes=0-1,",
                "bytes=--1",
                "bytes=+1-2",
                "bytes=0x1-2",
                "bytes 0-1"
            })
    void aRangeThatIsOddOrSeveralIsIgnored(String range) {
        assertThat(ByteRange.of(range, null, "\"e\"", 100)).isEqualTo(new ByteRange.Whole());
    }

    @Test
    void aPartThatIsNotThereIsUnsatisfiable() {
        for (String range : List.of("bytes=100-", "bytes=100-200", "bytes=-0", "bytes=99999999999999999999-")) {
            assertThat(ByteRange.of(range, null, "\"e\"", 100)).as(range).isEqualTo(new ByteRange.Unsatisfiable());
        }
        assertThat(ByteRange.of("bytes=0-", null, "\"e\"", 0)).isEqualTo(new ByteRange.Unsatisfiable());
        assertThat(ByteRange.of("bytes=-5", null, "\"e\"", 0)).isEqualTo(new ByteRange.Whole());
        assertThat(ByteRange.unsatisfiedContentRange(100)).isEqualTo("bytes */100");
        assertThat(new ByteRange.Part(1, 2).contentRange(100)).isEqualTo("bytes 1-2/100");
        assertThat(new ByteRange.Part(1, 2).length()).isEqualTo(2);
    }

    @Test
    void aRangeOfAnotherVersionOfTheFileIsIgnored() {
        ByteRange part = new ByteRange.Part(0, 0);
        ByteRange whole = new ByteRange.Whole();
        assertThat(ranged("\"e\"")).isEqualTo(part);
        assertThat(ranged(null)).isEqualTo(part);
        assertThat(ranged("\"f\"")).isEqualTo(whole);
        assertThat(ranged("W/\"e\"")).isEqualTo(whole);
        assertThat(ranged("Sat, 29 Oct 1994 19:43:31 GMT")).isEqualTo(whole);
        assertThat(ByteRange.of(null, "\"e\"", "\"e\"", 100)).isEqualTo(whole);
    }

    private static ByteRange ranged(@Nullable String ifRange) {
        return ByteRange.of("bytes=0-0", ifRange, "\"e\"", 100);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "text/event-stream | true",
                "Text/Event-Stream | true",
                "text/event-stream;q=0.5 | true",
                "text/event-stream; charset=utf-8 | true",
                "application/json, text/event-stream | true",
                "text/event-stream, */*;q=0.1 | true",
                "text/event-stream;a=\"b,c;q=0\" | true",
                "text/event-stream ; Q=1.000 | true",
                ", ,text/event-stream | true",
                "text/event-stream;q=0 | false",
                "text/event-stream;q=0.000 | false",
                "text/event-stream;q=1.001 | false",
                "text/event-stream;q=x | false",
                "text/event-stream;q= | false",
                "text/event-stream;q=0.5, application/json | false",
                "text/event-stream;q=0.5, */* | false",
                "*/* | false",
                "text/* | false",
                "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8 | false",
                "application/x;a=\"text/event-stream\" | false",
                "text/event-streams | false",
                "'' | false"
            })
    void anEventStreamIsAskedForByName(String accept, boolean asked) {
        assertThat(Accept.asksForEventStream(List.of(accept))).isEqualTo(asked);
    }

    @Test
    void severalAcceptFieldsAreOneList() {
        assertThat(Accept.asksForEventStream(List.of("application/json;q=0.5", "text/event-stream")))
                .isTrue();
        assertThat(Accept.asksForEventStream(List.of())).isFalse();
    }

    @Test
    void aQueryIsDecodedOnceAndPlusStays() {
        Query query = parsed("offset=1+2&channel=a%2Fb&channel=%25%32%35&echo&=x&&empty=&e=a=b&%C3%A9=%e2%82%ac");

        assertThat(query.first("offset")).isEqualTo("1+2");
        assertThat(query.all("channel")).containsExactly("a/b", "%25");
        assertThat(query.repeats("channel")).isTrue();
        assertThat(query.repeats("offset")).isFalse();
        assertThat(query.first("echo")).isEmpty();
        assertThat(query.first("")).isEqualTo("x");
        assertThat(query.first("empty")).isEmpty();
        assertThat(query.first("e")).isEqualTo("a=b");
        assertThat(query.first("é")).isEqualTo("€");
        assertThat(query.first("nothing")).isNull();
        assertThat(query.has("echo")).isTrue();
        assertThat(query.has("nothing")).isFalse();
        assertThat(query.count()).isEqualTo(8);
        assertThat(query.name(0) + query.value(0)).isEqualTo("offset1+2");
        assertThat(parsed("").count()).isZero();
        assertThat(parsed("&&&").count()).isZero();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"a=%", "a=%1", "a=%g1", "a=%1g", "%zz=1", "a=%ff", "a=%c0%80", "a=%ed%a0%80", "a=é", "a=% 1"})
    void aQueryThatIsNotPercentEncodedUtf8IsRefused(String raw) {
        assertThat(Query.parse(raw)).isInstanceOf(Query.Result.Refused.class);
    }

    @Test
    void aQueryHasALimitedNumberOfParameters() {
        String most = "a&".repeat(Query.PARAMETERS_MAX);
        assertThat(parsed(most).count()).isEqualTo(Query.PARAMETERS_MAX);
        assertThat(Query.parse(most + "a")).isInstanceOf(Query.Result.Refused.class);
    }

    @Test
    void aPathIsAChannelNameDecodedOnce() {
        assertThat(ChannelPath.parse("a/b.c:d@e=f,g~h+i")).isEqualTo(named("a/b.c:d@e=f,g~h+i"));
        assertThat(ChannelPath.parse("ch%61t/%2Ba%3d")).isEqualTo(named("chat/+a="));
        assertThat(ChannelPath.parse("..%2e")).isEqualTo(named("..."));
    }

    @Test
    void aPathThatCouldMeanAnotherPlaceIsRefused() {
        for (String raw : Arrays.asList(
                "",
                "/",
                "a/",
                "/a",
                "a//b",
                ".",
                "..",
                "a/..",
                "a/./b",
                "%2e",
                "%2E%2e",
                "a/.%2e/b",
                "a%2Fb",
                "a%2fb",
                "%2f",
                "a%252Fb",
                "a%5cb",
                "a\\b",
                "a%00",
                "a%",
                "a%2",
                "a%zz",
                "%ff",
                "é",
                "%C3%A9",
                "a b",
                "a%20b",
                "__ds",
                "__ds/x",
                "%5f_ds/x",
                "a?b",
                "a;b",
                "a%3Fb",
                "x".repeat(129),
                "a/".repeat(16) + "a")) {
            assertThat(ChannelPath.parse(raw)).as(raw).isInstanceOf(ChannelPath.Refused.class);
        }
    }

    private static ChannelPath named(String name) {
        return new ChannelPath.Named(new ChannelName(name));
    }

    private static Query parsed(String raw) {
        return ((Query.Result.Parsed) Query.parse(raw)).query();
    }
}
