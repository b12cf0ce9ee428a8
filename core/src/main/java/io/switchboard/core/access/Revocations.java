package io.switchboard.core.access;

import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Tokens that count no more although they have not expired. Any thread. */
public interface Revocations {
    /**
     * What is revoked: the tokens of a subject, or one token. Exactly one of both is given.
     *
     * @param throughMillis tokens of the subject that were issued up to this moment, or without a moment, are meant: it
     *     is as far ahead as the issuer's clock may be. A token that is named is meant whenever it was issued.
     */
    record Revocation(@Nullable String subject, @Nullable String tokenId, long throughMillis) {
        public Revocation {
            if ((subject == null) == (tokenId == null)) throw new IllegalArgumentException("a subject or a token");
        }

        public boolean concerns(Access access) {
            if (subject == null) return Objects.equals(tokenId, access.tokenId());
            return subject.equals(access.subject())
                    && (access.issuedAtMillis() == Access.UNKNOWN || access.issuedAtMillis() <= throughMillis);
        }
    }

    /** What became of a revocation. */
    enum Outcome {
        /** It survives a restart. */
        KEPT,
        /** It could not be remembered, and nothing was changed. */
        REFUSED,
        /** It is not known whether it was kept; if it was, it will count in some time. */
        UNKNOWN
    }

    /**
     * Remembers a revocation for as long as any token it concerns can live, then tells every listener.
     *
     * @param answer what became of it; unless it was kept, nobody is refused for it yet
     */
    void revoke(Revocation revocation, Consumer<Outcome> answer);

    boolean isRevoked(Access access);

    /** From now on {@code listener} hears of every revocation, on any thread. */
    void listen(Consumer<Revocation> listener);
}
