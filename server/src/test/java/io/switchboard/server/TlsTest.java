package io.switchboard.server;

import static io.switchboard.server.TestServer.JSON;
import static io.switchboard.server.TestServer.TEXT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.switchboard.server.RawClient.Answer;
import io.switchboard.server.config.Settings;
import io.switchboard.server.config.Tls;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.cert.Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** HTTPS and wss on the one port (RFC 8446, RFC 9110 section 4.2.2): certificates, handshakes, and what goes wrong. */
@Tag("slow") // it makes RSA keys
class TlsTest {
    // What every connection begins with: a record of a handshake, version 3.1, and a length.
    private static final byte[] HALF_A_HELLO = {0x16, 3, 1, 2, 0, 1, 0, 1, (byte) 0xfc, 3, 3};

    private static EventClient events(TestServer server, String target) {
        RawClient raw = RawClient.connect(server.port(), TlsFiles.TRUST);
        return EventClient.over(raw.ask("GET " + target, "Accept: text/event-stream"));
    }

    private static FrameClient socket(TestServer server, String target) {
        return FrameClient.open(server.port(), TlsFiles.TRUST, target);
    }

    private static SSLSocket connect(TestServer server, SSLParameters parameters) throws IOException {
        SSLSocket socket = (SSLSocket)
                TlsFiles.TRUST.getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), server.port());
        socket.setSoTimeout(10_000);
        socket.setSSLParameters(parameters);
        socket.startHandshake();
        return socket;
    }

    @Test
    void everyTransportWorksOverTls() {
        try (TestServer server = TlsFiles.start()) {
            assertThat(server.server().url()).startsWith("https://127.0.0.1:");
            server.create("c", JSON);
            try (EventClient events = events(server, "/v1/stream/c?offset=-1");
                    FrameClient socket = socket(server, "/v1/stream/c?offset=-1");
                    RawClient poll = RawClient.connect(server.port(), TlsFiles.TRUST)) {
                poll.ask("GET /v1/stream/c?offset=now&live=long-poll");
                server.awaitConnections(4, 4);
                socket.text("{\"a\":1}");
                assertThat(events.next().data()).isEqualTo("{\"a\":1}");
                assertThat(socket.nextText()).isEqualTo("{\"a\":1}");
                assertThat(poll.answer().body()).isEqualTo("[{\"a\":1}]");
                String large = "\"" + "x".repeat(3_000_000) + "\"";
                server.append("c", JSON, large);
                assertThat(events.next().data()).isEqualTo(large);
                assertThat(socket.nextText()).isEqualTo(large);
                assertThat(server.getText("/v1/stream/c?last=1")).isEqualTo("[" + large + "]");
            }
        }
    }

    @Test
    void aNewChannelIsFoundWhereItWasMade() {
        try (TestServer server = TlsFiles.start();
                RawClient raw = RawClient.connect(server.port(), TlsFiles.TRUST)) {
            raw.ask("PUT /v1/stream/n", "Content-Type: " + JSON, "Content-Length: 0");
            assertThat(raw.answer().header("Location")).isEqualTo("https://test/v1/stream/n");
        }
    }

    // What is encoded once for all readers of a loop must not be used up by the first.
    @Test
    void whatIsSharedReachesEveryReader() {
        try (TestServer server = TlsFiles.start("threads", "1")) {
            server.create("f", TEXT);
            List<EventClient> events = new ArrayList<>();
            List<FrameClient> sockets = new ArrayList<>();
            try {
                for (int i = 0; i < 10; i++) {
                    events.add(events(server, "/v1/stream/f?offset=-1"));
                    sockets.add(socket(server, "/v1/stream/f?offset=-1"));
                }
                for (int m = 0; m < 50; m++) {
                    String message = m + " " + "y".repeat(m * 300);
                    server.append("f", TEXT, message);
                    for (EventClient each : events)
                        assertThat(each.next().data()).isEqualTo(message);
                    for (FrameClient each : sockets) assertThat(each.nextText()).isEqualTo(message);
                }
            } finally {
                events.forEach(EventClient::close);
                sockets.forEach(FrameClient::close);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
    void theTwoVersionsAreSpokenAndThatOfHttpIsAgreedOn(String version) throws IOException {
        SSLParameters parameters = new SSLParameters();
        parameters.setProtocols(new String[] {version});
        parameters.setApplicationProtocols(new String[] {"http/1.1", "h2"});
        for (String http2 : List.of("on", "off")) {
            try (TestServer server = TlsFiles.start("http2", http2);
                    SSLSocket socket = connect(server, parameters)) {
                assertThat(socket.getSession().getProtocol()).isEqualTo(version);
                assertThat(socket.getApplicationProtocol()).isEqualTo(http2.equals("on") ? "h2" : "http/1.1");
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLS_RSA_WITH_AES_128_CBC_SHA", "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256"})
    void ciphersWithoutForwardSecrecyOrAuthenticationAreRefused(String cipher) {
        try (TestServer server = TlsFiles.start()) {
            SSLParameters parameters = new SSLParameters(new String[] {cipher}, new String[] {"TLSv1.2"});
            assertThatThrownBy(() -> connect(server, parameters).close()).isInstanceOf(SSLException.class);
            assertThat(server.getText("/health/live")).isEqualTo("ok\n");
        }
    }

    @Test
    void whoSpeaksTheOtherLanguageIsToldWhichIsSpoken() {
        try (TestServer server = TlsFiles.start();
                RawClient raw = server.raw()) {
            Answer answer = raw.ask("GET /health/live").answer();
            assertThat(answer.status()).isEqualTo(400);
            assertThat(answer.body()).contains("This port speaks HTTPS");
            assertThat(raw.endsWithin(3_000)).isTrue();
        }
        try (TestServer server = TestServer.start();
                RawClient raw = server.raw()) {
            Answer answer = raw.send(HALF_A_HELLO).answer();
            assertThat(answer.status()).isEqualTo(400);
            assertThat(answer.body()).contains("without TLS");
            assertThat(raw.endsWithin(3_000)).isTrue();
        }
    }

    @Test
    void aHandshakeThatIsNotFinishedInTimeEndsTheConnection() {
        try (TestServer server = TlsFiles.start("timeouts.header", "500ms")) {
            try (RawClient silent = server.raw();
                    RawClient half = server.raw().send(HALF_A_HELLO);
                    RawClient damaged = server.raw().send(new byte[] {0x16, 9, 9, 9, 9, 9, 9, 9})) {
                assertThat(silent.endsWithin(5_000)).isTrue();
                assertThat(half.endsWithin(5_000)).isTrue();
                damaged.rest(); // an alert may come first
            }
            server.awaitConnections(0, 0);
            assertThat(server.getText("/health/live")).isEqualTo("ok\n");
        }
    }

    @Test
    void aConnectionTooManyIsToldSoOverTls() {
        try (TestServer server = TlsFiles.start("limits.connections", "1");
                RawClient inside = RawClient.connect(server.port(), TlsFiles.TRUST)) {
            assertThat(inside.ask("GET /health/live").answer().status()).isEqualTo(200);
            try (RawClient over = RawClient.connect(server.port(), TlsFiles.TRUST)) {
                Answer answer = over.answer();
                assertThat(answer.status()).isEqualTo(503);
                assertThat(Integer.parseInt(String.valueOf(answer.header("Retry-After"))))
                        .isBetween(1, 5);
            }
            assertThat(inside.ask("GET /health/live").answer().status()).isEqualTo(200);
        }
    }

    @Test
    void aClientThatTakesNothingIsSentAway() {
        try (TestServer server = TlsFiles.start("live.stalledMax", "1s", "threads", "1")) {
            server.create("s", TEXT);
            try (EventClient stalled = events(server, "/v1/stream/s?offset=-1")) {
                for (int i = 0; i < 40; i++) server.append("s", TEXT, "x".repeat(256 * 1024));
                assertThat(stalled.head().status()).isEqualTo(200);
                server.awaitConnections(1, 1); // that of the HTTP client stays
            }
        }
    }

    private static Certificate shown(TestServer server) {
        try (SSLSocket socket = connect(server, new SSLParameters())) {
            return socket.getSession().getPeerCertificates()[0];
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    @Tag("slow")
    void newFilesAreForNewConnectionsAndOpenOnesStay(@TempDir Path folder) throws IOException {
        Tls files = new Tls(folder.resolve("c.pem"), folder.resolve("k.pem"));
        TlsFiles.copy(TlsFiles.ONE, files);
        try (TestServer server = TlsFiles.start(files)) {
            server.create("r", TEXT);
            Certificate before = shown(server);
            try (EventClient open = events(server, "/v1/stream/r?offset=-1")) {
                TlsFiles.copy(TlsFiles.OTHER, files);
                await().atMost(Duration.ofSeconds(10))
                        .until(() -> !shown(server).equals(before));
                Certificate after = shown(server);
                server.append("r", TEXT, "still here");
                assertThat(open.next().data()).isEqualTo("still here");
                // A pair that does not fit changes nothing.
                Files.copy(TlsFiles.ONE.key(), files.key(), StandardCopyOption.REPLACE_EXISTING);
                Files.writeString(files.certificate(), "nonsense");
                Pause.millis(2_500);
                assertThat(shown(server)).isEqualTo(after);
                TlsFiles.copy(TlsFiles.ONE, files);
                await().atMost(Duration.ofSeconds(10)).until(() -> shown(server).equals(before));
                server.append("r", TEXT, "and here");
                assertThat(open.next().data()).isEqualTo("and here");
            }
        }
    }

    /** What stands in the two files, and what the sentence has to say. */
    private record Broken(String certificate, String key, String sentence) {}

    @Test
    void aPairThatCannotBeUsedIsNamedWithTheRemedy(@TempDir Path folder) throws IOException {
        String certificate = Files.readString(TlsFiles.ONE.certificate());
        String key = Files.readString(TlsFiles.ONE.key());
        String encrypted = key.replace("PRIVATE KEY", "ENCRYPTED PRIVATE KEY");
        List<Broken> table = List.of(
                new Broken(certificate, Files.readString(TlsFiles.OTHER.key()), "is not the key of"),
                new Broken("", key, "holds no certificate"),
                new Broken("nonsense", key, "holds no certificate"),
                new Broken(certificate.replace('M', 'N'), key, "damaged certificate"),
                new Broken(key, certificate, "holds no certificate"),
                new Broken(certificate, certificate, "holds no private key"),
                new Broken(certificate, "", "holds no private key"),
                new Broken(certificate, encrypted, "is encrypted"),
                new Broken(certificate, key.replace("PRIVATE KEY", "RSA PRIVATE KEY"), "openssl pkcs8"),
                new Broken(certificate, "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "damaged"),
                new Broken("x".repeat(1_100_000), key, "more than 1 MB"));
        Tls files = new Tls(folder.resolve("c.pem"), folder.resolve("k.pem"));
        Settings settings =
                Settings.with(Map.of("port", "0", "store", "memory")).with(files);
        for (Broken broken : table) {
            Files.writeString(files.certificate(), broken.certificate());
            Files.writeString(files.key(), broken.key());
            assertThatThrownBy(() -> Switchboard.start(settings))
                    .isInstanceOfSatisfying(StartFailure.class, failure -> assertThat(failure.isMisconfigured())
                            .isTrue())
                    .hasMessageContaining(broken.sentence())
                    .hasMessageContaining(folder.toString());
        }
        Files.delete(files.key());
        Files.writeString(files.certificate(), certificate);
        assertThatThrownBy(() -> Switchboard.start(settings)).hasMessageContaining("does not exist");
    }

    @Test
    void aDevelopmentCertificateIsForThisMachineAndIsUsedAgain(@TempDir Path folder) throws Exception {
        Tls made = DevCertificate.in(folder.resolve("dev-tls"));
        String key = Files.readString(made.key());
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(made.key())))
                .isEqualTo("rw-------");
        try (var files = Files.list(folder.resolve("dev-tls"))) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .containsExactlyInAnyOrder("certificate.pem", "key.pem");
        }
        assertThat(DevCertificate.in(folder.resolve("dev-tls"))).isEqualTo(made);
        assertThat(Files.readString(made.key())).isEqualTo(key);
        Files.writeString(made.certificate(), "nonsense");
        DevCertificate.in(folder.resolve("dev-tls"));
        assertThat(Files.readString(made.key())).isNotEqualTo(key);
    }

    @Test
    void aCertificateWithoutItsKeyIsAMistake() {
        assertThatThrownBy(() -> Settings.with(Map.of("tls.certificate", "c.pem")))
                .hasMessageContaining("tls.key");
    }

    @Test
    void clientsThatCheckNamesAreContent() {
        try (TestServer server = TlsFiles.start()) {
            HttpResponse<byte[]> answer = server.get("/"); // the JDK's client compares the name
            assertThat(answer.statusCode()).isEqualTo(200);
        }
    }
}
