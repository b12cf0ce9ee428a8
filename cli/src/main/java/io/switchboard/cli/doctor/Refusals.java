package io.switchboard.cli.doctor;

/** What it means when the server itself refuses. */
final class Refusals {
    private static final String NO_TOKEN = "Not looked at: the server asks for a token that it accepts.";
    private static final String NOT_ALLOWED = "Not looked at: the token does not allow it.";

    private Refusals() {}

    /** Nobody was shown a token, and the server wants one. What follows from that is told once, and left out after. */
    static Finding unauthorized(Visit visit, Step step) {
        return visit.isFirst("unauthorized")
                ? Finding.trouble(
                        step,
                        "token-needed",
                        "The server asks for a token: give one with --token-file FILE, or in SWITCHBOARD_TOKEN. What needs"
                                + " one is not looked at.")
                : Finding.skipped(step, step + "-unauthorized", NO_TOKEN);
    }

    /** @param answer with a problem in it */
    static Finding of(Visit visit, Step step, Answer answer) {
        String code = answer.problem().orElse("");
        return switch (code) {
            case "unauthorized" -> unauthorized(visit, step);
            case "forbidden" ->
                visit.isFirst("forbidden")
                        ? Finding.warning(
                                step,
                                step + "-forbidden",
                                "The token does not allow this; name a channel that it does by its URL.")
                        : Finding.skipped(step, step + "-forbidden", NOT_ALLOWED);
            case "unavailable", "too_many" ->
                Finding.warning(
                        step,
                        step + "-" + code.replace('_', '-'),
                        "The server has too much to do (" + answer.status() + ", " + code + "); look again later.");
            default ->
                Finding.trouble(
                        step,
                        step + "-refused",
                        "The server refuses: " + answer.status() + ", " + Excerpt.of(code) + ", \""
                                + Excerpt.of(answer.member("detail").orElse("")) + "\"");
        };
    }
}
