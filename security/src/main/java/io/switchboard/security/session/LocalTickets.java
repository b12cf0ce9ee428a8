package io.switchboard.security.session;

import io.switchboard.core.access.Access;
import io.switchboard.core.access.Revocations;
import io.switchboard.core.access.Tickets;
import io.switchboard.core.time.Ticker;
import io.switchboard.security.Fingerprint;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Tickets that are good on this server. All live equally long, so the map is in the order of their ends: whoever asks
 * for one first removes those at the head that are over. Any thread; answers within the call.
 */
public final class LocalTickets implements Tickets {
    /** Tickets given and not yet taken; beyond it there are none until some are taken or over. */
    public static final int COUNT_MAX = 100_000;

    /** Of one subject. Whoever uses tickets has few that wait; without this one could leave none for others. */
    public static final int SUBJECT_COUNT_MAX = 100;

    private static final int RANDOM_BYTES = 32;
    private static final int LENGTH = 43;

    private record Held(Access access, long endsAtMillis) {}

    private final Ticker ticker;
    private final Revocations revocations;
    private final int countMax;
    private final int subjectCountMax;
    private final SecureRandom random = new SecureRandom();
    // Both guarded by the first, which is held for a few instructions.
    private final Map<Fingerprint, Held> held = new LinkedHashMap<>();
    private final Map<String, Integer> counts = new HashMap<>(); // of `held`, of those who have any

    public LocalTickets(Ticker ticker, Revocations revocations) {
        this(ticker, revocations, COUNT_MAX, SUBJECT_COUNT_MAX);
    }

    LocalTickets(Ticker ticker, Revocations revocations, int countMax, int subjectCountMax) {
        this.ticker = ticker;
        this.revocations = revocations;
        this.countMax = countMax;
        this.subjectCountMax = subjectCountMax;
    }

    @Override
    public void issue(Access access, Consumer<Issued> answer) {
        byte[] bytes = new byte[RANDOM_BYTES];
        random.nextBytes(bytes);
        String ticket = Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
        long now = ticker.nowMillis();
        Issued issued;
        synchronized (held) {
            removeThoseOver(now);
            if (counts.getOrDefault(subject(access), 0) >= subjectCountMax) {
                issued = new Issued.TooManyOfSubject();
            } else if (held.size() >= countMax) {
                issued = new Issued.TooMany();
            } else {
                held.put(Fingerprint.of(ticket), new Held(access, now + LIFE_MILLIS));
                counts.merge(subject(access), 1, Integer::sum);
                issued = new Issued.Given(ticket);
            }
        }
        answer.accept(issued);
    }

    private void removeThoseOver(long now) {
        Iterator<Held> oldest = held.values().iterator();
        while (oldest.hasNext()) {
            Held next = oldest.next();
            if (next.endsAtMillis() > now) return;
            oldest.remove();
            uncount(next.access());
        }
    }

    private void uncount(Access access) {
        counts.computeIfPresent(subject(access), (subject, count) -> count == 1 ? null : count - 1);
    }

    // No token is without a subject, and none has an empty one.
    private static String subject(Access access) {
        String subject = access.subject();
        return subject == null ? "" : subject;
    }

    @Override
    public void redeem(String ticket, Consumer<Redeemed> answer) {
        Held found = null;
        if (ticket.length() == LENGTH) {
            Fingerprint fingerprint = Fingerprint.of(ticket);
            synchronized (held) {
                found = held.remove(fingerprint);
                if (found != null) uncount(found.access());
            }
        }
        long now = ticker.nowMillis();
        boolean good = found != null
                && now < found.endsAtMillis()
                && !found.access().isExpired(now)
                && !revocations.isRevoked(found.access());
        answer.accept(found != null && good ? new Redeemed.Good(found.access()) : new Redeemed.Refused());
    }

    int count() {
        synchronized (held) {
            return held.size();
        }
    }

    /** Who has any. */
    int subjects() {
        synchronized (held) {
            return counts.size();
        }
    }
}
