package io.switchboard.store.redis;

import static org.awaitility.Awaitility.await;

import io.switchboard.core.nodes.Shelf;
import io.switchboard.testkit.nodes.ShelfContract;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;

/** What every shelf promises, on whatever Redis. */
@Tag("slow")
abstract class RedisShelfContract extends ShelfContract {
    private Node node;

    abstract Ground ground();

    @BeforeEach
    void open() {
        ground().flush();
        node = ground().node();
    }

    @AfterEach
    void close() {
        node.close();
    }

    /** Who asks for the shelf. */
    Node node() {
        return node;
    }

    @Override
    protected Shelf shelf() {
        return node.store().shelf();
    }

    @Override
    protected void pass(long millis) {
        long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
        await().pollDelay(Duration.ofMillis(millis)).until(() -> System.nanoTime() >= until);
    }
}
