package io.switchboard.client;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import java.util.function.DoubleSupplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The token of now (spec/clients.md, section 5). The application is asked once at a time: whoever needs a token meanwhile
 * waits for the same one. On the loop.
 */
final class Tokens {
    /** A token that ends within this time is replaced, or within half of its life if that is less. */
    private static final long RENEW_MILLIS = 30_000;

    /** How long the application may take for a token, once it was called; beyond it is asked again as if it had failed. */
    private static final long CALL_MILLIS_MAX = 30_000;

    /** Calls in a row without an answer, after which there is no token any more. They may all be under way still. */
    private static final int UNANSWERED_MAX = 4;

    // As long as a server takes, of the characters of RFC 6750, section 2.1.
    private static final Pattern TOKEN = Pattern.compile("[A-Za-z0-9\\-._~+/=]{1,8192}");

    private final Optional<TokenSource> source;
    private final boolean hasOne;
    private final Loop loop;
    private final Executor callers;
    private final DoubleSupplier random;
    private final Consumer<SwitchboardException> over;

    private String token = "";
    private boolean replacement; // it replaced one that was refused, and was not accepted yet
    private long renewAtMillis = Long.MAX_VALUE; // of the loop's clock
    private boolean stale; // the token of now was refused
    private boolean asking;
    private boolean ended;
    private int attempt;
    private int unanswered; // calls in a row
    private long call; // answers to earlier ones do not count
    private Loop.@Nullable Timer deadline;
    private final List<Runnable> waiting =
            new ArrayList<>(); // one a link, a stream, a subscription or a channel published to

    /** @param over told when there is no token that is accepted, once */
    Tokens(Options options, Loop loop, Executor callers, DoubleSupplier random, Consumer<SwitchboardException> over) {
        this.source = options.tokens();
        this.hasOne = options.hasOneToken();
        this.loop = loop;
        this.callers = callers;
        this.random = random;
        this.over = over;
    }

    /** The last token given; empty if there is none. */
    String token() {
        return token;
    }

    /** When the token wants to be replaced, on the loop's clock; {@code Long.MAX_VALUE} if that is not known. */
    long renewAtMillis() {
        return renewAtMillis;
    }

    /** Whether the next one may be another than this. */
    boolean mayChange() {
        return source.isPresent() && !hasOne;
    }

    /** Does it once there is a token that will last; at once if there is, or none is needed. */
    void ready(Runnable then) {
        if (source.isEmpty() || (!token.isEmpty() && !stale && loop.nowMillis() < renewAtMillis)) then.run();
        else renew(then);
    }

    /** Does it once there is a newer token than now. */
    void renew(Runnable then) {
        if (ended) return;
        waiting.add(then);
        if (!asking) ask();
    }

    /** The server did not accept {@code refused}: does it once there is another, unless there will be none. */
    void refused(String refused, Runnable then) {
        if (ended) return;
        if (!refused.equals(token)) {
            ready(then);
        } else if (asking) {
            waiting.add(then);
        } else if (source.isEmpty() || hasOne || replacement) {
            String why = source.isEmpty() ? "The server asks for a token." : "The server does not accept the token.";
            end(new SwitchboardException("unauthorized", "", why));
        } else {
            replacement = true;
            stale = true;
            renew(then);
        }
    }

    /** The server has accepted the token. */
    void accepted() {
        replacement = false;
    }

    private void end(SwitchboardException why) {
        ended = true;
        if (deadline != null) deadline.cancel();
        waiting.clear();
        over.accept(why);
    }

    private void ask() {
        TokenSource asked = source.orElse(null);
        if (asked == null) {
            end(new SwitchboardException("unauthorized", "", "The server asks for a token."));
            return;
        }
        asking = true;
        long number = ++call;
        try {
            callers.execute(() -> call(asked, number));
        } catch (RejectedExecutionException gone) {
            answered(number, "", false);
        }
    }

    // On a thread of the application.
    private void call(TokenSource asked, long number) {
        loop.execute(() -> begun(number));
        @Nullable CompletionStage<String> answer;
        try {
            answer = asked.token();
        } catch (RuntimeException | Error thrown) {
            loop.execute(() -> answered(number, "", true));
            if (thrown instanceof Error error) throw error;
            return;
        }
        if (answer == null) loop.execute(() -> answered(number, "", false));
        else
            answer.whenComplete((given, failed) ->
                    loop.execute(() -> answered(number, given == null ? "" : given, failed != null)));
    }

    private void begun(long number) {
        if (number != call || !asking || ended) return;
        deadline = loop.after(CALL_MILLIS_MAX, () -> {
            if (++unanswered < UNANSWERED_MAX) answered(number, "", true);
            else end(new SwitchboardException("unauthorized", "", "The application gives no token in time."));
        });
    }

    private void answered(long number, String given, boolean failed) {
        if (ended || number != call || !asking) return;
        if (deadline != null) deadline.cancel();
        if (failed) {
            call++; // nothing more comes of this one
            long millis = Backoff.delay(attempt++, random.getAsDouble(), Backoff.Told.NOTHING);
            loop.after(millis, this::ask);
            return;
        }
        asking = false;
        attempt = 0;
        unanswered = 0;
        if (given.isEmpty()) {
            end(new SwitchboardException("unauthorized", "", "There is no token any more."));
            return;
        }
        if (!TOKEN.matcher(given).matches()) {
            end(new SwitchboardException("unauthorized", "", "What was given as a token is none."));
            return;
        }
        token = given;
        stale = false;
        renewAtMillis = renewAt(given);
        List<Runnable> all = List.copyOf(waiting);
        waiting.clear();
        all.forEach(Runnable::run);
    }

    // What is no JWT, or says nothing of its end, is replaced when the server asks for it.
    private long renewAt(String jwt) {
        String[] parts = jwt.split("\\.", -1);
        if (hasOne || parts.length != 3) return Long.MAX_VALUE;
        try {
            String claims = new String(Base64.getUrlDecoder().decode(parts[1]), StandardCharsets.UTF_8);
            @Nullable String exp = Json.members(claims).get("exp");
            if (exp == null) return Long.MAX_VALUE;
            long left = (long) (Double.parseDouble(exp) * 1_000) - System.currentTimeMillis();
            return left <= 0 ? Long.MAX_VALUE : loop.nowMillis() + left - Math.min(RENEW_MILLIS, left / 2);
        } catch (IllegalArgumentException | Json.Malformed notReadable) {
            return Long.MAX_VALUE;
        }
    }
}
