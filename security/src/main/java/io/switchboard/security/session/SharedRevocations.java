package io.switchboard.security.session;

import io.switchboard.core.access.Access;
import io.switchboard.core.access.RevocationList;
import io.switchboard.core.access.RevocationList.Kept;
import io.switchboard.core.access.Revocations;
import io.switchboard.core.nodes.Nodes;
import io.switchboard.core.nodes.Topic;
import io.switchboard.core.time.Ticker;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Revocations that nodes have in common: a list that all of them keep, and a copy of it in the memory of each, which is
 * what look-ups see. A revocation is kept when it is in the list; then the others are told, and whoever was not reached
 * finds it at its next look at the list.
 *
 * <pre>
 *   revoke ─► list ─► book, listeners ─► others are told ─► their books, their listeners
 *   every 30 s, and when others begin to be heard ─► the latest of the list ─► book, listeners
 *                                                    as many as in the book? ─ no ─► all of them, both ways
 * </pre>
 *
 * "Both ways", as the list may have lost what a node still knows. Any thread; nothing blocks but {@link #open}.
 */
public final class SharedRevocations implements Revocations, Nodes.Listener {
    /** How often a node looks at the list. */
    public static final long LOOK_EVERY_MILLIS = 30_000;
    /** Revocations that wait to be kept; beyond it {@link #revoke} refuses. */
    public static final int WAITING_MAX = 1_000;

    private static final Logger LOG = LoggerFactory.getLogger(SharedRevocations.class);
    private static final int PAGE = 1_000;
    private static final long OPEN_SECONDS_MAX = 10;
    private static final byte SUBJECT = 's';
    private static final byte TOKEN = 't';

    private final RevocationList list;
    private final Nodes nodes;
    private final Ticker ticker;
    private final RevocationBook book;
    private final List<Consumer<Revocation>> listeners = new CopyOnWriteArrayList<>();
    private final AtomicInteger waiting = new AtomicInteger();
    private final AtomicBoolean looking = new AtomicBoolean();
    private volatile boolean missedSome; // the next look is at all of them
    private volatile long lookedMillis;

    private SharedRevocations(RevocationList list, Nodes nodes, Ticker ticker, long lifeMaxMillis) {
        this.list = list;
        this.nodes = nodes;
        this.ticker = ticker;
        this.book = new RevocationBook(ticker, lifeMaxMillis, StoredRevocations.COUNT_MAX);
    }

    /**
     * Reads the list, and hears of all that comes to it from then on. Blocks.
     *
     * @param lifeMaxMillis how long a token lives at most, the clock's skew included
     * @throws RevocationException if it cannot be read
     */
    public static SharedRevocations open(RevocationList list, Nodes nodes, Ticker ticker, long lifeMaxMillis)
            throws RevocationException {
        SharedRevocations revocations = new SharedRevocations(list, nodes, ticker, lifeMaxMillis);
        CompletableFuture<Boolean> read = new CompletableFuture<>();
        revocations.look(true, read::complete);
        try {
            if (!read.get(OPEN_SECONDS_MAX, TimeUnit.SECONDS)) throw unreadable(null);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw unreadable(e);
        } catch (ExecutionException | TimeoutException e) {
            throw unreadable(e);
        }
        nodes.listen(revocations);
        return revocations;
    }

    private static RevocationException unreadable(@Nullable Throwable cause) {
        return new RevocationException(
                "The revocations that servers share cannot be read from Redis, so it is not known whose tokens count:"
                        + " try again when it answers.",
                cause);
    }

    @Override
    public boolean isRevoked(Access access) {
        return book.covers(access);
    }

    @Override
    public void listen(Consumer<Revocation> listener) {
        listeners.add(listener);
    }

    @Override
    public void revoke(Revocation revocation, Consumer<Outcome> answer) {
        if (!book.fits(revocation)) {
            answer.accept(Outcome.REFUSED);
            return;
        }
        if (waiting.incrementAndGet() > WAITING_MAX) {
            waiting.decrementAndGet();
            answer.accept(Outcome.REFUSED);
            return;
        }
        list.add(List.of(revocation), StoredRevocations.COUNT_MAX, kept -> {
            waiting.decrementAndGet();
            if (kept == Kept.KEPT) {
                learn(revocation);
                nodes.tell(Topic.REVOCATIONS, bytes(revocation));
            } else if (kept == Kept.FULL) {
                LOG.error("There are as many revocations as servers keep; no more until some are too old");
            }
            answer.accept(
                    switch (kept) {
                        case KEPT -> Outcome.KEPT;
                        case FULL -> Outcome.REFUSED;
                        case UNKNOWN -> Outcome.UNKNOWN;
                    });
        });
    }

    private void learn(Revocation revocation) {
        if (revocation.throughMillis() < book.oldestMillis() || !book.fits(revocation)) return;
        if (!book.remember(revocation)) return;
        for (Consumer<Revocation> listener : listeners) {
            try {
                listener.accept(revocation);
            } catch (RuntimeException unexpected) {
                LOG.error("A revocation could not be told to all", unexpected);
            }
        }
    }

    // ---- what others tell ----

    @Override
    public void told(String from, Topic topic, byte[] message) {
        if (topic != Topic.REVOCATIONS) return;
        Revocation revocation = revocation(message);
        if (revocation != null) learn(revocation);
    }

    @Override
    public void hearing() {
        missedSome = true;
        look(true, done -> {});
    }

    @Override
    public void joined() {
        hearing(); // where leases were lost, more may be
    }

    private static byte[] bytes(Revocation revocation) {
        String subject = revocation.subject();
        String name = subject != null ? subject : String.valueOf(revocation.tokenId());
        byte[] text = name.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(9 + text.length)
                .put(subject != null ? SUBJECT : TOKEN)
                .putLong(revocation.throughMillis())
                .put(text)
                .array();
    }

    // Null if it is none.
    private static @Nullable Revocation revocation(byte[] message) {
        try {
            ByteBuffer in = ByteBuffer.wrap(message);
            byte kind = in.get();
            long through = in.getLong();
            String name = StandardCharsets.UTF_8.decode(in).toString();
            return switch (kind) {
                case SUBJECT -> new Revocation(name, null, through);
                case TOKEN -> new Revocation(null, name, through);
                default -> null;
            };
        } catch (BufferUnderflowException cutOff) {
            return null;
        }
    }

    // ---- looking at the list ----

    /** To be called every second or so. */
    public void tick() {
        boolean due = Math.abs(ticker.nowMillis() - lookedMillis) >= LOOK_EVERY_MILLIS;
        if (due || missedSome) look(missedSome, done -> {});
    }

    /** How many are known here. */
    int count() {
        return book.count();
    }

    private void look(boolean all, Consumer<Boolean> answer) {
        if (!looking.compareAndSet(false, true)) {
            answer.accept(false); // whoever looks now sees what was missed, or the next one does
            return;
        }
        lookedMillis = ticker.nowMillis();
        if (all) missedSome = false;
        book.forgetOld();
        page(0, all, done -> {
            if (all && !done) missedSome = true;
            looking.set(false);
            answer.accept(done);
        });
    }

    private void page(int skip, boolean all, Consumer<Boolean> answer) {
        list.latest(book.oldestMillis(), skip, PAGE, page -> {
            if (page == null) {
                answer.accept(false);
                return;
            }
            page.revocations().forEach(this::learn);
            boolean more = skip + PAGE < Math.min(page.all(), StoredRevocations.COUNT_MAX);
            if (more && (all || book.count() < page.all())) page(skip + PAGE, all, answer);
            else if (book.count() > page.all()) giveBack(answer);
            else answer.accept(true);
        });
    }

    // The list has lost some.
    private void giveBack(Consumer<Boolean> answer) {
        List<Revocation> known = book.all();
        LOG.warn("The list of revocations is shorter than what is known here; it is given {} again", known.size());
        giveBack(known, 0, answer);
    }

    private void giveBack(List<Revocation> known, int from, Consumer<Boolean> answer) {
        int to = Math.min(known.size(), from + PAGE);
        list.add(known.subList(from, to), StoredRevocations.COUNT_MAX, kept -> {
            if (kept != Kept.KEPT) answer.accept(false);
            else if (to < known.size()) giveBack(known, to, answer);
            else answer.accept(true);
        });
    }
}
