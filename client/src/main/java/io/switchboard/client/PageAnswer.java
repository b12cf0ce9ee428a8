package io.switchboard.client;

import java.util.List;

/** What came of a read with {@code as=envelopes} (spec/protocol.md, section 2.7), whoever reads. */
sealed interface PageAnswer {
    /**
     * Messages; none, too.
     *
     * @param next behind them; empty where nothing can be believed of it
     * @param characters at most so many they are
     */
    record Messages(List<Envelope> all, String next, boolean upToDate, boolean closed, int characters)
            implements PageAnswer {}

    /** What was asked for is gone: read on there. */
    record Gone(String to) implements PageAnswer {}

    /** There is no such channel. */
    record Absent() implements PageAnswer {}

    /** The end for whoever reads the channel. */
    record Ended(End how) implements PageAnswer {}

    /** Nothing about the channel. */
    record Failed(Link.Over over) implements PageAnswer {}

    int OK = 200;
    int NO_CONTENT = 204;

    static PageAnswer of(Answer answer) {
        return switch (answer.status()) {
            case OK, NO_CONTENT -> page(answer);
            case 404 ->
                Envelope.text(answer.problem(), "code").equals("not_found") && !answer.isNowhere()
                        ? new Absent()
                        : new Failed(Link.Over.of(answer));
            case 410 -> {
                String to = answer.header(Answer.EARLIEST_OFFSET);
                yield to.isEmpty() ? refused(answer, End.DELETED) : new Gone(to);
            }
            case 400, 403, 405, 406 -> refused(answer, End.refused(answer.refusal()));
            default -> new Failed(Link.Over.of(answer));
        };
    }

    // Final by the server's own word only: anything in between may say another thing tomorrow.
    private static PageAnswer refused(Answer answer, End how) {
        return answer.problem().isEmpty() ? new Failed(Link.Over.of(answer)) : new Ended(how);
    }

    // Every page but a 204 has a body, or broke off. A 204 cannot show that it is whole: it says only that there was
    // nothing.
    private static PageAnswer page(Answer answer) {
        String next = answer.header(Answer.NEXT_OFFSET);
        if (next.isEmpty()) return new Failed(Link.Over.stranger("the answer is not from a Switchboard server"));
        if (answer.status() == NO_CONTENT) return new Messages(List.of(), "", true, answer.isClosed(), 0);
        try {
            boolean upToDate = !answer.header("Stream-Up-To-Date").isEmpty();
            int characters = answer.body().length();
            return new Messages(Envelope.all(answer.body()), next, upToDate, answer.isClosed(), characters);
        } catch (Json.Malformed malformed) {
            return new Failed(Link.Over.lost("what came was not understood"));
        }
    }
}
