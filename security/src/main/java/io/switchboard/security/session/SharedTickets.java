package io.switchboard.security.session;

import io.switchboard.core.access.Access;
import io.switchboard.core.access.AccessFormat;
import io.switchboard.core.access.Revocations;
import io.switchboard.core.access.Tickets;
import io.switchboard.core.nodes.Shelf;
import io.switchboard.core.rate.RateLimit;
import io.switchboard.core.time.Ticker;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Tickets that are good at every node, once: what they stand for lies on a shelf that all nodes reach, sealed, under a
 * digest of the ticket. A ticket is 20 random bytes and 12 of their signature, so what was made up is refused without asking
 * anybody. Any thread; nothing blocks.
 */
public final class SharedTickets implements Tickets {
    /** Given by one node in a second; beyond it there are none for a moment. So no more than 100,000 of it wait. */
    public static final int PER_SECOND_MAX = 3_333;
    /** Questions to the shelf under way; beyond it tickets can be neither given nor taken for a moment. */
    public static final int WAITING_MAX = 1_000;

    private static final int RANDOM_BYTES = 20;
    private static final int BYTES = 32;
    private static final int LENGTH = 43;
    private static final int DIGEST_BYTES = 32;
    private static final int END_BYTES = Long.BYTES;
    /** By how much the clocks of two nodes may differ, so that a ticket of one is good at the other for all of its life. */
    static final long CLOCKS_APART_MILLIS_MAX = 10_000;

    private static final String ALL = "";
    private static final String OWNER = "the tickets of "; // no ticket is signed like that

    private final Shelf shelf;
    private final Sealing sealing;
    private final Revocations revocations;
    private final Ticker ticker;
    private final SecureRandom random = new SecureRandom();
    private final RateLimit<String> given;
    private final AtomicInteger waiting = new AtomicInteger();

    public SharedTickets(Shelf shelf, Sealing sealing, Revocations revocations, Ticker ticker) {
        this(shelf, sealing, revocations, ticker, PER_SECOND_MAX);
    }

    SharedTickets(Shelf shelf, Sealing sealing, Revocations revocations, Ticker ticker, int perSecondMax) {
        this.shelf = shelf;
        this.sealing = sealing;
        this.revocations = revocations;
        this.ticker = ticker;
        this.given = new RateLimit<>(perSecondMax, 1, ticker);
    }

    @Override
    public void issue(Access access, Consumer<Issued> answer) {
        if (given.take(ALL) != RateLimit.GRANTED) {
            answer.accept(new Issued.TooMany());
            return;
        }
        if (!enters()) {
            answer.accept(new Issued.Unavailable());
            return;
        }
        byte[] bytes = new byte[RANDOM_BYTES];
        random.nextBytes(bytes);
        bytes = signed(bytes);
        String ticket = Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
        byte[] digest = digest(bytes);
        // Whoever may write to the shelf could else put it under another ticket, or let it lie for longer.
        byte[] known = AccessFormat.bytes(access);
        byte[] content = ByteBuffer.allocate(DIGEST_BYTES + known.length + END_BYTES)
                .put(digest)
                .put(known)
                .putLong(ticker.nowMillis() + LIFE_MILLIS)
                .array();
        shelf.lay(
                key(digest),
                owner(access),
                LocalTickets.SUBJECT_COUNT_MAX,
                sealing.seal(content),
                LIFE_MILLIS,
                laid -> {
                    waiting.decrementAndGet();
                    answer.accept(
                            switch (laid) {
                                case LAID -> new Issued.Given(ticket);
                                case TOO_MUCH -> new Issued.TooManyOfSubject();
                                case UNKNOWN -> new Issued.Unavailable();
                            });
                });
    }

    @Override
    public void redeem(String ticket, Consumer<Redeemed> answer) {
        byte[] bytes = bytes(ticket);
        if (bytes == null || !MessageDigest.isEqual(bytes, signed(Arrays.copyOf(bytes, RANDOM_BYTES)))) {
            answer.accept(new Redeemed.Refused());
            return;
        }
        if (!enters()) {
            answer.accept(new Redeemed.Unavailable());
            return;
        }
        byte[] digest = digest(bytes);
        shelf.take(key(digest), taken -> {
            waiting.decrementAndGet();
            answer.accept(
                    switch (taken) {
                        case Shelf.Taken.Found(byte[] content) -> redeemed(digest, content);
                        case Shelf.Taken.Nothing() -> new Redeemed.Refused();
                        case Shelf.Taken.Unknown() -> new Redeemed.Unavailable();
                    });
        });
    }

    private Redeemed redeemed(byte[] digest, byte[] sealed) {
        byte[] content = sealing.open(sealed);
        if (content == null
                || content.length < DIGEST_BYTES + END_BYTES
                || !Arrays.equals(digest, Arrays.copyOf(content, DIGEST_BYTES))) return new Redeemed.Refused();
        int end = content.length - END_BYTES;
        long endMillis = ByteBuffer.wrap(content).getLong(end);
        if (ticker.nowMillis() >= endMillis + CLOCKS_APART_MILLIS_MAX) return new Redeemed.Refused();
        Access access = AccessFormat.access(Arrays.copyOfRange(content, DIGEST_BYTES, end));
        if (access == null || access.isExpired(ticker.nowMillis()) || revocations.isRevoked(access)) {
            return new Redeemed.Refused();
        }
        return new Redeemed.Good(access);
    }

    private boolean enters() {
        if (waiting.incrementAndGet() <= WAITING_MAX) return true;
        waiting.decrementAndGet();
        return false;
    }

    // Null if it has another form.
    private static byte @Nullable [] bytes(String ticket) {
        if (ticket.length() != LENGTH) return null;
        try {
            return Base64.getUrlDecoder().decode(ticket);
        } catch (IllegalArgumentException none) {
            return null;
        }
    }

    private byte[] signed(byte[] bytes) {
        byte[] signed = Arrays.copyOf(bytes, BYTES);
        System.arraycopy(sealing.sign(bytes), 0, signed, RANDOM_BYTES, BYTES - RANDOM_BYTES);
        return signed;
    }

    private static String key(byte[] digest) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(digest);
    }

    // Whoever reads the shelf need not learn who takes tickets.
    private String owner(Access access) {
        String subject = access.subject();
        return key(sealing.sign((OWNER + (subject == null ? "" : subject)).getBytes(StandardCharsets.UTF_8)));
    }

    private static byte[] digest(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(bytes);
        } catch (NoSuchAlgorithmException impossible) {
            throw new AssertionError("every Java has SHA-256", impossible);
        }
    }
}
