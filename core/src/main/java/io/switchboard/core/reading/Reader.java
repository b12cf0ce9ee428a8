package io.switchboard.core.reading;

import io.switchboard.core.channel.Offset;
import io.switchboard.core.channel.Run;

/**
 * A cursor over a channel's log with an {@link Outlet} at its end. It holds no messages, so a client
 * that does not keep up costs a position, not a queue.
 *
 * <pre>
 *                    at the tail
 *   CATCHING_UP ───────────────────► LIVE     gets every message the moment it is committed,
 *     ▲   │  ▲                      │  │      as bytes that all readers of its form share
 *     │   │  └── missed a message ──┘  │
 *     │   │ outlet full                │ outlet full
 *     │   ▼                            │
 *     └─ LAGGING ◄─────────────────────┘      has its position, and waits until writable
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
        LAGGING,
        DONE
    }

    private final Feed feed;
    private final Outlet outlet;
    private final boolean awaitsCreation;
    private ReadFrom from;
    private State state = State.CATCHING_UP;
    private boolean loading;
    private long generation;
    private long sequence;

    /** Its place in the feed's array of live readers, kept by the feed; -1 while it is not there. */
    int liveIndex = -1;

    Reader(Feed feed, Outlet outlet, ReadFrom from, boolean awaitsCreation) {
        this.feed = feed;
        this.outlet = outlet;
        this.awaitsCreation = awaitsCreation;
        this.from = from;
    }

    public State state() {
        return state;
    }

    /** After the last message that the outlet accepted; meaningless before the first page was read. */
    public Offset position() {
        return new Offset(generation, sequence);
    }

    /** The outlet has room again. */
    public void writable() {
        if (state != State.LAGGING) return;
        state = State.CATCHING_UP;
        catchUp();
    }

    /** Ends the reader without a word to the outlet. May be called in any state, any number of times. */
    public void close() {
        if (state == State.DONE) return;
        finish();
    }

    private void finish() {
        state = State.DONE;
        feed.remove(this);
    }

    private void end(Outlet.End end) {
        finish();
        outlet.ended(end, position());
    }

    // The feed has been registered, or the reader has room again: go on from where it stands.
    void catchUp() {
        if (state != State.CATCHING_UP || loading || !feed.registered()) return;
        if (feed.isDeleted()) {
            end(Outlet.End.DELETED);
            return;
        }
        loading = true;
        feed.load(from, this::loaded);
    }

    private void loaded(Page page) {
        loading = false;
        if (state == State.DONE) return;
        if (feed.isDeleted()) {
            end(Outlet.End.DELETED);
            return;
        }
        switch (page) {
            case Page.Messages messages -> accept(messages);
            case Page.AtTail(var info, var tail) -> {
                stand(tail.offset());
                if (tail.closed()) {
                    end(Outlet.End.CLOSED);
                } else if (sequence < feed.deliveredThrough()) {
                    catchUp(); // more was committed since that look at the log
                } else {
                    state = State.LIVE;
                    feed.addLive(this);
                    outlet.caughtUp(position());
                }
            }
            case Page.Trimmed(var info, Offset earliest) -> skip(earliest);
            case Page.Lost(var info, Offset resumeAt) -> skip(resumeAt);
            case Page.NotFound() -> end(Outlet.End.DELETED);
            case Page.Gone() -> end(Outlet.End.DELETED);
            case Page.Failed failed -> end(Outlet.End.FAILED);
        }
    }

    private void accept(Page.Messages page) {
        Run run = page.run();
        Delivery delivery = new Delivery(
                run, page.info().type(), page.reachesTail(), page.reachesTail() && page.tail().closed());
        Outlet.Offer offer = outlet.offer(delivery);
        delivery.release();
        if (state == State.DONE) return;
        if (settle(offer, run)) {
            if (delivery.closes()) end(Outlet.End.CLOSED);
            else catchUp();
        }
    }

    private void skip(Offset to) {
        Offset gone = from instanceof ReadFrom.At(Offset offset) ? offset : position();
        Outlet.AfterGap then = outlet.gap(gone, to);
        if (state == State.DONE) return;
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
        Outlet.Offer offer;
        if (run.firstSequence() == sequence + 1) {
            offer = outlet.offer(delivery);
        } else {
            Run rest = run.after(sequence);
            Delivery cut = new Delivery(rest, delivery.type(), delivery.reachesTail(), delivery.closes());
            offer = outlet.offer(cut);
            cut.release();
        }
        if (state != State.DONE) settle(offer, run);
    }

    /** The channel was closed; its last message has been delivered live. */
    void channelClosed() {
        if (state == State.LIVE) end(Outlet.End.CLOSED);
    }

    /** There is no such channel now. */
    void channelAbsent() {
        if (awaitsCreation) from = new ReadFrom.Earliest();
        else if (state != State.DONE) end(Outlet.End.DELETED);
    }

    void channelDeleted() {
        if (state != State.DONE) end(Outlet.End.DELETED);
    }

    private boolean settle(Outlet.Offer offer, Run run) {
        return switch (offer) {
            case ACCEPTED -> {
                generation = run.slices().getLast().block().generation();
                sequence = run.lastSequence();
                if (state == State.CATCHING_UP) from = new ReadFrom.At(position());
                yield true;
            }
            case FULL -> {
                // A sentinel that nothing was accepted from yet is looked up anew: it may move meanwhile.
                if (state == State.LIVE) leaveLive(State.LAGGING);
                else state = State.LAGGING;
                yield false;
            }
            case GONE -> {
                finish();
                yield false;
            }
        };
    }

    private void leaveLive(State next) {
        feed.removeLive(this);
        state = next;
        from = new ReadFrom.At(position());
    }

    private void stand(Offset at) {
        generation = at.generation();
        sequence = at.sequence();
        from = new ReadFrom.At(at);
    }
}
