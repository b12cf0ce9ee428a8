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
import io.switchboard.core.store.AppendOutcome;
import io.switchboard.core.store.Create;
import io.switchboard.core.store.CreateOutcome;
import io.switchboard.core.store.DeleteOutcome;
import io.switchboard.core.store.Failure;
import io.switchboard.core.store.FindOutcome;
import io.switchboard.core.store.Found;
import io.switchboard.core.store.ReadOutcome;
import io.switchboard.core.store.Store;
import io.switchboard.core.time.Loop;
import io.switchboard.core.time.Ticker;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The channels that one loop owns. Every request for one of them passes here, in order; what the store
 * answers comes back here before anybody is told, so that whoever heard of an append finds it.
 * Belongs to its loop; answers are given on it.
 */
final class Shard {
    private final Loop loop;
    private final Store store;
    private final Policies policies;
    private final Ticker ticker;
    private final TailCache cache;
    private final int logsMax;
    private final Map<ChannelName, ChannelLog> logs = new LinkedHashMap<>(16, 0.75f, true);

    Shard(Loop loop, Store store, Policies policies, Ticker ticker, long cacheBytesMax, int logsMax) {
        this.loop = loop;
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
        store.create(create, outcome -> loop.execute(() -> {
            log.inFlight--;
            switch (outcome) {
                case CreateOutcome.Created(Found found) -> appeared(log, found);
                case CreateOutcome.Existed(Found found) -> {
                    if (log.presence != ChannelLog.Presence.HERE) appeared(log, found);
                    touch(log);
                }
                case CreateOutcome.Conflict c -> {}
                case CreateOutcome.SourceNotFound n -> {}
                case CreateOutcome.SourceConflict c -> {}
                case CreateOutcome.BadForkPosition b -> {}
                case CreateOutcome.Failed f -> {}
            }
            answer.accept(outcome);
            forgetIfUseless(log);
        }));
    }

    private void appeared(ChannelLog log, Found found) {
        log.here(found);
        for (Feed feed : log.feeds) tellRegistered(log, feed);
    }

    void append(Append append, Consumer<AppendOutcome> answer) {
        known(
                append.channel(),
                log -> appendKnown(log, append, answer),
                failure -> answer.accept(new AppendOutcome.Failed(failure)));
    }

    private void appendKnown(ChannelLog log, Append append, Consumer<AppendOutcome> answer) {
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
                log.inFlight++;
                store.append(append, outcome -> loop.execute(() -> {
                    log.inFlight--;
                    if (outcome instanceof AppendOutcome.Appended(var block, var offset, var tail)) {
                        committed(log, block, tail);
                    }
                    answer.accept(outcome);
                }));
            }
        }
    }

    private void createThenAppend(
            ChannelLog log, ContentType type, Append append, Consumer<AppendOutcome> answer) {
        Create create = new Create(log.name, type, null, false, Payloads.NONE, null, append.subject());
        createKnown(log, create, created -> {
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
        });
    }

    private void committed(ChannelLog log, @Nullable Block block, Tail tail) {
        if (log.presence != ChannelLog.Presence.HERE || !log.advance(block, tail)) return;
        if (block != null) cache.add(log.tape, block);
        for (Feed feed : log.feeds) {
            if (feed.loop().inLoop()) feed.committed(block, tail);
            else feed.loop().execute(() -> feed.committed(block, tail));
        }
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
        store.delete(log.name, id, outcome -> loop.execute(() -> {
            log.inFlight--;
            switch (outcome) {
                case DeleteOutcome.Failed f -> {}
                case DeleteOutcome.Deleted d -> vanished(log, id);
                case DeleteOutcome.NotFound n -> vanished(log, id);
                case DeleteOutcome.Gone g -> vanished(log, id);
            }
            answer.accept(outcome);
            forgetIfUseless(log);
        }));
    }

    private void vanished(ChannelLog log, long id) {
        if (log.presence != ChannelLog.Presence.HERE || log.info().id() != id) return;
        log.notHere(ChannelLog.Presence.UNKNOWN);
        cache.clear(log.tape);
        List<Feed> told = List.copyOf(log.feeds);
        log.feeds.clear();
        for (Feed feed : told) feed.loop().execute(feed::deleted);
    }

    /** A look into the log: what is after {@code from}, up to about {@code bytesMax} bytes. */
    void page(ChannelName name, ReadFrom from, int bytesMax, Consumer<Page> answer) {
        known(
                name,
                log -> {
                    switch (log.presence) {
                        case GONE -> answer.accept(new Page.Gone());
                        case ABSENT, UNKNOWN -> answer.accept(new Page.NotFound());
                        case HERE -> {
                            touch(log);
                            pageHere(log, from, bytesMax, answer);
                        }
                    }
                },
                failure -> answer.accept(new Page.Failed(failure)));
    }

    private void pageHere(ChannelLog log, ReadFrom from, int bytesMax, Consumer<Page> answer) {
        long after = log.sequenceOf(from);
        Tail tail = log.tail();
        if (after < 0) {
            answer.accept(new Page.Lost(log.info(), log.info().lineage().lastCommonWith(offsetOf(from))));
        } else if (after < tail.start()) {
            answer.accept(new Page.Trimmed(log.info(), log.earliest()));
        } else if (after == throughOf(from, tail)) {
            answer.accept(new Page.AtTail(log.info(), tail));
        } else {
            Run cached = log.tape.after(after, bytesMax);
            if (cached != null) answer.accept(messages(log, from, after, cached));
            else pageStored(log, from, after, bytesMax, answer);
        }
    }

    private static Page messages(ChannelLog log, ReadFrom from, long after, Run run) {
        return new Page.Messages(log.info(), log.tail(), run.between(after, throughOf(from, log.tail())));
    }

    // Where a page must end: the store may already hold more than is as durable as promised.
    private static long throughOf(ReadFrom from, Tail tail) {
        return from instanceof ReadFrom.Before(Offset offset, long count) ? offset.sequence() : tail.sequence();
    }

    private static Offset offsetOf(ReadFrom from) {
        return switch (from) {
            case ReadFrom.At(Offset offset) -> offset;
            case ReadFrom.Before(Offset offset, long count) -> offset;
            case ReadFrom.Earliest e -> Offset.ZERO;
            case ReadFrom.Last l -> Offset.ZERO;
            case ReadFrom.Now n -> Offset.ZERO;
        };
    }

    private void pageStored(ChannelLog log, ReadFrom from, long after, int bytesMax, Consumer<Page> answer) {
        long id = log.info().id();
        log.inFlight++;
        store.read(id, after, bytesMax, outcome -> loop.execute(() -> {
            log.inFlight--;
            if (log.presence != ChannelLog.Presence.HERE || log.info().id() != id) {
                answer.accept(new Page.NotFound());
                return;
            }
            switch (outcome) {
                case ReadOutcome.Messages(Run run) -> answer.accept(messages(log, from, after, run));
                case ReadOutcome.Trimmed(long start) -> {
                    log.trimmed(start);
                    if (start > after) pageHere(log, from, bytesMax, answer);
                    else answer.accept(new Page.Failed(Failure.DAMAGED));
                }
                case ReadOutcome.AtTail t -> answer.accept(new Page.Failed(Failure.DAMAGED));
                case ReadOutcome.NotFound n -> answer.accept(new Page.NotFound());
                case ReadOutcome.Failed(Failure failure) -> answer.accept(new Page.Failed(failure));
            }
        }));
    }

    void register(Feed feed) {
        known(
                feed.channel(),
                log -> {
                    log.feeds.add(feed);
                    if (log.presence == ChannelLog.Presence.HERE) tellRegistered(log, feed);
                    else feed.loop().execute(feed::absent);
                },
                failure -> feed.loop().execute(feed::deleted));
    }

    private static void tellRegistered(ChannelLog log, Feed feed) {
        ContentType type = log.info().type();
        Tail tail = log.tail();
        feed.loop().execute(() -> feed.registered(type, tail));
    }

    // By the same way as the registration, so that it cannot overtake it.
    void unregister(Feed feed) {
        known(
                feed.channel(),
                log -> {
                    if (!log.feeds.remove(feed)) return;
                    if (log.presence == ChannelLog.Presence.HERE) touch(log);
                },
                failure -> {});
    }

    /** Deletes the channel if its time is up. */
    void expireIfDue(ChannelName name) {
        known(name, log -> {}, failure -> {});
    }

    // Runs `then` once the store has said whether there is such a channel, and its expiry was looked at.
    private void known(ChannelName name, Consumer<ChannelLog> then, Consumer<Failure> failed) {
        ChannelLog log = logs.get(name);
        if (log == null) {
            log = new ChannelLog(name);
            logs.put(name, log);
            forgetSome();
        }
        if (log.presence == ChannelLog.Presence.HERE && !log.isExpired(ticker.nowMillis())) {
            then.accept(log);
            return;
        }
        log.whenKnown.add(new ChannelLog.Waiting(then, failed));
        if (log.whenKnown.size() > 1) return;
        if (log.presence == ChannelLog.Presence.HERE) expire(log);
        else look(log);
    }

    private void look(ChannelLog log) {
        log.inFlight++;
        store.find(log.name, outcome -> loop.execute(() -> {
            log.inFlight--;
            // What a creation told meanwhile is newer.
            if (log.presence != ChannelLog.Presence.HERE) {
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
        for (ChannelLog.Waiting waiting : takeWaiting(log)) waiting.then().accept(log);
        forgetIfUseless(log);
    }

    private void giveUp(ChannelLog log, Failure failure) {
        for (ChannelLog.Waiting waiting : takeWaiting(log)) waiting.failed().accept(failure);
        forgetIfUseless(log);
    }

    private static List<ChannelLog.Waiting> takeWaiting(ChannelLog log) {
        List<ChannelLog.Waiting> waiting = List.copyOf(log.whenKnown);
        log.whenKnown.clear();
        return waiting;
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

    private void forgetSome() {
        if (logs.size() <= logsMax) return;
        Iterator<ChannelLog> eldestFirst = logs.values().iterator();
        for (int looks = 0; looks < 16 && eldestFirst.hasNext(); looks++) {
            ChannelLog log = eldestFirst.next();
            if (!log.isIdle() || log.presence == ChannelLog.Presence.UNKNOWN) continue;
            if (log.deadlineIsCoarse()) store.touch(log.name, log.info().id(), log.deadlineMillis());
            cache.clear(log.tape);
            eldestFirst.remove();
            return;
        }
    }
}
