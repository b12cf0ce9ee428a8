package io.switchboard.core.access;

import java.util.function.Consumer;

/** Tells by a token who speaks. Any thread. */
public interface Authenticator {
    /**
     * @param token as it came; anything may be in it
     * @param answer called once: within this call, or later on another thread. The call itself does not block.
     */
    void authenticate(String token, Consumer<Verdict> answer);

    /** What came of a token. */
    sealed interface Verdict {
        record Accepted(Access access) implements Verdict {}

        record Refused(Reason reason) implements Verdict {}

        /** It cannot be known now, because no keys could be had. */
        record Unavailable() implements Verdict {}
    }

    /** Why a token is not taken: for logs and figures, not for whoever sent it. */
    enum Reason {
        MALFORMED,
        ALGORITHM,
        UNKNOWN_KEY,
        SIGNATURE,
        EXPIRED,
        NOT_YET_VALID,
        ISSUER,
        AUDIENCE,
        CLAIMS,
        REVOKED;

        /** Whether nothing shows that the token is by anybody whose tokens are taken here. */
        public boolean isForged() {
            return switch (this) {
                case MALFORMED, ALGORITHM, UNKNOWN_KEY, SIGNATURE -> true;
                case EXPIRED, NOT_YET_VALID, ISSUER, AUDIENCE, CLAIMS, REVOKED -> false;
            };
        }
    }
}
