package io.switchboard.client;

import org.jspecify.annotations.Nullable;

/**
 * A subscription as the loop sees it: takes what its {@link Feed} brings while it is in step with it. It is not when it began
 * elsewhere, or when it was full while others were not; then it reads on by itself, from its own cursor, until it is
 * ({@link CatchingUp}). So nobody waits for anybody, and nothing is kept for a slow one but its place. On the loop.
 */
final class Reading {
    /** Who reads for it while it is not in step. */
    interface Errands {
        /** Reads for this one until it {@link #isDone}; or goes on, when it was full and has room again. */
        void begin(Reading reading);

        /** Reads for this one no more. */
        void stop(Reading reading);
    }

    private final String channel;
    private final Subscribing how;
    private final Errands errands;
    private final Cursor cursor;
    private final @Nullable Pace pace;
    private @Nullable Inbox inbox;
    private @Nullable Feed feed;
    private boolean full;
    private boolean catching;
    private boolean over;
    private State connection = State.CONNECTING;
    private @Nullable State told;

    Reading(Loop loop, String channel, Subscribing how, Errands errands) {
        this.channel = channel;
        this.how = how;
        this.errands = errands;
        this.cursor = new Cursor(how.from());
        this.pace = how.rate() > 0 ? new Pace(loop, how.rate(), this::put) : null;
    }

    /** Before anything else. */
    void deliverTo(Inbox application) {
        inbox = application;
    }

    private Inbox inbox() {
        if (inbox == null) throw new IllegalStateException("nobody to deliver to");
        return inbox;
    }

    String channel() {
        return channel;
    }

    Subscribing how() {
        return how;
    }

    Cursor cursor() {
        return cursor;
    }

    /** The channel as the client reads it; once it has joined it. */
    Feed feed() {
        if (feed == null) throw new IllegalStateException("it has not begun");
        return feed;
    }

    boolean isFull() {
        return full;
    }

    boolean isOver() {
        return over;
    }

    boolean isCurrent() {
        return !catching && !full && feed().isCurrent();
    }

    /** It begins. What the feed has passed, or may not know, it asks for by itself. */
    void joined(Feed joined) {
        feed = joined;
        if (!cursor.at().equals(joined.cursor().at())) catchUp();
    }

    private void catchUp() {
        if (over || catching) return;
        catching = true;
        if (!full) errands.begin(this);
        feed().changed();
    }

    /** All that is behind its cursor now was read for it. Returns whether that is enough: it is in step, or over. */
    boolean isDone() {
        End end = feed().end();
        if (end != null) {
            end(end); // what is there now is another channel of that name
            return true;
        }
        if (feed().isAhead(cursor)) return false;
        catching = false;
        feed().changed();
        return true;
    }

    // ---- what its feed brings

    /** The feed stands at {@code offset} now, which was {@value Cursor#NOW}. */
    void named(String offset) {
        cursor.named(offset);
        if (feed().isAhead(cursor)) catchUp();
    }

    /**
     * @param before the offset that the message came behind
     * @param rate that the server keeps; 0 if it keeps none
     */
    void offer(String before, Message message, double rate) {
        if (over || full || cursor.has(message.offset())) return;
        if (cursor.isInStep(before)) take(message, rate);
        else catchUp();
    }

    // ---- what it reads by itself, too

    /** A message that comes right behind its cursor, or was taken before. */
    void message(Envelope envelope) {
        if (!over && !full && !cursor.has(envelope.offset())) take(new Message(envelope), 0);
    }

    private void take(Message message, double rate) {
        cursor.take(message.offset());
        if (pace != null && rate != how.rate()) {
            pace.take(message);
            return;
        }
        if (pace != null) pace.flush();
        put(message);
    }

    private void put(Message message) {
        if (!inbox().message(message)) fill();
    }

    /** @param before where whoever tells it stood; what comes after it is gone, up to {@code to} */
    void gap(String before, String to) {
        String at = cursor.at();
        if (over) return;
        if (full) {
            catchUp(); // when there is room it is told by what it asks for itself
            return;
        }
        if (!at.equals(before) && (before.compareTo(at) > 0 || at.compareTo(to) >= 0)) return;
        cursor.set(to);
        if (pace != null) pace.flush();
        if (!inbox().gap(new Gap(at, to))) fill();
    }

    void presence(Presence presence) {
        if (!over) inbox().presence(presence);
    }

    /** Its feed has come to its end. */
    void feedEnded(End how) {
        if (how.error().isPresent()) end(how);
        else if (catching) return; // it will come there
        else if (feed().isAhead(cursor)) catchUp();
        else end(how);
    }

    /** Nothing comes any more. */
    void end(End how) {
        if (over) return;
        over = true;
        errands.stop(this);
        if (pace != null) pace.flush();
        inbox().end(how);
        if (feed != null) feed.left(this);
    }

    /** How its connection is. */
    void connection(State state) {
        connection = state;
        State now = connection == State.LIVE && !isCurrent() ? State.BEHIND : connection;
        if (over || now == told) return;
        told = now;
        inbox().state(now);
    }

    // ---- room

    private void fill() {
        if (full || over) return;
        full = true;
        feed().pauseWhenFull();
    }

    /** The application has taken enough of what waited. */
    void resume() {
        if (!full || over) return;
        full = false;
        if (catching) errands.begin(this);
        else if (feed().isAhead(cursor)) catchUp();
        feed().resume();
        feed().changed();
    }
}
