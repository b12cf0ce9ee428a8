package io.switchboard.core.exchange;

import io.switchboard.core.channel.Append;
import io.switchboard.core.channel.Block;
import io.switchboard.core.channel.ChannelName;
import io.switchboard.core.channel.ChannelPolicy;
import io.switchboard.core.channel.ContentType;
import io.switchboard.core.channel.Offset;
import io.switchboard.core.channel.Payloads;
import io.switchboard.core.channel.Policies;
import io.switchboard.core.channel.Run;
import io.switchboard.core.channel.Tail;
import io.switchboard.core.reading.Feed;
import io.switchboard.core.reading.Page;
import io.switchboard.core.reading.ReadFrom;
import io.switchboard.core.store.Answer;
import io.switchboard.core.store.AppendOutcome;
import io.switchboard.core.store.Create;
import io.switchboard.core.store.CreateOutcome;
import io.switchboard.core.store.DeleteOutcome;
import io.switchboard.core.store.Failure;
import io.switchboard.core.store.FindOutcome;
import io.switchboard.core.store.Found;
import io.switchboard.core.store.ReadOutcome;
import io.switchboard.core.store.Store;
import io.switchboard.core.store.Stretch;
import io.switchboard.core.time.Loop;
import io.switchboard.core.time.Ticker;
import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The channels that one loop owns. Every request for one of them passes here, in order; what the store
 * answers comes back here before anybody is told, so that whoever heard of an append finds it.
 * Belongs to its loop; answers are given on it.
 */
final class Shard {
    private static final int FORGET_LOOKS = 16;
    private static final int LOOKS_AFTER_FAILURE = 60;
    private static final long LOOK_AGAIN_MILLIS = 1_000;

    private final Loop loop;
    private final Executor onLoop;
    private final Store store;
    private final Policies policies;
    private final Ticker ticker;
    private final TailCache cache;
    private int looksLeft;
    private final int logsMax;
    private final LinkedHashMap<ChannelName, ChannelLog> logs = new LinkedHashMap<>(16, 0.75f, true);

    Shard(Loop loop, Store store, Policies policies, Ticker ticker, long cacheBytesMax, int logsMax) {
        this.loop = loop;
        this.onLoop = loop::execute;
        this.store = store;
        this.policies = policies;
        this.ticker = ticker;
        this.cache = new TailCache(cacheBytesMax);
        this.logsMax = logsMax;
    }

    Loop loop() {
        return loop;
    }

    /** Channels in memory. */
    int logs() {
        return logs.size();
    }

    /** Channels in memory that somebody needs there: readers, or requests under way. */
    int busyLogs() {
        int busy = 0;
        for (ChannelLog log : logs.values()) {
            if (!log.isIdle()) busy++;
        }
        return busy;
    }

    void find(ChannelName name, Consumer<FindOutcome> answer) {
        known(name, log -> answer.accept(foundOf(log)), failure -> answer.accept(new FindOutcome.Failed(failure)));
    }

    private static FindOutcome foundOf(ChannelLog log) {
        return switch (log.presence) {
            case HERE -> new FindOutcome.Here(new Found(log.info(), log.tail(), log.deadlineMillis()));
            case GONE -> new FindOutcome.Gone();
            case ABSENT, UNKNOWN -> new FindOutcome.NotFound();
        };
    }

    void create(Create create, Consumer<CreateOutcome> answer) {
        known(
                create.name(),
                log -> createKnown(log, create, answer),
                failure -> answer.accept(new CreateOutcome.Failed(failure)));
    }

    private void createKnown(ChannelLog log, Create create, Consumer<CreateOutcome> answer) {
        log.inFlight++;
        store.create(
                create,
                outcome -> loop.execute(() -> {
                    log.inFlight--;
                    switch (outcome) {
                        case CreateOutcome.Created(Found found) -> appeared(log, found);
                        case CreateOutcome.Existed(Found found) -> {
                            appeared(log, found);
                            touch(log);
                        }
                        case CreateOutcome.Conflict c -> {}
                        case CreateOutcome.SourceNotFound n -> {}
                        case CreateOutcome.SourceConflict c -> {}
                        case CreateOutcome.BadForkPosition b -> {}
                        case CreateOutcome.Failed(Failure failure) -> {
                            if (failure != Failure.BUSY) lookForAwaited();
                        }
                    }
                    answer.accept(outcome);
                    forgetIfUseless(log);
                }));
    }

    // A creation that failed may yet turn out to have happened, once what was written is synced: for a while,
    // those who wait for a channel have it looked up again and again.
    private void lookForAwaited() {
        boolean begun = looksLeft > 0;
        looksLeft = LOOKS_AFTER_FAILURE;
        if (!begun) loop.after(LOOK_AGAIN_MILLIS, this::lookAgain);
    }

    private void lookAgain() {
        for (ChannelLog log : List.copyOf(logs.values())) {
            boolean awaited = log.presence != ChannelLog.Presence.HERE && !log.feeds.isEmpty();
            if (awaited) known(log, found -> {}, failure -> {});
        }
        if (--looksLeft > 0) loop.after(LOOK_AGAIN_MILLIS, this::lookAgain);
    }

    private void appeared(ChannelLog log, Found found) {
        if (log.isHere(found.info().id())) {
            renewed(log, found);
            return;
        }
        if (log.isNewerThan(found)) return;
        if (log.presence == ChannelLog.Presence.HERE) vanished(log, log.info().id());
        log.here(found);
        for (Feed feed : log.feeds) tellRegistered(log, feed);
    }

    private void renewed(ChannelLog log, Found found) {
        log.doubtful = false;
        if (!log.renew(found)) return;
        for (Feed feed : log.feeds) tell(feed, null, log.tail(), log.appending > 0);
    }

    void append(Append append, Consumer<AppendOutcome> answer) {
        known(
                append.channel(),
                log -> appendKnown(log, append, answer),
                failure -> answer.accept(new AppendOutcome.Failed(failure)));
    }

    /** As {@link #append}, of what {@code as} makes of the channel's type. */
    void publish(
            ChannelName channel, Function<@Nullable ContentType, @Nullable Append> as, Consumer<AppendOutcome> answer) {
        known(
                channel,
                log -> publishKnown(log, as, answer),
                failure -> answer.accept(new AppendOutcome.Failed(failure)));
    }

    private void publishKnown(
            ChannelLog log, Function<@Nullable ContentType, @Nullable Append> as, Consumer<AppendOutcome> answer) {
        if (log.behindCreation != null) {
            log.behindCreation.add(() -> publishKnown(log, as, answer));
            return;
        }
        ContentType type = log.presence == ChannelLog.Presence.HERE ? log.info().type() : null;
        Append append = as.apply(type);
        if (append != null) appendKnown(log, append, answer);
        else if (type != null) answer.accept(new AppendOutcome.WrongType(type));
        else answer.accept(new AppendOutcome.NotFound());
    }

    private void appendKnown(ChannelLog log, Append append, Consumer<AppendOutcome> answer) {
        if (log.behindCreation != null) {
            log.behindCreation.add(() -> appendKnown(log, append, answer));
            return;
        }
        switch (log.presence) {
            case GONE -> answer.accept(new AppendOutcome.Gone());
            case ABSENT, UNKNOWN -> {
                ContentType type = append.type();
                if (type != null && policies.of(log.name).creation() == ChannelPolicy.Creation.ON_FIRST_USE) {
                    createThenAppend(log, type, append, answer);
                } else {
                    answer.accept(new AppendOutcome.NotFound());
                }
            }
            case HERE -> {
                touch(log);
                long id = log.info().id();
                log.inFlight++;
                log.appending++;
                store.append(append, onLoop, outcome -> {
                    log.inFlight--;
                    log.appending--;
                    appended(log, id, outcome, answer);
                    forgetIfUseless(log);
                });
            }
        }
    }

    private void appended(ChannelLog log, long id, AppendOutcome outcome, Consumer<AppendOutcome> answer) {
        switch (outcome) {
            case AppendOutcome.Appended(long into, var block, var offset, var tail) -> {
                if (log.presence == ChannelLog.Presence.HERE && log.misses(into, block, tail)) {
                    refresh(log, () -> answer.accept(outcome));
                    return;
                }
                if (log.isHere(into)) committed(log, block, tail);
            }
            // Not known to have happened is not known not to: the log may hold more than was told.
            case AppendOutcome.Failed(Failure failure) -> {
                if (failure != Failure.BUSY) refresh(log, () -> {});
            }
            case AppendOutcome.Duplicate(var tail, var epoch, var sequence) -> {
                if (isNews(log, tail)) {
                    refresh(log, () -> answer.accept(outcome));
                    return;
                }
            }
            case AppendOutcome.Closed(var tail) -> {
                if (isNews(log, tail)) {
                    refresh(log, () -> answer.accept(outcome));
                    return;
                }
            }
            case AppendOutcome.NotFound n -> vanished(log, id);
            case AppendOutcome.Gone g -> vanished(log, id);
            case AppendOutcome.StaleEpoch e -> {}
            case AppendOutcome.EpochNotAtZero e -> {}
            case AppendOutcome.SequenceGap g -> {}
            case AppendOutcome.WrongType t -> {}
            case AppendOutcome.StreamSequenceRegression r -> {}
            case AppendOutcome.TooManyProducers p -> {}
            case AppendOutcome.TooFast f -> {}
        }
        answer.accept(outcome);
    }

    private static boolean isNews(ChannelLog log, Tail tail) {
        if (log.presence != ChannelLog.Presence.HERE) return false;
        Tail known = log.tail();
        return tail.sequence() > known.sequence() || (tail.closed() && !known.closed());
    }

    // The log may have changed in ways that it was not told of: an answer was lost, or a sync failed.
    private void refresh(ChannelLog log, Runnable then) {
        int turn = log.turns;
        log.inFlight++;
        store.find(
                log.name,
                outcome -> loop.execute(() -> {
                    log.inFlight--;
                    if (log.turns == turn && log.presence == ChannelLog.Presence.HERE) {
                        switch (outcome) {
                            case FindOutcome.Here(Found found) -> appeared(log, found);
                            case FindOutcome.NotFound n ->
                                vanished(log, log.info().id());
                            case FindOutcome.Gone g -> vanished(log, log.info().id());
                            case FindOutcome.Failed f -> log.doubtful = true;
                        }
                    }
                    then.run();
                    forgetIfUseless(log);
                }));
    }

    private void createThenAppend(ChannelLog log, ContentType type, Append append, Consumer<AppendOutcome> answer) {
        Create create = new Create(log.name, type, null, false, Payloads.NONE, null, append.subject());
        ArrayDeque<Runnable> behind = new ArrayDeque<>(1);
        log.behindCreation = behind;
        createKnown(log, create, created -> {
            log.behindCreation = null;
            switch (created) {
                case CreateOutcome.Failed(Failure failure) -> answer.accept(new AppendOutcome.Failed(failure));
                case CreateOutcome.Created c -> appendKnown(log, append, answer);
                case CreateOutcome.Existed e -> appendKnown(log, append, answer);
                // Somebody made it otherwise meanwhile: what the append says of that is the answer.
                case CreateOutcome.Conflict c -> append(append, answer);
                case CreateOutcome.SourceNotFound n -> answer.accept(new AppendOutcome.NotFound());
                case CreateOutcome.SourceConflict c -> answer.accept(new AppendOutcome.NotFound());
                case CreateOutcome.BadForkPosition b -> answer.accept(new AppendOutcome.NotFound());
            }
            behind.forEach(Runnable::run);
        });
    }

    private void committed(ChannelLog log, @Nullable Block block, Tail tail) {
        if (!log.advance(block, tail)) return;
        if (block != null) cache.add(log.tape, block);
        for (Feed feed : log.feeds) tell(feed, block, tail, log.appending > 0);
    }

    // Whatever a feed is told stands in line with its loop's tasks, on this loop too, so that it hears
    // all of it in the order in which it happened.
    private static void tell(Feed feed, @Nullable Block block, Tail tail, boolean moreFollows) {
        feed.loop().execute(() -> feed.committed(block, tail, moreFollows));
    }

    void delete(ChannelName name, Consumer<DeleteOutcome> answer) {
        known(
                name,
                log -> {
                    switch (log.presence) {
                        case GONE -> answer.accept(new DeleteOutcome.Gone());
                        case ABSENT, UNKNOWN -> answer.accept(new DeleteOutcome.NotFound());
                        case HERE -> deleteHere(log, answer);
                    }
                },
                failure -> answer.accept(new DeleteOutcome.Failed(failure)));
    }

    private void deleteHere(ChannelLog log, Consumer<DeleteOutcome> answer) {
        long id = log.info().id();
        log.inFlight++;
        store.delete(
                log.name,
                id,
                outcome -> loop.execute(() -> {
                    log.inFlight--;
                    switch (outcome) {
                        case DeleteOutcome.Failed(Failure failure) -> {
                            if (failure != Failure.BUSY) refresh(log, () -> {});
                        }
                        case DeleteOutcome.Deleted d -> vanished(log, id);
                        case DeleteOutcome.NotFound n -> vanished(log, id);
                        case DeleteOutcome.Gone g -> vanished(log, id);
                    }
                    answer.accept(outcome);
                    forgetIfUseless(log);
                }));
    }

    private void vanished(ChannelLog log, long id) {
        if (!log.isHere(id)) return;
        log.notHere(ChannelLog.Presence.UNKNOWN);
        cache.clear(log.tape);
        List<Feed> told = List.copyOf(log.feeds);
        log.feeds.clear();
        for (Feed feed : told) feed.loop().execute(feed::deleted);
    }

    /** A look into the log: what is after {@code from}, up to about {@code bytesMax} bytes. */
    void page(ChannelName name, ReadFrom from, int bytesMax, Consumer<Page> answer) {
        page(name, from, new Size(bytesMax, false), answer);
    }

    /** The same, or the file that holds it. */
    void pageOrFile(ChannelName name, ReadFrom from, int bytesMax, Consumer<Page> answer) {
        page(name, from, new Size(bytesMax, true), answer);
    }

    // How much a page may hold: so many bytes, or, if there is one, a file.
    private record Size(int bytesMax, boolean orFile) {}

    private void page(ChannelName name, ReadFrom from, Size size, Consumer<Page> answer) {
        known(
                name,
                log -> {
                    switch (log.presence) {
                        case GONE -> answer.accept(new Page.Gone());
                        case ABSENT, UNKNOWN -> answer.accept(new Page.NotFound());
                        case HERE -> {
                            touch(log);
                            pageHere(log, from, size, answer);
                        }
                    }
                },
                failure -> answer.accept(new Page.Failed(failure)));
    }

    private void pageHere(ChannelLog log, ReadFrom from, Size size, Consumer<Page> answer) {
        long after = log.sequenceOf(from);
        Tail tail = log.tail();
        if (after < 0) {
            answer.accept(new Page.Lost(log.info(), log.resumeAt(from)));
        } else if (after < tail.start()) {
            answer.accept(new Page.Trimmed(log.info(), log.earliest()));
        } else if (after == throughOf(from, tail)) {
            answer.accept(new Page.AtTail(log.info(), tail));
        } else {
            Run cached = log.tape.after(after, size.bytesMax());
            if (cached != null) answer.accept(messages(log, from, after, cached));
            else pageStored(log, from, after, size, answer);
        }
    }

    private static Page messages(ChannelLog log, ReadFrom from, long after, Run run) {
        return new Page.Messages(log.info(), log.tail(), run.between(after, throughOf(from, log.tail())));
    }

    // Where a page must end: the store may already hold more than is as durable as promised.
    private static long throughOf(ReadFrom from, Tail tail) {
        return from instanceof ReadFrom.Before(Offset offset, long count) ? offset.sequence() : tail.sequence();
    }

    private void pageStored(ChannelLog log, ReadFrom from, long after, Size size, Consumer<Page> answer) {
        long id = log.info().id();
        log.inFlight++;
        Answer<ReadOutcome> toLoop = outcome -> loop.execute(() -> {
            log.inFlight--;
            if (log.isHere(id)) {
                pageRead(log, from, after, size, outcome, answer);
            } else {
                if (outcome instanceof ReadOutcome.InFile(Stretch stretch)) stretch.close();
                answer.accept(new Page.NotFound());
            }
            forgetIfUseless(log);
        });
        if (size.orFile()) store.readOrOpen(log.name, id, after, log.tail().sequence(), size.bytesMax(), toLoop);
        else store.read(log.name, id, after, size.bytesMax(), toLoop);
    }

    private void pageRead(
            ChannelLog log, ReadFrom from, long after, Size size, ReadOutcome outcome, Consumer<Page> answer) {
        switch (outcome) {
            case ReadOutcome.Messages(Run run) -> answer.accept(messages(log, from, after, run));
            case ReadOutcome.InFile(Stretch stretch) -> answer.accept(new Page.InFile(log.info(), log.tail(), stretch));
            case ReadOutcome.Trimmed(long start) -> {
                log.trimmed(start);
                if (start > after) pageHere(log, from, size, answer);
                else answer.accept(new Page.Failed(Failure.DAMAGED));
            }
            case ReadOutcome.AtTail t -> answer.accept(new Page.Failed(Failure.DAMAGED));
            case ReadOutcome.NotFound n -> {
                vanished(log, log.info().id());
                answer.accept(new Page.NotFound());
            }
            case ReadOutcome.Failed(Failure failure) -> answer.accept(new Page.Failed(failure));
        }
    }

    void register(Feed feed) {
        ChannelLog log = log(feed.channel());
        log.registering.add(feed);
        known(log, known -> registerKnown(known, feed), failure -> {
            if (log.registering.remove(feed)) feed.loop().execute(feed::failed);
        });
    }

    private static void registerKnown(ChannelLog log, Feed feed) {
        if (!log.registering.remove(feed)) return; // unregistered meanwhile
        log.feeds.add(feed);
        if (log.presence == ChannelLog.Presence.HERE) tellRegistered(log, feed);
        else feed.loop().execute(feed::absent);
    }

    private static void tellRegistered(ChannelLog log, Feed feed) {
        ContentType type = log.info().type();
        Tail tail = log.tail();
        feed.loop().execute(() -> feed.registered(type, tail));
    }

    // Needs nothing of the store, so that nothing can keep a feed without readers here.
    void unregister(Feed feed) {
        ChannelLog log = logs.get(feed.channel());
        if (log == null || log.registering.remove(feed) || !log.feeds.remove(feed)) return;
        if (log.presence == ChannelLog.Presence.HERE) touch(log);
        forgetIfUseless(log);
    }

    /** Deletes the channel if its time is up; where live readers hold that off, puts it off in the store too. */
    void expireIfDue(ChannelName name) {
        known(
                name,
                log -> {
                    if (log.presence == ChannelLog.Presence.HERE && log.deadlineMillis() <= ticker.nowMillis()) {
                        touch(log);
                    }
                },
                failure -> {});
    }

    private ChannelLog log(ChannelName name) {
        ChannelLog log = logs.get(name);
        if (log == null) {
            log = new ChannelLog(name);
            logs.put(name, log);
            forgetSome();
        }
        return log;
    }

    private void known(ChannelName name, Consumer<ChannelLog> then, Consumer<Failure> failed) {
        known(log(name), then, failed);
    }

    // Runs `then` once the store has said whether there is such a channel, and its expiry was looked at;
    // in the order of the requests.
    private void known(ChannelLog log, Consumer<ChannelLog> then, Consumer<Failure> failed) {
        boolean known = log.presence == ChannelLog.Presence.HERE && !log.doubtful && !log.isExpired(ticker.nowMillis());
        if (known && log.whenKnown.isEmpty() && !log.telling) {
            then.accept(log);
            return;
        }
        log.whenKnown.add(new ChannelLog.Waiting(then, failed));
        if (log.whenKnown.size() == 1 && !log.telling) findOut(log);
    }

    private void findOut(ChannelLog log) {
        if (log.presence != ChannelLog.Presence.HERE) look(log);
        else if (log.isExpired(ticker.nowMillis())) expire(log);
        else refresh(log, () -> settleOrGiveUp(log));
    }

    private void settleOrGiveUp(ChannelLog log) {
        if (log.presence == ChannelLog.Presence.HERE && log.doubtful) giveUp(log, Failure.UNAVAILABLE);
        else settle(log);
    }

    private void look(ChannelLog log) {
        int turn = log.turns;
        log.inFlight++;
        store.find(
                log.name,
                outcome -> loop.execute(() -> {
                    log.inFlight--;
                    // What a creation told meanwhile is newer.
                    if (log.presence != ChannelLog.Presence.HERE) {
                        if (log.turns != turn) {
                            look(log); // it came and went since
                            return;
                        }
                        switch (outcome) {
                            case FindOutcome.Here(Found found) -> appeared(log, found);
                            case FindOutcome.NotFound n -> log.notHere(ChannelLog.Presence.ABSENT);
                            case FindOutcome.Gone g -> log.notHere(ChannelLog.Presence.GONE);
                            case FindOutcome.Failed(Failure failure) -> {
                                giveUp(log, failure);
                                return;
                            }
                        }
                    }
                    if (log.isExpired(ticker.nowMillis())) expire(log);
                    else settle(log);
                }));
    }

    private void expire(ChannelLog log) {
        deleteHere(log, outcome -> {
            if (outcome instanceof DeleteOutcome.Failed(Failure failure)) giveUp(log, failure);
            else look(log);
        });
    }

    private void settle(ChannelLog log) {
        tellWaiting(log, waiting -> waiting.then().accept(log));
    }

    private void giveUp(ChannelLog log, Failure failure) {
        tellWaiting(log, waiting -> waiting.failed().accept(failure));
    }

    // Those who ask while others are told wait for their turn, and the log stays in its place meanwhile.
    private void tellWaiting(ChannelLog log, Consumer<ChannelLog.Waiting> how) {
        log.telling = true;
        log.inFlight++;
        try {
            for (int n = log.whenKnown.size(); n > 0; n--) how.accept(log.whenKnown.remove());
        } finally {
            log.inFlight--;
            log.telling = false;
            if (log.whenKnown.isEmpty()) forgetIfUseless(log);
            else look(log);
        }
    }

    private void touch(ChannelLog log) {
        long remember = log.accessed(ticker.nowMillis());
        if (remember >= 0) store.touch(log.name, log.info().id(), remember);
    }

    // What is not there is asked for anew each time: a name that nobody uses costs nothing.
    private void forgetIfUseless(ChannelLog log) {
        if (log.presence == ChannelLog.Presence.HERE) return;
        log.presence = ChannelLog.Presence.UNKNOWN;
        if (log.isIdle()) logs.remove(log.name, log);
    }

    // Those in use are asked again only after all others.
    private void forgetSome() {
        for (int looks = 0; looks < FORGET_LOOKS && logs.size() > logsMax; looks++) {
            ChannelLog eldest = logs.firstEntry().getValue();
            if (eldest.isIdle() && eldest.presence == ChannelLog.Presence.HERE) forget(eldest);
            else logs.get(eldest.name); // moves it to the end
        }
    }

    private void forget(ChannelLog log) {
        if (log.deadlineIsCoarse()) store.touch(log.name, log.info().id(), log.deadlineMillis());
        cache.clear(log.tape);
        logs.remove(log.name);
    }
}
