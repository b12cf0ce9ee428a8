package io.switchboard.core.exchange;

import io.switchboard.core.advice.Sightings;
import io.switchboard.core.channel.Block;
import io.switchboard.core.channel.ChannelName;
import io.switchboard.core.channel.ContentType;
import io.switchboard.core.channel.Expiry;
import io.switchboard.core.channel.Policies;
import io.switchboard.core.channel.Tail;
import io.switchboard.core.reading.Feed;
import io.switchboard.core.reading.Page;
import io.switchboard.core.reading.ReadFrom;
import io.switchboard.core.relay.Relay;
import io.switchboard.core.store.Create;
import io.switchboard.core.store.CreateOutcome;
import io.switchboard.core.store.DeleteOutcome;
import io.switchboard.core.store.Failure;
import io.switchboard.core.store.FindOutcome;
import io.switchboard.core.store.Found;
import io.switchboard.core.store.Store;
import io.switchboard.core.time.Loop;
import io.switchboard.core.time.Ticker;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.function.Consumer;
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
    private static final long HOLD_OFF_MIN_MILLIS = 250;
    private static final long HOLD_OFF_MAX_SECONDS = 600;

    private final Loop loop;
    private final Store store;
    private final Ticker ticker;
    private final Relay relay;
    private final Following following;
    private final Pages pages;
    private final Appends appends;
    private final TailCache cache;
    private final Observer observer;
    private int looksLeft;
    private final int logsMax;
    // In the order in which they came or were passed over. An order of use would have every look-up write to three
    // entries that lie anywhere in memory.
    private final LinkedHashMap<ChannelName, ChannelLog> logs = new LinkedHashMap<>();

    Shard(
            Loop loop,
            Store store,
            Relay relay,
            Policies policies,
            Ticker ticker,
            Sightings sightings,
            long cacheBytesMax,
            int logsMax) {
        this.loop = loop;
        this.store = store;
        this.ticker = ticker;
        this.relay = relay;
        this.following = new Following(loop, ticker, relay, this::isRead, this::changed);
        this.pages = new Pages(this, store);
        this.appends = new Appends(this, store, policies, relay.isShared());
        this.cache = new TailCache(cacheBytesMax);
        this.observer = new Observer(this, sightings);
        this.logsMax = logsMax;
    }

    Appends appends() {
        return appends;
    }

    Observer observer() {
        return observer;
    }

    Loop loop() {
        return loop;
    }

    /** What is in memory of a channel; null if nothing is. */
    @Nullable
    ChannelLog known(ChannelName name) {
        return logs.get(name);
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

    private boolean isRead(ChannelName name) {
        ChannelLog log = logs.get(name);
        return log != null && log.isRead();
    }

    void find(ChannelName name, Consumer<FindOutcome> answer) {
        asItIsNow(name, log -> answer.accept(foundOf(log)), failure -> answer.accept(new FindOutcome.Failed(failure)));
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

    void createKnown(ChannelLog log, Create create, Consumer<CreateOutcome> answer) {
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
            boolean awaited =
                    log.presence != ChannelLog.Presence.HERE && !log.feeds().isEmpty();
            if (awaited) known(log, found -> {}, failure -> {});
        }
        if (--looksLeft > 0) loop.after(LOOK_AGAIN_MILLIS, this::lookAgain);
    }

    private void appeared(ChannelLog log, Found found) {
        if (log.isHere(found.info().id())) {
            if (relay.isShared() && log.lacks(found, null)) receded(log, found);
            else renewed(log, found);
            return;
        }
        if (log.isNewerThan(found)) return;
        if (log.presence == ChannelLog.Presence.HERE) vanished(log, log.info().id());
        log.here(found);
        for (Feed feed : log.feeds()) tellRegistered(log, feed);
    }

    private void renewed(ChannelLog log, Found found) {
        log.doubtful = false;
        if (relay.isShared()) log.deadlineIsAtLeast(found.deadlineMillis()); // others put it off, too
        if (!log.renew(found, relay.isShared())) return;
        tell(log, null, log.tail());
    }

    // The log may have changed in ways that it was not told of: an answer was lost, or a sync failed.
    void refresh(ChannelLog log, Runnable then) {
        int turn = log.turns;
        Tail knew = log.presence == ChannelLog.Presence.HERE ? log.tail() : null;
        log.inFlight++;
        store.find(
                log.name,
                outcome -> loop.execute(() -> {
                    log.inFlight--;
                    if (log.turns == turn && log.presence == ChannelLog.Presence.HERE) {
                        switch (outcome) {
                            case FindOutcome.Here(Found found) -> {
                                if (relay.isShared() && log.lacks(found, knew)) receded(log, found);
                                else replaced(log, found);
                            }
                            case FindOutcome.NotFound n ->
                                vanished(log, log.info().id());
                            case FindOutcome.Gone g -> {
                                vanished(log, log.info().id());
                                log.notHere(ChannelLog.Presence.GONE);
                            }
                            case FindOutcome.Failed f -> log.doubtful = true;
                        }
                    }
                    then.run();
                    forgetIfUseless(log);
                }));
    }

    // Whoever looked after it knew of the one channel knows better: where the store has lost a deletion and a creation,
    // the channel of this name is the one before.
    private void replaced(ChannelLog log, Found found) {
        if (relay.isShared() && !log.isHere(found.info().id()))
            vanished(log, log.info().id());
        appeared(log, found);
    }

    // The store has lost messages that readers may have been given: they are told of the gap.
    private void receded(ChannelLog log, Found found) {
        log.here(found);
        cache.clear(log.tape);
        Tail tail = log.tail();
        for (Feed feed : log.feeds()) feed.loop().execute(() -> feed.receded(tail));
    }

    /** What this node or another has committed; it may be old news, or come before what was committed before it. */
    void heard(ChannelName name, long id, @Nullable Block block, Tail tail) {
        ChannelLog log = logs.get(name);
        if (log == null) return;
        if (log.presence == ChannelLog.Presence.HERE) heard(log, id, block, tail);
        else changed(name);
    }

    void heard(ChannelLog log, long id, @Nullable Block block, Tail tail) {
        if (log.presence != ChannelLog.Presence.HERE) return;
        if (!log.isHere(id)
                || tail.offset().generation() != log.info().lineage().newest()) {
            refresh(log, () -> {}); // another channel has the name, or messages may have been lost
            return;
        }
        if (log.hear(tail) && block != null && block.lastSequence() == tail.sequence()) cache.add(log.tape, block);
        tell(log, block, log.tail());
    }

    /** Another node may have made, changed or deleted the channel. */
    void changed(ChannelName name) {
        ChannelLog log = logs.get(name);
        if (log == null || !isRead(name)) return; // whoever asks for it looks
        if (log.presence == ChannelLog.Presence.HERE) refresh(log, () -> {});
        else known(log, found -> {}, failure -> {});
    }

    void committed(ChannelLog log, @Nullable Block block, Tail tail) {
        if (!log.advance(block, tail)) return;
        if (block != null) cache.add(log.tape, block);
        tell(log, block, tail);
    }

    /** An append was answered, and readers were told of what it brought. */
    void answered(ChannelLog log) {
        if (log.isAppending() || !log.moreTold) return;
        log.moreTold = false;
        for (Feed feed : log.feeds()) feed.loop().execute(feed::nothingMore);
    }

    // Whatever a feed is told stands in line with its loop's tasks, on this loop too, so that it hears
    // all of it in the order in which it happened.
    private static void tell(ChannelLog log, @Nullable Block block, Tail tail) {
        log.moreTold = log.isAppending();
        for (Feed feed : log.feeds()) feed.loop().execute(() -> feed.committed(block, tail, log::isAppending));
    }

    void delete(ChannelName name, Consumer<DeleteOutcome> answer) {
        asItIsNow(
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

    void vanished(ChannelLog log, long id) {
        if (!log.isHere(id)) return;
        log.notHere(ChannelLog.Presence.UNKNOWN);
        cache.clear(log.tape);
        for (Feed feed : log.takeFeeds()) feed.loop().execute(feed::deleted);
    }

    /** A look into the log for somebody who asks once: with all that was committed before. */
    void page(ChannelName name, ReadFrom from, int bytesMax, boolean orFile, Consumer<Page> answer) {
        asItIsNow(
                name,
                log -> pageKnown(log, new Pages.Wish(from, bytesMax, orFile, true), answer),
                failure -> answer.accept(new Page.Failed(failure)));
    }

    /**
     * The same for a reader, whose feed is told of what is committed later. Where the store is out of reach for now,
     * readers wait for it.
     */
    void pageForReader(ChannelName name, ReadFrom from, int bytesMax, Consumer<Page> answer) {
        Consumer<Page> told = page -> {
            boolean outOfReach = page instanceof Page.Failed(Failure failure) && failure == Failure.UNAVAILABLE;
            if (outOfReach && relay.isShared()) {
                loop.after(LOOK_AGAIN_MILLIS, () -> pageForReader(name, from, bytesMax, answer));
            } else {
                answer.accept(page);
            }
        };
        Pages.Wish wish = new Pages.Wish(from, bytesMax, false, !relay.isShared());
        known(name, log -> pageKnown(log, wish, told), failure -> told.accept(new Page.Failed(failure)));
    }

    private void pageKnown(ChannelLog log, Pages.Wish wish, Consumer<Page> answer) {
        if (log.presence == ChannelLog.Presence.HERE) touch(log);
        pages.page(log, wish, answer);
    }

    void register(Feed feed) {
        ChannelLog log = log(feed.channel());
        log.addRegistering(feed);
        following.begin(log.name);
        asItIsNow(log.name, known -> registerKnown(known, feed), failure -> {
            if (log.removeRegistering(feed)) feed.loop().execute(feed::failed);
        });
    }

    private void registerKnown(ChannelLog log, Feed feed) {
        if (!log.removeRegistering(feed)) return; // unregistered meanwhile
        boolean isNew = log.add(feed);
        if (!isNew && log.presence == ChannelLog.Presence.HERE) return; // it was told when the channel appeared
        if (log.presence == ChannelLog.Presence.HERE) tellRegistered(log, feed);
        else feed.loop().execute(feed::absent);
    }

    private void tellRegistered(ChannelLog log, Feed feed) {
        holdOffExpiry(log);
        ContentType type = log.info().type();
        Tail tail = log.tail();
        feed.loop().execute(() -> feed.registered(type, tail));
    }

    // Needs nothing of the store, so that nothing can keep a feed without readers here.
    void unregister(Feed feed) {
        ChannelLog log = logs.get(feed.channel());
        if (log == null) return;
        log.removeAllRegistering(feed);
        if (!log.remove(feed)) return;
        if (log.presence == ChannelLog.Presence.HERE) touch(log);
        forgetIfUseless(log);
    }

    /** Deletes the channel if its time is up; where live readers hold that off, puts it off in the store too. */
    void expireIfDue(ChannelName name) {
        asItIsNow(
                name,
                log -> {
                    if (log.presence == ChannelLog.Presence.HERE && log.deadlineMillis() <= ticker.nowMillis()) {
                        touch(log);
                    }
                },
                failure -> {});
    }

    // Other nodes do not know who reads here: they go by the deadline that the store remembers.
    private void holdOffExpiry(ChannelLog log) {
        if (!relay.isShared() || log.holdingOff || !(log.info().expiry() instanceof Expiry.Sliding sliding)) return;
        log.holdingOff = true;
        long third = sliding.seconds() > HOLD_OFF_MAX_SECONDS ? HOLD_OFF_MAX_SECONDS * 333 : sliding.seconds() * 333;
        loop.after(Math.max(HOLD_OFF_MIN_MILLIS, third), () -> {
            log.holdingOff = false;
            if (log.presence != ChannelLog.Presence.HERE || log.feeds().isEmpty()) return;
            touch(log);
            holdOffExpiry(log);
        });
    }

    private ChannelLog log(ChannelName name) {
        ChannelLog log = logs.get(name);
        if (log == null) {
            log = new ChannelLog(name);
            logs.put(name, log);
            forgetSome();
        } else {
            log.used = true;
        }
        return log;
    }

    void known(ChannelName name, Consumer<ChannelLog> then, Consumer<Failure> failed) {
        known(log(name), then, failed);
    }

    // Runs `then` once the store has said whether there is such a channel, and its expiry was looked at;
    // in the order of the requests.
    private void known(ChannelLog log, Consumer<ChannelLog> then, Consumer<Failure> failed) {
        boolean known = log.presence == ChannelLog.Presence.HERE && !log.doubtful && !log.isExpired(ticker.nowMillis());
        if (known && log.waiting() == 0 && !log.telling) {
            then.accept(log);
            return;
        }
        await(log, then, failed);
    }

    private void await(ChannelLog log, Consumer<ChannelLog> then, Consumer<Failure> failed) {
        log.await(new ChannelLog.Waiting(then, failed));
        if (log.waiting() == 1 && !log.telling) findOut(log);
    }

    /** Runs {@code then} with what the store has now, as far as others may have changed it; else as {@link #known}. */
    void asItIsNow(ChannelName name, Consumer<ChannelLog> then, Consumer<Failure> failed) {
        if (relay.isShared()) await(log(name), then, failed);
        else known(name, then, failed);
    }

    private void findOut(ChannelLog log) {
        log.lookedFor = log.waiting();
        if (log.presence != ChannelLog.Presence.HERE) look(log);
        else if (relay.isShared()) refresh(log, () -> settleExpiredOrNot(log));
        else if (log.isExpired(ticker.nowMillis())) expire(log);
        else refresh(log, () -> settleOrGiveUp(log));
    }

    private void settleExpiredOrNot(ChannelLog log) {
        if (log.isExpired(ticker.nowMillis()) && !log.doubtful) expire(log);
        else settleOrGiveUp(log);
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
            // Where others commit, those who came after the look began must have another one.
            int n = relay.isShared() ? log.lookedFor : log.waiting();
            for (; n > 0; n--) how.accept(log.nextWaiting());
        } finally {
            log.inFlight--;
            log.telling = false;
            if (log.waiting() == 0) forgetIfUseless(log);
            else if (relay.isShared()) findOut(log);
            else look(log);
        }
    }

    void touch(ChannelLog log) {
        long remember = log.accessed(ticker.nowMillis(), relay.isShared());
        if (remember >= 0) store.touch(log.name, log.info().id(), remember);
    }

    // What is not there is asked for anew each time: a name that nobody uses costs nothing.
    void forgetIfUseless(ChannelLog log) {
        if (log.presence == ChannelLog.Presence.HERE) return;
        log.presence = ChannelLog.Presence.UNKNOWN;
        if (log.isIdle() && logs.remove(log.name, log)) observer.forget(log);
    }

    // Those in use, and those that were used since they were passed over, are asked again only after all others.
    private void forgetSome() {
        for (int looks = 0; looks < FORGET_LOOKS && logs.size() > logsMax; looks++) {
            ChannelLog eldest = logs.firstEntry().getValue();
            if (!eldest.used && eldest.isIdle() && eldest.presence == ChannelLog.Presence.HERE) {
                forget(eldest);
            } else {
                eldest.used = false;
                logs.putLast(eldest.name, eldest);
            }
        }
    }

    private void forget(ChannelLog log) {
        if (log.deadlineIsCoarse()) store.touch(log.name, log.info().id(), log.deadlineMillis());
        cache.clear(log.tape);
        observer.forget(log);
        logs.remove(log.name);
    }
}
