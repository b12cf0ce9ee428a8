package io.switchboard.client;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A subscription as the loop sees it: where it stands, and whether more may be read now. Links bring messages, each link
 * without a hole from where it began; what two of them bring twice is passed over. On the loop.
 */
final class Reading {
    // On transports that do not say whether there is more: fewer messages than this in this time are no backlog.
    private static final int BACKLOG_MESSAGES = 100;
    private static final long BACKLOG_MILLIS = 250;

    /** Who is to know that it changed. */
    interface Owner {
        /** It has room again: read on from its cursor. */
        void resumed(Reading reading);

        /** It is full: stop reading. */
        void paused(Reading reading);

        /** It has come to its end. */
        void ended(Reading reading);

        /** Whether it is current may have changed. */
        void changed();
    }

    private final Loop loop;
    private final String channel;
    private final Subscribing how;
    private final Owner owner;
    private final Cursor cursor;
    private final @Nullable Pace pace;
    private @Nullable Inbox inbox;
    private boolean paused;
    private boolean over;
    private boolean current;
    private State connection = State.CONNECTING;
    private @Nullable State told;
    private int recent; // messages since `quiet` was set
    private Loop.@Nullable Timer quiet;
    private Attendance attendance = new Attendance();

    Reading(Loop loop, String channel, Subscribing how, Owner owner) {
        this.loop = loop;
        this.channel = channel;
        this.how = how;
        this.owner = owner;
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

    /** Whether it is to be read now. */
    boolean isActive() {
        return !paused && !over;
    }

    boolean isOver() {
        return over;
    }

    boolean isCurrent() {
        return current;
    }

    // ---- what links bring

    /** @param paced whether the server keeps the rate that was asked for */
    void message(Envelope envelope, boolean paced) {
        if (!isActive() || !cursor.take(envelope.offset())) return;
        recent++;
        Message message = new Message(envelope);
        if (pace != null && !paced) {
            pace.take(message);
            return;
        }
        if (pace != null) pace.flush();
        put(message);
    }

    private void put(Message message) {
        if (!inbox().message(message)) pause();
    }

    void gap(String from, String to) {
        if (!isActive() || !cursor.skip(from, to)) return;
        if (pace != null) pace.flush();
        if (!inbox().gap(new Gap(from, to))) pause();
    }

    /** The server has said where it begins. Whether more is there shows. */
    void begun(String offset) {
        cursor.named(offset);
        setCurrent(false);
        recent = 0;
        if (quiet != null) quiet.cancel();
        quiet = loop.after(BACKLOG_MILLIS, this::lookAround);
    }

    private void lookAround() {
        if (recent < BACKLOG_MESSAGES) {
            setCurrent(true);
            return;
        }
        recent = 0;
        quiet = loop.after(BACKLOG_MILLIS, this::lookAround);
    }

    /** The server has said whether there is more. */
    void setCurrent(boolean isCurrent) {
        if (quiet != null) quiet.cancel();
        if (current == isCurrent) return;
        current = isCurrent;
        owner.changed();
        tell();
    }

    void presence(String event, Map<String, String> said) throws Json.Malformed {
        if (!over && how.presence()) inbox().presence(attendance.take(event, said));
    }

    /** Over this transport nobody can say who is there. */
    void presenceUnknown() {
        attendance = new Attendance();
        if (!over && how.presence()) inbox().presence(Presence.UNKNOWN);
    }

    /** Nothing comes any more. */
    void end(End how) {
        if (over) return;
        over = true;
        if (pace != null) pace.flush();
        if (quiet != null) quiet.cancel();
        inbox().end(how);
        owner.ended(this);
    }

    /** How its connection is. */
    void connection(State state) {
        connection = state;
        tell();
    }

    State state() {
        return connection == State.LIVE && !current ? State.BEHIND : connection;
    }

    private void tell() {
        State now = state();
        if (over || now == told) return;
        told = now;
        inbox().state(now);
    }

    // ---- room

    private void pause() {
        if (!isActive()) return;
        paused = true;
        setCurrent(false);
        owner.paused(this);
    }

    /** The application has taken enough of what waited. */
    void resume() {
        if (!paused || over) return;
        paused = false;
        owner.resumed(this);
    }
}
