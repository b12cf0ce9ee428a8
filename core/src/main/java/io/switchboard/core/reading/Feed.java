package io.switchboard.core.reading;

import io.switchboard.core.channel.Block;
import io.switchboard.core.channel.ChannelName;
import io.switchboard.core.channel.ContentType;
import io.switchboard.core.channel.Run;
import io.switchboard.core.channel.Tail;
import io.switchboard.core.time.Loop;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * All readers of one channel on one loop, and what was committed for them.
 *
 * <p>The feed registers with the log's owner first; the answer carries the tail T, and from then on the
 * owner sends every commit after T, in order. {@link #deliveredThrough} begins at T and moves as rounds
 * begin. A round takes what was committed since the last one (at most {@value #ROUND_BYTES_MAX} bytes or
 * one block), as one delivery that every live reader is offered: one write per socket, however many
 * messages it carries. After {@value #OFFERS_PER_TURN} offers the round lets other work of the loop go
 * first.
 *
 * <p>Belongs to its loop.
 */
public final class Feed {
    public static final int ROUND_BYTES_MAX = 64 * 1024;
    public static final int OFFERS_PER_TURN = 256;
    public static final int PAGE_BYTES = 64 * 1024;

    /** The log's owner, as a feed sees it. Called on the feed's loop; answers come on it too. */
    public interface Source {
        void register(Feed feed);

        void unregister(Feed feed);

        void page(ChannelName channel, ReadFrom from, int bytesMax, Loop answerOn, Consumer<Page> answer);
    }

    private final ChannelName channel;
    private final Loop loop;
    private final Source source;
    private final List<Reader> waiting = new ArrayList<>(); // for the registration
    private int readers;
    private Reader[] live = new Reader[4];
    private int liveCount;

    private boolean registered;
    private boolean deleted;
    private @Nullable ContentType type;
    private @Nullable Tail tail;
    private long deliveredThrough;

    private final ArrayDeque<Block> pending = new ArrayDeque<>();
    private boolean roundScheduled;
    private @Nullable Delivery round;
    private int next; // of `live` to be offered this round

    public Feed(ChannelName channel, Loop loop, Source source) {
        this.channel = channel;
        this.loop = loop;
        this.source = source;
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

    boolean registered() {
        return registered;
    }

    long deliveredThrough() {
        return deliveredThrough;
    }

    /**
     * A new reader that begins at {@code from}; its outlet hears of it later, never within this call.
     *
     * @param awaitsCreation whether it waits for a channel that is not there yet, and then begins at its
     *     beginning; otherwise it ends as if the channel had been deleted
     */
    public Reader open(ReadFrom from, Outlet outlet, boolean awaitsCreation) {
        Reader reader = new Reader(this, outlet, from, awaitsCreation);
        readers++;
        if (registered) {
            reader.catchUp();
        } else {
            waiting.add(reader);
            if (readers == 1) source.register(this);
        }
        return reader;
    }

    /**
     * The channel is there, and all commits after {@code tail} will be {@link #committed}. Called once,
     * possibly much later than asked for: a channel may yet have to be created.
     */
    public void registered(ContentType channelType, Tail at) {
        registered = true;
        type = channelType;
        tail = at;
        deliveredThrough = at.sequence();
        List<Reader> ready = List.copyOf(waiting);
        waiting.clear();
        for (Reader reader : ready) reader.catchUp();
    }

    /** There is no such channel now; the feed will be {@link #registered} if it comes to be. */
    public void absent() {
        for (Reader reader : List.copyOf(waiting)) reader.channelAbsent();
    }

    /** The channel took these messages, or was closed; {@code newTail} is its tail now. */
    public void committed(@Nullable Block block, Tail newTail) {
        tail = newTail;
        if (block != null) pending.add(block);
        scheduleRound();
    }

    /** The channel is no more; all readers end. */
    public void deleted() {
        deleted = true; // those that are catching up or lagging learn it when they next look at the log
        endRound();
        pending.clear();
        List<Reader> told = new ArrayList<>(waiting);
        told.addAll(Arrays.asList(live).subList(0, liveCount));
        for (Reader reader : told) reader.channelDeleted();
    }

    /** Whether the channel it was made for is no more; it takes no new readers then. */
    public boolean isDeleted() {
        return deleted;
    }

    private void scheduleRound() {
        if (roundScheduled) return;
        roundScheduled = true;
        loop.execute(this::turn);
    }

    private void turn() {
        roundScheduled = false;
        if (round == null) {
            if (pending.isEmpty()) {
                endIfClosed();
                return;
            }
            round = takePending();
            deliveredThrough = round.run().lastSequence();
            next = 0;
        }
        Delivery delivery = round;
        int budget = OFFERS_PER_TURN;
        while (next < liveCount && budget-- > 0) {
            live[next++].live(delivery); // may remove itself, or others
            if (round != delivery) return; // the channel was deleted under our hands
        }
        if (next >= liveCount) endRound();
        if (round != null || !pending.isEmpty()) scheduleRound();
        else endIfClosed();
    }

    private Delivery takePending() {
        List<Run.Slice> slices = new ArrayList<>(pending.size());
        long bytes = 0;
        do {
            Block block = pending.remove();
            slices.add(new Run.Slice(block, 0, block.count()));
            bytes += block.payloadBytes();
        } while (!pending.isEmpty() && bytes + pending.element().payloadBytes() <= ROUND_BYTES_MAX);
        boolean reachesTail = pending.isEmpty();
        return new Delivery(new Run(slices), requireType(), reachesTail, reachesTail && requireTail().closed());
    }

    private void endRound() {
        Delivery over = round;
        round = null;
        if (over != null) over.release();
    }

    private void endIfClosed() {
        if (!requireTail().closed()) return;
        while (liveCount > 0) live[liveCount - 1].channelClosed();
    }

    void load(ReadFrom from, Consumer<Page> answer) {
        source.page(channel, from, PAGE_BYTES, loop, page -> loop.execute(() -> answer.accept(page)));
    }

    void addLive(Reader reader) {
        if (liveCount == live.length) live = Arrays.copyOf(live, liveCount * 2);
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

    void remove(Reader reader) {
        if (reader.liveIndex >= 0) removeLive(reader);
        waiting.remove(reader);
        readers--;
        if (readers == 0) {
            endRound();
            pending.clear();
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
