package io.switchboard.cli.client;

import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Follows a channel over one connection after the other. It owns the position: what a source tells moves it, and each
 * new connection resumes there, so nothing is lost or repeated between two of them.
 *
 * <p>Threads: {@link #run} blocks the one that calls it; interrupt it to stop.
 */
public final class Tail {
    /** A connection that held for so long was a good one. */
    private static final Duration HELD = Duration.ofSeconds(10);

    private final Link link;
    private final ChannelAddress address;
    private final Time time;
    private final Backoff backoff;
    private final Duration silenceMax;

    public Tail(Link link, ChannelAddress address, Time time, RandomGenerator random) {
        this(link, address, time, random, Silence.MAX);
    }

    Tail(Link link, ChannelAddress address, Time time, RandomGenerator random, Duration silenceMax) {
        this.link = link;
        this.address = address;
        this.time = time;
        this.backoff = new Backoff(random);
        this.silenceMax = silenceMax;
    }

    /** Returns when the channel is closed or the follower has enough. */
    public void run(Transport transport, Start start, Follower follower) throws Failure, InterruptedException {
        Position position = begin(start, follower);
        Source source =
                switch (transport) {
                    case SSE -> new SseSource(link, address, position.kind, silenceMax);
                    case LONG_POLL -> new PollSource(link, address, position.kind, true, time);
                    case POLL -> new PollSource(link, address, position.kind, false, time);
                    case WEBSOCKET -> new WebSocketSource(link, address, position.kind, time);
                };
        while (true) {
            long began = time.nanos();
            position.heard = false;
            End end;
            try {
                end = source.read(position.at, position);
            } catch (IOException lost) {
                end = End.Away.SOMETIME;
            }
            if (!follower.idle()) return;
            if (position.heard || time.nanos() - began >= HELD.toNanos()) backoff.reset();
            switch (end) {
                case End.Away(Optional<Duration> after) -> stayAway(after, follower);
                case End.Closed() -> {
                    follower.closed();
                    return;
                }
                case End.Enough() -> {
                    if (position.refused != null) throw position.refused;
                    return;
                }
                case End.Refused(Failure failure) -> {
                    // It was there when this began.
                    if (failure.kind() == Failure.Kind.NOT_FOUND) throw Answers.deleted(address);
                    throw failure;
                }
            }
        }
    }

    /** Asks for what has to be known beforehand: what kind of messages these are, and where now is. */
    private Position begin(Start start, Follower follower) throws Failure, InterruptedException {
        HttpResponse<byte[]> head =
                ask(Link.request(address.stream()).method("HEAD", HttpRequest.BodyPublishers.noBody()), follower);
        Kind kind = Kind.of(Answers.header(head, "Content-Type"));
        String now = Answers.header(head, Answers.NEXT_OFFSET);
        if (!Offsets.isOffset(now)) throw Answers.unreachable(address);
        return switch (start) {
            case Start.Beginning() -> new Position(Offsets.BEGINNING, kind, false, follower);
            case Start.Now() -> new Position(now, kind, false, follower);
            case Start.After(String offset) -> new Position(offset, kind, true, follower);
            case Start.Last(int count) -> {
                HttpResponse<byte[]> newest = ask(Link.request(address.stream("last=" + count)), follower);
                String before = Answers.header(newest, "Stream-Previous-Offset");
                yield new Position(before.isEmpty() ? now : before, kind, false, follower);
            }
        };
    }

    private HttpResponse<byte[]> ask(HttpRequest.Builder request, Follower follower)
            throws Failure, InterruptedException {
        while (true) {
            HttpResponse<byte[]> answer;
            try {
                answer = link.send(request);
            } catch (IOException nobody) {
                throw Answers.unreachable(address);
            }
            if (answer.statusCode() == 200) return answer;
            if (!Answers.isPassing(answer.statusCode())) throw Answers.failure(answer, answer.body(), address);
            stayAway(Answers.retryAfter(answer), follower);
        }
    }

    private void stayAway(Optional<Duration> after, Follower follower) throws InterruptedException {
        Duration pause = after.orElseGet(backoff::next);
        follower.away(pause);
        time.pause(pause);
    }

    /** Where the follower stands, over all connections. */
    private static final class Position implements Listener {
        private final Kind kind;
        private final Follower follower;
        private String at;
        private boolean asked; // `at` is what the user gave and the server has not agreed to yet
        private boolean heard; // anything, over this connection
        private @Nullable Failure refused;

        Position(String at, Kind kind, boolean asked, Follower follower) {
            this.at = at;
            this.kind = kind;
            this.asked = asked;
            this.follower = follower;
        }

        @Override
        public void connected() {
            follower.connected();
        }

        @Override
        public boolean message(Message message) {
            position(message.offset());
            return follower.message(message);
        }

        @Override
        public void position(String offset) {
            at = offset;
            asked = false;
            heard = true;
        }

        @Override
        public boolean gap(String from, String to) {
            if (asked) {
                // Who resumes by hand is not led over a gap: a script would not see it.
                refused = new Failure(
                        Failure.Kind.GONE,
                        "The messages after " + from + " are gone; read on with --from " + to
                                + ", or all there is with --from -1.");
                return false;
            }
            position(to);
            follower.gap(from, to);
            return true;
        }

        @Override
        public boolean idle() {
            return follower.idle();
        }
    }
}
