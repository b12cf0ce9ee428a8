package io.switchboard.server.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.switchboard.core.channel.ChannelName;
import io.switchboard.core.channel.ChannelPolicy;
import io.switchboard.core.channel.Durability;
import io.switchboard.core.channel.Retention;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigurationTest {
    @TempDir
    Path folder = Path.of("");

    @Test
    void everyDefaultIsAllowed() {
        for (Key<?> key : Keys.ALL)
            assertThat(key.kind().parse(key.byDefault())).as(key.name()).isPresent();
        Settings settings = Settings.with(Map.of());
        assertThat(settings.port()).isEqualTo(8080);
        assertThat(settings.threads()).isEqualTo(Runtime.getRuntime().availableProcessors());
        assertThat(settings.limits().messageBytes()).isEqualTo(8 << 20);
        assertThat(settings.live().stalledMax()).isEqualTo(Duration.ofMinutes(5));
        assertThat(settings.policies().otherwise()).isEqualTo(ChannelPolicy.DEFAULT);
        assertThat(settings.origins().allow("https://anywhere.example")).isTrue();
    }

    @Test
    void thereAreFewerThanSeventyKeys() {
        assertThat(Keys.ALL.size() + Keys.LISTS.size()).isLessThan(70);
    }

    @Test
    void serverThatAsksNobodyIsNotForTheNetworkUnlessThatIsWritten() {
        for (String host : List.of("0.0.0.0", "::", "10.0.0.1", "board.example", "127.0.0.1.example", "[::]")) {
            assertThat(problems(Configuration.load(Optional.empty(), Map.of(), Map.of("--host", host))))
                    .as(host)
                    .singleElement()
                    .asString()
                    .startsWith("--host: host: \"" + host + "\" can be reached")
                    .contains("auth.keys", "auth.jwks", "auth.open: network");
            good(Configuration.load(
                    Optional.empty(), Map.of("SWITCHBOARD_AUTH_OPEN", "network"), Map.of("--host", host)));
            good(Configuration.load(Optional.empty(), Map.of(), Map.of("--host", host, "--auth-keys", "keys.jwks")));
            good(Configuration.load(
                    Optional.empty(), Map.of(), Map.of("--host", host, "--auth-jwks", "https://id.example/keys")));
        }
        for (String host : List.of("127.0.0.1", "127.8.8.8", "localhost", "::1", "[::1]")) {
            assertThat(Settings.with(Map.of("host", host)).auth().isOn())
                    .as(host)
                    .isFalse();
        }
    }

    @Test
    void keysComeFromOnePlaceWhereNobodyCanChangeThemOnTheWay() {
        assertThat(problems(Configuration.load(
                        Optional.empty(),
                        Map.of("SWITCHBOARD_AUTH_KEYS", "keys.jwks"),
                        Map.of("--auth-jwks", "https://id.example/keys"))))
                .singleElement()
                .asString()
                .startsWith("--auth-jwks: auth.jwks: There is auth.keys too (SWITCHBOARD_AUTH_KEYS)");
        for (String url : List.of(
                "http://id.example/keys",
                "ftp://id.example/keys",
                "file:///etc/passwd",
                "https://user:pass@id.example/keys",
                "https:///keys",
                "keys.json",
                "http://127.0.0.1.example/keys")) {
            assertThat(Keys.AUTH_JWKS.kind().parse(url)).as(url).isEmpty();
        }
        for (String url : List.of("https://id.example/keys", "http://127.0.0.1:9/keys", "http://[::1]/keys", "none")) {
            assertThat(Keys.AUTH_JWKS.kind().parse(url)).as(url).isPresent();
        }
    }

    @Test
    void oneNameGivesTheNamesOfTheVariableAndTheFlag() {
        assertThat(Keys.LIMITS_CONNECTIONS_PER_ADDRESS.variable())
                .isEqualTo("SWITCHBOARD_LIMITS_CONNECTIONS_PER_ADDRESS");
        assertThat(Keys.LIMITS_CONNECTIONS_PER_ADDRESS.flag()).isEqualTo("--limits-connections-per-address");
    }

    @Test
    void flagsWinOverVariablesWinOverTheFileWinsOverDefaults() throws IOException {
        Path file = file("port: 1\nhost: 127.0.0.2\nlimits:\n  liveChannels: 3\n");
        Configuration.Loaded.Good good = good(Configuration.load(
                Optional.of(file),
                Map.of("SWITCHBOARD_PORT", "2", "SWITCHBOARD_HOST", "127.0.0.3", "PATH", "/bin"),
                Map.of("--port", "3")));

        assertThat(good.settings().port()).isEqualTo(3);
        assertThat(good.settings().host()).isEqualTo("127.0.0.3");
        assertThat(good.settings().limits().liveChannels()).isEqualTo(3);
        assertThat(good.settings().drain()).isEqualTo(Duration.ofSeconds(10));
        assertThat(good.effective())
                .extracting(effective -> effective.key().name() + " " + effective.text() + " " + effective.place())
                .contains(
                        "port 3 --port",
                        "host 127.0.0.3 SWITCHBOARD_HOST",
                        "limits.liveChannels 3 " + file + ":4",
                        "drain 10s default");
    }

    @Test
    void everyMistakeIsToldWithItsPlaceAndWhatIsAllowed() throws IOException {
        Path file = file("""
                port: 80800
                limits:
                  mesageBytes: 1MB
                  readBytes: 1TB
                drain:
                sse: 3
                """);
        assertThat(problems(Configuration.load(
                        Optional.of(file),
                        Map.of("SWITCHBOARD_STORE", "disk", "SWITCHBOARD_THREDS", "4"),
                        Map.of("--live-heartbeat", "25"))))
                .containsExactlyInAnyOrder(
                        file + ":1: port: \"80800\" is not allowed; allowed: 0 to 65535.",
                        file + ":3: limits.mesageBytes: There is no such key. Did you mean limits.messageBytes?",
                        file + ":4: limits.readBytes: \"1TB\" is not allowed; allowed: 16KB to 64MB.",
                        file + ":5: drain: has no value; allowed: 0s to 10min.",
                        file + ":6: sse: There is no such key.",
                        "SWITCHBOARD_STORE: store: \"disk\" is not allowed; allowed: rocksdb, memory, redis.",
                        "SWITCHBOARD_THREDS: There is no such setting. Did you mean SWITCHBOARD_THREADS?",
                        "--live-heartbeat: live.heartbeat: \"25\" is not allowed; allowed: 1s to 10min.");
    }

    @Test
    void keyWithoutItsSectionIsRecognised() throws IOException {
        assertThat(problems(load("messageBytes: 1MB\n")))
                .singleElement()
                .asString()
                .endsWith("Did you mean limits.messageBytes?");
    }

    @Test
    void valueThatAnotherSourceOverridesIsCheckedToo() {
        assertThat(problems(Configuration.load(
                        Optional.empty(), Map.of("SWITCHBOARD_PORT", "many"), Map.of("--port", "80"))))
                .containsExactly("SWITCHBOARD_PORT: port: \"many\" is not allowed; allowed: 0 to 65535.");
    }

    @Test
    void variablesOfTheLauncherAreNoSettings() {
        good(Configuration.load(
                Optional.empty(), Map.of("SWITCHBOARD_JAVA_HOME", "/jdk", "SWITCHBOARD_CONFIG", "a.yaml"), Map.of()));
    }

    @Test
    void sizesAndTimesHaveUnits() {
        Settings settings = Settings.with(Map.of(
                "cache.tailBytes",
                "1.5GB",
                "limits.readBytes",
                "65536",
                "drain",
                "250ms",
                "live.stalledMax",
                "1.5min"));
        assertThat(settings.tailBytes()).isEqualTo(3L << 29);
        assertThat(settings.limits().readBytes()).isEqualTo(65_536);
        assertThat(settings.drain()).isEqualTo(Duration.ofMillis(250));
        assertThat(settings.live().stalledMax()).isEqualTo(Duration.ofSeconds(90));
        assertThat(Keys.CACHE_TAIL_BYTES.kind().write(3L << 29)).isEqualTo("1536MB");
    }

    @Test
    void numbersBeyondAllReasonAreRefusedNotWrapped() {
        for (String text : List.of("99999999999999999999", "9223372036854775808", "-1", "1e9", "0x10", "１", "")) {
            assertThat(Keys.PORT.kind().parse(text)).as(text).isEmpty();
            assertThat(Keys.LIMITS_READ_BYTES.kind().parse(text)).as(text).isEmpty();
            assertThat(Keys.LIMITS_READ_BYTES.kind().parse(text + "GB"))
                    .as(text)
                    .isEmpty();
        }
    }

    @Test
    void rulesTakeFromTheDefaultsWhatTheyLeaveOut() throws IOException {
        Settings settings = good(load("""
                defaults:
                  durability: fsync
                  retention:
                    age: 7d
                channels:
                  - match: chat/**
                    creation: on-first-use
                    retention:
                      messages: 1000
                  - {match: prices, durability: memory, retention: {age: unlimited, bytes: 64MB}}
                """)).settings();

        long week = Duration.ofDays(7).toMillis();
        assertThat(settings.policies().of(new ChannelName("chat/room/1")))
                .isEqualTo(new ChannelPolicy(
                        Durability.FSYNC,
                        new Retention(1_000, Retention.UNLIMITED, week),
                        ChannelPolicy.Creation.ON_FIRST_USE));
        assertThat(settings.policies().of(new ChannelName("prices")))
                .isEqualTo(new ChannelPolicy(
                        Durability.MEMORY,
                        new Retention(Retention.UNLIMITED, 64 << 20, Retention.UNLIMITED),
                        ChannelPolicy.Creation.EXPLICIT));
        assertThat(settings.policies().of(new ChannelName("other")).retention().ageMaxMillis())
                .isEqualTo(week);
    }

    @Test
    void routesGiveChannelsOtherPaths() throws IOException {
        assertThat(good(load("""
                routes:
                  - {path: /prices, channel: prices}
                  - {path: /api/live-status, channel: status, read: sse}
                  - {path: /history, channel: chat/1, read: last, last: 50}
                """)).settings().routes())
                .containsExactly(
                        new Route("/prices", new ChannelName("prices"), Route.Form.LAST, 1),
                        new Route("/api/live-status", new ChannelName("status"), Route.Form.SSE, 1),
                        new Route("/history", new ChannelName("chat/1"), Route.Form.LAST, 50));
    }

    @Test
    void mistakesInListsAreToldWithTheirLines() throws IOException {
        Path file = file("""
                channels:
                  - durability: os
                  - match: a//b
                    retention:
                      massages: 5
                  - just text
                routes:
                  - {path: /live/x, channel: a}
                  - {path: /a, channel: ..}
                  - {path: /a, channel: a, read: sse, last: 2}
                  - {path: /a, channel: b}
                """);
        assertThat(problems(Configuration.load(Optional.of(file), Map.of(), Map.of())))
                .containsExactlyInAnyOrder(
                        file + ":2: channels: This item needs the key match.",
                        file + ":3: channels: match: \"a//b\" is not allowed; allowed: a pattern of channel names such"
                                + " as chat/*.",
                        file + ":5: channels: retention.massages: There is no such key. Did you mean"
                                + " retention.messages?",
                        file + ":6: channels: Each item has keys and values, such as match: ….",
                        file + ":8: routes: path: \"/live/x\" is not allowed; allowed: a path such as /prices, outside"
                                + " of /v1, /live, /health and /metrics.",
                        file + ":9: routes: channel: \"..\" is not allowed; allowed: the name of a channel.",
                        file + ":10: routes: last goes only with read: last.",
                        file + ":11: routes: /a has a route already.");
    }

    @Test
    void originsAreAListOrAStar() throws IOException {
        Settings listed = good(load("cors:\n  origins:\n    - https://a.example\n    - http://localhost:3000\n"))
                .settings();
        assertThat(listed.origins().allow("https://a.example")).isTrue();
        assertThat(listed.origins().allow("https://b.example")).isFalse();
        assertThat(Settings.with(Map.of("cors.origins", "https://a.example,https://b.example"))
                        .origins()
                        .listed())
                .containsExactly("https://a.example", "https://b.example");
        assertThat(problems(load("cors: {origins: [https://a.example/path]}\n")))
                .hasSize(1);
    }

    @Test
    void fileThatIsNotYamlIsToldWithItsLine() throws IOException {
        Path file = file("port: 8080\nhost: [a\ndata: }\n");
        assertThat(problems(Configuration.load(Optional.of(file), Map.of(), Map.of())))
                .singleElement()
                .asString()
                .startsWith(file + ":3: This is not YAML");
    }

    @Test
    void whatAConfigurationHasNoUseForIsRefused() throws IOException {
        assertThat(problems(load("port: 1\nport: 2\n")))
                .singleElement()
                .asString()
                .contains(":2: port stands on line 1");
        assertThat(problems(load("a: &x 1\nport: *x\n")))
                .singleElement()
                .asString()
                .contains("aliases");
        assertThat(problems(load("port: 1\n---\nport: 2\n")))
                .singleElement()
                .asString()
                .contains("Only one");
        assertThat(problems(load("- port\n"))).singleElement().asString().contains("keys and values");
        assertThat(problems(load("a: " + "[".repeat(200) + "]".repeat(200)))).hasSize(1);
        assertThat(problems(load("port: [1, [2]]\n"))).hasSize(1);
        assertThat(problems(Configuration.load(Optional.of(folder.resolve("none.yaml")), Map.of(), Map.of())))
                .singleElement()
                .asString()
                .endsWith("There is no such file.");
        assertThat(problems(Configuration.load(Optional.of(folder), Map.of(), Map.of())))
                .hasSize(1);
    }

    @Test
    void emptyFileAndEmptySectionsChangeNothing() throws IOException {
        good(load(""));
        good(load("# nothing yet\n"));
        good(load("limits:\n  # later\nchannels:\n"));
    }

    @Test
    void oneMessageHasToFitIntoWhatAllBodiesMayTake() {
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> Settings.with(Map.of("limits.messageBytes", "64MB", "limits.bodyBytesInFlight", "1MB")))
                .withMessageContaining("at least limits.messageBytes");
    }

    @Test
    void recordsRefuseWhatTheTableRefuses() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Timeouts(Duration.ZERO, Duration.ofSeconds(1), Duration.ofSeconds(1)))
                .withMessageContaining("timeouts.header");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Route("prices", new ChannelName("prices"), Route.Form.SSE, 1));
    }

    private Path file(String text) throws IOException {
        return Files.writeString(folder.resolve("switchboard.yaml"), text);
    }

    private Configuration.Loaded load(String yaml) throws IOException {
        return Configuration.load(Optional.of(file(yaml)), Map.of(), Map.of());
    }

    private static Configuration.Loaded.Good good(Configuration.Loaded loaded) {
        assertThat(loaded).isInstanceOf(Configuration.Loaded.Good.class);
        return (Configuration.Loaded.Good) loaded;
    }

    private static List<String> problems(Configuration.Loaded loaded) {
        assertThat(loaded).isInstanceOf(Configuration.Loaded.Bad.class);
        return ((Configuration.Loaded.Bad) loaded)
                .problems().stream().map(Problem::toString).toList();
    }
}
