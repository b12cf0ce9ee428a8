package io.switchboard.security.token;

import io.switchboard.core.access.Access;
import io.switchboard.core.access.Authenticator;
import io.switchboard.core.access.Revocations;
import io.switchboard.core.time.Ticker;
import io.switchboard.security.Fingerprint;
import io.switchboard.security.keys.KeyRing;
import io.switchboard.security.keys.KeyRing.Candidates;
import io.switchboard.security.keys.KeySource;
import io.switchboard.security.keys.VerificationKey;
import java.util.function.Consumer;

/**
 * Checks tokens: their form, then the signature, and only then what they say. Answers within the call, but where a key
 * is not known yet and is being looked for.
 */
public final class TokenVerifier implements Authenticator {
    /** Tokens remembered as good. */
    public static final int KNOWN_MAX = 10_000;

    private final KeySource keys;
    private final TokenRules rules;
    private final Revocations revocations;
    private final Ticker ticker;
    private final KnownTokens known = new KnownTokens(KNOWN_MAX);

    public TokenVerifier(KeySource keys, TokenRules rules, Revocations revocations, Ticker ticker) {
        this.keys = keys;
        this.rules = rules;
        this.revocations = revocations;
        this.ticker = ticker;
    }

    @Override
    public void authenticate(String token, Consumer<Verdict> answer) {
        CompactToken parsed;
        Fingerprint fingerprint;
        try {
            // First the form: nothing is gained by looking for a token that is none, or too large.
            parsed = CompactToken.parse(token);
            fingerprint = Fingerprint.of(token);
        } catch (CompactToken.Unreadable unreadable) {
            answer.accept(new Verdict.Refused(unreadable.reason()));
            return;
        }
        Verdict verdict = verdict(parsed, fingerprint);
        if (!isForWantOfKeys(verdict)) {
            answer.accept(verdict);
            return;
        }
        KeySource.Look look = keys.lookAgain(() -> answer.accept(verdict(parsed, fingerprint)));
        switch (look) {
            case UNDER_WAY -> {}
            // Once more, as a look may have ended just now.
            case NOT_NOW -> answer.accept(verdict(parsed, fingerprint));
            case CROWDED -> answer.accept(new Verdict.Unavailable());
        }
    }

    private static boolean isForWantOfKeys(Verdict verdict) {
        return switch (verdict) {
            case Verdict.Unavailable() -> true;
            case Verdict.Refused(Reason reason) -> reason == Reason.UNKNOWN_KEY;
            case Verdict.Accepted accepted -> false;
        };
    }

    private Verdict verdict(CompactToken token, Fingerprint fingerprint) {
        KeyRing ring = keys.current();
        if (ring == null) return new Verdict.Unavailable();
        Access before = known.find(fingerprint, ring);
        if (before != null) return stillGood(before, fingerprint);
        return switch (ring.candidates(token.keyId(), token.algorithm())) {
            case Candidates.Unknown() -> new Verdict.Refused(Reason.UNKNOWN_KEY);
            case Candidates.OtherAlgorithm() -> new Verdict.Refused(Reason.ALGORITHM);
            case Candidates.Keys(var candidates) -> {
                for (VerificationKey key : candidates) {
                    if (key.accepts(token.signed(), token.signature())) yield signed(token, fingerprint, ring);
                }
                yield new Verdict.Refused(Reason.SIGNATURE);
            }
        };
    }

    private Verdict stillGood(Access access, Fingerprint fingerprint) {
        Reason reason = access.isExpired(ticker.nowMillis())
                ? Reason.EXPIRED
                : revocations.isRevoked(access) ? Reason.REVOKED : null;
        if (reason == null) return new Verdict.Accepted(access);
        known.forget(fingerprint);
        return new Verdict.Refused(reason);
    }

    private Verdict signed(CompactToken token, Fingerprint fingerprint, KeyRing ring) {
        Verdict verdict = Claims.judge(token.payload(), rules, ticker.nowMillis());
        if (!(verdict instanceof Verdict.Accepted(Access access))) return verdict;
        if (revocations.isRevoked(access)) return new Verdict.Refused(Reason.REVOKED);
        known.remember(fingerprint, ring, access);
        return verdict;
    }
}
