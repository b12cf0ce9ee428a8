package io.switchboard.bench.compare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.switchboard.bench.BenchFailure;
import io.switchboard.bench.own.Front;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WorkloadTest {
    private static Workload workload(
            double rate, int size, int viewers, double clientRate, int duration, Double... pollEvery) {
        return new Workload(
                rate, size, viewers, clientRate, duration, true, 1, Front.NGINX_CACHE, Arrays.asList(pollEvery));
    }

    @Test
    void whatIsWithinBoundsIsTakenAndCanBeTypedAgain() {
        Workload workload = workload(0.5, 1_000, 2_000, 0.25, 60, 1.0, 2.5);
        assertThatCode(workload::check).doesNotThrowAnyException();
        assertThat(workload.command())
                .isEqualTo(
                        "./switchboard compare --rate 0.5 --size 1000 --viewers 2000 --client-rate 0.25 --duration 60"
                                + " --poll-every 1,2.5 --tls --through nginx-cache");
        assertThat(workload.ways().stream().map(Way::label))
                .containsExactly("poll every 1 s", "poll every 2.5 s", "long-poll", "SSE", "WebSocket");
        assertThat(workload.title())
                .isEqualTo(
                        "0.5 messages a second of 1,000 bytes to 2,000 viewers, each sending 0.25 a second, over TLS,"
                                + " through nginx with a cache");
    }

    @Test
    void theVersionOfHttpIsSaidWhereItIsNotTheUsualOne() {
        Workload workload = new Workload(1, 128, 100, 0, 10, true, 2, Front.DIRECT, List.of(1.0));
        assertThatCode(workload::check).doesNotThrowAnyException();
        assertThat(workload.command()).endsWith(" --tls --http 2");
        assertThat(workload.title()).endsWith(" to 100 viewers, HTTP/2, over TLS");
        assertThatThrownBy(() -> new Workload(1, 128, 100, 0, 10, true, 2, Front.NGINX, List.of(1.0)).check())
                .isInstanceOf(BenchFailure.class)
                .hasMessageStartingWith("--http 2 goes to the server itself, without --through");
    }

    @Test
    void overHttp3ItIsTlsInAnyCase() {
        Workload workload = new Workload(1, 128, 100, 0, 10, false, 3, Front.DIRECT, List.of(1.0));
        assertThatCode(workload::check).doesNotThrowAnyException();
        assertThat(workload.tls()).isTrue();
        assertThat(workload.command()).endsWith(" --poll-every 1 --http 3");
        assertThat(workload.title()).endsWith(" to 100 viewers, HTTP/3, over TLS");
        assertThatThrownBy(() -> new Workload(1, 128, 100, 0, 10, true, 3, Front.NGINX, List.of(1.0)).check())
                .isInstanceOf(BenchFailure.class)
                .hasMessageStartingWith("--http 3 goes to the server itself, without --through");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "0     | 128   | 100   | 0    | 10  | 1   | --rate is 0.01 to 1,000, not 0.",
                "NaN   | 128   | 100   | 0    | 10  | 1   | --rate is ",
                "1e9   | 128   | 100   | 0    | 10  | 1   | --rate is ",
                "1     | 47    | 100   | 0    | 10  | 1   | --size is 48 to 65,536, not 47.",
                "1     | 128   | 0     | 0    | 10  | 1   | --viewers is 1 to 10,000, not 0.",
                "1     | 128   | 10001 | 0    | 10  | 1   | --viewers is ",
                "1     | 128   | 100   | -1   | 10  | 1   | --client-rate is ",
                "1     | 128   | 100   | 0    | 0   | 1   | --duration is 1 to 600, not 0.",
                "1     | 128   | 100   | 0    | 601 | 1   | --duration is ",
                "1     | 128   | 100   | 0    | 10  | 0.0 | --poll-every is 0.1 to 60, not 0.",
                "1     | 128   | 100   | 0    | 10  | 61  | --poll-every is ",
                "0.1   | 128   | 100   | 0    | 10  | 1   | give --duration 30 or more",
                "11    | 128   | 10000 | 0    | 10  | 1   | --rate times --viewers is at most 100,000",
                "1     | 128   | 1000  | 10   | 10  | 1   | --client-rate times --viewers is at most 5,000",
            })
    void whatIsOutOfBoundsIsToldInASentence(
            double rate, int size, int viewers, double clientRate, int duration, double every, String sentence) {
        assertThatThrownBy(() -> workload(rate, size, viewers, clientRate, duration, every)
                        .check())
                .isInstanceOfSatisfying(BenchFailure.class, failure -> assertThat(failure.kind())
                        .isEqualTo(BenchFailure.Kind.USAGE))
                .hasMessageContaining(sentence);
    }

    @Test
    void intervalsAreFewAndDifferent() {
        for (List<Double> wrong : List.of(List.<Double>of(), List.of(1.0, 2.0, 3.0, 4.0, 5.0), List.of(1.0, 1.0))) {
            assertThatThrownBy(() -> workload(1, 128, 100, 0, 10, wrong.toArray(Double[]::new))
                            .check())
                    .isInstanceOf(BenchFailure.class)
                    .hasMessageStartingWith("--poll-every");
        }
    }
}
