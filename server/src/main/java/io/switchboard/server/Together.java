package io.switchboard.server;

import io.switchboard.core.access.RevocationList;
import io.switchboard.core.nodes.Membership;
import io.switchboard.core.nodes.Shelf;
import io.switchboard.core.time.Loop;
import io.switchboard.core.time.Ticker;
import io.switchboard.server.config.Settings;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HexFormat;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A server among others that share its store, and what they have in common. */
record Together(Membership nodes, Shelf shelf, RevocationList revocations, SharedKey key) implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Together.class);
    private static final int ID_BYTES = 8;
    private static final long LOOK_MILLIS = 10;

    /**
     * Nobody hears of this server before {@link #join}.
     *
     * @param loop where what others tell is heard
     * @throws StartFailure if what they share cannot be had
     */
    static Together open(Settings settings, Stores.Common common, Membership.Lease lease, Loop loop, Ticker ticker)
            throws StartFailure {
        SecureRandom random = new SecureRandom();
        byte[] id = new byte[ID_BYTES];
        random.nextBytes(id);
        Membership nodes = new Membership(HexFormat.of().formatHex(id), common.rendezvous(), lease, loop, ticker);
        SharedKey key = SharedKey.open(settings.redis().secretFile().orElse(null), common.shelf(), nodes, random);
        return new Together(nodes, common.shelf(), common.revocations(), key);
    }

    /** Tells the others, and hears them, from now on. */
    void join() {
        nodes.start();
        LOG.info("This is node {}.", nodes.id());
    }

    /**
     * Tells the others that this server goes down, and hears of those that do so too: who is told to stop everything tells
     * all of them at about the same time. Blocks, for {@code within} at most.
     *
     * @return whether there is anybody left whom clients could go to
     */
    boolean othersStay(Duration within) {
        nodes.goesDown();
        long until = System.nanoTime() + within.toNanos();
        while (nodes.othersStay() && System.nanoTime() < until) {
            try {
                TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                break;
            }
        }
        return nodes.othersStay();
    }

    /** Leaves the others. Blocks. */
    @Override
    public void close() {
        nodes.close();
    }
}
