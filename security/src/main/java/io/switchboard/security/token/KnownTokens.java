package io.switchboard.security.token;

import io.switchboard.security.Fingerprint;
import io.switchboard.security.keys.KeyRing;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What was found about tokens that were checked, so that a request does not cost a signature check each. What was found
 * with other keys is not remembered. Beyond its size the one unused for longest goes. Any thread; in parts, so that
 * loops seldom meet, and none is held for longer than a look-up.
 */
final class KnownTokens<T> {
    static final int PARTS = 16;

    private record Found<T>(T what, KeyRing ring) {}

    private static final class Part<T> extends LinkedHashMap<Fingerprint, Found<T>> {
        private static final long serialVersionUID = 1L;
        private final int max;

        Part(int max) {
            super(16, 0.75f, true);
            this.max = max;
        }

        @Override
        protected boolean removeEldestEntry(Map.Entry<Fingerprint, Found<T>> eldest) {
            return size() > max;
        }
    }

    private final List<Part<T>> parts;

    /** @param max tokens, in all */
    KnownTokens(int max) {
        parts = Stream.generate(() -> new Part<T>(Math.max(1, max / PARTS)))
                .limit(PARTS)
                .toList();
    }

    /** What was found with {@code ring}; null if nothing was. */
    @Nullable
    T find(Fingerprint token, KeyRing ring) {
        Part<T> part = part(token);
        synchronized (part) {
            Found<T> found = part.get(token);
            return found != null && found.ring == ring ? found.what : null;
        }
    }

    void remember(Fingerprint token, KeyRing ring, T what) {
        Part<T> part = part(token);
        synchronized (part) {
            part.put(token, new Found<>(what, ring));
        }
    }

    private Part<T> part(Fingerprint token) {
        return parts.get((int) (token.a() & (PARTS - 1)));
    }
}
