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
    private final List<Runnable> waiting = new ArrayList<>(); // one a link, a stream or a channel published to

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
            end(new SwitchboardException("unauthorized", "", "The server does not accept the token."));
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
        try {
            callers.execute(() -> call(asked));
        } catch (RejectedExecutionException gone) {
            answered("", false);
        }
    }

    // On a thread of the application.
    private void call(TokenSource asked) {
        CompletionStage<String> answer;
        try {
            answer = asked.token();
        } catch (RuntimeException thrown) {
            loop.execute(() -> answered("", true));
            return;
        }
        answer.whenComplete(
                (given, failed) -> loop.execute(() -> answered(given == null ? "" : given, failed != null)));
    }

    private void answered(String given, boolean failed) {
        if (ended) return;
        if (failed) {
            long millis = Backoff.delay(attempt++, random.getAsDouble(), Backoff.Told.NOTHING);
            loop.after(millis, this::ask);
            return;
        }
        asking = false;
        attempt = 0;
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
