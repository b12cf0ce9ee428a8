package io.switchboard.client;

import java.net.http.HttpRequest;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
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

    /** The asking for one channel. */
    private static final class Asking implements Rest.Taker {
        final Feed feed;
        final Gaps gaps = new Gaps();
        Http.@Nullable Call call;
        Loop.@Nullable Timer timer;
        boolean waits; // its request is one that waits
        boolean hasty; // its last answer brought nothing, at once, although it was to wait
        String cacheCursor = "";

        @Nullable
        Rest rest; // of its page, while the feed is paused

        Asking(Feed feed) {
            this.feed = feed;
        }

        @Override
        public boolean hasRoom() {
            return feed.isActive();
        }

        @Override
        public void take(Envelope envelope) {
            feed.message(envelope, 0);
        }
    }

    private final Http http;
    private final Loop loop;
    private final Owner owner;
    private final Options options;
    private final boolean waits;
    private long answerMillis; // within which the server answers a long-poll
    private final Map<String, Asking> all = new HashMap<>();
    private final Deque<Asking> due = new ArrayDeque<>(); // each of them once
    private final Rest.Kept kept = new Rest.Kept();
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
        this.answerMillis = options.heartbeatMillis();
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
        for (Feed feed : owner.active()) follow(feed);
    }

    @Override
    public void use() {}

    @Override
    public void follow(Feed feed) {
        if (over) return;
        Asking before = all.get(feed.channel());
        if (before != null && before.feed.equals(feed) && before.rest != null) {
            give(before, before.rest);
            return;
        }
        unfollow(feed);
        Asking asking = new Asking(feed);
        all.put(feed.channel(), asking);
        ask(asking);
    }

    // It goes on where it stood in its page.
    @Override
    public void pause(Feed feed) {
        Asking asking = all.get(feed.channel());
        if (asking == null || asking.rest == null || !asking.rest.waitsIn(kept)) unfollow(feed);
    }

    @Override
    public void unfollow(Feed feed) {
        Asking asking = all.remove(feed.channel());
        if (asking == null) return;
        due.remove(asking);
        if (asking.timer != null) asking.timer.cancel();
        if (asking.rest != null) asking.rest.leave(kept);
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
        send(asking, "&live=long-poll" + cursor, answerMillis + DEAD_MILLIS);
    }

    private void send(Asking asking, String how, long timeoutMillis) {
        Feed feed = asking.feed;
        String from = feed.cursor().at();
        HttpRequest request = http.request(
                        Http.path(feed.channel()) + "?offset=" + Http.parameter(from) + "&as=envelopes" + how, token)
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
        Feed feed = asking.feed;
        PageAnswer said = PageAnswer.of(answer);
        if (said instanceof PageAnswer.Failed failed) {
            finish(failed.over());
            return;
        }
        if (!(said instanceof PageAnswer.Ended)) owner.proven(this);
        if (said instanceof PageAnswer.Messages page) {
            answerMillis = Answer.heartbeatMillis(answer.headers(), answerMillis);
            asking.gaps.none();
            asking.hasty = hasty;
            asking.cacheCursor = answer.header("Stream-Cursor");
            give(asking, new Rest(page, from));
        } else if (said instanceof PageAnswer.Gone gone) {
            feed.gap(from, gone.to());
            long millis = asking.gaps.another(owner.random());
            if (feed.cursor().at().equals(from)) later(asking);
            else if (millis > 0) wait(asking, millis);
            else again(asking, false);
        } else if (said instanceof PageAnswer.Absent) {
            absent(asking);
        } else if (said instanceof PageAnswer.Ended ended) {
            end(asking, ended.how());
        }
    }

    private void give(Asking asking, Rest rest) {
        Feed feed = asking.feed;
        rest.leave(kept);
        asking.rest = rest;
        if (!rest.giveTo(asking)) return; // the rest of it when it is followed again
        asking.rest = null;
        feed.named(rest.page.next());
        if (rest.page.closed()) {
            end(asking, End.CLOSED);
            return;
        }
        boolean upToDate = rest.page.upToDate();
        feed.setCurrent(upToDate);
        // An answer that brings nothing, and no delay either, is not asked for without end.
        if (feed.cursor().at().equals(rest.from) && (asking.hasty || !upToDate)) later(asking);
        else again(asking, upToDate);
    }

    // A channel that is not there yet begins at its beginning; one of which an offset is known was there.
    private void absent(Asking asking) {
        Feed feed = asking.feed;
        if (feed.cursor().isOffset()) {
            end(asking, End.DELETED);
            return;
        }
        feed.named(Cursor.BEGINNING);
        feed.setCurrent(true);
        later(asking);
    }

    private void end(Asking asking, End how) {
        all.remove(asking.feed.channel(), asking);
        asking.feed.end(how);
    }

    private void again(Asking asking, boolean upToDate) {
        if (over || all.get(asking.feed.channel()) != asking) return;
        if (!upToDate) ask(asking);
        else if (waits && longPolls < LONG_POLLS_MAX) longPoll(asking);
        else later(asking);
    }

    private void later(Asking asking) {
        wait(asking, options.pollEveryMillis());
    }

    private void wait(Asking asking, long millis) {
        if (over || all.get(asking.feed.channel()) != asking) return;
        asking.timer = loop.after(millis, () -> ask(asking));
    }
}
