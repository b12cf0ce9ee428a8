package io.switchboard.core.reading;

import io.switchboard.core.channel.ChannelName;
import io.switchboard.core.channel.Offset;
import io.switchboard.core.channel.Run;
import io.switchboard.core.channel.Tail;
import org.jspecify.annotations.Nullable;

/**
 * A cursor over a channel's log with an {@link Outlet} at its end. It holds no messages, so a client
 * that does not keep up costs a position, not a queue.
 *
 * <pre>
 *                    at the tail
 *   CATCHING_UP ───────────────────► LIVE     gets every message the moment it is committed,
 *     ▲   │  ▲                      │  │      as bytes that all readers of its form share
 *     │   │  └── missed a message ──┘  │
 *     │   │ outlet full, or later      │ outlet full, or later
 *     │   ▼                            │
 *     └─ LAGGING or PAUSED ◄───────────┘      has its position, and waits until writable
 *
 *   any ──► DONE   closed by its owner, outlet gone, channel ended, a gap it does not go on after
 * </pre>
 *
 * While catching up it reads the log page by page and becomes LIVE only when its position is at or past
 * everything its {@link Feed} has delivered on this loop: what is committed after that reaches it live,
 * and whatever a live delivery repeats is cut off. A live delivery that begins too late sends it
 * back to the log. So there is no moment at which a message can slip through.
 *
 * <p>Belongs to its feed's loop; pure: no clock, thread or socket.
 */
public final class Reader {
    /** Where a reader is in its life. */
    public enum State {
        CATCHING_UP,
        LIVE,
        /** Its outlet has no room. */
        LAGGING,
        /** Its outlet wants nothing for now. */
        PAUSED,
        DONE
    }

    private static final ReadFrom NOWHERE = new ReadFrom.Now();
    private static final State[] STATES = State.values();
    private static final long NO_GENERATION = -1; // before it has a position, and the outlet may have heard of it

    // There may be hundreds on each connection: these fields fill an object of 48 bytes.
    private final Outlet outlet;
    private final boolean awaitsCreation;
    private ReadFrom from; // means nothing while it is live
    private byte state; // its ordinal
    private boolean loading;
    private long generation = NO_GENERATION;
    private long sequence;

    /** Of its channel; another one once that is deleted, if nothing was read yet. Changed by feeds only. */
    Feed feed;

    /** Its place in the feed's array of live readers, kept by the feed; -1 while it is not there. */
    int liveIndex = -1;

    Reader(Feed feed, Outlet outlet, ReadFrom from, boolean awaitsCreation) {
        this.feed = feed;
        this.outlet = outlet;
        this.awaitsCreation = awaitsCreation;
        this.from = from;
    }

    public State state() {
        return STATES[state];
    }

    @SuppressWarnings("EnumOrdinal") // kept nowhere else
    private void become(State next) {
        state = (byte) next.ordinal();
    }

    private boolean hasBegun() {
        return generation != NO_GENERATION;
    }

    /** Its channel, by the name that all readers share. */
    public ChannelName channel() {
        return feed.channel();
    }

    /** Where its messages go. */
    public Outlet outlet() {
        return outlet;
    }

    /** After the last message that the outlet accepted; meaningless before the first page was read. */
    public Offset position() {
        return new Offset(hasBegun() ? generation : 0, sequence);
    }

    /**
     * Where a client that saw all that the outlet accepted stands: {@link #position}, or the offset at which the reader
     * was told to begin; null as long as there is none.
     */
    public @Nullable Offset seen() {
        if (hasBegun()) return position();
        return from instanceof ReadFrom.At(Offset offset) ? offset : null;
    }

    private boolean waits() {
        return state() == State.LAGGING || state() == State.PAUSED;
    }

    /** The outlet has room again, or wants more. */
    public void writable() {
        if (waits()) goOn();
    }

    /** As {@link #writable}, but goes on with the newest message there is, whatever lies before it. */
    public void skipToNewest() {
        if (!waits()) return;
        from = new ReadFrom.Last(1);
        goOn();
    }

    private void goOn() {
        if (state() == State.LAGGING) {
            feed.figures().lagging.decrement();
            feed.figures().recoveries.increment();
        }
        become(State.CATCHING_UP);
        catchUp();
    }

    /** Ends the reader without a word to the outlet. May be called in any state, any number of times. */
    public void close() {
        if (state() == State.DONE) return;
        finish();
    }

    private void finish() {
        if (state() == State.LAGGING) feed.figures().lagging.decrement();
        become(State.DONE);
        feed.remove(this);
    }

    private void end(Outlet.End end) {
        finish();
        outlet.ended(this, end);
    }

    // The feed has been registered, or the reader has room again: go on from where it stands.
    void catchUp() {
        if (state() != State.CATCHING_UP || loading || !feed.registered()) return;
        if (feed.isDeleted()) {
            channelDeleted();
            return;
        }
        loading = true;
        feed.load(from, this::loaded);
    }

    private void loaded(Page page) {
        loading = false;
        if (state() == State.DONE) return;
        if (feed.isDeleted()) {
            channelDeleted();
            return;
        }
        switch (page) {
            case Page.Messages messages -> accept(messages);
            case Page.AtTail(var info, var tail) -> {
                stand(tail.offset());
                if (tail.closed()) end(Outlet.End.CLOSED);
                else atTail();
            }
            case Page.Trimmed(var info, Offset earliest) -> skip(earliest);
            case Page.Lost(var info, Offset resumeAt) -> skip(resumeAt);
            case Page.NotFound() -> channelMissing();
            case Page.Gone() -> channelMissing();
            case Page.Failed failed -> end(Outlet.End.FAILED);
            case Page.InFile f -> throw new IllegalStateException("readers ask for messages");
        }
    }

    private void accept(Page.Messages page) {
        Run run = page.run();
        Delivery delivery = new Delivery(
                channel(),
                run,
                page.info().type(),
                page.reachesTail(),
                page.reachesTail() && page.tail().closed());
        Outlet.Offer offer;
        try {
            offer = outlet.offer(this, delivery);
        } finally {
            delivery.release();
        }
        if (state() == State.DONE || !settle(offer, delivery)) return;
        if (delivery.closes()) end(Outlet.End.CLOSED);
        else if (delivery.reachesTail()) atTail();
        else catchUp();
    }

    // It has all that the log had when it looked. What its feed delivers from now on is all that follows,
    // unless the feed has delivered more already.
    private void atTail() {
        if (sequence < feed.deliveredThrough()) {
            catchUp();
        } else if (feed.endsAt(sequence)) {
            end(Outlet.End.CLOSED);
        } else {
            become(State.LIVE);
            from = NOWHERE;
            feed.addLive(this);
            outlet.caughtUp(this);
        }
    }

    private void skip(Offset to) {
        Offset gone = from instanceof ReadFrom.At(Offset offset) ? offset : position();
        feed.figures().gaps.increment();
        Outlet.AfterGap then = outlet.gap(this, gone, to);
        if (state() == State.DONE) return;
        switch (then) {
            case STOP -> finish();
            case RESUME -> {
                stand(to);
                catchUp();
            }
        }
    }

    /** Messages that were just committed. The feed calls this for its live readers. */
    void live(Delivery delivery) {
        Run run = delivery.run();
        if (run.lastSequence() <= sequence) return;
        if (run.firstSequence() > sequence + 1) {
            leaveLive(State.CATCHING_UP);
            catchUp();
            return;
        }
        if (run.firstSequence() == sequence + 1) {
            Outlet.Offer offer = outlet.offer(this, delivery);
            if (state() != State.DONE) settle(offer, delivery);
            return;
        }
        Run rest = run.after(sequence);
        Delivery cut = new Delivery(channel(), rest, delivery.type(), delivery.reachesTail(), delivery.closes());
        Outlet.Offer offer;
        try {
            offer = outlet.offer(this, cut);
        } finally {
            cut.release();
        }
        if (state() != State.DONE) settle(offer, cut);
    }

    /** All that the feed had was delivered live, and the channel is at {@code tail}: closed, or beyond what it had. */
    void nothingFollows(Tail tail) {
        if (state() != State.LIVE) return;
        if (sequence < tail.sequence()) {
            leaveLive(State.CATCHING_UP);
            catchUp();
        } else if (tail.closed()) {
            end(Outlet.End.CLOSED);
        }
    }

    /** Messages it was given may be lost: the log knows. */
    void lookAgain() {
        if (state() != State.LIVE) return;
        leaveLive(State.CATCHING_UP);
        catchUp();
    }

    /** There is no such channel now. */
    void channelAbsent() {
        if (state() == State.DONE) return;
        if (!awaitsCreation) end(Outlet.End.DELETED);
        else if (!(from instanceof ReadFrom.At)) from = new ReadFrom.Earliest();
    }

    /** Nobody knows whether there is such a channel. */
    void channelFailed() {
        if (state() != State.DONE) end(Outlet.End.FAILED);
    }

    /** The channel is no more, as its feed knows. */
    void channelDeleted() {
        if (state() == State.DONE) return;
        if (hasBegun()) end(Outlet.End.DELETED);
        else feed.moveOn(this);
    }

    // The channel is no more, which its feed has yet to hear.
    private void channelMissing() {
        if (hasBegun()) end(Outlet.End.DELETED);
        else feed.awaitDeletion(this);
    }

    private boolean settle(Outlet.Offer offer, Delivery delivery) {
        return switch (offer) {
            case ACCEPTED -> {
                Run run = delivery.run();
                feed.taken(delivery);
                generation = run.slices().getLast().block().generation();
                sequence = run.lastSequence();
                if (state() == State.CATCHING_UP) from = new ReadFrom.At(position());
                yield true;
            }
            case FULL -> {
                await(State.LAGGING);
                feed.figures().lagging.increment();
                yield false;
            }
            case LATER -> {
                await(State.PAUSED);
                yield false;
            }
            case GONE -> {
                finish();
                yield false;
            }
        };
    }

    // A sentinel that nothing was accepted from yet is looked up anew: it may move meanwhile.
    private void await(State next) {
        if (state() == State.LIVE) leaveLive(next);
        else become(next);
    }

    private void leaveLive(State next) {
        feed.removeLive(this);
        become(next);
        from = new ReadFrom.At(position());
    }

    private void stand(Offset at) {
        generation = at.generation();
        sequence = at.sequence();
        from = new ReadFrom.At(at);
    }
}
