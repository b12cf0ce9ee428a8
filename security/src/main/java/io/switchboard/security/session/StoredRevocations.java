package io.switchboard.security.session;

import io.switchboard.core.access.Access;
import io.switchboard.core.access.Revocations;
import io.switchboard.core.time.Ticker;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
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
    /** Revocations remembered; beyond it {@link #revoke} answers false. */
    public static final int COUNT_MAX = 100_000;
    /** Bytes of a subject or a token's name; no token has a longer one. */
    public static final int NAME_BYTES_MAX = 256;
    /** Revocations that wait to be written; beyond it {@link #revoke} answers false. */
    public static final int WAITING_MAX = 1_000;

    private static final Logger LOG = LoggerFactory.getLogger(StoredRevocations.class);

    private final Ticker ticker;
    private final long lifeMaxMillis;
    private final int countMax;
    private final ExecutorService writer;
    // Read by all, changed by the writer: through which moment, by name.
    private final Map<String, Long> subjects = new ConcurrentHashMap<>();
    private final Map<String, Long> tokenIds = new ConcurrentHashMap<>();
    private final List<Consumer<Revocation>> listeners = new CopyOnWriteArrayList<>();
    // The writer's; null for none.
    private @Nullable RevocationFile file;

    private StoredRevocations(Ticker ticker, long lifeMaxMillis, int countMax) {
        this.ticker = ticker;
        this.lifeMaxMillis = lifeMaxMillis;
        this.countMax = countMax;
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
        read.forEach(revocations::remember);
        revocations.forgetOld();
        try {
            revocations.file = RevocationFile.rewrite(path, revocations.all());
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
    public void revoke(Revocation revocation, Consumer<Boolean> answer) {
        try {
            writer.execute(() -> answer.accept(isWritten(revocation)));
        } catch (RejectedExecutionException crowdedOrClosed) {
            answer.accept(false);
        }
    }

    private boolean isWritten(Revocation revocation) {
        try {
            if (!fits(revocation)) return false;
            RevocationFile kept = file;
            if (kept != null) {
                kept.append(revocation);
                remember(revocation);
                compactSometimes(kept);
            } else {
                remember(revocation);
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

    private boolean fits(Revocation revocation) {
        String name = name(revocation);
        if (name.isEmpty() || name.getBytes(StandardCharsets.UTF_8).length > NAME_BYTES_MAX) return false;
        if (map(revocation).containsKey(name) || count() < countMax) return true;
        forgetOld();
        if (count() < countMax) return true;
        LOG.error("There are {} revocations already; no more are remembered until some are too old", countMax);
        return false;
    }

    // Twice as many lines as could be needed: a subject may be revoked again and again.
    private void compactSometimes(RevocationFile kept) {
        if (kept.lines() <= 2L * countMax) return;
        forgetOld();
        try {
            kept.compact(all());
        } catch (IOException failed) {
            LOG.warn("The file of revocations could not be made smaller", failed);
        }
    }

    private void remember(Revocation revocation) {
        map(revocation).merge(name(revocation), revocation.throughMillis(), Math::max);
    }

    private Map<String, Long> map(Revocation revocation) {
        return revocation.subject() != null ? subjects : tokenIds;
    }

    private static String name(Revocation revocation) {
        String subject = revocation.subject();
        return subject != null ? subject : String.valueOf(revocation.tokenId());
    }

    private void forgetOld() {
        long oldest = ticker.nowMillis() - lifeMaxMillis;
        subjects.values().removeIf(through -> through < oldest);
        tokenIds.values().removeIf(through -> through < oldest);
    }

    private List<Revocation> all() {
        List<Revocation> all = new ArrayList<>(count());
        subjects.forEach((subject, through) -> all.add(new Revocation(subject, null, through)));
        tokenIds.forEach((tokenId, through) -> all.add(new Revocation(null, tokenId, through)));
        return all;
    }

    int count() {
        return subjects.size() + tokenIds.size();
    }

    @Override
    public boolean isRevoked(Access access) {
        String subject = access.subject();
        String tokenId = access.tokenId();
        return (subject != null && covers(subjects.get(subject), access))
                || (tokenId != null && counts(tokenIds.get(tokenId)));
    }

    // One that is too old is as good as forgotten: else a name that is used again would stay out until a restart.
    private boolean counts(@Nullable Long through) {
        return through != null && through >= ticker.nowMillis() - lifeMaxMillis;
    }

    private boolean covers(@Nullable Long through, Access access) {
        return through != null
                && counts(through)
                && (access.issuedAtMillis() == Access.UNKNOWN || access.issuedAtMillis() <= through);
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
