package io.switchboard.core.exchange;

import io.switchboard.core.channel.Append;
import io.switchboard.core.channel.ChannelName;
import io.switchboard.core.channel.ChannelPolicy;
import io.switchboard.core.channel.ContentType;
import io.switchboard.core.channel.Payloads;
import io.switchboard.core.channel.Policies;
import io.switchboard.core.channel.Tail;
import io.switchboard.core.store.AppendOutcome;
import io.switchboard.core.store.Create;
import io.switchboard.core.store.CreateOutcome;
import io.switchboard.core.store.Failure;
import io.switchboard.core.store.Store;
import java.util.ArrayDeque;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Appends to the channels of one shard. What the store answers reaches their readers before whoever appended hears of
 * it. Belongs to its loop.
 */
final class Appends {
    private final Shard shard;
    private final Store store;
    private final Executor onLoop;
    private final Policies policies;
    private final boolean shared;

    /** @param shared whether others append to the same store */
    Appends(Shard shard, Store store, Policies policies, boolean shared) {
        this.shard = shard;
        this.store = store;
        this.onLoop = shard.loop()::execute;
        this.policies = policies;
        this.shared = shared;
    }

    void append(Append append, Consumer<AppendOutcome> answer) {
        shard.known(
                append.channel(),
                log -> appendKnown(log, append, answer),
                failure -> answer.accept(new AppendOutcome.Failed(failure)));
    }

    /** As {@link #append}, of what {@code as} makes of the channel's type. */
    void publish(
            ChannelName channel, Function<@Nullable ContentType, @Nullable Append> as, Consumer<AppendOutcome> answer) {
        shard.known(
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
                if (type != null && createsIt(append)) {
                    createThenAppend(log, type, append, answer);
                } else {
                    answer.accept(new AppendOutcome.NotFound());
                }
            }
            case HERE -> {
                shard.touch(log);
                long id = log.info().id();
                log.inFlight++;
                log.appendBegins();
                store.append(append, onLoop, outcome -> {
                    log.inFlight--;
                    log.appendEnds();
                    if (outcome instanceof AppendOutcome.NotFound && shared && createsIt(append)) {
                        shard.vanished(log, id); // another node deleted it
                        append(append, answer);
                    } else {
                        appended(log, id, outcome, answer);
                    }
                    shard.answered(log);
                    shard.forgetIfUseless(log);
                });
            }
        }
    }

    private boolean createsIt(Append append) {
        return append.type() != null && policies.of(append.channel()).creation() == ChannelPolicy.Creation.ON_FIRST_USE;
    }

    private void appended(ChannelLog log, long id, AppendOutcome outcome, Consumer<AppendOutcome> answer) {
        switch (outcome) {
            case AppendOutcome.Appended(long into, var block, var offset, var tail) -> {
                if (shared) {
                    shard.heard(log, into, block, tail);
                    break;
                }
                if (log.presence == ChannelLog.Presence.HERE && log.misses(into, block, tail)) {
                    shard.refresh(log, () -> answer.accept(outcome));
                    return;
                }
                if (log.isHere(into)) shard.committed(log, block, tail);
            }
            // Not known to have happened is not known not to: the log may hold more than was told.
            case AppendOutcome.Failed(Failure failure) -> {
                if (failure != Failure.BUSY) shard.refresh(log, () -> {});
            }
            case AppendOutcome.Duplicate(var tail, var epoch, var sequence) -> {
                if (isNews(log, tail)) {
                    shard.refresh(log, () -> answer.accept(outcome));
                    return;
                }
            }
            case AppendOutcome.Closed(var tail) -> {
                if (isNews(log, tail)) {
                    shard.refresh(log, () -> answer.accept(outcome));
                    return;
                }
            }
            case AppendOutcome.NotFound n -> shard.vanished(log, id);
            case AppendOutcome.Gone g -> shard.vanished(log, id);
            case AppendOutcome.WrongType t -> {
                if (shared) shard.refresh(log, () -> {}); // it may be another channel by now
            }
            case AppendOutcome.StaleEpoch e -> {}
            case AppendOutcome.EpochNotAtZero e -> {}
            case AppendOutcome.SequenceGap g -> {}
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

    private void createThenAppend(ChannelLog log, ContentType type, Append append, Consumer<AppendOutcome> answer) {
        Create create = new Create(log.name, type, null, false, Payloads.NONE, null, append.subject());
        ArrayDeque<Runnable> behind = new ArrayDeque<>(1);
        log.behindCreation = behind;
        shard.createKnown(log, create, created -> {
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
}
