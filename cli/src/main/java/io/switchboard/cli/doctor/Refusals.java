package io.switchboard.cli.doctor;

/** What it means when the server itself refuses. */
final class Refusals {
    private Refusals() {}

    /** @param answer with a problem in it */
    static Finding of(Step step, Answer answer) {
        String code = answer.problem().orElse("");
        return switch (code) {
            case "unauthorized" ->
                Finding.warning(
                        step,
                        step + "-unauthorized",
                        "The server asks for a token; give one in SWITCHBOARD_TOKEN or with --token-file.");
            case "forbidden" ->
                Finding.warning(
                        step,
                        step + "-forbidden",
                        "The token does not allow this; name a channel that it does by its URL.");
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
