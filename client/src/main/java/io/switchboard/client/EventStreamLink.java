package io.switchboard.client;

import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/**
 * Event streams of {@code /live}, each over up to 20 channels. A stream whose channels change is opened anew, from where
 * each of them stands. One whose only channel is not read for a while is held: nothing more is taken from its connection.
 * The link is proven by the first bytes of a body. On the loop.
 */
final class EventStreamLink implements Link {
    private static final int CHANNELS_MAX = 20;
    private static final int PROBLEM_BYTES_MAX = 64 << 10;
    private static final long LOOK_MILLIS = 1_000;
    private static final long LATE_MILLIS = 5_000; // after the heartbeat was due
    private static final long DEAD_MILLIS = 10_000;
    private static final long RESOLVE_MILLIS_MAX = 10_000;
    private static final int NO_CONTENT = 204;
    private static final String NOWHERE = "-";

    private final Http http;
    private final Loop loop;
    private final Owner owner;
    private final long heartbeatMillis;
    private final List<Stream> streams = new ArrayList<>();
    private String token;
    private boolean over;
    private boolean late;
    private Loop.@Nullable Timer look;

    /** @param heartbeatMillis at least so often something comes of a stream that does not say how often */
    EventStreamLink(Http http, Loop loop, Owner owner, String token, long heartbeatMillis) {
        this.http = http;
        this.loop = loop;
        this.owner = owner;
        this.token = token;
        this.heartbeatMillis = heartbeatMillis;
    }

    @Override
    public Transport transport() {
        return Transport.SSE;
    }

    @Override
    public String token() {
        return token;
    }

    @Override
    public void begin() {
        for (Feed feed : owner.active()) follow(feed);
        look = loop.after(LOOK_MILLIS, this::look);
    }

    @Override
    public void use() {}

    @Override
    public void follow(Feed feed) {
        if (over) return;
        Stream with = streamOf(feed);
        if (with != null && with.isHeld) {
            with.release();
            return;
        }
        if (with == null) {
            with = streams.stream()
                    .filter(stream -> stream.feeds.size() < CHANNELS_MAX && !stream.isHeld)
                    .findFirst()
                    .orElse(null);
        }
        if (with == null) {
            with = new Stream();
            streams.add(with);
        }
        with.feeds.put(feed.channel(), feed);
        with.reopen();
    }

    @Override
    public void unfollow(Feed feed) {
        Stream with = streamOf(feed);
        if (with == null) return;
        with.feeds.remove(feed.channel());
        if (with.feeds.isEmpty()) drop(with);
        else with.reopen();
    }

    private void drop(Stream stream) {
        stream.close();
        streams.remove(stream);
    }

    @Override
    public void pause(Feed feed) {
        Stream with = streamOf(feed);
        if (with != null && with.feeds.size() == 1 && with.body != null && !with.opening) with.isHeld = true;
        else unfollow(feed);
    }

    private @Nullable Stream streamOf(Feed feed) {
        for (Stream stream : streams) {
            if (stream.feeds.get(feed.channel()) == feed) return stream;
        }
        return null;
    }

    @Override
    public void renewed(String newToken) {
        if (newToken.equals(token)) return;
        token = newToken;
        for (Stream stream : List.copyOf(streams)) {
            if (stream.isHeld) drop(stream);
            else stream.reopen();
        }
    }

    private void look() {
        boolean anyLate = false;
        for (Stream stream : streams) {
            if (stream.body == null || stream.isHeld) continue;
            long silent = loop.nowMillis() - stream.body.heardMillis;
            long heartbeatMillis = stream.body.heartbeatMillis;
            if (silent >= heartbeatMillis + DEAD_MILLIS) {
                finish(Over.lost("nothing came for " + (heartbeatMillis + DEAD_MILLIS) / 1_000 + " s"));
                return;
            }
            anyLate |= silent >= heartbeatMillis + LATE_MILLIS;
        }
        if (anyLate != late) {
            late = anyLate;
            owner.late(this, late);
        }
        look = loop.after(LOOK_MILLIS, this::look);
    }

    private void finish(Over how) {
        if (over) return;
        end();
        owner.over(this, how);
    }

    @Override
    public void end() {
        over = true;
        if (look != null) look.cancel();
        streams.forEach(Stream::close);
        streams.clear();
    }

    /** One of them. It may be opened many times; only the last time counts. */
    private final class Stream {
        final Map<String, Feed> feeds = new LinkedHashMap<>(); // in the order of the query

        @Nullable
        Body body;

        boolean isHeld; // only while it has one channel and a body: see pause
        private boolean opening;
        private @Nullable CompletableFuture<?> exchange;
        private Http.@Nullable Call question;

        // Once for all that changes at a time.
        void reopen() {
            if (opening) return;
            opening = true;
            loop.execute(() -> {
                if (!opening) return;
                opening = false;
                close();
                if (!over && !feeds.isEmpty()) open();
            });
        }

        void release() {
            isHeld = false;
            for (Feed feed : feeds.values()) feed.begun(feed.cursor().at());
            if (body != null) body.goOn();
        }

        void close() {
            opening = false;
            isHeld = false;
            if (question != null) question.cancel();
            question = null;
            if (body != null) body.close();
            body = null;
            if (exchange != null) exchange.cancel(true);
            exchange = null;
        }

        // Where it begins stands in the id, which knows no now: so it is asked first where that is.
        private void open() {
            for (Feed feed : feeds.values()) {
                if (!feed.cursor().isNow()) continue;
                locate(feed);
                return;
            }
            if (!feeds.isEmpty()) request();
        }

        private void locate(Feed feed) {
            HttpRequest tail = http.request(Http.path(feed.channel()) + "?offset=now", token)
                    .build();
            question = http.send(tail, RESOLVE_MILLIS_MAX, answer -> {
                String next = answer.header(Answer.NEXT_OFFSET);
                if (isAbsent(answer)) feed.named(Cursor.BEGINNING);
                else if (!next.isEmpty()) feed.named(next);
                else if (endsOne(answer)) feed.end(ending(answer));
                else finish(Over.of(answer));
                if (!over && body == null && !opening) open(); // unless something else has come of it
            });
        }

        private void request() {
            StringBuilder target = new StringBuilder("/live");
            StringBuilder id = new StringBuilder();
            for (Feed feed : feeds.values()) {
                target.append(target.length() == 5 ? '?' : '&')
                        .append("channel=")
                        .append(Http.parameter(feed.channel()));
                if (id.length() > 0) id.append(',');
                id.append(feed.cursor().isOffset() ? feed.cursor().at() : NOWHERE);
            }
            HttpRequest request = http.request(target.toString(), token)
                    .header("Accept", "text/event-stream")
                    .header("Last-Event-ID", id.toString())
                    .build();
            Body opened = new Body(this, List.copyOf(feeds.values()));
            body = opened;
            CompletableFuture<HttpResponse<Void>> sent = http.client()
                    .sendAsync(
                            request,
                            head -> HttpResponse.BodySubscribers.fromSubscriber(opened.of(head), finished -> null));
            exchange = sent;
            sent.whenComplete((done, lost) -> loop.execute(() -> {
                if (lost != null) opened.lost(Http.why(lost));
            }));
        }
    }

    /** What comes on a stream that was opened; calls of the HTTP client come on its threads, and go to the loop. */
    private final class Body implements EventStream.Events {
        private final Stream stream;
        private final List<Feed> feeds; // as they stand in the ids
        private final EventStream parser = new EventStream(this);
        private boolean closed;
        private boolean begun;
        private long heardMillis = loop.nowMillis();
        private volatile long heartbeatMillis = EventStreamLink.this.heartbeatMillis; // set with its head
        private long retryMillis = -1;
        private final Deque<Runnable> held = new ArrayDeque<>(); // events of the bytes that came last
        private Flow.@Nullable Subscription owed; // who waits to be asked for more

        Body(Stream stream, List<Feed> feeds) {
            this.stream = stream;
            this.feeds = feeds;
        }

        void close() {
            closed = true;
        }

        Loop loop() {
            return loop;
        }

        private boolean counts() {
            return !closed && !over && stream.body == this;
        }

        Flow.Subscriber<List<ByteBuffer>> of(HttpResponse.ResponseInfo head) {
            heartbeatMillis = Answer.heartbeatMillis(head.headers(), heartbeatMillis);
            boolean events = head.statusCode() == 200
                    && Answer.header(head.headers(), "Content-Type").startsWith("text/event-stream");
            return events ? new Pieces(this) : new Problem(this, head);
        }

        /** @param more who has the next */
        void take(List<ByteBuffer> pieces, Flow.Subscription more) {
            try {
                if (counts()) for (ByteBuffer piece : pieces) parser.add(piece);
            } catch (IOException notOne) {
                finish(Over.lost("what came was not understood"));
            }
            if (!counts()) more.cancel();
            else if (stream.isHeld) owed = more;
            else more.request(1);
        }

        /** It is held no more. */
        void goOn() {
            heardMillis = loop.nowMillis();
            while (counts() && !stream.isHeld) {
                Runnable event = held.poll();
                if (event == null) break;
                event.run();
            }
            Flow.Subscription more = owed;
            if (more == null || !counts() || stream.isHeld) return;
            owed = null;
            more.request(1);
        }

        void lost(String why) {
            if (!counts()) return;
            if (stream.isHeld) {
                drop(stream); // it is opened again when it is read again
                return;
            }
            finish(
                    retryMillis < 0
                            ? Over.lost(why)
                            : new Over(Over.Kind.PLANNED, why, new Backoff.Told.Exactly(retryMillis)));
        }

        void refused(Answer answer) {
            if (!counts() || stream.opening) return; // about to be asked for other channels, or with another token
            if (answer.status() == NO_CONTENT && answer.isClosed()) {
                List.copyOf(feeds).forEach(feed -> feed.end(End.CLOSED));
                return;
            }
            // What is said of one of them ends that one, and the others are asked for again.
            Feed refused = stream.feeds.get(Envelope.text(answer.problem(), "channel"));
            if (refused != null && endsOne(answer)) {
                refused.end(ending(answer));
            } else {
                Over how = Over.of(answer);
                // Another way may carry what one stream cannot, such as more channels than the server puts on one.
                finish(how.kind() == Over.Kind.FINAL ? Over.lost(how.why()) : how);
            }
        }

        @Override
        public void alive() {
            heardMillis = loop.nowMillis();
            if (begun) return;
            begun = true;
            owner.proven(EventStreamLink.this);
            for (Feed feed : feeds) feed.begun(feed.cursor().at());
        }

        @Override
        public void retry(long millis) {
            retryMillis = millis;
        }

        @Override
        public void event(String name, String id, String data) {
            if (!counts()) return;
            if (stream.isHeld) held.add(() -> took(name, data));
            else took(name, data);
        }

        private void took(String name, String data) {
            try {
                if (data.isEmpty()) return; // where all stand, which the cursors know
                if (name.isEmpty()) message(Envelope.of(Json.members(data)));
                else told(name, Json.members(data));
            } catch (Json.Malformed malformed) {
                finish(Over.lost("what came was not understood"));
            }
        }

        // A later feed of that name begins elsewhere, on the stream that is about to be opened for it.
        private @Nullable Feed feed(String channel) {
            Feed feed = stream.feeds.get(channel);
            return feed != null && feeds.contains(feed) ? feed : null;
        }

        private void message(Envelope envelope) {
            Feed feed = feed(envelope.channel());
            if (feed != null) feed.message(envelope, 0);
        }

        private void told(String event, Map<String, String> said) {
            Feed feed = feed(Envelope.text(said, "channel"));
            if (feed == null) return;
            switch (event) {
                case "gap" -> feed.gap(Envelope.text(said, "from"), Envelope.text(said, "to"));
                case "closed" -> end(feed, End.CLOSED);
                case "deleted" -> end(feed, End.DELETED);
                default -> {} // of a later time
            }
        }

        // The others go on where they are.
        private void end(Feed feed, End how) {
            stream.feeds.remove(feed.channel());
            if (stream.feeds.isEmpty()) drop(stream);
            feed.end(how);
        }
    }

    private static boolean isAbsent(Answer answer) {
        return Envelope.text(answer.problem(), "code").equals("not_found") && !answer.isNowhere();
    }

    // By the server's own word, and about a channel.
    private static boolean endsOne(Answer answer) {
        int status = answer.status();
        return (status == 400 || status == 403 || status == 410)
                && !answer.problem().isEmpty();
    }

    private static End ending(Answer answer) {
        return answer.status() == 410 ? End.DELETED : End.refused(answer.refusal());
    }

    /** The bytes of a body, the next when the loop has taken these. */
    private final class Pieces implements Flow.Subscriber<List<ByteBuffer>> {
        private final Body body;
        private Flow.@Nullable Subscription upstream;

        Pieces(Body body) {
            this.body = body;
        }

        @Override
        public void onSubscribe(Flow.Subscription subscription) {
            upstream = subscription;
            subscription.request(1);
        }

        @Override
        public void onNext(List<ByteBuffer> pieces) {
            Flow.Subscription more = upstream;
            loop.execute(() -> {
                if (more != null) body.take(pieces, more);
            });
        }

        @Override
        public void onError(Throwable lost) {
            loop.execute(() -> body.lost("the connection was lost"));
        }

        @Override
        public void onComplete() {
            loop.execute(() -> body.lost("the stream ended"));
        }
    }

    /** The body of an answer that is no event stream. */
    private static final class Problem implements Flow.Subscriber<List<ByteBuffer>> {
        private final LimitedBody bytes = new LimitedBody(PROBLEM_BYTES_MAX);

        Problem(Body body, HttpResponse.ResponseInfo head) {
            Loop to = body.loop();
            bytes.getBody()
                    .whenComplete((all, failed) -> to.execute(() ->
                            body.refused(new Answer(head.statusCode(), head.headers(), all == null ? "" : all, ""))));
        }

        @Override
        public void onSubscribe(Flow.Subscription subscription) {
            bytes.onSubscribe(subscription);
        }

        @Override
        public void onNext(List<ByteBuffer> pieces) {
            bytes.onNext(pieces);
        }

        @Override
        public void onError(Throwable lost) {
            bytes.onError(lost);
        }

        @Override
        public void onComplete() {
            bytes.onComplete();
        }
    }
}
