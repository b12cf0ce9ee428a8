package io.switchboard.http;

import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.util.ResourceLeakDetector;
import java.lang.ref.PhantomReference;
import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Fails the test class behind which a buffer was collected that nobody had released. JUnit finds it by itself, here
 * and in server, whose tests run with this folder on their path. Netty notices only what was collected, and tells
 * when the next buffer is made; so both is brought about here.
 */
public final class LeakCheck implements BeforeAllCallback, AfterAllCallback {
    private static final Queue<String> LEAKS = new ConcurrentLinkedQueue<>();
    private static final long COLLECTION_MILLIS_MAX = 10_000;

    static {
        ByteBufUtil.setLeakListener((type, records) -> LEAKS.add(type + " was not released." + records));
    }

    @Override
    public void beforeAll(ExtensionContext context) {
        // A build that lost the option would find no leaks, and nobody would miss them.
        if (ResourceLeakDetector.getLevel() != ResourceLeakDetector.Level.PARANOID) {
            throw new AssertionError("run with -Dio.netty.leakDetection.level=paranoid, as the pom says");
        }
    }

    @Override
    public void afterAll(ExtensionContext context) throws InterruptedException {
        List<String> leaks = leaks();
        if (leaks.isEmpty()) return;
        throw new AssertionError(leaks.size() + " leaks, or so many places; the first: " + leaks.getFirst());
    }

    /** The leaks since this was last asked. */
    static List<String> leaks() throws InterruptedException {
        // References are handed out one after the other: what the first collection found is out when the second's is.
        awaitCollection();
        awaitCollection();
        PooledByteBufAllocator.DEFAULT.buffer().release();
        List<String> leaks = new ArrayList<>();
        for (String leak = LEAKS.poll(); leak != null; leak = LEAKS.poll()) leaks.add(leak);
        return leaks;
    }

    private static void awaitCollection() throws InterruptedException {
        ReferenceQueue<Object> collected = new ReferenceQueue<>();
        PhantomReference<Object> reference = new PhantomReference<>(new Object(), collected);
        try {
            System.gc();
            if (collected.remove(COLLECTION_MILLIS_MAX) == null) throw new AssertionError("nothing was collected");
        } finally {
            Reference.reachabilityFence(reference); // one that is gone itself is handed to nobody
        }
    }
}
