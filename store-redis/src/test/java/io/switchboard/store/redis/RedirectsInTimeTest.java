package io.switchboard.store.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.switchboard.core.figures.Figures;
import io.switchboard.core.store.Failure;
import io.switchboard.core.store.PersistenceException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** However often a question is sent elsewhere, whoever asked is answered within three times {@code redis.timeout}. */
@Tag("slow")
class RedirectsInTimeTest {
    private static final Duration TIMEOUT = Duration.ofMillis(300);
    private static final Duration NEARLY = TIMEOUT.multipliedBy(4).dividedBy(5);
    private static final byte[] KEY = Keys.bytes("sw:{x}");

    private final FakeServer first = new FakeServer();
    private final FakeServer second = new FakeServer();
    private Dial dial;
    private Link link;

    @BeforeEach
    void open() {
        List<String> uris = List.of("redis://" + first.place());
        dial = new Dial(new RedisSettings(uris, null, null, null, null, "sw", TIMEOUT, TIMEOUT, 0));
        link = new Link(dial, Figures.unseen());
    }

    @AfterEach
    void close() {
        if (link != null) link.close();
        if (dial != null) dial.close();
        first.close();
        second.close();
    }

    private void fails() {
        assertThatThrownBy(() -> Link.await(link.look(Script.LOOK, KEY)))
                .isInstanceOfSatisfying(PersistenceException.class, thrown -> assertThat(thrown.failure())
                        .isEqualTo(Failure.UNAVAILABLE));
    }

    @Test
    void serversThatNameEachOtherSlowlyAreNotFollowedForLong() {
        first.sayToScripts("-" + FakeServer.moved(KEY, second), NEARLY);
        second.sayToScripts("-" + FakeServer.moved(KEY, first), NEARLY);
        fails();
        assertThat(first.scripts()).hasSize(1);
        assertThat(second.scripts()).as("the time is over").hasSizeLessThan(2);
    }

    /** It says something now and then, so that no single step takes too long. */
    @Test
    void aServerThatIsSlowToBeReachedIsNotWaitedForTillItIs() {
        for (String how : List.of("MOVED", "ASK")) {
            first.sayToScripts("-" + FakeServer.moved(KEY, second).replace("MOVED", how), Duration.ZERO);
            second.takeTime(NEARLY);
            long begun = System.nanoTime();
            fails();
            // until it is known to be a primary it is asked ten times
            assertThat(Duration.ofNanos(System.nanoTime() - begun)).as(how).isLessThan(TIMEOUT.multipliedBy(5));
            assertThat(second.scripts()).isEmpty();
        }
    }

    @Test
    void whoDoesNotKnowAScriptWhenTheTimeIsOverIsNotToldIt() {
        first.sayToScripts("-" + FakeServer.moved(KEY, second), NEARLY);
        second.sayToScripts("-NOSCRIPT No matching script.", NEARLY);
        fails();
        assertThat(second.scripts()).doesNotContain("EVAL");
    }

    /** Otherwise it would be the next look, seconds later. */
    @Test
    void aServerThatWasNamedBeforeItAnsweredIsLookedForAgain() {
        first.sayToScripts("-" + FakeServer.moved(KEY, second), Duration.ZERO);
        second.takeTime(NEARLY);
        fails();
        first.sayToScripts("*0", Duration.ZERO); // it keeps everything, as it always said
        await().atMost(Duration.ofSeconds(4)).ignoreExceptions().until(() -> Link.await(link.look(Script.LOOK, KEY))
                .isEmpty());
    }
}
