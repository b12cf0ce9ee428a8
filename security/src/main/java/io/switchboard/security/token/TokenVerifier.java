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
 * is not known yet and is being looked for. A token that comes again, good or bad, costs no second signature check.
 */
public final class TokenVerifier implements Authenticator {
    /** Tokens remembered as good. */
    public static final int KNOWN_MAX = 10_000;
    /** Tokens remembered as bad for good. Apart from the good ones, so that they cannot drive those out. */
    public static final int REFUSED_MAX = 10_000;

    private final KeySource keys;
    private final TokenRules rules;
    private final Revocations revocations;
    private final Ticker ticker;
    private final KnownTokens<Access> known = new KnownTokens<>(KNOWN_MAX);
    private final KnownTokens<Reason> refused = new KnownTokens<>(REFUSED_MAX);

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
        if (before != null) return stillGood(before);
        Reason refusedBefore = refused.find(fingerprint, ring);
        if (refusedBefore != null) return new Verdict.Refused(refusedBefore);
        return switch (ring.candidates(token.keyId(), token.algorithm())) {
            case Candidates.Unknown() -> new Verdict.Refused(Reason.UNKNOWN_KEY);
            case Candidates.OtherAlgorithm() -> new Verdict.Refused(Reason.ALGORITHM);
            case Candidates.Keys(var candidates) -> {
                for (VerificationKey key : candidates) {
                    if (key.accepts(token.signed(), token.signature())) yield signed(token, fingerprint, ring);
                }
                yield refused(Reason.SIGNATURE, fingerprint, ring);
            }
        };
    }

    private Verdict stillGood(Access access) {
        if (access.isExpired(ticker.nowMillis())) return new Verdict.Refused(Reason.EXPIRED);
        return revocations.isRevoked(access) ? new Verdict.Refused(Reason.REVOKED) : new Verdict.Accepted(access);
    }

    private Verdict signed(CompactToken token, Fingerprint fingerprint, KeyRing ring) {
        Verdict verdict = Claims.judge(token.payload(), rules, ticker.nowMillis());
        return switch (verdict) {
            case Verdict.Accepted(Access access) -> {
                known.remember(fingerprint, ring, access);
                yield stillGood(access);
            }
            case Verdict.Refused(Reason reason) -> refused(reason, fingerprint, ring);
            case Verdict.Unavailable() -> verdict;
        };
    }

    private Verdict refused(Reason reason, Fingerprint fingerprint, KeyRing ring) {
        if (isForGood(reason)) refused.remember(fingerprint, ring, reason);
        return new Verdict.Refused(reason);
    }

    /** Whether a token that the same keys have refused for that will be refused for it always. */
    private static boolean isForGood(Reason reason) {
        return switch (reason) {
            case SIGNATURE, EXPIRED, ISSUER, AUDIENCE, CLAIMS -> true;
            // Found before a signature is checked; and a token of an unknown key has to start the look for it each
            // time.
            case MALFORMED, ALGORITHM, UNKNOWN_KEY -> false;
            case NOT_YET_VALID, REVOKED -> false;
        };
    }
}
