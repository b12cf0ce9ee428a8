package io.switchboard.store.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.switchboard.core.channel.Policies;
import io.switchboard.core.figures.Figures;
import io.switchboard.core.store.StoreLimits;
import io.switchboard.testkit.redis.RedisServer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OpeningTest {
    private static final String SECRET = "open-sesame";

    @TempDir
    Path folder;

    private static RedisSettings settings(List<String> uris, @Nullable String password) {
        Duration timeout = Duration.ofSeconds(2);
        return new RedisSettings(uris, null, password, null, "sw", timeout, timeout);
    }

    private static void open(RedisSettings settings) {
        RedisStore.open(settings, Policies.DEFAULT, StoreLimits.DEFAULT, Figures.unseen())
                .close();
    }

    @Test
    void whereNobodyListensASentenceSaysSo() {
        String uri;
        try (RedisServer gone = RedisServer.start(folder)) {
            uri = gone.uri();
        }
        assertThatThrownBy(() -> open(RedisSettings.of(uri)))
                .isInstanceOf(RedisStoreException.class)
                .hasMessageStartingWith("The Redis server at " + uri + " cannot be reached:");
    }

    @Test
    void aPasswordIsNeededAndNeverShown() {
        try (RedisServer redis = RedisServer.start(folder, "--requirepass", SECRET)) {
            open(settings(List.of(redis.uri()), SECRET));
            assertThatThrownBy(() -> open(RedisSettings.of(redis.uri()))).hasMessageContaining("refuses this user");
            assertThatThrownBy(() -> open(settings(List.of(redis.uri()), "wrong-" + SECRET)))
                    .hasMessageContaining("refuses this user")
                    .hasStackTraceContaining("WRONGPASS")
                    .satisfies(thrown -> assertThat(thrown.toString()).doesNotContain(SECRET));
            assertThat(settings(List.of(redis.uri()), SECRET).toString()).doesNotContain(SECRET);
        }
    }

    @Test
    void aServerThatWouldThrowMessagesAwayIsRefused() {
        try (RedisServer redis = RedisServer.start(folder, "--maxmemory-policy", "allkeys-lru")) {
            assertThatThrownBy(() -> open(RedisSettings.of(redis.uri())))
                    .hasMessageContaining("maxmemory-policy to noeviction; it is allkeys-lru");
            redis.ask("CONFIG SET maxmemory-policy volatile-ttl"); // our keys have no time to live
            open(RedisSettings.of(redis.uri()));
        }
    }

    @Test
    void ofSeveralServersThePrimaryIsTaken() {
        try (RedisServer primary = RedisServer.start(folder);
                RedisServer replica = RedisServer.start(folder)) {
            replica.ask("REPLICAOF 127.0.0.1 " + primary.port());
            assertThatThrownBy(() -> open(RedisSettings.of(replica.uri()))).hasMessageContaining("is a replica");
            open(settings(List.of(replica.uri(), primary.uri()), null));
        }
    }

    @Test
    void settingsSayWhatIsWrongWithThemAndRepeatNoPassword() {
        for (String uri : List.of(
                "redis://user:" + SECRET + "@localhost",
                "redis://:" + SECRET + "@localhost:6379",
                "http://localhost",
                "localhost:6379",
                "redis://",
                "redis://localhost/first",
                "redis://localhost?timeout=1",
                "not a uri " + SECRET)) {
            assertThatThrownBy(() -> RedisSettings.of(uri))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageStartingWith("The URI of a Redis server")
                    .satisfies(thrown -> assertThat(thrown).hasMessageNotContaining(SECRET).hasMessageEndingWith("."));
        }
        assertThatThrownBy(() -> settings(List.of(), null)).hasMessageContaining("one URI");
        Duration second = Duration.ofSeconds(1);
        List<String> uris = List.of("rediss://localhost:6380/3");
        assertThatThrownBy(() -> new RedisSettings(uris, null, null, null, "a{b}", second, second))
                .hasMessageContaining("prefix");
        assertThatThrownBy(() -> new RedisSettings(uris, "user", null, null, "sw", second, second))
                .hasMessageContaining("password");
        assertThatThrownBy(() -> new RedisSettings(uris, null, null, null, "sw", second, Duration.ZERO))
                .hasMessageContaining("1 ms");
    }
}
