package io.switchboard.security.keys;

import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * All keys that count at one moment. Two rings are the same only if they are one object, so whoever remembers what
 * came of a check can tell whether it still holds.
 */
public final class KeyRing {
    public static final int KEYS_MAX = 100;
    /** With how many keys a token that names none is tried: each try costs a signature check. */
    public static final int TRIED_MAX = 4;

    private final List<VerificationKey> keys;

    /** @throws KeyException if there are none, or more than {@value #KEYS_MAX} */
    public KeyRing(List<VerificationKey> keys) throws KeyException {
        if (keys.isEmpty()) {
            throw new KeyException("There is no key for signatures by HS256, RS256, ES256 or EdDSA (Ed25519) in it.");
        }
        if (keys.size() > KEYS_MAX) throw new KeyException("There are more than " + KEYS_MAX + " keys in it.");
        this.keys = List.copyOf(keys);
    }

    /** Which keys a token may have been signed with. */
    public sealed interface Candidates {
        /** @param keys 1 to {@value #TRIED_MAX}, all of the token's algorithm */
        record Keys(List<VerificationKey> keys) implements Candidates {}

        /** There are keys of that name, but none of that algorithm. */
        record OtherAlgorithm() implements Candidates {}

        /** No key has that name; or the token names none, and too many might be meant. */
        record Unknown() implements Candidates {}
    }

    /**
     * @param id the {@code kid} of a token; keys without a name of their own, as those of PEM files, are tried where no
     *     key has it
     */
    public Candidates candidates(@Nullable String id, Algorithm algorithm) {
        List<VerificationKey> named = id == null ? keys : named(id);
        if (named.isEmpty()) named = named(null);
        if (named.isEmpty()) return new Candidates.Unknown();
        List<VerificationKey> fitting =
                named.stream().filter(key -> key.algorithm() == algorithm).toList();
        if (fitting.isEmpty()) return new Candidates.OtherAlgorithm();
        return fitting.size() > TRIED_MAX ? new Candidates.Unknown() : new Candidates.Keys(fitting);
    }

    private List<VerificationKey> named(@Nullable String id) {
        return keys.stream().filter(key -> Objects.equals(key.id(), id)).toList();
    }

    public int size() {
        return keys.size();
    }
}
