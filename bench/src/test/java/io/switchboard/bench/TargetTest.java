package io.switchboard.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Where load and tokens may go. */
class TargetTest {
    private static Target target(URI uri, String address) {
        InetSocketAddress at = new InetSocketAddress(InetAddress.ofLiteral(address), 1);
        return new Target(uri, at, Optional.empty(), Optional.empty());
    }

    @ParameterizedTest
    @CsvSource({
        "http://a:8080, http://a:8080/metrics, true",
        "http://a:8080, HTTP://A:8080/other, true",
        "http://a, http://a:80/metrics, true",
        "https://a, https://a:443/metrics, true",
        "http://a:8080, http://a:9090/metrics, false",
        "http://127.0.0.1:8080, http://127.0.0.1:9090/metrics, false",
        "http://a:8080, http://b:8080/metrics, false",
        "https://a:8443, http://a:8443/metrics, false",
        "http://a, https://a/metrics, false",
        "https://a, http://a/metrics, false",
    })
    void tokensGoToTheServerItselfAlone(URI server, URI metrics, boolean same) {
        Target target = target(server, "127.0.0.1");
        assertThat(target.isAt(metrics)).isEqualTo(same);
    }

    @ParameterizedTest
    @CsvSource({
        "127.0.0.1, true",
        "::1, true",
        "localhost, true",
        "LocalHost, true",
        "localhost.example, false",
        "bench.localhost, false",
        "127.0.0.1.nip.example, false",
        "myself, false",
    })
    void onlyWhatCannotLeadElsewhereIsThisMachineWithoutAWord(String host, boolean fixed) {
        assertThat(Target.isFixed(host)).isEqualTo(fixed);
    }

    @Test
    void theMachineOfTheToolIsKnown() {
        URI uri = URI.create("http://a");
        assertThat(target(uri, "127.0.0.9").isHere()).isTrue();
        assertThat(target(uri, "::1").isHere()).isTrue();
        assertThat(target(uri, "192.0.2.1").isHere()).isFalse();
    }
}
