package io.switchboard.testkit.nodes;

import io.switchboard.core.access.RevocationList;
import io.switchboard.core.access.Revocations.Revocation;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A list of revocations for the nodes of one process; answers within the call. Any thread. */
public final class MemoryRevocationList implements RevocationList {
    private record Name(@Nullable String subject, @Nullable String tokenId) {}

    private final Map<Name, Long> kept = new HashMap<>(); // guarded by this
    private volatile boolean away;

    /** Whether nobody reaches it from now on. */
    public void away(boolean now) {
        away = now;
    }

    /** What it knew is lost. */
    public synchronized void forget() {
        kept.clear();
    }

    @Override
    public void add(List<Revocation> revocations, int countMax, Consumer<Kept> answer) {
        answer.accept(away ? Kept.UNKNOWN : added(revocations, countMax));
    }

    private synchronized Kept added(List<Revocation> revocations, int countMax) {
        for (Revocation revocation : revocations) {
            Name name = new Name(revocation.subject(), revocation.tokenId());
            if (!kept.containsKey(name) && kept.size() >= countMax) return Kept.FULL;
            kept.merge(name, revocation.throughMillis(), Math::max);
        }
        return Kept.KEPT;
    }

    @Override
    public void latest(long oldestMillis, int skip, int limit, Consumer<@Nullable Page> answer) {
        answer.accept(away ? null : page(oldestMillis, skip, limit));
    }

    private synchronized Page page(long oldestMillis, int skip, int limit) {
        kept.values().removeIf(through -> through < oldestMillis);
        List<Revocation> all = new ArrayList<>();
        kept.forEach((name, through) -> all.add(new Revocation(name.subject(), name.tokenId(), through)));
        all.sort(Comparator.comparingLong(Revocation::throughMillis).reversed());
        return new Page(all.size(), all.stream().skip(skip).limit(limit).toList());
    }
}
