package io.switchboard.security.session;

import io.switchboard.core.access.Access;
import io.switchboard.core.access.Revocations.Revocation;
import io.switchboard.core.time.Ticker;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Revocations in memory, of each subject and each token the latest. A look-up costs two reads of a map. One is forgotten
 * when all tokens it concerns have expired by themselves. Any thread.
 */
final class RevocationBook {
    /** Bytes of a subject or a token's name; no token has a longer one. */
    static final int NAME_BYTES_MAX = 256;

    private static final Logger LOG = LoggerFactory.getLogger(RevocationBook.class);

    private final Ticker ticker;
    private final long lifeMaxMillis;
    private final int countMax;
    // Through which moment, by name.
    private final Map<String, Long> subjects = new ConcurrentHashMap<>();
    private final Map<String, Long> tokenIds = new ConcurrentHashMap<>();

    /** @param lifeMaxMillis how long a token lives at most, the clock's skew included */
    RevocationBook(Ticker ticker, long lifeMaxMillis, int countMax) {
        this.ticker = ticker;
        this.lifeMaxMillis = lifeMaxMillis;
        this.countMax = countMax;
    }

    int countMax() {
        return countMax;
    }

    int count() {
        return subjects.size() + tokenIds.size();
    }

    /** Whether it may be remembered: its name is one, and there is room. */
    boolean fits(Revocation revocation) {
        String name = name(revocation);
        if (name.isEmpty() || name.getBytes(StandardCharsets.UTF_8).length > NAME_BYTES_MAX) return false;
        if (map(revocation).containsKey(name) || count() < countMax) return true;
        forgetOld();
        if (count() < countMax) return true;
        LOG.error("There are {} revocations already; no more are remembered until some are too old", countMax);
        return false;
    }

    /** Returns whether it says more than was known. */
    boolean remember(Revocation revocation) {
        Map<String, Long> map = map(revocation);
        Long before = map.get(name(revocation));
        map.merge(name(revocation), revocation.throughMillis(), Math::max);
        return before == null || before < revocation.throughMillis();
    }

    private Map<String, Long> map(Revocation revocation) {
        return revocation.subject() != null ? subjects : tokenIds;
    }

    private static String name(Revocation revocation) {
        String subject = revocation.subject();
        return subject != null ? subject : String.valueOf(revocation.tokenId());
    }

    /** What is before it is of no use to anybody. */
    long oldestMillis() {
        return ticker.nowMillis() - lifeMaxMillis;
    }

    void forgetOld() {
        long oldest = oldestMillis();
        subjects.values().removeIf(through -> through < oldest);
        tokenIds.values().removeIf(through -> through < oldest);
    }

    List<Revocation> all() {
        List<Revocation> all = new ArrayList<>(count());
        subjects.forEach((subject, through) -> all.add(new Revocation(subject, null, through)));
        tokenIds.forEach((tokenId, through) -> all.add(new Revocation(null, tokenId, through)));
        return all;
    }

    /** Whether one of them is about that access. */
    boolean covers(Access access) {
        String subject = access.subject();
        String tokenId = access.tokenId();
        return (subject != null && covers(subjects.get(subject), access))
                || (tokenId != null && counts(tokenIds.get(tokenId)));
    }

    // One that is too old is as good as forgotten: else a name that is used again would stay out until a restart.
    private boolean counts(@Nullable Long through) {
        return through != null && through >= oldestMillis();
    }

    private boolean covers(@Nullable Long through, Access access) {
        return through != null
                && counts(through)
                && (access.issuedAtMillis() == Access.UNKNOWN || access.issuedAtMillis() <= through);
    }
}
