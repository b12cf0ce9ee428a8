package io.switchboard.bench.own;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LaunchTest {
    private static final Path FOLDER = Path.of("own");

    @Test
    void theServerListensOnThisMachineAloneAndKeepsItsDataInTheFolder() {
        List<String> command = Launch.plain(100).command(FOLDER);
        assertThat(command)
                .containsSequence("serve", "--host", "127.0.0.1", "--port", "0")
                .containsSequence("--data", FOLDER.resolve("data").toString())
                .containsSequence("--limits-connections", "1100")
                .doesNotContain("--tls-certificate", "--proxy-trusted");
    }

    @Test
    void withNginxInFrontItIsNginxThatSpeaksTlsAndIsTrusted() {
        assertThat(new Launch(1, true, Front.DIRECT, 1, Map.of()).command(FOLDER))
                .contains("--tls-certificate");
        Launch behind = new Launch(1, true, Front.NGINX, 1, Map.of());
        assertThat(behind.command(FOLDER))
                .doesNotContain("--tls-certificate")
                .containsSequence("--proxy-trusted", "127.0.0.1");
        assertThat(Nginx.configuration(behind, FOLDER, 2_000, 3_000))
                .contains("listen 127.0.0.1:2000 backlog=4096 ssl;", "server 127.0.0.1:3000;", "ssl_certificate_key")
                .doesNotContain("proxy_cache");
        assertThat(Nginx.configuration(new Launch(1, false, Front.NGINX_CACHE, 1, Map.of()), FOLDER, 2_000, 3_000))
                .contains("listen 127.0.0.1:2000 backlog=4096;", "proxy_cache own;", "proxy_read_timeout 90s;")
                .doesNotContain("ssl");
        assertThat(Nginx.configuration(new Launch(1, false, Front.NGINX_BARE, 1, Map.of()), FOLDER, 2_000, 3_000))
                .contains("proxy_set_header Upgrade")
                .doesNotContain("_timeout", "proxy_cache");
    }

    @Test
    void overHttp3TheServerSpeaksItWithTls() {
        Launch launch = new Launch(3, false, Front.DIRECT, 1, Map.of());
        assertThat(launch.tls()).isTrue();
        assertThat(launch.command(FOLDER)).contains("--tls-certificate").containsSequence("--http3", "on");
        Launch behind = new Launch(3, false, Front.NGINX_CACHE, 1, Map.of());
        assertThat(behind.http()).isEqualTo(1);
        assertThat(behind.tls()).isTrue();
        assertThat(behind.command(FOLDER)).doesNotContain("--http3");
        assertThatIllegalArgumentException().isThrownBy(() -> new Launch(4, false, Front.DIRECT, 1, Map.of()));
    }

    @Test
    void furtherSettingsTakeThePlaceOfItsOwn() {
        assertThat(new Launch(1, false, Front.DIRECT, 10, Map.of("--limits-connections", "5", "--store", "memory"))
                        .command(FOLDER))
                .containsSequence("--limits-connections", "5")
                .containsSequence("--store", "memory")
                .containsSequence("--limits-connections-per-address", "1010");
    }

    @ParameterizedTest
    @ValueSource(strings = {"--port", "--host", "--data", "--config", "--lab", "--dev-tls", "--http3", "store"})
    void whereItListensAndWhatItKeepsIsNotForOthersToSay(String flag) {
        assertThatIllegalArgumentException().isThrownBy(() -> new Launch(1, false, Front.DIRECT, 1, Map.of(flag, "1")));
    }
}
