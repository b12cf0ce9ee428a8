package io.switchboard.client;

import java.net.http.HttpRequest;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.DoubleSupplier;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Requests that are answered once, beside reading live and publishing. What the server cannot answer now, by its own word,
 * is asked again by the backoff, until the time for it is up. On the loop, but {@link #ask}.
 */
final class Questions {
    /** Under way at a time; beyond, one is refused at once. */
    static final int QUESTIONS_MAX = 100;

    private static final long ATTEMPT_MILLIS_MAX = 20_000;
    private static final int FULL = 507;

    /** One of them. */
    private static final class Question {
        final Function<String, HttpRequest> request;
        final boolean patient;
        final long untilMillis;
        final CompletableFuture<Answer> result = new CompletableFuture<>();
        int attempt;
        Http.@Nullable Call call;
        Loop.@Nullable Timer timer;
        Loop.@Nullable Timer deadline;

        Question(Function<String, HttpRequest> request, boolean patient, long untilMillis) {
            this.request = request;
            this.patient = patient;
            this.untilMillis = untilMillis;
        }
    }

    private final Loop loop;
    private final Executor callers;
    private final Http http;
    private final Tokens tokens;
    private final DoubleSupplier random;
    private final long timeoutMillis;
    private final Set<Question> all = new LinkedHashSet<>();
    private @Nullable SwitchboardException end;

    /** @param timeoutMillis for how long one is asked again */
    Questions(Loop loop, Executor callers, Http http, Tokens tokens, DoubleSupplier random, long timeoutMillis) {
        this.loop = loop;
        this.callers = callers;
        this.http = http;
        this.tokens = tokens;
        this.random = random;
        this.timeoutMillis = timeoutMillis;
    }

    /**
     * The answer, of any status that will not pass. Any thread; what depends on it runs on those of the application.
     *
     * @param request made with the token of the moment
     * @param patient whether it is asked again too where nobody answers, rather than failed as {@code unreachable}
     */
    CompletableFuture<Answer> ask(Function<String, HttpRequest> request, boolean patient) {
        Question question = new Question(request, patient, loop.nowMillis() + timeoutMillis);
        if (!loop.offer(() -> begin(question))) {
            question.result.completeExceptionally(SwitchboardException.clientClosed());
        }
        return question.result;
    }

    private void begin(Question question) {
        if (end != null) {
            fail(question, end);
        } else if (all.size() >= QUESTIONS_MAX) {
            fail(question, new SwitchboardException("too_many", "", "Too many questions wait for their answers."));
        } else {
            all.add(question);
            question.deadline = loop.after(timeoutMillis, () -> {
                if (!all.contains(question)) return;
                settle(question);
                fail(question, new SwitchboardException("timeout", "", "There was no answer in time."));
            });
            send(question);
        }
    }

    // Nothing more comes of it.
    private void settle(Question question) {
        all.remove(question);
        if (question.call != null) question.call.cancel();
        if (question.timer != null) question.timer.cancel();
        if (question.deadline != null) question.deadline.cancel();
    }

    private void send(Question question) {
        tokens.ready(() -> {
            if (!all.contains(question)) return;
            String token = tokens.token();
            question.call = http.send(
                    question.request.apply(token), ATTEMPT_MILLIS_MAX, answer -> take(question, token, answer));
        });
    }

    private void take(Question question, String token, Answer answer) {
        if (answer.status() == 401) {
            tokens.refused(token, () -> {
                if (all.contains(question)) send(question);
            });
            return;
        }
        boolean nobody = answer.status() == 0;
        if (!answer.isPassing() || answer.status() == FULL) {
            if (answer.status() < 300) tokens.accepted();
            settle(question);
            Callers.tell(callers, () -> question.result.complete(answer));
            return;
        }
        long millis = Backoff.delay(question.attempt++, random.getAsDouble(), answer.told());
        if ((nobody && !question.patient) || loop.nowMillis() + millis > question.untilMillis) {
            settle(question);
            fail(question, nobody ? unreachable(answer) : answer.refusal());
        } else {
            question.timer = loop.after(millis, () -> send(question));
        }
    }

    private static SwitchboardException unreachable(Answer answer) {
        String reason = answer.why().equals(Http.TLS_FAILED) ? SwitchboardException.TLS : "";
        return new SwitchboardException(
                SwitchboardException.UNREACHABLE, reason, "No server answers: " + answer.why() + ".");
    }

    private void fail(Question question, SwitchboardException why) {
        Callers.tell(callers, () -> question.result.completeExceptionally(why));
    }

    /** Fails what is under way, and whatever is asked from now on. */
    void close(SwitchboardException why) {
        if (end != null) return;
        end = why;
        for (Question question : List.copyOf(all)) {
            settle(question);
            fail(question, why);
        }
    }
}
