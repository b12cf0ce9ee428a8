package io.switchboard.cli.doctor;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** Whether the token counts now, by the clock of the other end, and whether the server takes it. */
final class TokenCheck implements Check {
    private static final long SOON_SECONDS = 60;
    private static final long FORGIVEN_SECONDS = 10; // auth.clockSkew

    @Override
    public Step step() {
        return Step.TOKEN;
    }

    @Override
    public void run(Visit visit) throws WireFailure {
        boolean asked = visit.firstAnswer()
                .flatMap(Answer::problem)
                .filter("unauthorized"::equals)
                .isPresent();
        Optional<String> token = visit.token();
        if (token.isEmpty()) {
            without(visit);
            return;
        }
        Optional<Claims> claims = Claims.of(token.get());
        if (claims.isEmpty()) {
            visit.isFirst("unauthorized"); // all that follows is left out
            visit.found(Finding.trouble(Step.TOKEN, "token-malformed", "The token is no JWT in compact form."));
            return;
        }
        Instant here = Instant.now();
        Duration ahead = visit.firstAnswer()
                .flatMap(answer -> ClockCheck.ahead(answer, here))
                .orElse(Duration.ZERO);
        Finding finding = judge(claims.get(), here.plus(ahead).getEpochSecond());
        visit.found(finding);
        if (asked || finding.level() == Level.TROUBLE) visit.isFirst("unauthorized");
        if (asked && finding.level() != Level.TROUBLE) {
            visit.found(Finding.trouble(
                    Step.TOKEN,
                    "token-refused",
                    "The server does not accept the token, although its time is right: another key, issuer or audience,"
                            + " it was revoked, or Authorization does not arrive."));
        }
    }

    // A plain GET of /live is refused before anybody looks who asks; one of a channel is not.
    private static void without(Visit visit) throws WireFailure {
        Answer answer = visit.ask(Ask.get(Target.stream(visit.someChannel()) + "?offset=now"));
        if (answer.problem().filter("unauthorized"::equals).isPresent()) {
            visit.found(Refusals.unauthorized(visit, Step.TOKEN));
        } else if (answer.problem().isEmpty() && (answer.status() == 401 || answer.status() == 403)) {
            visit.found(HttpCheck.stranger(visit, answer));
            visit.giveUp();
        } else {
            visit.found(Finding.skipped(
                    Step.TOKEN, "no-token", "No token was given, in SWITCHBOARD_TOKEN or with --token-file."));
        }
    }

    /** @param now by the clock that counts, in seconds */
    static Finding judge(Claims claims, long now) {
        if (claims.expires().isEmpty() || claims.issued().isEmpty()) {
            return Finding.trouble(
                    Step.TOKEN, "token-claims", "The token has no exp or no iat; the server needs both.");
        }
        long left = claims.expires().getAsLong() - now;
        if (left <= 0) {
            return Finding.trouble(
                    Step.TOKEN, "token-expired", "The token has been over for " + span(-left) + "; fetch another.");
        }
        long early = Math.max(claims.issued().getAsLong(), claims.notBefore().orElse(0)) - now;
        if (early > FORGIVEN_SECONDS) {
            return Finding.trouble(
                    Step.TOKEN,
                    "token-early",
                    "The token counts only in " + span(early) + " by the server's clock: that of its issuer is ahead.");
        }
        return left < SOON_SECONDS
                ? Finding.warning(Step.TOKEN, "token-ends", "The token is over in " + span(left) + ".")
                : Finding.ok(Step.TOKEN, "token", "The token counts for another " + span(left) + ".");
    }

    private static String span(long seconds) {
        if (seconds < 120) return seconds + " s";
        if (seconds < 7_200) return seconds / 60 + " min";
        return seconds < 172_800 ? seconds / 3_600 + " h" : seconds / 86_400 + " days";
    }
}
