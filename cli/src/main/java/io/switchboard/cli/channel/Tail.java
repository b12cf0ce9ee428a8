package io.switchboard.cli.channel;

import io.switchboard.cli.place.ChannelAddress;
import io.switchboard.cli.place.Failure;
import io.switchboard.cli.place.Passport;
import io.switchboard.client.About;
import io.switchboard.client.Channel;
import io.switchboard.client.End;
import io.switchboard.client.Gap;
import io.switchboard.client.Listener;
import io.switchboard.client.Message;
import io.switchboard.client.Options;
import io.switchboard.client.Page;
import io.switchboard.client.Status;
import io.switchboard.client.Switchboard;
import io.switchboard.client.SwitchboardException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;

/**
 * Follows a channel through the client of applications, over the one transport that was asked for, and tells a
 * {@link Follower} on the thread that runs it: that thread is the client's executor. It asks beforehand what the client
 * need not know: whether the channel is there, what it holds, and whether the place to begin at is.
 *
 * <p>Threads: {@link #run} blocks the one that calls it, once; interrupt it to stop.
 */
public final class Tail {
    private static final Duration POLL_EVERY = Duration.ofSeconds(1);
    private static final Duration ANSWER_MAX = Duration.ofMinutes(2);

    // A server of any settings: its heartbeat is 25 s unless it is told otherwise, and a long-poll may take 5 minutes.
    private static final Duration QUIET = Duration.ofSeconds(80);
    private static final Duration QUIET_LONG_POLL = Duration.ofSeconds(320);

    /** Tries without success after which the server is asked whether it is there at all. */
    private static final int TRIES = 2;

    private final ChannelAddress address;
    private final Passport passport;
    private final Transport transport;
    private final Follower follower;

    // One task of the subscription, and a few of the client.
    private final BlockingQueue<Runnable> tasks = new LinkedBlockingQueue<>();

    // The thread that runs.
    private Kind kind = Kind.JSON;
    private boolean over;
    private @Nullable Failure failure;
    private @Nullable Throwable fault;
    private boolean connected;
    private boolean wasConnected;
    private @Nullable Channel channel;
    private boolean asks; // whether the channel is there

    public Tail(ChannelAddress address, Passport passport, Transport transport, Follower follower) {
        this.address = address;
        this.passport = passport;
        this.transport = transport;
        this.follower = follower;
    }

    /** Returns when the channel is closed or the follower has enough. */
    public void run(Start start) throws Failure, InterruptedException {
        Options options = passport.options()
                .transports(List.of(transport.ofClient()))
                .pollEvery(POLL_EVERY)
                .heartbeat(transport == Transport.LONG_POLL ? QUIET_LONG_POLL : QUIET)
                .publishTimeout(ANSWER_MAX)
                .executor(tasks::add)
                .onError(thrown -> fault = thrown)
                .onStatus(this::told);
        try (Switchboard client = Switchboard.connect(address.server(), options)) {
            Channel followed = client.channel(address.channel());
            channel = followed;
            followed.subscribe(begin(followed, start), new Telling());
            while (!over) {
                tasks.take().run();
                if (fault != null) throw new IllegalStateException(fault);
                if (tasks.isEmpty() && !follower.idle()) return;
            }
        }
        if (failure != null) throw failure;
        follower.idle();
    }

    private String begin(Channel followed, Start start) throws Failure, InterruptedException {
        try {
            About about = await(followed.about());
            kind = Kind.of(about.contentType());
            return switch (start) {
                case Start.Beginning() -> Start.BEGINNING;
                case Start.Now() -> about.offset();
                case Start.After(String offset) -> present(followed, offset);
                case Start.Last(int count) -> {
                    Page newest = await(followed.newest(count));
                    yield newest.previous().isEmpty() ? newest.next() : newest.previous();
                }
            };
        } catch (SwitchboardException why) {
            throw failure(why);
        }
    }

    // Who resumes by hand is not led over a gap: a script would not see it.
    private String present(Channel followed, String offset) throws Failure, InterruptedException {
        try {
            await(followed.before(offset, 1));
            return offset;
        } catch (SwitchboardException why) {
            String next = why.detail("earliest").isEmpty() ? why.detail("resume") : why.detail("earliest");
            if (next.isEmpty()) throw failure(why);
            throw new Failure(
                    Failure.Kind.GONE,
                    "The messages after " + offset + " are gone; read on with --from " + next
                            + ", or all there is with --from -1.");
        }
    }

    private Failure failure(SwitchboardException why) {
        return Sentences.of(why, passport.hasToken(), address);
    }

    private <T> T await(CompletableFuture<T> answer) throws InterruptedException {
        answer.whenComplete((given, failed) -> tasks.add(() -> {}));
        while (!answer.isDone()) tasks.take().run();
        return Answers.of(answer);
    }

    // ---- what the client tells

    private void told(Status status) {
        if (status.transport().isPresent()) {
            if (connected) return;
            connected = true;
            follower.connected();
            // Where nothing was read yet, a client cannot tell a channel that was deleted meanwhile from one that is
            // not there yet, and waits for it.
            if (wasConnected) ask();
            wasConnected = true;
        } else if (status.retryInMillis().isPresent()) {
            connected = false;
            follower.away(Duration.ofMillis(status.retryInMillis().getAsLong()));
            if (!wasConnected && status.attempt() >= TRIES) ask();
        }
    }

    private void ask() {
        if (asks || channel == null) return;
        asks = true;
        channel.about().whenComplete((about, failed) -> answered(failed));
    }

    private void answered(@Nullable Throwable failed) {
        asks = false;
        if (over) return;
        if (failed == null) {
            if (!wasConnected) {
                end(new Failure(
                        Failure.Kind.REFUSED,
                        "The server answers, but " + address.channel() + " cannot be read over " + transport
                                + ": something in between does not let it through. Choose another --transport, or look"
                                + " with: switchboard doctor " + address.server()));
            }
        } else if (Answers.refusal(failed).code().equals("not_found")) {
            end(Sentences.deleted(address));
        }
    }

    private void end(Failure why) {
        if (over) return;
        over = true;
        failure = why;
    }

    private final class Telling implements Listener {
        @Override
        public void onMessage(Message message) {
            if (!over && !follower.message(message, kind)) over = true;
        }

        @Override
        public void onGap(Gap gap) {
            if (!over) follower.gap(gap.from(), gap.to());
        }

        @Override
        public void onEnd(End end) {
            if (over) return;
            switch (end.kind()) {
                case CLOSED -> {
                    follower.closed();
                    over = true;
                }
                case DELETED -> end(Sentences.deleted(address));
                case REFUSED -> end(failure(end.error().orElseThrow()));
                case CANCELLED -> over = true;
            }
        }

        private void end(Failure why) {
            Tail.this.end(why);
        }
    }
}
