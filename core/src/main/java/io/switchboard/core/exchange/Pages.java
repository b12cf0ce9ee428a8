package io.switchboard.core.exchange;

import io.switchboard.core.channel.Offset;
import io.switchboard.core.channel.Run;
import io.switchboard.core.channel.Tail;
import io.switchboard.core.reading.Page;
import io.switchboard.core.reading.ReadFrom;
import io.switchboard.core.store.Answer;
import io.switchboard.core.store.Failure;
import io.switchboard.core.store.ReadOutcome;
import io.switchboard.core.store.Store;
import io.switchboard.core.store.Stretch;
import java.util.function.Consumer;

/** Looks into the logs of one shard: from its cache of newest blocks, else from the store. Belongs to its loop. */
final class Pages {
    private final Shard shard;
    private final Store store;

    Pages(Shard shard, Store store) {
        this.shard = shard;
        this.store = store;
    }

    /**
     * What is asked for.
     *
     * @param bytesMax about so many bytes of payload
     * @param orFile or the file that holds them, if there is one
     * @param fresh whether what others may have committed just now has been looked for
     */
    record Wish(ReadFrom from, int bytesMax, boolean orFile, boolean fresh) {
        private Wish afterLook() {
            return new Wish(from, bytesMax, orFile, true);
        }
    }

    /** What a channel that was looked for holds. */
    void page(ChannelLog log, Wish wish, Consumer<Page> answer) {
        switch (log.presence) {
            case GONE -> answer.accept(new Page.Gone());
            case ABSENT, UNKNOWN -> answer.accept(new Page.NotFound());
            case HERE -> pageHere(log, wish, answer);
        }
    }

    private void pageHere(ChannelLog log, Wish wish, Consumer<Page> answer) {
        long after = log.sequenceOf(wish.from());
        Tail tail = log.tail();
        if (!wish.fresh() && (after < 0 || isMoving(wish.from()))) {
            lookAgain(log, wish, answer); // another node may have given that offset, or moved the tail
        } else if (after < 0) {
            answer.accept(new Page.Lost(log.info(), log.resumeAt(wish.from())));
        } else if (after < tail.start()) {
            answer.accept(new Page.Trimmed(log.info(), log.earliest()));
        } else if (after == throughOf(wish, tail)) {
            answer.accept(new Page.AtTail(log.info(), tail));
        } else {
            // A part of what there is would do for who goes on from there, but not for who asks once.
            Run cached = log.tape.reaches(throughOf(wish, tail)) ? log.tape.after(after, wish.bytesMax()) : null;
            if (cached != null) answer.accept(messages(log, wish, after, cached));
            else read(log, wish, after, answer);
        }
    }

    private static boolean isMoving(ReadFrom from) {
        return from instanceof ReadFrom.Now || from instanceof ReadFrom.Last;
    }

    private void lookAgain(ChannelLog log, Wish wish, Consumer<Page> answer) {
        shard.asItIsNow(
                log.name,
                looked -> page(looked, wish.afterLook(), answer),
                failure -> answer.accept(new Page.Failed(failure)));
    }

    private static Page messages(ChannelLog log, Wish wish, long after, Run run) {
        return new Page.Messages(log.info(), log.tail(), run.between(after, throughOf(wish, log.tail())));
    }

    // Where a page must end: the store may already hold more than is as durable as promised.
    private static long throughOf(Wish wish, Tail tail) {
        return wish.from() instanceof ReadFrom.Before(Offset offset, long count) ? offset.sequence() : tail.sequence();
    }

    private void read(ChannelLog log, Wish wish, long after, Consumer<Page> answer) {
        long id = log.info().id();
        log.inFlight++;
        Answer<ReadOutcome> toLoop = outcome -> shard.loop().execute(() -> {
            log.inFlight--;
            if (log.isHere(id)) {
                answered(log, wish, after, outcome, answer);
            } else {
                if (outcome instanceof ReadOutcome.InFile(Stretch stretch)) stretch.close();
                answer.accept(new Page.NotFound());
            }
            shard.forgetIfUseless(log);
        });
        if (wish.orFile()) {
            store.readOrOpen(log.name, id, after, log.tail().sequence(), wish.bytesMax(), toLoop);
        } else {
            store.read(log.name, id, after, wish.bytesMax(), toLoop);
        }
    }

    private void answered(ChannelLog log, Wish wish, long after, ReadOutcome outcome, Consumer<Page> answer) {
        switch (outcome) {
            case ReadOutcome.Messages(Run run) -> {
                boolean lost = run.firstSequence() > throughOf(wish, log.tail()); // since they were read
                if (lost) pageHere(log, wish, answer);
                else answer.accept(messages(log, wish, after, run));
            }
            case ReadOutcome.InFile(Stretch stretch) -> answer.accept(new Page.InFile(log.info(), log.tail(), stretch));
            case ReadOutcome.Trimmed(long start) -> {
                log.trimmed(start);
                if (start > after) pageHere(log, wish, answer);
                else answer.accept(new Page.Failed(Failure.DAMAGED));
            }
            case ReadOutcome.AtTail t -> {
                if (wish.fresh()) answer.accept(new Page.Failed(Failure.DAMAGED));
                else lookAgain(log, wish, answer); // a store that is shared may have lost its tail
            }
            case ReadOutcome.NotFound n -> {
                shard.vanished(log, log.info().id());
                answer.accept(new Page.NotFound());
            }
            case ReadOutcome.Failed(Failure failure) -> answer.accept(new Page.Failed(failure));
        }
    }
}
