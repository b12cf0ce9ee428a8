package io.switchboard.store.redis;

import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisException;
import io.switchboard.core.store.Failure;
import io.switchboard.core.store.PersistenceException;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What it means when Redis does not do what was asked. */
final class Failures {
    private static final Logger LOG = LoggerFactory.getLogger(Failures.class);
    private static final List<String> PASSING = List.of(
            "READONLY",
            "LOADING",
            "MASTERDOWN",
            "CLUSTERDOWN",
            "MOVED",
            "ASK",
            "TRYAGAIN",
            "BUSY",
            "NOSCRIPT",
            "NOREPLICAS",
            "MISCONF",
            "UNBLOCKED");

    private static final long BETWEEN_NANOS = 1_000_000_000;
    private static final AtomicLong LAST_TOLD = new AtomicLong(); // as System.nanoTime; 0 for never

    private Failures() {}

    static Throwable causeOf(Throwable thrown) {
        return thrown instanceof CompletionException && thrown.getCause() != null ? thrown.getCause() : thrown;
    }

    /** What to tell whoever asked. */
    static PersistenceException of(Throwable thrown) {
        Throwable cause = causeOf(thrown);
        if (cause instanceof PersistenceException known) return known;
        if (cause instanceof RedisCommandExecutionException) {
            String told = String.valueOf(cause.getMessage());
            if (told.startsWith("OOM")) {
                return new PersistenceException(Failure.FULL, "Redis has no memory left", cause);
            }
            // It may be a mistake of ours: somebody should see it.
            if (PASSING.stream().noneMatch(told::startsWith))
                tell("Redis refused a command: {}", withoutArguments(told));
        } else if (!isOfConnection(cause)) {
            tell("A command of Redis failed: {}", cause.toString());
        }
        return new PersistenceException(Failure.UNAVAILABLE, "Redis does not answer", cause);
    }

    /** To the operator, and once a second: it may be every command. */
    static void tell(String what, String why) {
        long now = System.nanoTime();
        long last = LAST_TOLD.get();
        if ((last == 0 || now - last >= BETWEEN_NANOS) && LAST_TOLD.compareAndSet(last, now)) LOG.warn(what, why);
    }

    // Redis repeats the arguments of a command that it does not know.
    private static String withoutArguments(String told) {
        int at = told.indexOf(", with args");
        return at < 0 ? told : told.substring(0, at);
    }

    // It was closed, or an answer did not come in time.
    private static boolean isOfConnection(Throwable cause) {
        return cause instanceof RedisException || cause instanceof IOException;
    }

    /** Whether nothing was done, but will be in a moment. */
    static boolean isSoonOver(Throwable thrown) {
        return says(thrown, "TRYAGAIN");
    }

    /** Whether servers of a cluster are about to change places. */
    static boolean isOfTopology(Throwable thrown) {
        return says(thrown, "CLUSTERDOWN") || says(thrown, "MOVED");
    }

    private static boolean says(Throwable thrown, String what) {
        return thrown instanceof RedisCommandExecutionException
                && String.valueOf(thrown.getMessage()).startsWith(what);
    }

    /** Whether another connection may lead to a server that does better. */
    static boolean endsConnection(Throwable thrown) {
        Throwable cause = causeOf(thrown);
        if (!(cause instanceof RedisCommandExecutionException)) return isOfConnection(cause);
        String told = String.valueOf(cause.getMessage());
        return told.startsWith("READONLY") || told.startsWith("MASTERDOWN");
    }
}
