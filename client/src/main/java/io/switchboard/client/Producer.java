package io.switchboard.client;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What is published on one channel, in order and each message once (spec/clients.md, section 6). Pure: each method is an
 * event with the time of it in milliseconds, and returns the commands that follow; {@link #waitUntil} says when
 * {@link #tick} is due.
 */
final class Producer {
    static final int WAITING_MESSAGES_MAX = 10_000;
    static final int WAITING_BYTES_MAX = 8 << 20;

    private static final int BATCH_MESSAGES_MAX = 1_000;
    private static final int BATCH_BYTES_MAX = 256 << 10;

    // A channel remembers its producers as long as it lives, and only so many: so there are only so many names.
    private static final int NAMES = 5_000;

    private static final Set<String> PASSING = Set.of("too_many", "unavailable", "internal", "request_timeout");

    /** What is to be done. */
    sealed interface Command {
        /** Append these, in this order, under these names. */
        record Send(String producer, long epoch, long seq, List<Long> ids) implements Command {}

        /** These are stored. */
        record Done(List<Long> ids) implements Command {}

        /** These are not, or {@code unknown}: perhaps. */
        record Fail(List<Long> ids, String code) implements Command {}
    }

    /**
     * Why an append was refused; numbers are negative where they were not told.
     *
     * @param reason empty if there is none
     */
    record Refusal(String code, String reason, long currentEpoch, long producersMax) {}

    private static final class Publication {
        final long id;
        final int messages;
        final long bytes;
        final long endMillis;
        boolean over; // given up, while others of its append are not

        Publication(long id, int messages, long bytes, long endMillis) {
            this.id = id;
            this.messages = messages;
            this.bytes = bytes;
            this.endMillis = endMillis;
        }
    }

    private final boolean named;
    private final boolean joins;
    private final long timeoutMillis;
    private final Deque<Publication> waiting = new ArrayDeque<>();
    private final List<Publication> flight = new ArrayList<>(); // the append under way
    private String name;
    private long epoch;
    private long seq;
    private int messages; // of all that is not done
    private long bytes;
    private boolean uncertain; // whether the append under way may be stored already
    private int attempt;
    private @Nullable Long retryAt;
    private long batchBytes = BATCH_BYTES_MAX;
    private List<Command> commands = new ArrayList<>();

    /**
     * @param chosen its name; empty for any
     * @param random from [0, 1), for its name and epoch
     * @param now since 1970, the only clock that goes on from one client to the next
     * @param joins whether one append may have several messages
     */
    Producer(Optional<String> chosen, double random, long now, boolean joins, long timeoutMillis) {
        this.named = chosen.isPresent();
        this.name = chosen.orElseGet(() -> nameOf(random));
        this.epoch = epochOf(random, now);
        this.joins = joins;
        this.timeoutMillis = timeoutMillis;
    }

    private static String nameOf(double random) {
        return "client-" + (long) (random * NAMES);
    }

    // Microseconds, of which the last three digits are made up: two that begin in one millisecond have one each.
    private static long epochOf(double random, long now) {
        return now * 1_000 + (long) (random * NAMES % 1 * 1_000);
    }

    /** When {@link #tick} is due; empty if it is not. */
    OptionalLong waitUntil() {
        long until = retryAt == null ? Long.MAX_VALUE : retryAt;
        for (Publication each : flight) if (!each.over) until = Math.min(until, each.endMillis);
        Publication first = waiting.peek();
        if (first != null) until = Math.min(until, first.endMillis);
        return until == Long.MAX_VALUE ? OptionalLong.empty() : OptionalLong.of(until);
    }

    /** Whether nothing is under way, and nothing waits. */
    boolean isIdle() {
        return flight.isEmpty() && waiting.isEmpty();
    }

    /** @param id what the commands call it */
    List<Command> publish(long id, int more, long length, long now) {
        if (messages + more > WAITING_MESSAGES_MAX || bytes + length > WAITING_BYTES_MAX) {
            commands.add(new Command.Fail(List.of(id), "too_many"));
        } else {
            messages += more;
            bytes += length;
            waiting.add(new Publication(id, more, length, now + timeoutMillis));
            next();
        }
        return done();
    }

    /** The append under way is stored, or was before. */
    List<Command> stored() {
        if (!isOut()) return done();
        seq++;
        List<Long> ids = finish();
        if (!ids.isEmpty()) commands.add(new Command.Done(ids));
        next();
        return done();
    }

    /** Whether the append under way was stored is not known. */
    List<Command> unanswered(double random, long now) {
        if (isOut()) again(true, random, Backoff.Told.NOTHING, now);
        return done();
    }

    List<Command> refused(Refusal refusal, double random, long now, Backoff.Told told) {
        if (!isOut()) return done();
        if (PASSING.contains(refusal.code()) && refusal.producersMax() < 0) {
            again(!refusal.code().equals("too_many"), random, told, now);
        } else if (refusal.reason().equals("sequence_gap") && seq > 0) {
            // The server has lost what it knew of this producer, and so it has not stored this append.
            anew(epoch + 1);
            send();
        } else if (refusal.currentEpoch() >= 0) {
            if (named) fail(uncertain ? "unknown" : SwitchboardException.FENCED); // in an epoch that is over
            else renamed(refusal.currentEpoch(), random, now);
            next();
        } else if (refusal.code().equals("too_large") && flight.size() > 1 && !uncertain) {
            batchBytes = flight.stream().mapToLong(each -> each.bytes).sum() / 2;
            for (int i = flight.size() - 1; i >= 0; i--) {
                if (!flight.get(i).over) waiting.addFirst(flight.get(i));
            }
            flight.clear();
            next();
        } else {
            if (uncertain) anew(epoch + 1);
            fail(refusal.code());
            next();
        }
        return done();
    }

    // Another client has the same name.
    private void renamed(long currentEpoch, double random, long now) {
        boolean unknown = uncertain;
        if (unknown) fail("unknown");
        name = nameOf(random);
        anew(Math.max(epochOf(random, now), currentEpoch + 1));
        if (!unknown) send();
    }

    List<Command> tick(long now) {
        for (Publication each : flight) {
            if (each.over || each.endMillis > now) continue;
            each.over = true;
            free(each);
            commands.add(new Command.Fail(List.of(each.id), isOut() || uncertain ? "unknown" : "timeout"));
        }
        if (!flight.isEmpty() && flight.stream().allMatch(each -> each.over)) {
            // Should it arrive after all, it comes from an epoch that is over.
            if (isOut() || uncertain) anew(epoch + 1);
            land();
        }
        for (Publication first = waiting.peek(); first != null && first.endMillis <= now; first = waiting.peek()) {
            waiting.poll();
            free(first);
            commands.add(new Command.Fail(List.of(first.id), "timeout"));
        }
        if (retryAt != null && retryAt <= now) send();
        next();
        return done();
    }

    /** Nothing more is sent. */
    List<Command> close(String code) {
        if (!flight.isEmpty()) fail(isOut() || uncertain ? "unknown" : code);
        if (!waiting.isEmpty()) {
            List<Long> ids = waiting.stream().map(each -> each.id).toList();
            waiting.forEach(this::free);
            waiting.clear();
            commands.add(new Command.Fail(ids, code));
        }
        return done();
    }

    private boolean isOut() {
        return !flight.isEmpty() && retryAt == null;
    }

    private void next() {
        if (!flight.isEmpty() || waiting.isEmpty()) return;
        int count = 0;
        long length = 0;
        Publication first = waiting.peek();
        do {
            waiting.poll();
            flight.add(first);
            count += first.messages;
            length += first.bytes;
            first = waiting.peek();
        } while (first != null
                && joins
                && count + first.messages <= BATCH_MESSAGES_MAX
                && length + first.bytes <= batchBytes);
        send();
    }

    private void send() {
        retryAt = null;
        List<Long> ids = flight.stream().map(each -> each.id).toList();
        commands.add(new Command.Send(name, epoch, seq, ids));
    }

    private void again(boolean mayBeStored, double random, Backoff.Told told, long now) {
        uncertain |= mayBeStored;
        retryAt = now + Backoff.delay(attempt++, random, told);
    }

    private void anew(long nextEpoch) {
        epoch = nextEpoch;
        seq = 0;
        uncertain = false;
    }

    private void fail(String code) {
        List<Long> ids = finish();
        if (!ids.isEmpty()) commands.add(new Command.Fail(ids, code));
    }

    // The publications of the append under way that were not given up before; it is under way no more.
    private List<Long> finish() {
        List<Publication> open = flight.stream().filter(each -> !each.over).toList();
        open.forEach(this::free);
        land();
        return open.stream().map(each -> each.id).toList();
    }

    private void land() {
        flight.clear();
        retryAt = null;
        uncertain = false;
        attempt = 0;
    }

    private void free(Publication publication) {
        messages -= publication.messages;
        bytes -= publication.bytes;
    }

    private List<Command> done() {
        List<Command> said = commands;
        commands = new ArrayList<>();
        return said;
    }
}
