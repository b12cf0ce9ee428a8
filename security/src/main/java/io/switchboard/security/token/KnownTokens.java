package io.switchboard.security.token;

import io.switchboard.core.access.Access;
import io.switchboard.security.Fingerprint;
import io.switchboard.security.keys.KeyRing;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Tokens that were checked, so that a request does not cost a signature check each. What was found with other keys is
 * not remembered. Beyond its size the one unused for longest goes. Any thread; in parts, so that loops seldom meet, and
 * none is held for longer than a look-up.
 */
final class KnownTokens {
    static final int PARTS = 16;

    private record Found(Access access, KeyRing ring) {}

    private static final class Part extends LinkedHashMap<Fingerprint, Found> {
        private static final long serialVersionUID = 1L;
        private final int max;

        Part(int max) {
            super(16, 0.75f, true);
            this.max = max;
        }

        @Override
        protected boolean removeEldestEntry(Map.Entry<Fingerprint, Found> eldest) {
            return size() > max;
        }
    }

    private final Part[] parts = new Part[PARTS];

    /** @param max tokens, in all */
    KnownTokens(int max) {
        for (int i = 0; i < PARTS; i++) parts[i] = new Part(Math.max(1, max / PARTS));
    }

    /** What was found with {@code ring}; null if nothing was. */
    @Nullable
    Access find(Fingerprint token, KeyRing ring) {
        Part part = part(token);
        synchronized (part) {
            Found found = part.get(token);
            return found != null && found.ring == ring ? found.access : null;
        }
    }

    void remember(Fingerprint token, KeyRing ring, Access access) {
        Part part = part(token);
        synchronized (part) {
            part.put(token, new Found(access, ring));
        }
    }

    void forget(Fingerprint token) {
        Part part = part(token);
        synchronized (part) {
            part.remove(token);
        }
    }

    private Part part(Fingerprint token) {
        return parts[(int) (token.a() & (PARTS - 1))];
    }
}
