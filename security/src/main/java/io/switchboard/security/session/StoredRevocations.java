package io.switchboard.security.session;

import io.switchboard.core.access.Access;
import io.switchboard.core.access.Revocations;
import io.switchboard.core.time.Ticker;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Revocations in memory, and in a file if there is a folder for it. Look-ups come from any thread and cost two reads of a
 * map; whatever writes runs on one thread of its own, as a sync takes its time. One is forgotten when all tokens it
 * concerns have expired by themselves.
 */
public final class StoredRevocations implements Revocations, AutoCloseable {
    /** Revocations remembered; beyond it {@link #revoke} refuses. */
    public static final int COUNT_MAX = 100_000;
    /** Revocations that wait to be written; beyond it {@link #revoke} refuses. */
    public static final int WAITING_MAX = 1_000;

    private static final Logger LOG = LoggerFactory.getLogger(StoredRevocations.class);

    private final RevocationBook book; // read by all, changed by the writer
    private final ExecutorService writer;
    private final List<Consumer<Revocation>> listeners = new CopyOnWriteArrayList<>();
    // The writer's; null for none.
    private @Nullable RevocationFile file;

    private StoredRevocations(Ticker ticker, long lifeMaxMillis, int countMax) {
        this.book = new RevocationBook(ticker, lifeMaxMillis, countMax);
        this.writer = new ThreadPoolExecutor(
                1, 1, 0, TimeUnit.SECONDS, new LinkedBlockingQueue<>(WAITING_MAX), task -> Thread.ofPlatform()
                        .daemon()
                        .name("revocations")
                        .unstarted(task));
    }

    /** @param lifeMaxMillis how long a token lives at most, the clock's skew included */
    public static StoredRevocations inMemory(Ticker ticker, long lifeMaxMillis) {
        return new StoredRevocations(ticker, lifeMaxMillis, COUNT_MAX);
    }

    /**
     * Reads the file, leaves out what counts no more, and goes on from there.
     *
     * @param path of the file, in a folder that exists; it is made if missing
     * @throws RevocationException if it is damaged, or cannot be read or written; it is left as it is then
     */
    public static StoredRevocations open(Path path, Ticker ticker, long lifeMaxMillis) throws RevocationException {
        return open(path, ticker, lifeMaxMillis, COUNT_MAX);
    }

    static StoredRevocations open(Path path, Ticker ticker, long lifeMaxMillis, int countMax)
            throws RevocationException {
        List<Revocation> read = RevocationFile.read(path);
        StoredRevocations revocations = new StoredRevocations(ticker, lifeMaxMillis, countMax);
        read.forEach(revocations.book::remember);
        revocations.book.forgetOld();
        try {
            revocations.file = RevocationFile.rewrite(path, revocations.book.all());
        } catch (IOException unwritable) {
            revocations.writer.shutdown();
            throw new RevocationException(
                    "The file of revocations " + path + " cannot be written. Check that its disk has space, and that"
                            + " this user may write there.",
                    unwritable);
        }
        return revocations;
    }

    @Override
    public void revoke(Revocation revocation, Consumer<Outcome> answer) {
        try {
            writer.execute(() -> answer.accept(isWritten(revocation) ? Outcome.KEPT : Outcome.REFUSED));
        } catch (RejectedExecutionException crowdedOrClosed) {
            answer.accept(Outcome.REFUSED);
        }
    }

    private boolean isWritten(Revocation revocation) {
        try {
            if (!book.fits(revocation)) return false;
            RevocationFile kept = file;
            if (kept != null) {
                kept.append(revocation);
                book.remember(revocation);
                compactSometimes(kept);
            } else {
                book.remember(revocation);
            }
        } catch (IOException failed) {
            LOG.error("A revocation could not be written; those it concerns may go on", failed);
            return false;
        }
        for (Consumer<Revocation> listener : listeners) {
            try {
                listener.accept(revocation);
            } catch (RuntimeException unexpected) {
                LOG.error("A revocation could not be told to all", unexpected);
            }
        }
        return true;
    }

    // Twice as many lines as could be needed: a subject may be revoked again and again.
    private void compactSometimes(RevocationFile kept) {
        if (kept.lines() <= 2L * book.countMax()) return;
        book.forgetOld();
        try {
            kept.compact(book.all());
        } catch (IOException failed) {
            LOG.warn("The file of revocations could not be made smaller", failed);
        }
    }

    int count() {
        return book.count();
    }

    @Override
    public boolean isRevoked(Access access) {
        return book.covers(access);
    }

    @Override
    public void listen(Consumer<Revocation> listener) {
        listeners.add(listener);
    }

    /** Returns when what was asked for before is written. */
    @Override
    public void close() {
        writer.close();
        RevocationFile kept = file;
        if (kept == null) return;
        try {
            kept.close();
        } catch (IOException failed) {
            LOG.warn("The file of revocations could not be closed", failed);
        }
    }
}
