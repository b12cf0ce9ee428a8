package io.switchboard.client;

import java.net.http.HttpRequest;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Asks for each channel alone: every few seconds, and at once again while there is more; or, as long-poll, with requests that
 * wait for news, for a few channels at a time. The first request of a channel never waits, so that the first whole answer,
 * which proves the link, comes soon. On the loop.
 */
final class PollLink implements Link {
    private static final int LONG_POLLS_MAX = 4;
    private static final int POLLS_MAX = 6;
    private static final long ANSWER_MILLIS_MAX = 20_000;
    private static final long DEAD_MILLIS = 10_000; // after the answer was due
    private static final long HASTY_MILLIS = 500; // a request that was to wait, and is answered with nothing
    private static final int OK = 200;
    private static final int NO_CONTENT = 204;

    /** The asking for one channel. */
    private static final class Asking {
        final Reading reading;
        Http.@Nullable Call call;
        Loop.@Nullable Timer timer;
        boolean waits; // its request is one that waits
        String cacheCursor = "";
        int gaps; // answers in a row that say where to go on, without a message between

        Asking(Reading reading) {
            this.reading = reading;
        }
    }

    private final Http http;
    private final Loop loop;
    private final Owner owner;
    private final Options options;
    private final boolean waits;
    private final Map<String, Asking> all = new HashMap<>();
    private final Deque<Asking> due = new ArrayDeque<>(); // each of them once
    private String token;
    private boolean over;
    private int polls; // under way
    private int longPolls;

    /** @param waits whether it is long-poll */
    PollLink(Http http, Loop loop, Owner owner, String token, Options options, boolean waits) {
        this.http = http;
        this.loop = loop;
        this.owner = owner;
        this.token = token;
        this.options = options;
        this.waits = waits;
    }

    @Override
    public Transport transport() {
        return waits ? Transport.LONG_POLL : Transport.POLLING;
    }

    @Override
    public String token() {
        return token;
    }

    @Override
    public void begin() {
        for (Reading reading : owner.active()) follow(reading);
    }

    @Override
    public void use() {}

    @Override
    public void follow(Reading reading) {
        if (over) return;
        unfollow(reading);
        Asking asking = new Asking(reading);
        all.put(reading.channel(), asking);
        ask(asking);
    }

    @Override
    public void unfollow(Reading reading) {
        Asking asking = all.remove(reading.channel());
        if (asking == null) return;
        due.remove(asking);
        if (asking.timer != null) asking.timer.cancel();
        if (asking.call == null) return;
        asking.call.cancel();
        answered(asking);
        next();
    }

    @Override
    public void renewed(String newToken) {
        token = newToken;
    }

    @Override
    public void end() {
        over = true;
        for (Asking asking : all.values()) {
            if (asking.timer != null) asking.timer.cancel();
            if (asking.call != null) asking.call.cancel();
        }
        all.clear();
        due.clear();
    }

    private void finish(Over how) {
        if (over) return;
        end();
        owner.over(this, how);
    }

    // ---- asking

    private void ask(Asking asking) {
        asking.timer = null;
        due.add(asking);
        next();
    }

    private void next() {
        while (!over && polls < POLLS_MAX) {
            Asking asking = due.poll();
            if (asking == null) return;
            polls++;
            send(asking, "", ANSWER_MILLIS_MAX);
        }
    }

    private void longPoll(Asking asking) {
        longPolls++;
        asking.waits = true;
        String cursor = asking.cacheCursor.isEmpty() ? "" : "&cursor=" + Http.parameter(asking.cacheCursor);
        send(asking, "&live=long-poll" + cursor, options.heartbeatMillis() + DEAD_MILLIS);
    }

    private void send(Asking asking, String how, long timeoutMillis) {
        Reading reading = asking.reading;
        String from = reading.cursor().at();
        HttpRequest request = http.request(
                        Http.path(reading.channel()) + "?offset=" + Http.parameter(from) + "&as=envelopes" + how, token)
                .build();
        boolean waited = asking.waits;
        long begunMillis = loop.nowMillis();
        asking.call = http.send(request, timeoutMillis, answer -> {
            answered(asking);
            take(asking, from, waited && loop.nowMillis() - begunMillis < HASTY_MILLIS, answer);
            next();
        });
    }

    private void answered(Asking asking) {
        asking.call = null;
        if (asking.waits) longPolls--;
        else polls--;
        asking.waits = false;
    }

    // ---- answers

    private void take(Asking asking, String from, boolean hasty, Answer answer) {
        Reading reading = asking.reading;
        switch (answer.status()) {
            case OK, NO_CONTENT -> page(asking, from, hasty, answer);
            case 404 -> absent(asking, answer);
            case 410 -> {
                String to = answer.header(Answer.EARLIEST_OFFSET);
                if (to.isEmpty()) {
                    refused(asking, answer, End.DELETED);
                    return;
                }
                proven();
                reading.gap(from, to);
                if (reading.cursor().at().equals(from)) later(asking);
                else afterGap(asking);
            }
            case 400, 403, 405, 406 -> refused(asking, answer, End.refused(answer.refusal()));
            default -> finish(Over.of(answer));
        }
    }

    private void proven() {
        owner.proven(this);
    }

    private void page(Asking asking, String from, boolean hasty, Answer answer) {
        String next = answer.header(Answer.NEXT_OFFSET);
        Reading reading = asking.reading;
        if (next.isEmpty()) {
            finish(Over.lost("the answer is not of a Switchboard server"));
            return;
        }
        try {
            if (answer.status() != NO_CONTENT) { // every other one has a body, or broke off
                List<Envelope> envelopes = Envelope.all(answer.body());
                for (Envelope envelope : envelopes) reading.message(envelope, false);
                if (!envelopes.isEmpty()) asking.gaps = 0;
            }
        } catch (Json.Malformed malformed) {
            finish(Over.lost("what came was not understood"));
            return;
        }
        proven();
        asking.cacheCursor = answer.header("Stream-Cursor");
        reading.cursor().named(next);
        // While it is active all of the answer was taken. Where nothing was in it the cursor may still be a word.
        if (answer.isClosed() && reading.isActive()) {
            end(asking, End.CLOSED);
            return;
        }
        boolean upToDate = !answer.header("Stream-Up-To-Date").isEmpty() || answer.status() == NO_CONTENT;
        if (reading.isActive()) reading.setCurrent(upToDate);
        // An answer that brings nothing, and no delay either, is not asked for without end.
        if (reading.cursor().at().equals(from) && (hasty || !upToDate)) later(asking);
        else again(asking, upToDate);
    }

    // A channel that is not there yet begins at its beginning; one of which an offset is known was there.
    private void absent(Asking asking, Answer answer) {
        if (!Envelope.text(answer.problem(), "code").equals("not_found")) {
            finish(Over.lost("answered 404"));
            return;
        }
        Reading reading = asking.reading;
        proven();
        if (reading.cursor().isOffset()) {
            end(asking, End.DELETED);
            return;
        }
        reading.cursor().named(Cursor.BEGINNING);
        reading.setCurrent(true);
        later(asking);
    }

    // Final by the server's own word only: anything in between may say another thing tomorrow.
    private void refused(Asking asking, Answer answer, End how) {
        if (answer.problem().isEmpty()) finish(Over.lost("answered " + answer.status()));
        else end(asking, how);
    }

    private void end(Asking asking, End how) {
        all.remove(asking.reading.channel(), asking);
        asking.reading.end(how);
    }

    // Where messages go as fast as they are asked for, each place to go on is gone when it is.
    private void afterGap(Asking asking) {
        if (asking.gaps++ == 0) again(asking, false);
        else wait(asking, Backoff.delay(asking.gaps - 2, owner.random(), Backoff.Told.NOTHING));
    }

    private void again(Asking asking, boolean upToDate) {
        if (over || all.get(asking.reading.channel()) != asking) return;
        if (!upToDate) ask(asking);
        else if (waits && longPolls < LONG_POLLS_MAX) longPoll(asking);
        else later(asking);
    }

    private void later(Asking asking) {
        wait(asking, options.pollEveryMillis());
    }

    private void wait(Asking asking, long millis) {
        if (over || all.get(asking.reading.channel()) != asking) return;
        asking.timer = loop.after(millis, () -> ask(asking));
    }
}
