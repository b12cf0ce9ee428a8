package io.switchboard.core.store;

import io.switchboard.core.channel.Append;
import io.switchboard.core.channel.ChannelName;
import io.switchboard.core.channel.Policies;
import io.switchboard.core.figures.Figures;
import io.switchboard.core.time.Ticker;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A store within this process: requests wait in a queue; a step takes what is there, decides all of
 * it, writes it in one go and answers in order. While one step writes, the next batch gathers, so
 * the batches grow with the load.
 *
 * <pre>
 *   any thread ─► queue ─► step: decide, write ─► answer           committing, one at a time
 *                                            └──► line ─► sync ─► answer   syncing, one at a time
 *   any thread ─► find, read, list, expired ─────────────────────► answer   reading
 * </pre>
 *
 * Where a commit was written but its channel's policy wants it synced, its answers and what it wrote
 * stay hidden until it is.
 */
public abstract class LocalStore implements Store {
    private static final long NO_FILE = 0;
    private static final int LIST_LIMIT_MAX = 1_000;

    private final Persistence persistence;
    private final StoreLimits limits;
    private final Ticker ticker;
    private final Executor committing;
    private final Executor syncing;
    private final Executor reading;
    private final SyncLine line = new SyncLine();
    private final View view;
    private final AgeSweep ages;
    private final Outbox outbox = new Outbox();

    private final AtomicInteger requests = new AtomicInteger();
    private final AtomicLong requestBytes = new AtomicLong();
    private final AtomicBoolean stepIsDue = new AtomicBoolean();
    private final AtomicBoolean syncIsDue = new AtomicBoolean();
    private volatile boolean lossSuspected; // set by the syncing thread, cleared by the committing one
    private volatile boolean closed;

    private final Figures figures;
    private final Object queueLock = new Object();
    private final ArrayDeque<Request<?>> queue = new ArrayDeque<>(); // guarded by queueLock

    private final Set<Executor> turns = ConcurrentHashMap.newKeySet(); // loops that ask for a step when theirs ends

    private final Object stepLock = new Object();
    private final Ledger ledger; // guarded by stepLock

    private final Object syncLock = new Object();

    /**
     * @param committing runs one short task at a time or several at once, which then wait for each other
     * @param syncing likewise; where it is the same as {@code committing}, commits wait for syncs
     * @param reading runs tasks that may block for a disk
     */
    protected LocalStore(
            Persistence persistence,
            Policies policies,
            StoreLimits limits,
            Ticker ticker,
            Executor committing,
            Executor syncing,
            Executor reading,
            Figures figures) {
        this.figures = figures;
        this.persistence = persistence;
        this.limits = limits;
        this.ticker = ticker;
        this.committing = committing;
        this.syncing = syncing;
        this.reading = reading;
        this.view = new View(persistence, line, policies, ticker);
        this.ages = new AgeSweep(policies);
        this.ledger =
                new Ledger(persistence, persistence.generations(), persistence::reserveGenerations, policies, limits);
    }

    // ---- requests that change something ----

    @Override
    public void append(Append append, Answer<AppendOutcome> answer) {
        append(append, Outbox.HERE, answer);
    }

    @Override
    public void append(Append append, Executor answerOn, Answer<AppendOutcome> answer) {
        submit(new Request<>(
                append.channel(),
                append.payloads().bytes().length,
                commit -> commit.takes(append),
                commit -> commit.append(append),
                AppendOutcome.Failed::new,
                answerOn,
                answer));
    }

    @Override
    public void create(Create create, Answer<CreateOutcome> answer) {
        submit(new Request<>(
                create.name(),
                create.initial().bytes().length,
                commit -> commit.takes(create),
                commit -> commit.create(create),
                CreateOutcome.Failed::new,
                Outbox.HERE,
                answer));
    }

    @Override
    public void delete(ChannelName name, long id, Answer<DeleteOutcome> answer) {
        submit(new Request<>(
                name,
                0,
                commit -> commit.takesDelete(name),
                commit -> commit.delete(name, id),
                DeleteOutcome.Failed::new,
                Outbox.HERE,
                answer));
    }

    @Override
    public void touch(ChannelName name, long id, long deadlineMillis) {
        unanswered(name, commit -> commit.touch(name, id, deadlineMillis));
    }

    private void unanswered(ChannelName name, Consumer<Commit> rule) {
        submit(new Request<Boolean>(
                name,
                0,
                commit -> true,
                commit -> {
                    rule.accept(commit);
                    return () -> true;
                },
                failure -> false,
                Outbox.HERE,
                done -> {}));
    }

    /**
     * Applies retention by age to channels that nobody appends to: to at most {@code channelsMax} of
     * them, going on where the last call ended. The owner calls it now and then.
     */
    public void sweep(int channelsMax) {
        if (!ages.isNeeded()) return;
        look(
                () -> ages.goOn(
                        channelsMax,
                        (after, limit) -> persistence.list("", after, limit),
                        name -> unanswered(name, commit -> commit.trim(name))),
                failure -> {});
    }

    private void submit(Request<?> request) {
        int inFlight = requests.incrementAndGet();
        long bytesInFlight = requestBytes.addAndGet(request.bytes);
        if (inFlight > limits.requestsMax() || bytesInFlight > limits.requestBytesMax()) {
            finished(request, Failure.BUSY);
            outbox.send();
            return;
        }
        synchronized (queueLock) {
            if (!closed) {
                queue.add(request);
                if (request.answerOn.equals(Outbox.HERE)) stepSoon();
                else stepAfterTurn(request.answerOn);
                return;
            }
        }
        finished(request, Failure.UNAVAILABLE);
        outbox.send();
    }

    private void finished(Request<?> request, @Nullable Failure failure) {
        requests.decrementAndGet();
        requestBytes.addAndGet(-request.bytes);
        outbox.add(request.answerOn, () -> {
            try {
                request.tell(failure);
            } catch (RuntimeException e) {
                report(e); // the answer's own mistake; the others still get theirs
            }
        });
    }

    private static void report(RuntimeException mistake) {
        Thread thread = Thread.currentThread();
        thread.getUncaughtExceptionHandler().uncaughtException(thread, mistake);
    }

    private static Failure unexpected(RuntimeException mistake) {
        report(mistake);
        return Failure.UNAVAILABLE;
    }

    // What one turn of a loop hands in goes into one commit, and so to readers in one delivery: a step that began
    // with the first of it would leave the rest to a second one.
    private void stepAfterTurn(Executor loop) {
        if (!turns.add(loop)) return;
        try {
            loop.execute(() -> {
                turns.remove(loop);
                if (hasRequests()) stepSoon();
            });
        } catch (RejectedExecutionException e) {
            turns.remove(loop); // the loop has ended
            stepSoon();
        }
    }

    private void stepSoon() {
        if (!stepIsDue.compareAndSet(false, true)) return;
        try {
            committing.execute(this::step);
        } catch (RejectedExecutionException e) {
            stepIsDue.set(false); // closing: close() takes the remaining steps itself
        }
    }

    // ---- the commit ----

    private void step() {
        stepIsDue.set(false);
        synchronized (stepLock) {
            commitBatch();
        }
        outbox.send();
        synchronized (queueLock) {
            if (!queue.isEmpty()) stepSoon();
        }
    }

    // One batch: whatever is there, within the limits of a commit.
    private void commitBatch() {
        if (lossSuspected && !raisedGeneration()) return;
        List<Request<?>> batch = new ArrayList<>();
        Commit commit = ledger.begin(ticker.nowMillis());
        int bytes = 0;
        try {
            for (Request<?> request = next(commit, batch, bytes);
                    request != null;
                    request = next(commit, batch, bytes)) {
                batch.add(request);
                bytes += request.bytes;
                request.decide(commit);
            }
            if (!batch.isEmpty()) write(commit, batch);
        } catch (PersistenceException e) {
            fail(batch, e.failure()); // what trimming must know could not be read
        } catch (RuntimeException mistake) {
            fail(batch, unexpected(mistake));
        }
    }

    private @Nullable Request<?> next(Commit commit, List<Request<?>> batch, int bytes) {
        if (batch.size() >= limits.batchRequestsMax()) return null;
        synchronized (queueLock) {
            Request<?> request = queue.peek();
            if (request == null) return null;
            if (!batch.isEmpty()
                    && (bytes + (long) request.bytes > limits.batchBytesMax() || !request.fits.apply(commit))) {
                return null;
            }
            return queue.poll();
        }
    }

    private void write(Commit commit, List<Request<?>> batch) {
        Changes changes = commit.finish();
        List<Commit.Touched> touched = commit.touched();
        boolean waits = false;
        for (Commit.Touched channel : touched) waits |= channel.synced();
        if (waits) line.announce(touched);
        if (!changes.isEmpty()) {
            try {
                long begun = figures.nanos();
                persistence.write(changes);
                figures.since(begun, figures.commits);
            } catch (RuntimeException e) {
                if (waits) line.withdraw(touched, List.of());
                fail(batch, e instanceof PersistenceException known ? known.failure() : unexpected(e));
                return;
            }
            commit.accepted();
        }
        List<SyncLine.Teller> inLine = new ArrayList<>();
        for (Request<?> request : batch) {
            if (line.mustWait(request.name)) inLine.add(failure -> finished(request, failure));
            else finished(request, null);
        }
        if (!inLine.isEmpty()) line.enter(waits ? touched : List.of(), inLine);
        if (waits || !inLine.isEmpty()) syncSoon();
    }

    // Nothing of the batch is accepted. Who stands behind others of its channel still waits for them.
    private void fail(List<Request<?>> batch, Failure failure) {
        lossSuspected = true;
        List<SyncLine.Teller> inLine = new ArrayList<>();
        for (Request<?> request : batch) {
            if (line.mustWait(request.name)) inLine.add(later -> finished(request, failure));
            else finished(request, failure);
        }
        if (!inLine.isEmpty()) line.enter(List.of(), inLine);
        syncSoon();
    }

    // Before anything else is accepted after a failure; as long as that fails, so does what waits.
    private boolean raisedGeneration() {
        lossSuspected = false;
        try {
            ledger.suspectLoss();
            return true;
        } catch (PersistenceException e) {
            lossSuspected = true;
            List<Request<?>> waiting;
            synchronized (queueLock) {
                waiting = new ArrayList<>(queue);
                queue.clear();
            }
            for (Request<?> request : waiting) finished(request, e.failure());
            return false;
        }
    }

    // ---- the sync ----

    private void syncSoon() {
        if (!syncIsDue.compareAndSet(false, true)) return;
        try {
            syncing.execute(this::sync);
        } catch (RejectedExecutionException e) {
            syncIsDue.set(false); // closing: close() syncs itself
        }
    }

    /**
     * Syncs what is in line, if anything is. Whoever owns the disk calls it again after a failed sync:
     * until one succeeds, what was written in vain stays hidden.
     */
    protected final void sync() {
        syncIsDue.set(false);
        synchronized (syncLock) {
            syncLine();
        }
        outbox.send();
    }

    private void syncLine() {
        List<SyncLine.Waiting> waiting = line.drain();
        if (waiting.isEmpty()) return;
        try {
            long begun = figures.nanos();
            persistence.sync();
            figures.since(begun, figures.syncs);
        } catch (PersistenceException e) {
            // what was hidden before has been suspected before
            if (line.failed(waiting, e.failure())) lossSuspected = true;
            return;
        }
        line.synced(waiting);
    }

    /**
     * Runs {@code task} while no commit is under way. Whatever was accepted before counts as suspect afterwards:
     * for a task after which something may be missing.
     */
    protected final void betweenCommits(Runnable task) {
        synchronized (stepLock) {
            task.run();
            lossSuspected = true;
        }
    }

    // ---- looking ----

    // A look-up that may block, away from the caller; it counts as a request in flight.
    private void look(Runnable lookUp, Consumer<Failure> failed) {
        if (requests.incrementAndGet() > limits.requestsMax()) {
            requests.decrementAndGet();
            failed.accept(Failure.BUSY);
            return;
        }
        try {
            reading.execute(() -> {
                requests.decrementAndGet();
                try {
                    if (closed) failed.accept(Failure.UNAVAILABLE);
                    else lookUp.run();
                } catch (PersistenceException e) {
                    failed.accept(e.failure());
                } catch (RuntimeException mistake) {
                    failed.accept(unexpected(mistake)); // whoever asked waits for an answer
                }
            });
        } catch (RejectedExecutionException e) {
            requests.decrementAndGet();
            failed.accept(closed ? Failure.UNAVAILABLE : Failure.BUSY);
        }
    }

    @Override
    public void find(ChannelName name, Answer<FindOutcome> answer) {
        look(() -> answer.done(view.find(name)), failure -> answer.done(new FindOutcome.Failed(failure)));
    }

    @Override
    public void read(ChannelName name, long id, long sequence, int bytesMax, Answer<ReadOutcome> answer) {
        look(
                () -> answer.done(view.read(id, sequence, NO_FILE, bytesMax)),
                failure -> answer.done(new ReadOutcome.Failed(failure)));
    }

    @Override
    public void readOrOpen(
            ChannelName name, long id, long sequence, long through, int bytesMax, Answer<ReadOutcome> answer) {
        look(
                () -> answer.done(view.read(id, sequence, through, bytesMax)),
                failure -> answer.done(new ReadOutcome.Failed(failure)));
    }

    @Override
    public void expired(long nowMillis, int limit, Answer<List<ChannelName>> answer) {
        look(() -> answer.done(persistence.expired(nowMillis, limit)), failure -> answer.done(List.of()));
    }

    @Override
    public void list(String prefix, String after, int limit, Answer<Listing> answer) {
        if (limit < 1 || limit > LIST_LIMIT_MAX) throw new IllegalArgumentException("limit: 1 to " + LIST_LIMIT_MAX);
        look(() -> answer.done(view.list(prefix, after, limit)), failure -> answer.done(new Listing.Failed(failure)));
    }

    // ---- the end ----

    /**
     * {@inheritDoc}
     *
     * <p>Takes the remaining steps on the caller's thread. Who hands in executors of its own ends them
     * first, so that nothing looks things up any more; what they still run afterwards does nothing.
     */
    @Override
    public void close() {
        synchronized (queueLock) {
            if (closed) return;
            closed = true;
        }
        synchronized (stepLock) {
            while (hasRequests()) commitBatch();
            sync();
            sync(); // those that a failed first one left in line
            persistence.close(ledger.generations());
        }
    }

    private boolean hasRequests() {
        synchronized (queueLock) {
            return !queue.isEmpty();
        }
    }
}
