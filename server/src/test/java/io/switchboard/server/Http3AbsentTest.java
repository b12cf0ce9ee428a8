package io.switchboard.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.server.config.Settings;
import io.switchboard.server.config.Tls;
import java.net.DatagramSocket;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

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

    @Test
    void whereThePortOfUdpIsTakenTheServerStartsAllTheSame(@TempDir Path folder) throws Exception {
        Tls tls = DevCertificate.in(folder);
        Map<String, String> files = Map.of(
                "tls.certificate", tls.certificate().toString(),
                "tls.key", tls.key().toString());
        try (DatagramSocket other = new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))) {
            Switchboard server = Switchboard.start(settings(other.getLocalPort(), files));
            try {
                assertThat(server.url()).endsWith(":" + other.getLocalPort());
                assertThat(server.speaksHttp3()).isFalse();
            } finally {
                server.stop(Duration.ZERO);
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
