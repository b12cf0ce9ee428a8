package io.switchboard.client;

import java.net.http.HttpRequest;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Reads for readings that are not in step with their feeds: each from its own cursor, page by page, a few at a time, until it
 * is in step or over. Whatever carries the feeds, these are ordinary reads. On the loop.
 */
final class CatchingUp implements Reading.Errands {
    private static final int AT_ONCE_MAX = 4;
    private static final long ANSWER_MILLIS_MAX = 20_000;

    /** What is done for one reading; at most one. */
    private static final class Errand implements Rest.Taker {
        final Reading reading;
        final Gaps gaps = new Gaps();
        int attempt;
        Http.@Nullable Call call;
        Loop.@Nullable Timer timer;

        @Nullable
        Rest rest; // of its page, while the reading is full

        Errand(Reading reading) {
            this.reading = reading;
        }

        @Override
        public boolean hasRoom() {
            return !reading.isFull() && !reading.isOver();
        }

        @Override
        public void take(Envelope envelope) {
            reading.message(envelope);
        }
    }

    private final Loop loop;
    private final Http http;
    private final Tokens tokens;
    private final DoubleSupplier random;
    private final Map<Reading, Errand> all = new HashMap<>(); // no more than there are subscriptions
    private final Deque<Errand> due = new ArrayDeque<>(); // each of them once
    private final Rest.Kept kept = new Rest.Kept();
    private int underWay;

    CatchingUp(Loop loop, Http http, Tokens tokens, DoubleSupplier random) {
        this.loop = loop;
        this.http = http;
        this.tokens = tokens;
        this.random = random;
    }

    @Override
    public void begin(Reading reading) {
        Errand errand = all.get(reading);
        if (errand == null) {
            errand = new Errand(reading);
            all.put(reading, errand);
            ask(errand);
        } else if (errand.rest != null) {
            give(errand, errand.rest);
        }
    }

    @Override
    public void stop(Reading reading) {
        Errand errand = all.remove(reading);
        if (errand == null) return;
        due.remove(errand);
        if (errand.timer != null) errand.timer.cancel();
        if (errand.rest != null) errand.rest.leave(kept);
        if (errand.call == null) return;
        errand.call.cancel();
        answered(errand);
        loop.execute(this::next);
    }

    private boolean isOver(Errand errand) {
        return all.get(errand.reading) != errand;
    }

    // ---- asking

    private void ask(Errand errand) {
        errand.timer = null;
        due.add(errand);
        loop.execute(this::next); // and not while its feed tells of something
    }

    private void askIn(long millis, Errand errand) {
        errand.timer = loop.after(millis, () -> ask(errand));
    }

    private void next() {
        while (underWay < AT_ONCE_MAX) {
            Errand errand = due.poll();
            if (errand == null) return;
            tokens.ready(() -> {
                if (isOver(errand)) return;
                if (underWay < AT_ONCE_MAX) send(errand);
                else due.add(errand);
            });
        }
    }

    private void send(Errand errand) {
        Reading reading = errand.reading;
        String from = reading.cursor().at();
        String token = tokens.token();
        String target = Http.path(reading.channel()) + "?offset=" + Http.parameter(from) + "&as=envelopes";
        HttpRequest request = http.request(target, token).build();
        underWay++;
        errand.call = http.send(request, ANSWER_MILLIS_MAX, answer -> {
            answered(errand);
            take(errand, from, token, answer);
            next();
        });
    }

    private void answered(Errand errand) {
        errand.call = null;
        underWay--;
    }

    // ---- answers

    private void take(Errand errand, String from, String token, Answer answer) {
        Reading reading = errand.reading;
        if (answer.status() == 401) {
            tokens.refused(token, () -> {
                if (!isOver(errand)) ask(errand);
            });
            return;
        }
        PageAnswer said = PageAnswer.of(answer);
        if (said instanceof PageAnswer.Messages page) {
            tokens.accepted();
            errand.gaps.none();
            give(errand, new Rest(page, from));
        } else if (said instanceof PageAnswer.Gone gone) {
            reading.gap(from, gone.to());
            goOn(errand, from, errand.gaps.another(random.getAsDouble()));
        } else if (said instanceof PageAnswer.Absent) {
            absent(errand, from);
        } else if (said instanceof PageAnswer.Ended ended) {
            reading.end(ended.how());
        } else if (said instanceof PageAnswer.Failed failed) {
            if (failed.over().isFinal()) reading.end(End.refused(answer.refusal()));
            else again(errand, failed.over().told());
        }
    }

    private void give(Errand errand, Rest rest) {
        Reading reading = errand.reading;
        rest.leave(kept);
        errand.rest = rest;
        if (!rest.giveTo(errand)) {
            if (!reading.isOver() && !rest.waitsIn(kept)) all.remove(reading); // as in goOn
            return;
        }
        errand.rest = null;
        reading.cursor().reach(rest.page.next());
        if (rest.page.closed()) reading.end(End.CLOSED);
        else if (rest.page.upToDate() && reading.isDone()) all.remove(reading);
        else goOn(errand, rest.from, 0);
    }

    // One that is not there yet begins at its beginning; one of which an offset is known was there.
    private void absent(Errand errand, String from) {
        Reading reading = errand.reading;
        reading.cursor().named(Cursor.BEGINNING);
        if (reading.cursor().isOffset()) reading.end(End.DELETED);
        else if (reading.isDone()) all.remove(reading);
        else goOn(errand, from, 0);
    }

    // Where there is nothing of what there should be, nobody asks without end.
    private void goOn(Errand errand, String from, long millis) {
        if (isOver(errand)) return;
        if (errand.reading.isFull()) {
            all.remove(errand.reading); // it begins again when there is room
            return;
        }
        if (errand.reading.cursor().at().equals(from)) {
            again(errand, Backoff.Told.NOTHING);
            return;
        }
        errand.attempt = 0;
        if (millis > 0) askIn(millis, errand);
        else ask(errand);
    }

    private void again(Errand errand, Backoff.Told told) {
        askIn(Backoff.delay(errand.attempt++, random.getAsDouble(), told), errand);
    }
}
