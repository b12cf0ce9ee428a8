package io.switchboard.cli.doctor;

import java.util.List;
import java.util.Optional;

/** Whether web pages of an origin may use the server (WHATWG Fetch, CORS protocol). */
final class OriginCheck implements Check {
    private static final List<String> NEEDED = List.of("authorization", "content-type", "producer-id");

    @Override
    public Step step() {
        return Step.CORS;
    }

    @Override
    public void run(Visit visit) throws WireFailure {
        Optional<String> origin = visit.examination().origin();
        if (origin.isEmpty()) {
            visit.found(Finding.skipped(
                    Step.CORS, "no-origin", "Pages of other origins were not tried; name one with --origin."));
            return;
        }
        String path = Target.stream(visit.someChannel());
        Answer read = visit.ask(visit.signed(Ask.get(path + "?offset=now")).with("Origin", origin.get()));
        Optional<Finding> problem = judge(read, origin.get(), "cors");
        Answer preflight = visit.ask(Ask.of("OPTIONS", path)
                .with("Origin", origin.get())
                .with("Access-Control-Request-Method", "POST")
                .with("Access-Control-Request-Headers", String.join(",", NEEDED)));
        if (problem.isEmpty()) problem = preflight(preflight, origin.get());
        visit.found(problem.orElseGet(
                () -> Finding.ok(Step.CORS, "cors", "Pages of " + Excerpt.of(origin.get()) + " may read and write.")));
    }

    private static Optional<Finding> preflight(Answer answer, String origin) {
        if (answer.status() < 200 || answer.status() > 299) {
            return Optional.of(Finding.trouble(
                    Step.CORS,
                    "preflight-refused",
                    "The question that browsers ask first (OPTIONS) is answered " + answer.status() + " by "
                            + answer.author().orElse("something that does not say its name") + ".",
                    Remedy.CORS));
        }
        Optional<Finding> problem = judge(answer, origin, "preflight");
        if (problem.isPresent()) return problem;
        for (String field : NEEDED) {
            if (!answer.head().lists("access-control-allow-headers", field)) {
                return Optional.of(Finding.trouble(
                        Step.CORS,
                        "preflight-headers",
                        "Pages may not send " + field + ": the list of allowed fields is not that of the server.",
                        Remedy.CORS));
            }
        }
        return Optional.empty();
    }

    private static Optional<Finding> judge(Answer answer, String origin, String what) {
        List<String> allowed = answer.head().all("access-control-allow-origin");
        if (allowed.isEmpty()) {
            return Optional.of(Finding.trouble(
                    Step.CORS,
                    what + "-not-allowed",
                    "Pages of " + Excerpt.of(origin) + " may not use the server: put the origin into cors.origins, or"
                            + " let Access-Control-Allow-Origin pass.",
                    Remedy.CORS));
        }
        if (allowed.size() > 1 || allowed.getFirst().contains(",")) {
            return Optional.of(Finding.trouble(
                    Step.CORS,
                    what + "-doubled",
                    "Access-Control-Allow-Origin comes twice, which browsers refuse: by the server, and by something in"
                            + " front of it.",
                    Remedy.CORS));
        }
        String one = allowed.getFirst();
        return one.equals("*") || one.equals(origin)
                ? Optional.empty()
                : Optional.of(Finding.trouble(
                        Step.CORS,
                        what + "-other-origin",
                        "Only pages of " + Excerpt.of(one) + " may use the server.",
                        Remedy.CORS));
    }
}
