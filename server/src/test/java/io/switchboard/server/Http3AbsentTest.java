package io.switchboard.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.server.config.Settings;
import io.switchboard.server.config.Tls;
import java.io.IOException;
import java.net.BindException;
import java.net.DatagramSocket;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.StandardSocketOptions;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** HTTP/3 that was asked for and cannot be had: everything else works, and nobody is sent there. */
@Timeout(60)
class Http3AbsentTest {
    @Test
    void withoutACertificateItIsNotAnnounced() throws Exception {
        Switchboard server = Switchboard.start(settings(0, Map.of()));
        try {
            assertThat(server.speaksHttp3()).isFalse();
            assertThat(announced(server)).isNull();
        } finally {
            server.stop(Duration.ZERO);
        }
    }

    @ParameterizedTest(name = "would be shared: {0}")
    @ValueSource(booleans = {false, true})
    void whereThePortOfUdpIsTakenTheServerStartsAllTheSame(boolean shared, @TempDir Path folder) throws Exception {
        Tls tls = DevCertificate.in(folder);
        Map<String, String> files = Map.of(
                "tls.certificate", tls.certificate().toString(),
                "tls.key", tls.key().toString());
        InetAddress here = InetAddress.getLoopbackAddress();
        int port = freePort(here);
        try (DatagramSocket other = new DatagramSocket(null)) {
            other.setOption(StandardSocketOptions.SO_REUSEPORT, shared);
            other.bind(new InetSocketAddress(here, port));
            Switchboard server = Switchboard.start(settings(other.getLocalPort(), files));
            try {
                assertThat(server.url()).endsWith(":" + other.getLocalPort());
                assertThat(server.speaksHttp3()).isFalse();
            } finally {
                server.stop(Duration.ZERO);
            }
        }
    }

    // Of TCP and of UDP: the system looks at one of them when it chooses.
    private static int freePort(InetAddress here) throws IOException {
        while (true) {
            try (ServerSocket tcp = new ServerSocket(0, 1, here);
                    DatagramSocket udp = new DatagramSocket(new InetSocketAddress(here, tcp.getLocalPort()))) {
                return udp.getLocalPort();
            } catch (BindException taken) {
                // by somebody's socket of UDP: another one
            }
        }
    }

    private static Settings settings(int port, Map<String, String> more) {
        Map<String, String> all = new HashMap<>(more);
        all.putAll(Map.of("port", String.valueOf(port), "store", "memory", "threads", "1", "http3", "on"));
        return Settings.with(all);
    }

    private static @Nullable String announced(Switchboard server) throws Exception {
        HttpURLConnection asked = (HttpURLConnection)
                URI.create(server.url() + "/health/live").toURL().openConnection();
        assertThat(asked.getResponseCode()).isEqualTo(200);
        return asked.getHeaderField("Alt-Svc");
    }
}
