package io.switchboard.core.reading;

import io.switchboard.core.advice.Held;
import io.switchboard.core.channel.Block;
import io.switchboard.core.channel.ChannelName;
import io.switchboard.core.channel.ContentType;
import io.switchboard.core.channel.Offset;
import io.switchboard.core.channel.Run;
import io.switchboard.core.channel.Tail;
import io.switchboard.core.figures.Figures;
import io.switchboard.core.time.Loop;
import io.switchboard.core.time.Ticker;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * All readers of one channel on one loop, and what was committed for them.
 *
 * <p>The feed registers with the log's owner first; the answer carries the tail T, and from then on the
 * owner sends every commit after T. {@link #deliveredThrough} begins at T and moves as rounds
 * begin. A round takes what was committed since the last one (at most {@value #ROUND_BYTES_MAX} bytes or
 * one block), as one delivery that every live reader is offered: one write per socket, however many
 * messages it carries. After {@value #OFFERS_PER_TURN} offers the round lets other work of the loop go
 * first. Where rounds do not keep up with commits, at most {@value #PENDING_BYTES_MAX} bytes wait: the
 * oldest are let go, and live readers find them in the log.
 *
 * <p>There may be a million of these with a reader each: what a feed has only for a moment is made when it is needed.
 * Belongs to its loop.
 */
public final class Feed {
    public static final int ROUND_BYTES_MAX = 64 * 1024;
    public static final int OFFERS_PER_TURN = 256;
    /** Fewer are written to while the store takes its next appends. */
    public static final int HOLDING_READERS_MIN = 8;

    public static final long HELD_MILLIS_MAX = 1;
    public static final int PAGE_BYTES = 64 * 1024;
    public static final int PENDING_BYTES_MAX = Pending.BYTES_MAX;
    /** So long messages are waited for whose successors were heard of, before they are looked for in the log. */
    public static final long LATE_MILLIS_MAX = 2;

    /**
     * The log's owner, as a feed sees it. Called on the feed's loop. What it tells, pages included, comes
     * on that loop too, never within a call, and in the order in which it happened: what a page shows
     * was told before it, what follows is told after it.
     */
    public interface Source {
        /** Finds out whether the channel is there, and tells the feed once for each call until it is {@link #registered}. */
        void register(Feed feed);

        void unregister(Feed feed);

        void page(ChannelName channel, ReadFrom from, int bytesMax, Loop answerOn, Consumer<Page> answer);

        /** A reader ended that held something. */
        default void ended(ChannelName channel, Held held) {}

        /** The feed of that channel for those who come after it was deleted. */
        Feed successor(Feed deleted);
    }

    /** What is done about messages that were committed before those that were heard of. */
    private enum Bridge {
        NONE,
        /** They are given a moment to be heard of too: nodes hear of each other's commits in any order. */
        AWAITED,
        LOADING,
        /** They could not be loaded: each reader finds them in the log, or finds out why not. */
        FAILED
    }

    private static final Reader[] NOBODY = {};

    /** Of the next round, for what the store has in its hands. */
    private enum Hold {
        NONE,
        HELD,
        /** It was held for as long as it may be. */
        OVER
    }

    private final ChannelName channel;
    private final Loop loop;
    private final Source source;
    private final Figures figures;
    private final Ticker ticker;
    private List<Reader> waiting = List.of(); // for the registration; an immutable one while nobody does
    private int readers;
    private Reader[] live = NOBODY;
    private int liveCount;

    private boolean registered;
    private int registrations; // not answered yet
    private boolean deleted;
    private @Nullable ContentType type;
    private @Nullable Tail tail;
    private Offset delivered = Offset.ZERO;

    private Pending pending = Pending.NONE; // while nothing is
    private Bridge bridge = Bridge.NONE;
    private boolean roundScheduled;
    private BooleanSupplier moreFollows = Feed::never;
    private Hold hold = Hold.NONE;
    private @Nullable Delivery round;
    private boolean offering; // the round is in an outlet's hands, which may end it but not have it released
    private long takenMessages; // not counted yet
    private long takenBytes;
    private int next; // of `live` to be offered this round

    /** @param figures move with what its readers are given */
    public Feed(ChannelName channel, Loop loop, Source source, Figures figures, Ticker ticker) {
        this.channel = channel;
        this.loop = loop;
        this.source = source;
        this.figures = figures;
        this.ticker = ticker;
    }

    public ChannelName channel() {
        return channel;
    }

    public Loop loop() {
        return loop;
    }

    public int readers() {
        return readers;
    }

    public int liveReaders() {
        return liveCount;
    }

    /** Payload bytes of what waits for a round. */
    public long pendingBytes() {
        return pending.bytes();
    }

    boolean registered() {
        return registered;
    }

    long deliveredThrough() {
        return delivered.sequence();
    }

    /** Whether the channel ended, and {@code sequence} is its last message. */
    boolean endsAt(long sequence) {
        Tail at = requireTail();
        return at.closed() && sequence >= at.sequence();
    }

    /**
     * A new reader that begins at {@code from}; its outlet hears of it later, never within this call.
     *
     * @param awaitsCreation whether it waits for a channel that is not there yet, and then begins at its
     *     beginning; otherwise it ends as if the channel had been deleted
     */
    public Reader open(ReadFrom from, Outlet outlet, boolean awaitsCreation) {
        return open(from, outlet, awaitsCreation, Held.NOTHING);
    }

    /** @param held what its client holds open for it, which the source is told of when it ends */
    public Reader open(ReadFrom from, Outlet outlet, boolean awaitsCreation, Held held) {
        Reader reader = new Reader(this, outlet, from, awaitsCreation, held);
        join(reader);
        return reader;
    }

    private void join(Reader reader) {
        readers++;
        figures.readers.increment();
        if (registered) {
            reader.catchUp();
            return;
        }
        await(reader);
        registrations++;
        source.register(this); // others may wait already, but whether it is there may be known better by now
    }

    /**
     * The channel is there, and all commits after {@code tail} will be {@link #committed}. Called once,
     * possibly much later than asked for: a channel may yet have to be created.
     */
    public void registered(ContentType channelType, Tail at) {
        registered = true;
        registrations = 0;
        type = channelType;
        tail = at;
        delivered = at.offset();
        for (Reader reader : takeWaiting()) reader.catchUp();
    }

    /** There is no such channel now; the feed will be {@link #registered} if it comes to be. */
    public void absent() {
        if (registered || --registrations > 0) return; // somebody came after that look began
        for (Reader reader : List.copyOf(waiting)) reader.channelAbsent();
    }

    /** It could not be found out whether the channel is there; the feed is not registered. */
    public void failed() {
        for (Reader reader : List.copyOf(waiting)) reader.channelFailed();
        if (--registrations == 0 && !waiting.isEmpty()) { // they came meanwhile
            registrations++;
            source.register(this);
        }
    }

    /**
     * The channel took these messages, or was closed; {@code newTail} is its tail now.
     *
     * @param moreFollows whether other appends are in the store's hands when it is asked, which any thread may, so that
     *     what they bring comes at once. A round to many readers takes longer than that and waits for it, {@value
     *     #HELD_MILLIS_MAX} ms at most
     */
    public void committed(@Nullable Block block, Tail newTail, BooleanSupplier moreFollows) {
        if (readers == 0) return; // its unregistration is under way
        tail = newTail;
        this.moreFollows = liveCount < HOLDING_READERS_MIN ? Feed::never : moreFollows; // few do not wait
        if (block != null && block.lastSequence() > delivered.sequence()) {
            gathering().add(new Run.Slice(block, 0, block.count()));
        }
        scheduleRound();
    }

    private static boolean never() {
        return false;
    }

    /** What was to follow has come, or does not come. */
    public void nothingMore() {
        if (hold == Hold.HELD) scheduleRound();
    }

    /** The store has lost messages after {@code newTail}: whoever was given some of them is told of the gap. */
    public void receded(Tail newTail) {
        if (readers == 0 || !registered) return;
        tail = newTail;
        delivered = newTail.offset();
        endRound();
        forgetPending();
        for (Reader reader : List.of(Arrays.copyOf(live, liveCount))) reader.lookAgain();
    }

    /** The channel is no more; all readers end, those that are live with what was committed before. */
    public void deleted() {
        deleted = true; // those that are catching up or lagging learn it when they next look at the log
        for (Reader reader : takeWaiting()) reader.channelDeleted();
        if (round == null && pending.isEmpty()) endLive();
        else scheduleRound();
    }

    private void endLive() {
        for (Reader reader : List.of(Arrays.copyOf(live, liveCount))) reader.channelDeleted();
    }

    /** Whether the channel it was made for is no more; it takes no new readers then. */
    public boolean isDeleted() {
        return deleted;
    }

    private List<Reader> takeWaiting() {
        List<Reader> taken = waiting;
        waiting = List.of();
        return taken;
    }

    private void await(Reader reader) {
        if (waiting.isEmpty()) waiting = new ArrayList<>(1);
        waiting.add(reader);
    }

    private Pending gathering() {
        if (pending == Pending.NONE) pending = new Pending();
        return pending;
    }

    /** The reader heard that the channel is no more before the feed did, which will. */
    void awaitDeletion(Reader reader) {
        await(reader);
    }

    /** A reader that was told nothing yet is as good as one that comes after the deletion. */
    void moveOn(Reader reader) {
        remove(reader);
        Feed next = source.successor(this);
        reader.feed = next;
        next.join(reader);
    }

    private void scheduleRound() {
        if (roundScheduled) return;
        roundScheduled = true;
        loop.execute(this::turn);
    }

    // The loop looks at its sockets before that, too: a task would come before them.
    private void goOnLater() {
        if (roundScheduled) return;
        roundScheduled = true;
        loop.after(0, this::turn);
    }

    private void turn() {
        roundScheduled = false;
        if (round == null) {
            if (waitsForEarlier()) return;
            if (pending.isEmpty()) {
                nothingFollows();
                return;
            }
            if (waitsForMore()) return;
            hold = Hold.NONE;
            round = takePending();
            Offset last = round.run().lastOffset();
            Offset end = requireTail().offset();
            delivered = last.equals(end) ? end : last; // one object of the two, as there may be a million
            next = 0;
        }
        offer(round);
    }

    private boolean waitsForMore() {
        boolean pays = liveCount >= HOLDING_READERS_MIN && pending.bytes() < ROUND_BYTES_MAX && !deleted;
        if (!pays || hold == Hold.OVER || !moreFollows.getAsBoolean()) return false;
        if (hold == Hold.NONE) {
            hold = Hold.HELD;
            loop.after(HELD_MILLIS_MAX, () -> {
                if (hold != Hold.HELD) return;
                hold = Hold.OVER;
                scheduleRound();
            });
        }
        return true;
    }

    // Whether messages are missing before those that are to be delivered, and are being looked for: once for all live
    // readers, who would all look for them otherwise.
    private boolean waitsForEarlier() {
        if (!missesEarlier() || liveCount == 0 || pending.isOverflown() || deleted || bridge == Bridge.FAILED)
            return false;
        if (bridge != Bridge.NONE) return true;
        if (pending.isEmpty()) {
            loadEarlier();
        } else {
            bridge = Bridge.AWAITED;
            loop.after(LATE_MILLIS_MAX, () -> {
                if (bridge != Bridge.AWAITED) return;
                bridge = Bridge.NONE;
                if (registered && missesEarlier()) loadEarlier();
                else scheduleRound();
            });
        }
        return true;
    }

    private boolean missesEarlier() {
        return pending.isEmpty()
                ? requireTail().sequence() > delivered.sequence()
                : pending.firstSequence() > delivered.sequence() + 1;
    }

    private void loadEarlier() {
        bridge = Bridge.LOADING;
        figures.holes.increment();
        load(new ReadFrom.At(delivered), page -> {
            if (bridge != Bridge.LOADING || !registered) return;
            if (page instanceof Page.Messages messages && messages.run().firstSequence() == delivered.sequence() + 1) {
                bridge = Bridge.NONE;
                gathering().prepend(messages.run());
            } else {
                bridge = Bridge.FAILED;
            }
            scheduleRound();
        });
    }

    // What one outlet throws must not keep the others from their messages.
    private void offer(Delivery delivery) {
        offering = true;
        try {
            for (int budget = OFFERS_PER_TURN; budget > 0 && round == delivery && next < liveCount; budget--) {
                live[next++].live(delivery); // may remove itself, or others
            }
        } finally {
            offering = false;
            count();
            if (round != delivery) delivery.release(); // it ended under our hands
            else if (next >= liveCount) endRound();
            if (round != null || !pending.isEmpty()) goOnLater();
            else if (deleted || (tail != null && isLast(tail))) scheduleRound();
        }
    }

    /** A reader's outlet took a delivery. */
    void taken(Delivery delivery) {
        takenMessages += delivery.run().count();
        takenBytes += delivery.payloadBytes();
        if (!offering) count();
    }

    private void count() {
        figures.messagesOut.add(takenMessages);
        figures.bytesOut.add(takenBytes);
        takenMessages = 0;
        takenBytes = 0;
    }

    Figures figures() {
        return figures;
    }

    private boolean isLast(Tail at) {
        return at.closed() || delivered.sequence() < at.sequence();
    }

    private Delivery takePending() {
        Run run = pending.take(ROUND_BYTES_MAX);
        if (pending.isEmpty()) pending = Pending.NONE;
        bridge = Bridge.NONE;
        boolean reachesTail = run.lastSequence() == requireTail().sequence();
        return new Delivery(
                channel,
                run,
                requireType(),
                reachesTail,
                reachesTail && requireTail().closed());
    }

    private void forgetPending() {
        pending = Pending.NONE;
        bridge = Bridge.NONE;
        hold = Hold.NONE;
    }

    private void endRound() {
        Delivery over = round;
        if (over != null && next > 0) {
            Run.Slice last = over.run().slices().getLast();
            long committed = last.block().timeMillis(last.to() - 1);
            figures.delivery.record(ticker.nowMillis() - committed, TimeUnit.MILLISECONDS);
        }
        round = null;
        if (over != null && !offering) over.release();
    }

    // Nothing is left to be delivered: the channel may have ended, or have messages that only the log has.
    private void nothingFollows() {
        if (deleted) {
            endLive();
            return;
        }
        Tail at = requireTail();
        if (!isLast(at)) return;
        bridge = Bridge.NONE;
        if (at.sequence() > delivered.sequence()) delivered = at.offset();
        for (Reader reader : List.of(Arrays.copyOf(live, liveCount))) reader.nothingFollows(at);
    }

    void load(ReadFrom from, Consumer<Page> answer) {
        source.page(channel, from, PAGE_BYTES, loop, answer);
    }

    void addLive(Reader reader) {
        if (liveCount == live.length) live = Arrays.copyOf(live, Math.max(2, liveCount * 2));
        reader.liveIndex = liveCount;
        live[liveCount++] = reader;
    }

    void removeLive(Reader reader) {
        int hole = reader.liveIndex;
        reader.liveIndex = -1;
        // Keep those already offered this round in front of `next`, and the rest behind it.
        if (round != null && hole < next) {
            next--;
            hole = move(next, hole);
        }
        liveCount--;
        move(liveCount, hole);
        live[liveCount] = null;
        if (liveCount < live.length / 4 && live.length > 16) live = Arrays.copyOf(live, live.length / 2);
    }

    private int move(int from, int to) {
        if (from != to) {
            Reader moved = live[from];
            live[to] = moved;
            moved.liveIndex = to;
        }
        return from;
    }

    /** It reads no more. */
    void ended(Reader reader, Held held) {
        remove(reader);
        source.ended(channel, held);
    }

    void remove(Reader reader) {
        if (reader.liveIndex >= 0) removeLive(reader);
        if (!waiting.isEmpty() && waiting.remove(reader) && waiting.isEmpty()) waiting = List.of();
        readers--;
        figures.readers.decrement();
        if (readers == 0) {
            endRound();
            forgetPending();
            registered = false;
            source.unregister(this);
        }
    }

    private ContentType requireType() {
        if (type == null) throw new IllegalStateException("not registered: " + channel);
        return type;
    }

    private Tail requireTail() {
        if (tail == null) throw new IllegalStateException("not registered: " + channel);
        return tail;
    }
}
