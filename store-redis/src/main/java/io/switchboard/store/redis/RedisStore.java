package io.switchboard.store.redis;

import io.switchboard.core.access.RevocationList;
import io.switchboard.core.channel.Append;
import io.switchboard.core.channel.ChannelName;
import io.switchboard.core.channel.Policies;
import io.switchboard.core.figures.Figures;
import io.switchboard.core.nodes.Rendezvous;
import io.switchboard.core.nodes.Shelf;
import io.switchboard.core.presence.Elsewhere;
import io.switchboard.core.relay.Relay;
import io.switchboard.core.store.AgeSweep;
import io.switchboard.core.store.Answer;
import io.switchboard.core.store.AppendOutcome;
import io.switchboard.core.store.ChannelState;
import io.switchboard.core.store.Create;
import io.switchboard.core.store.CreateOutcome;
import io.switchboard.core.store.DeleteOutcome;
import io.switchboard.core.store.Failure;
import io.switchboard.core.store.FindOutcome;
import io.switchboard.core.store.Found;
import io.switchboard.core.store.Listing;
import io.switchboard.core.store.PersistenceException;
import io.switchboard.core.store.ReadOutcome;
import io.switchboard.core.store.Rules;
import io.switchboard.core.store.Store;
import io.switchboard.core.store.StoreLimits;
import io.switchboard.core.time.Ticker;
import io.switchboard.store.redis.Channels.Seen;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The store that many nodes share: channels in one Redis or a cluster, 7.0 or later. What an acknowledged append survives is what
 * that Redis is configured to keep; where it has lost its newest writes, what comes next has a generation of its own.
 *
 * <pre>
 *   append ─► lane of the channel ─► append.lua ─► answer        nothing blocks
 *   create, delete, touch ─► lane ─► worker: look, decide, write ─► answer
 *   find, read, list, expired ─────► worker: look ─► answer
 * </pre>
 *
 * Requests that name the same channel take effect in the order they were handed in. What a deletion does to the channels
 * that the deleted one was forked from is certain once it is answered.
 */
public final class RedisStore implements Store {
    private static final int WORKERS = 8;
    private static final int LIST_LIMIT_MAX = 1_000;
    private static final int READ_TRIES = 3;
    private static final int SCRIPT_BYTES_MAX = 1 << 20;
    private static final long END_SECONDS_MAX = 60;

    private final Dial dial;
    private final Link link;
    private final Keys keys;
    private final AgeSweep ages;
    private final StoreLimits limits;
    private final Channels channels;
    private final Index index;
    private final Lifecycle lifecycle;
    private final Rules rules;
    private final Generations generations = new Generations();
    private final Moments moments;
    private final Lanes lanes;
    private final ExecutorService workers = Executors.newFixedThreadPool(WORKERS, task -> {
        Thread thread = new Thread(task, "redis-work");
        thread.setDaemon(true);
        return thread;
    });

    private final AtomicInteger requests = new AtomicInteger();
    private final AtomicLong requestBytes = new AtomicLong();
    private final CallDelay callDelay;
    private final AtomicBoolean closing = new AtomicBoolean();
    private final Object emptied = new Object(); // notified when nothing is in flight

    private RedisStore(
            Dial dial,
            Link link,
            RedisSettings settings,
            Policies policies,
            StoreLimits limits,
            Moments moments,
            Figures figures) {
        this.dial = dial;
        this.link = link;
        this.keys = new Keys(settings.prefix());
        this.ages = new AgeSweep(policies);
        this.limits = limits;
        this.moments = moments;
        this.rules = new Rules(policies, limits);
        this.channels = new Channels(link, keys);
        this.index = new Index(link, keys, channels);
        this.lifecycle = new Lifecycle(link, keys, channels, index, policies, rules, generations, moments);
        this.callDelay = new CallDelay(figures);
        Appender appender =
                new Appender(link, keys, policies, limits, generations, moments, figures, callDelay, this::answered);
        this.lanes = new Lanes(appender, limits.batchRequestsMax(), Math.min(SCRIPT_BYTES_MAX, limits.batchBytesMax()));
    }

    /**
     * Opens the store; messages get their times from the server's clock, so that nodes need not agree on one.
     *
     * @param figures move with its scripts
     * @throws RedisStoreException with a sentence for the operator, if there is no server that can be used
     */
    public static RedisStore open(RedisSettings settings, Policies policies, StoreLimits limits, Figures figures) {
        return open(settings, policies, limits, new Moments(null), figures);
    }

    /** @param ticker in place of the server's clock */
    public static RedisStore open(
            RedisSettings settings, Policies policies, StoreLimits limits, Ticker ticker, Figures figures) {
        return open(settings, policies, limits, new Moments(ticker), figures);
    }

    private static RedisStore open(
            RedisSettings settings, Policies policies, StoreLimits limits, Moments moments, Figures figures) {
        Dial dial = new Dial(settings);
        try {
            return new RedisStore(dial, new Link(dial, figures), settings, policies, limits, moments, figures);
        } catch (RedisStoreException e) {
            dial.close();
            throw e;
        }
    }

    /** How this node hears of what others commit. Closed before the store. */
    public Relay relay() {
        return new RedisRelay(dial, link, keys, callDelay);
    }

    /** Where the nodes that share this store meet. Closed before the store. */
    public Rendezvous rendezvous() {
        return new RedisRendezvous(dial, link, keys);
    }

    /** Where they lay things down for each other. */
    public Shelf shelf() {
        return new RedisShelf(link, keys);
    }

    /** What tokens count no more, for all of them. */
    public RevocationList revocations() {
        return new RedisRevocations(link, keys);
    }

    /**
     * Who is on a channel at other nodes. Closed before the store.
     *
     * @param node the id of this one among all
     */
    public Elsewhere elsewhere(String node) {
        return new RedisElsewhere(dial, link, keys, node);
    }

    /** Whether there is a server that answers. */
    public boolean isUp() {
        return link.isUp();
    }

    // ---- what is in flight ----

    private @Nullable Failure enter(int bytes) {
        int inFlight = requests.incrementAndGet();
        long bytesInFlight = requestBytes.addAndGet(bytes);
        Failure failure = closing.get()
                ? Failure.UNAVAILABLE
                : inFlight > limits.requestsMax() || bytesInFlight > limits.requestBytesMax() ? Failure.BUSY : null;
        if (failure != null) leave(1, bytes);
        return failure;
    }

    private void leave(int count, long bytes) {
        requestBytes.addAndGet(-bytes);
        if (requests.addAndGet(-count) > 0 || !closing.get()) return;
        synchronized (emptied) {
            emptied.notifyAll();
        }
    }

    // ---- appends ----

    @Override
    public void append(Append append, Answer<AppendOutcome> answer) {
        submit(new Waiting(append, null, answer));
    }

    @Override
    public void append(Append append, Executor answerOn, Answer<AppendOutcome> answer) {
        submit(new Waiting(append, answerOn, answer));
    }

    private void submit(Waiting append) {
        Failure failure = enter(append.bytes());
        if (failure == null) {
            lanes.append(append);
            return;
        }
        AppendOutcome outcome = new AppendOutcome.Failed(failure);
        give(append.answerOn(), () -> append.answer().done(outcome));
    }

    private static void give(@Nullable Executor executor, Runnable answer) {
        if (executor == null) {
            answer.run();
            return;
        }
        try {
            executor.execute(answer);
        } catch (RejectedExecutionException e) {
            // the loop has ended, and with it whoever asked
        }
    }

    // Those that go to the same executor are handed to it as one task.
    private void answered(List<Waiting> appends, List<AppendOutcome> outcomes) {
        long bytes = 0;
        for (int from = 0; from < appends.size(); ) {
            Executor executor = appends.get(from).answerOn();
            int to = from;
            while (to < appends.size() && isSame(executor, appends.get(to).answerOn())) {
                bytes += appends.get(to++).bytes();
            }
            int first = from;
            int last = to;
            give(executor, () -> {
                for (int i = first; i < last; i++) tell(appends.get(i).answer(), outcomes.get(i));
            });
            from = to;
        }
        leave(appends.size(), bytes);
    }

    private static boolean isSame(@Nullable Executor one, @Nullable Executor other) {
        return one == null ? other == null : one.equals(other);
    }

    private static <O> void tell(Answer<O> answer, O outcome) {
        try {
            answer.done(outcome);
        } catch (RuntimeException e) {
            report(e); // the answer's own mistake; the others still get theirs
        }
    }

    private static void report(RuntimeException mistake) {
        Thread thread = Thread.currentThread();
        thread.getUncaughtExceptionHandler().uncaughtException(thread, mistake);
    }

    // ---- what has a lane to itself ----

    @Override
    public void create(Create create, Answer<CreateOutcome> answer) {
        List<ChannelName> names = new ArrayList<>();
        names.add(create.name());
        Create.Fork fork = create.fork();
        if (fork != null && !fork.source().equals(create.name())) names.add(fork.source());
        errand(
                names,
                create.initial().bytes().length,
                () -> lifecycle.create(create),
                CreateOutcome.Failed::new,
                answer);
    }

    @Override
    public void delete(ChannelName name, long id, Answer<DeleteOutcome> answer) {
        errand(List.of(name), 0, () -> lifecycle.delete(name, id), DeleteOutcome.Failed::new, answer);
    }

    @Override
    public void touch(ChannelName name, long id, long deadlineMillis) {
        errand(
                List.of(name),
                0,
                () -> {
                    lifecycle.touch(name, id, deadlineMillis);
                    return true;
                },
                failure -> false,
                done -> {});
    }

    private <O> void errand(
            List<ChannelName> names, int bytes, Supplier<O> task, Function<Failure, O> failed, Answer<O> answer) {
        Failure failure = enter(bytes);
        if (failure != null) {
            answer.done(failed.apply(failure));
            return;
        }
        lanes.alone(
                names,
                done -> work(() -> {
                    O outcome;
                    try {
                        outcome = task.get();
                    } catch (RuntimeException e) {
                        outcome = failed.apply(failureOf(e));
                    }
                    tell(answer, outcome);
                    leave(1, bytes);
                    done.run();
                }));
    }

    private static Failure failureOf(RuntimeException thrown) {
        if (thrown instanceof PersistenceException known) return known.failure();
        report(thrown);
        return Failure.UNAVAILABLE;
    }

    private void work(Runnable task) {
        try {
            workers.execute(task);
        } catch (RejectedExecutionException e) {
            task.run(); // closed: the link is too, so it fails at once
        }
    }

    // ---- looking ----

    private void look(Runnable lookUp, Consumer<Failure> failed) {
        Failure failure = enter(0);
        if (failure != null) {
            failed.accept(failure);
            return;
        }
        work(() -> {
            try {
                lookUp.run();
            } catch (RuntimeException e) {
                failed.accept(failureOf(e));
            } finally {
                leave(1, 0);
            }
        });
    }

    @Override
    public void find(ChannelName name, Answer<FindOutcome> answer) {
        look(
                () -> {
                    Seen seen = Link.await(channels.look(name));
                    answer.done(found(seen));
                },
                failure -> answer.done(new FindOutcome.Failed(failure)));
    }

    private FindOutcome found(Seen seen) {
        Known known = seen.known();
        if (known == null) return new FindOutcome.NotFound();
        if (known.state().deleted()) return new FindOutcome.Gone();
        generations.seen(known.state().info().lineage());
        ChannelState shown = rules.trimmed(known.state(), channels.of(known), moments.millis(seen.micros()));
        return new FindOutcome.Here(found(shown));
    }

    private static Found found(ChannelState state) {
        return new Found(state.info(), state.tail(), state.deadlineMillis());
    }

    @Override
    public void read(ChannelName name, long id, long sequence, int bytesMax, Answer<ReadOutcome> answer) {
        look(
                () -> answer.done(readNow(name, id, sequence, bytesMax)),
                failure -> answer.done(new ReadOutcome.Failed(failure)));
    }

    // A look at the channel and one at its messages may have a trim, a removal or a loss between them: look again.
    private ReadOutcome readNow(ChannelName name, long id, long sequence, int bytesMax) {
        for (int tried = 0; tried < READ_TRIES; tried++) {
            Seen seen = Link.await(channels.look(name));
            Known known = seen.known();
            if (known == null || known.state().id() != id) return new ReadOutcome.NotFound();
            ReadOutcome outcome =
                    rules.read(known.state(), channels.of(known), sequence, bytesMax, moments.millis(seen.micros()));
            if (outcome != null) return outcome;
        }
        return new ReadOutcome.Failed(Failure.DAMAGED);
    }

    @Override
    public void list(String prefix, String after, int limit, Answer<Listing> answer) {
        if (limit < 1 || limit > LIST_LIMIT_MAX) throw new IllegalArgumentException("limit: 1 to " + LIST_LIMIT_MAX);
        look(
                () -> {
                    List<ChannelState> found = index.list(prefix, after, limit + 1);
                    List<Found> page = new ArrayList<>(limit);
                    for (ChannelState state : found.subList(0, Math.min(limit, found.size()))) page.add(found(state));
                    answer.done(new Listing.Page(page, found.size() > limit));
                },
                failure -> answer.done(new Listing.Failed(failure)));
    }

    @Override
    public void expired(long nowMillis, int limit, Answer<List<ChannelName>> answer) {
        look(() -> answer.done(index.expired(nowMillis, limit)), failure -> answer.done(List.of()));
    }

    /**
     * Applies retention by age to channels that nobody appends to: to at most {@code channelsMax} of
     * them, going on where the last call ended. The owner calls it now and then.
     */
    public void sweep(int channelsMax) {
        if (!ages.isNeeded()) return;
        look(
                () -> ages.goOn(channelsMax, (after, limit) -> index.list("", after, limit), lifecycle::trim),
                failure -> {});
    }

    // ---- the end ----

    @Override
    public void close() {
        if (!closing.compareAndSet(false, true)) return;
        lanes.endTurns();
        awaitAnswers();
        link.close();
        workers.shutdown();
        dial.close();
    }

    // Each is answered within the time a command may take, or a few times that.
    private void awaitAnswers() {
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(END_SECONDS_MAX);
        boolean interrupted = false;
        synchronized (emptied) {
            while (requests.get() > 0 && System.nanoTime() < until) {
                try {
                    TimeUnit.NANOSECONDS.timedWait(emptied, Math.max(1, until - System.nanoTime()));
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        }
        if (interrupted) Thread.currentThread().interrupt();
    }
}
