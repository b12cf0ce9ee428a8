package io.switchboard.security.session;

import io.switchboard.core.access.Access;
import io.switchboard.core.access.Revocations;
import io.switchboard.core.access.Tickets;
import io.switchboard.core.time.Ticker;
import io.switchboard.security.Fingerprint;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Tickets that are good on this server. All live equally long, so the map is in the order of their ends: whoever asks
 * for one first removes those at the head that are over. Any thread; answers within the call.
 */
public final class LocalTickets implements Tickets {
    /** Tickets given and not yet taken; beyond it there are none until some are taken or over. */
    public static final int COUNT_MAX = 100_000;

    private static final int RANDOM_BYTES = 32;
    private static final int LENGTH = 43;

    private record Held(Access access, long endsAtMillis) {}

    private final Ticker ticker;
    private final Revocations revocations;
    private final int countMax;
    private final SecureRandom random = new SecureRandom();
    // Guarded by itself, held for a few instructions.
    private final Map<Fingerprint, Held> held = new LinkedHashMap<>();

    public LocalTickets(Ticker ticker, Revocations revocations) {
        this(ticker, revocations, COUNT_MAX);
    }

    LocalTickets(Ticker ticker, Revocations revocations, int countMax) {
        this.ticker = ticker;
        this.revocations = revocations;
        this.countMax = countMax;
    }

    @Override
    public void issue(Access access, Consumer<@Nullable String> answer) {
        byte[] bytes = new byte[RANDOM_BYTES];
        random.nextBytes(bytes);
        String ticket = Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
        long now = ticker.nowMillis();
        boolean given;
        synchronized (held) {
            Iterator<Held> oldest = held.values().iterator();
            while (oldest.hasNext() && oldest.next().endsAtMillis() <= now) oldest.remove();
            given = held.size() < countMax;
            if (given) held.put(Fingerprint.of(ticket), new Held(access, now + LIFE_MILLIS));
        }
        answer.accept(given ? ticket : null);
    }

    @Override
    public void redeem(String ticket, Consumer<@Nullable Access> answer) {
        Held found = null;
        if (ticket.length() == LENGTH) {
            Fingerprint fingerprint = Fingerprint.of(ticket);
            synchronized (held) {
                found = held.remove(fingerprint);
            }
        }
        long now = ticker.nowMillis();
        boolean good = found != null
                && now < found.endsAtMillis()
                && !found.access().isExpired(now)
                && !revocations.isRevoked(found.access());
        answer.accept(found != null && good ? found.access() : null);
    }

    int count() {
        synchronized (held) {
            return held.size();
        }
    }
}
