package io.switchboard.cli.doctor;

import java.util.Set;

/** Whether it is Switchboard that answers a plain GET, and who stands in front of it. */
final class HttpCheck implements Check {
    /** Without {@code Accept: text/event-stream} the server refuses this in a way that nobody else does. */
    private static final String PATH = "/live";

    private static final String HEALTH = "/health/ready";

    /** Those the server has for that path: others have problems, too. */
    private static final Set<String> WORDS =
            Set.of("not_acceptable", "unauthorized", "forbidden", "too_many", "unavailable", "internal");

    private static final Set<Integer> FROM_IN_FRONT = Set.of(502, 503, 504, 521, 522, 523, 524);

    @Override
    public Step step() {
        return Step.HTTP;
    }

    @Override
    public void run(Visit visit) throws WireFailure {
        Answer answer;
        try {
            answer = visit.ask(visit.signed(Ask.get(PATH)).with("Accept", "application/json"));
        } catch (WireFailure failed) {
            visit.found(Finding.trouble(Step.HTTP, "http-failed", "What answers there " + failed.predicate() + "."));
            visit.giveUp();
            return;
        }
        visit.answered(answer);
        if (answer.problem().filter(WORDS::contains).isEmpty()) {
            visit.found(stranger(visit, answer));
            visit.giveUp();
            return;
        }
        String version = answer.head().version();
        String front = answer.author().map(name -> ", through " + name).orElse(", with nobody in between that says so");
        visit.found(Finding.ok(
                Step.HTTP,
                "switchboard",
                "Switchboard answers in " + Excerpt.time(answer.took()) + " over " + version + front + "."));
        if (version.equals("HTTP/1.0")) {
            visit.found(Finding.trouble(
                    Step.HTTP,
                    "http-1.0",
                    "The answer is of HTTP/1.0: no WebSocket, and a connection for each request.",
                    Remedy.UPGRADE));
        }
        HttpVersion.tell(visit);
        Alternative.tell(visit, answer);
        health(visit);
    }

    // It may be on a port of its own, so that it is missing here says nothing.
    private static void health(Visit visit) throws WireFailure {
        Answer health = visit.ask(Ask.get(HEALTH));
        if (health.status() == 503 && health.text().startsWith("draining")) {
            visit.found(Finding.warning(
                    Step.HTTP, "draining", "The server is about to stop (" + HEALTH + " says draining)."));
        } else if (health.status() == 200 && health.text().startsWith("ok")) {
            visit.found(Finding.ok(Step.HTTP, "ready", HEALTH + " says that it is ready."));
        } else {
            visit.found(Finding.skipped(
                    Step.HTTP,
                    "health-elsewhere",
                    HEALTH + " is not answered here (" + health.status() + "); with admin.port it is on that port."));
        }
    }

    /** What is said to somebody who is not, or does not seem to be, the server. */
    static Finding stranger(Visit visit, Answer answer) {
        String author = answer.author().orElse("Something that does not say its name");
        int status = answer.status();
        if (status >= 300 && status < 400) {
            return Finding.trouble(
                    Step.HTTP,
                    "redirect",
                    author + " sends everybody on to "
                            + Excerpt.of(answer.head().first("location").orElse("nowhere"))
                            + "; clients do not follow, so give them that URL.");
        }
        if (FROM_IN_FRONT.contains(status)) {
            return Finding.trouble(
                    Step.HTTP,
                    "no-upstream",
                    author + " answers " + status + ": it does not reach the server behind it.",
                    Remedy.UPSTREAM);
        }
        if (status == 406) {
            return Finding.trouble(
                    Step.HTTP,
                    "errors-replaced",
                    author + " puts pages of its own in place of the server's errors, which clients go by.",
                    Remedy.ERRORS);
        }
        if (status == 401 || status == 403) {
            String wanted = answer.head()
                    .first("www-authenticate")
                    .map(scheme -> ", and asks for " + Excerpt.of(scheme.split(" ", 2)[0]))
                    .orElse("");
            String token = visit.token().isPresent()
                    ? "the token did not open it"
                    : "should it be the token that is wanted, give one with --token-file FILE or in SWITCHBOARD_TOKEN";
            return Finding.trouble(
                    Step.HTTP,
                    "refused-in-front",
                    author + " answers " + status + wanted
                            + ", before anything reaches a Switchboard: clients have nothing" + " to show to it; "
                            + token + ".",
                    Remedy.DOOR);
        }
        return Finding.trouble(
                Step.HTTP,
                "not-switchboard",
                author + " answers " + status + " where Switchboard would have refused with 406: "
                        + visit.target().path(PATH) + " does not lead to it.",
                Remedy.UPSTREAM);
    }
}
