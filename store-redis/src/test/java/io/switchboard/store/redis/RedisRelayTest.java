package io.switchboard.store.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import io.switchboard.core.channel.Block;
import io.switchboard.core.channel.ContentType;
import io.switchboard.core.channel.Run;
import io.switchboard.core.store.AppendOutcome;
import io.switchboard.testkit.redis.RedisServer;
import io.switchboard.testkit.store.Asking;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

@Tag("slow")
class RedisRelayTest {
    private static final int MANY = 2_500;

    @TempDir
    Path folder;

    private RedisServer redis;
    private Node a;
    private Node b;
    private RedisRelay relay;

    private final Hearing hearer = new Hearing();

    @BeforeEach
    void open() {
        redis = RedisServer.start(folder);
        a = Node.of(redis);
        b = Node.of(Duration.ofSeconds(2), redis);
        relay = (RedisRelay) b.store().relay();
        relay.start(hearer);
    }

    @AfterEach
    void close() {
        if (relay != null) relay.close();
        if (a != null) a.close();
        if (b != null) b.close();
        if (redis != null) redis.close();
    }

    @Test
    void whatAnotherNodeCommitsIsHeard() throws InterruptedException {
        long id = a.ask().created("x", ContentType.BINARY).info().id();
        relay.follow(Node.name("x"));
        hearer.hears("x"); // from now on

        AppendOutcome.Appended appended = a.ask().appended("x", "one", "two");
        Hearing.Heard call = hearer.hearsCall("x");
        assertThat(call.id()).isEqualTo(id);
        assertThat(call.tail()).isEqualTo(appended.tail());
        Block block = Objects.requireNonNull(call.block());
        assertThat(Asking.texts(Run.of(block))).containsExactly("one", "two");
        assertThat(block.bytes())
                .isEqualTo(Objects.requireNonNull(appended.block()).bytes());

        a.ask().appended("x", "x".repeat(Call.BLOCK_BYTES_MAX));
        call = hearer.hearsCall("x");
        assertThat(call.block()).isNull();
        assertThat(call.tail()).isEqualTo(a.ask().tail("x"));

        a.ask().append(Asking.closing("x", null));
        call = hearer.hearsCall("x");
        assertThat(call.block()).isNull();
        assertThat(Objects.requireNonNull(call.tail()).closed()).isTrue();
    }

    @Test
    void creationAndDeletionAreHeard() throws InterruptedException {
        relay.follow(Node.name("x"));
        hearer.hears("x");
        a.ask().created("x", ContentType.BINARY);
        hearer.hears("x");
        a.ask().delete("x");
        hearer.hears("x");
    }

    @Test
    void whoeverDoesNotFollowAnyMoreHearsNothing() throws InterruptedException {
        a.ask().created("x", ContentType.BINARY);
        a.ask().created("y", ContentType.BINARY);
        relay.follow(Node.name("x"));
        hearer.hears("x");
        relay.unfollow(Node.name("x"));
        relay.follow(Node.name("y"));
        hearer.hears("y");
        a.ask().appended("x", "unheard");
        a.ask().appended("y", "heard");
        hearer.hearsCall("y");
        // and nothing is sent in vain
        await().untilAsserted(
                        () -> assertThat(redis.ask("PUBSUB SHARDCHANNELS")).isEqualTo("sw:{y}"));

        relay.follow(Node.name("x"));
        relay.unfollow(Node.name("x"));
        relay.follow(Node.name("x"));
        hearer.hears("x");
        a.ask().appended("x", "again");
        Hearing.Heard next = hearer.next();
        while (!next.called()) next = hearer.next(); // it may have been followed twice
        assertThat(next.name()).isEqualTo("x");
    }

    @Test
    void afterTheConnectionWasKilledAllIsFollowedAgainAndMayHaveChanged() throws InterruptedException {
        a.ask().created("x", ContentType.BINARY);
        relay.follow(Node.name("x"));
        hearer.hears("x");
        for (int i = 0; i < 3; i++) {
            assertThat(redis.ask("CLIENT KILL TYPE pubsub")).isEqualTo("1");
            hearer.hears("x");
            a.ask().appended("x", "m");
            hearer.hearsCall("x");
        }
    }

    @Test
    void aServerThatComesBackIsListenedToAgain() throws InterruptedException, IOException {
        relay.follow(Node.name("x"));
        hearer.hears("x");
        redis.kill();
        relay.follow(Node.name("y"));
        redis.start();
        Map<String, Integer> times = new HashMap<>();
        for (int i = 0; i < 2; i++) times.merge(hearer.next().name(), 1, Integer::sum);
        assertThat(times).isEqualTo(Map.of("x", 1, "y", 1));
    }

    @Test
    void aConnectionWhoseOtherEndIsSilentIsGivenUp() throws InterruptedException {
        a.ask().created("x", ContentType.BINARY);
        relay.follow(Node.name("x"));
        hearer.hears("x");
        CountDownLatch said = new CountDownLatch(1);
        String lost = ":" + redis.port() + " was lost.";
        AppenderBase<ILoggingEvent> log = new AppenderBase<>() {
            @Override
            protected void append(ILoggingEvent event) {
                if (event.getFormattedMessage().endsWith(lost)) said.countDown();
            }
        };
        log.start();
        Logger logger = (Logger) LoggerFactory.getLogger(Subscriptions.class);
        logger.addAppender(log);
        redis.pause();
        // nobody closes it: only the heartbeat can tell
        assertThat(said.await(20, TimeUnit.SECONDS)).isTrue();
        logger.detachAppender(log);
        redis.resume();
        hearer.hears("x");
        await().until(() -> a.append("x", "m").join() instanceof AppendOutcome.Appended);
        hearer.hearsCall("x");
    }

    @Test
    void manyAreFollowedInPortions() throws InterruptedException {
        for (int i = 0; i < MANY; i++) relay.follow(Node.name("n" + i));
        awaitChangeOfEach();
        redis.ask("CLIENT KILL TYPE pubsub");
        awaitChangeOfEach();
        a.ask().created("n7", ContentType.BINARY);
        hearer.hearsAtLast("n7", a.ask().appended("n7", "heard").offset().sequence());
    }

    // Perhaps twice: what a busy Redis has not confirmed for a while is subscribed again.
    private void awaitChangeOfEach() throws InterruptedException {
        Set<String> names = new HashSet<>();
        for (int told = 0; names.size() < MANY; told++) {
            assertThat(told).isLessThan(3 * MANY);
            names.add(hearer.next().name());
        }
    }

    @Test
    void aCallThatCannotBeReadIsCountedAndMeansThatSomethingChanged() throws InterruptedException {
        relay.follow(Node.name("x"));
        hearer.hears("x");
        redis.ask("SPUBLISH sw:{x} nonsense");
        hearer.hears("x");
        assertThat(relay.garbled()).isEqualTo(1);
    }
}
