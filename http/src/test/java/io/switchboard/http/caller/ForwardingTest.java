package io.switchboard.http.caller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import java.net.InetAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** RFC 7239, and what proxies did before it: whom to believe, and how far. */
class ForwardingTest {
    private static final Forwarding FORWARDING = new Forwarding(Networks.parse("10.0.0.0/8, fd00::/8"));
    private static final Caller PROXY = new Caller(InetAddress.ofLiteral("10.0.0.1"), false);

    private static String caller(Caller peer, HttpHeaders headers) {
        Caller caller = FORWARDING.caller(peer, headers);
        return (caller.secure() ? "https " : "http ") + caller.address().getHostAddress();
    }

    private static HttpHeaders headers(String... fields) {
        HttpHeaders headers = new DefaultHttpHeaders();
        for (String field : fields)
            headers.add(
                    field.substring(0, field.indexOf(':')),
                    field.substring(field.indexOf(':') + 1).strip());
        return headers;
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            1.2.3.4                             | http 1.2.3.4
            1.2.3.4:5678                        | http 1.2.3.4
            2001:db8::1                         | http 2001:db8:0:0:0:0:0:1
            [2001:db8::1]:443                   | http 2001:db8:0:0:0:0:0:1
            9.9.9.9, 1.2.3.4                    | http 1.2.3.4
            junk, 1.2.3.4                       | http 1.2.3.4
            1.2.3.4, 10.2.2.2                   | http 1.2.3.4
            9.9.9.9, 1.2.3.4, 10.2.2.2,10.3.3.3 | http 1.2.3.4
            10.4.4.4, 10.2.2.2                  | http 10.4.4.4
            1.2.3.4, fd00::7                    | http 1.2.3.4
            junk                                | http 10.0.0.1
            junk, 10.2.2.2                      | http 10.0.0.1
            1.2.3.4,                            | http 10.0.0.1
            1.2.3                               | http 10.0.0.1
            16909060                            | http 10.0.0.1
            1.2.3.4.5                           | http 10.0.0.1
            1.2.3.256                           | http 10.0.0.1
            1.2.3.4:port                        | http 10.0.0.1
            [1.2.3.4]                           | http 10.0.0.1
            [2001:db8::1                        | http 10.0.0.1
            2001:db8::1%eth0                    | http 10.0.0.1
            localhost                           | http 10.0.0.1
            unknown                             | http 10.0.0.1
            """)
    void theLastAddressThatIsNotTrustedIsTheClients(String forwardedFor, String expected) {
        assertThat(caller(PROXY, headers("X-Forwarded-For: " + forwardedFor))).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            for=1.2.3.4                                  | http 1.2.3.4
            for=1.2.3.4;proto=https                      | https 1.2.3.4
            For="[2001:db8::1]:47";Proto=HTTPS;by=x      | https 2001:db8:0:0:0:0:0:1
            for="1.2.3.4:80" ; proto=http                | http 1.2.3.4
            for=9.9.9.9;proto=https, for=1.2.3.4         | http 1.2.3.4
            for=1.2.3.4;proto=https, for=10.2.2.2        | https 1.2.3.4
            for=1.2.3.4;proto=https, for=10.2.2.2;proto=http | https 1.2.3.4
            for=9.9.9.9, proto=https                     | https 10.0.0.1
            for="1\\.2.3.4"                              | http 1.2.3.4
            for=unknown                                  | http 10.0.0.1
            for=_hidden                                  | http 10.0.0.1
            for=1.2.3.4;proto=gopher                     | http 10.0.0.1
            for=1.2.3.4;for=9.9.9.9                      | http 10.0.0.1
            for="1.2.3.4                                 | http 10.0.0.1
            for=                                         | http 10.0.0.1
            for 1.2.3.4                                  | http 10.0.0.1
            for=1.2.3.4 proto=https                      | http 10.0.0.1
            for=1.2.3.4,                                 | http 10.0.0.1
            ;                                            | http 10.0.0.1
            """)
    void theStandardFieldIsReadAsItIsWritten(String forwarded, String expected) {
        assertThat(caller(PROXY, headers("Forwarded: " + forwarded))).isEqualTo(expected);
    }

    @Test
    void theSchemeComesFromTheProxyThatSawTheClient() {
        assertThat(caller(PROXY, headers("X-Forwarded-Proto: https"))).isEqualTo("https 10.0.0.1");
        assertThat(caller(PROXY, headers("X-Forwarded-For: 1.2.3.4", "X-Forwarded-Proto: https")))
                .isEqualTo("https 1.2.3.4");
        assertThat(caller(PROXY, headers("X-Forwarded-For: 9.9.9.9, 1.2.3.4", "X-Forwarded-Proto: https, http")))
                .isEqualTo("http 1.2.3.4");
        assertThat(caller(PROXY, headers("X-Forwarded-For: 9.9.9.9, 1.2.3.4", "X-Forwarded-Proto: wss")))
                .isEqualTo("https 1.2.3.4");
        assertThat(caller(PROXY, headers("X-Forwarded-For: 1.2.3.4", "X-Forwarded-Proto: javascript")))
                .isEqualTo("http 10.0.0.1");
        Caller secure = new Caller(PROXY.address(), true);
        assertThat(caller(secure, headers("X-Forwarded-For: 1.2.3.4"))).isEqualTo("https 1.2.3.4");
        assertThat(caller(secure, headers("X-Forwarded-For: 1.2.3.4", "X-Forwarded-Proto: http")))
                .isEqualTo("http 1.2.3.4");
    }

    @Test
    void severalLinesAreOneList() {
        assertThat(caller(PROXY, headers("X-Forwarded-For: 9.9.9.9", "X-Forwarded-For: 1.2.3.4")))
                .isEqualTo("http 1.2.3.4");
        assertThat(caller(PROXY, headers("Forwarded: for=9.9.9.9", "Forwarded: for=1.2.3.4")))
                .isEqualTo("http 1.2.3.4");
    }

    // A proxy that writes one of both passes the other on as the client wrote it.
    @Test
    void whereBothAreThereTheyHaveToAgree() {
        assertThat(caller(PROXY, headers("X-Forwarded-For: 1.2.3.4", "Forwarded: for=9.9.9.9")))
                .isEqualTo("http 10.0.0.1");
        assertThat(caller(PROXY, headers("X-Forwarded-For: 1.2.3.4", "Forwarded: for=1.2.3.4")))
                .isEqualTo("http 1.2.3.4");
    }

    @Test
    void whoIsNotTrustedSpeaksForItselfOnly() {
        Caller stranger = new Caller(InetAddress.ofLiteral("5.5.5.5"), false);
        HttpHeaders lies = headers("X-Forwarded-For: 1.2.3.4", "X-Forwarded-Proto: https");
        assertThat(FORWARDING.caller(stranger, lies)).isSameAs(stranger);
        assertThat(new Forwarding(Networks.NONE).caller(PROXY, lies)).isSameAs(PROXY);
    }

    @Test
    void endlessListsCountForNothing() {
        String hop = "10.1.1.1, ";
        assertThat(caller(PROXY, headers("X-Forwarded-For: 1.2.3.4, " + hop.repeat(30) + "10.1.1.1")))
                .isEqualTo("http 1.2.3.4");
        assertThat(caller(PROXY, headers("X-Forwarded-For: 1.2.3.4, " + hop.repeat(31) + "10.1.1.1")))
                .isEqualTo("http 10.0.0.1");
        assertThat(caller(PROXY, headers("Forwarded: for=1.2.3.4" + ", for=10.1.1.1".repeat(32))))
                .isEqualTo("http 10.0.0.1");
    }

    @ParameterizedTest
    @CsvSource({
        "10.0.0.0/8,10.255.0.1,true",
        "10.0.0.0/8,11.0.0.1,false",
        "10.0.0.0/31,10.0.0.1,true",
        "10.0.0.0/31,10.0.0.2,false",
        "0.0.0.0/0,8.8.8.8,true",
        "0.0.0.0/0,::1,false",
        "192.168.1.7,192.168.1.7,true",
        "192.168.1.7,192.168.1.8,false",
        "2001:db8::/33,2001:db8:7fff::1,true",
        "2001:db8::/33,2001:db8:8000::1,false",
        "::ffff:10.0.0.1,10.0.0.1,true"
    })
    void networksHoldTheAddressesWithTheirFirstBits(String network, String address, boolean holds) {
        assertThat(Networks.parse(network).contains(InetAddress.ofLiteral(address)))
                .isEqualTo(holds);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ",",
                "10.0.0.0/33",
                "10.0.0.0/-1",
                "10.0.0.0/",
                "/8",
                "10.0.0",
                "example.com",
                "::/129",
                "a:b"
            })
    void whatIsNoNetworkIsRefused(String text) {
        assertThatThrownBy(() -> Networks.parse(text)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void networksAreWrittenAsTheyAreRead() {
        Networks networks = Networks.parse("10.0.0.7,fd00::/8");
        assertThat(Networks.parse(networks.toString())).isEqualTo(networks);
    }
}
