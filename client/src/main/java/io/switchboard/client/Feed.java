package io.switchboard.client;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A channel as the client reads it: once, for all subscriptions to it (spec/clients.md, section 8). Links bring messages, each
 * link without a hole from where it began; what two of them bring twice is passed over. It pauses when nobody who takes its
 * messages has room for another. On the loop.
 */
final class Feed {
    // On transports that do not say whether there is more: fewer messages than this in this time are no backlog.
    private static final int BACKLOG_MESSAGES = 100;
    private static final long BACKLOG_MILLIS = 250;

    /** Who is to know that it changed. */
    interface Owner {
        /** Somebody has room again: read on from its cursor. */
        void resumed(Feed feed);

        /** Nobody has room: stop reading. */
        void paused(Feed feed);

        /** A rate, or presence, is wanted that was not before, or no more. */
        void rewanted(Feed feed);

        /** It has come to its end, or nobody reads it any more. */
        void ended(Feed feed);

        /** This one of its readings has come to its end. */
        void ended(Reading reading);

        /** Whether somebody is current may have changed. */
        void changed();
    }

    private final Loop loop;
    private final String channel;
    private final Owner owner;
    private final Cursor cursor;
    private final Set<Reading> readings = new LinkedHashSet<>();
    private boolean paused;
    private @Nullable End end; // of the channel
    private boolean over;
    private boolean current;
    private int recent; // messages since `quiet` was set
    private Loop.@Nullable Timer quiet;
    private Attendance attendance = new Attendance();
    private @Nullable Presence present; // as it was told last

    /** @param from where the first of its readings begins */
    Feed(Loop loop, String channel, String from, Owner owner) {
        this.loop = loop;
        this.channel = channel;
        this.owner = owner;
        this.cursor = new Cursor(from);
    }

    String channel() {
        return channel;
    }

    Cursor cursor() {
        return cursor;
    }

    /** Messages a second that are enough for everybody; 0 is every message. */
    double rate() {
        double greatest = 0;
        for (Reading reading : readings) {
            if (reading.how().rate() == 0) return 0;
            greatest = Math.max(greatest, reading.how().rate());
        }
        return greatest;
    }

    /** Whether somebody wants to be seen, and to see. */
    boolean presence() {
        return readings.stream().anyMatch(reading -> reading.how().presence());
    }

    /** Whether it is to be read now. */
    boolean isActive() {
        return !paused && !over;
    }

    boolean isCurrent() {
        return current;
    }

    /** How the channel ended; null if it did not. */
    @Nullable
    End end() {
        return end;
    }

    /** Whether there was more than {@code other} has seen. */
    boolean isAhead(Cursor other) {
        return cursor.isOffset() && !other.has(cursor.at());
    }

    // ---- who reads it

    void join(Reading reading) {
        double rate = rate();
        boolean presence = presence();
        boolean first = readings.isEmpty();
        readings.add(reading);
        reading.joined(this);
        if (present != null && reading.how().presence()) reading.presence(present);
        if (paused) resume();
        else if (!first) wanted(rate, presence);
    }

    void left(Reading reading) {
        double rate = rate();
        boolean presence = presence();
        if (!readings.remove(reading)) return;
        owner.ended(reading);
        if (over) return;
        if (readings.isEmpty()) {
            finish();
            return;
        }
        pauseWhenFull();
        if (!paused) wanted(rate, presence);
    }

    private void wanted(double rateBefore, boolean presenceBefore) {
        if (presenceBefore && !presence()) {
            attendance = new Attendance();
            present = null;
        }
        if (rate() != rateBefore || presence() != presenceBefore) owner.rewanted(this);
    }

    // ---- what links bring

    /** @param rate messages a second that are left of what there is, as the server keeps it; 0 if it keeps none */
    void message(Envelope envelope, double rate) {
        if (!isActive()) return;
        String before = cursor.at();
        if (!cursor.take(envelope.offset())) return;
        recent++;
        Message message = new Message(envelope);
        for (Reading reading : readings) reading.offer(before, message, rate);
    }

    void gap(String from, String to) {
        if (!isActive()) return;
        String before = cursor.at();
        if (!cursor.skip(from, to)) return;
        for (Reading reading : readings) reading.gap(before, to);
    }

    /** The server has said where it begins. Whether more is there shows. */
    void begun(String offset) {
        named(offset);
        setCurrent(false);
        recent = 0;
        if (quiet != null) quiet.cancel();
        quiet = loop.after(BACKLOG_MILLIS, this::lookAround);
    }

    /** The server says where {@value Cursor#NOW} is. Who stands further back reads on up to there. */
    void named(String offset) {
        if (!cursor.isNow()) return;
        cursor.named(offset);
        for (Reading reading : readings) reading.named(offset);
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
    }

    void presence(String event, Map<String, String> said) throws Json.Malformed {
        if (!over && presence()) tell(attendance.take(event, said));
    }

    /** Over this transport nobody can say who is there. */
    void presenceUnknown() {
        attendance = new Attendance();
        if (!over && presence() && !Presence.UNKNOWN.equals(present)) tell(Presence.UNKNOWN);
    }

    private void tell(Presence newest) {
        present = newest;
        for (Reading reading : readings) if (reading.how().presence()) reading.presence(newest);
    }

    /** Nothing comes any more. Who has not got that far reads on by himself. */
    void end(End how) {
        if (over) return;
        end = how;
        finish();
        for (Reading reading : List.copyOf(readings)) reading.feedEnded(how);
    }

    private void finish() {
        over = true;
        if (quiet != null) quiet.cancel();
        owner.ended(this);
    }

    // ---- room

    /** One of its readings has no room, or fewer read it now. */
    void pauseWhenFull() {
        if (!isActive() || !readings.stream().allMatch(Reading::isFull)) return;
        if (readings.stream().allMatch(reading -> isAhead(reading.cursor()))) return; // those read on by themselves
        paused = true;
        setCurrent(false);
        owner.paused(this);
    }

    /** Whether one of its readings is current may have changed. */
    void changed() {
        owner.changed();
    }

    /** One of its readings has room again. */
    void resume() {
        if (!paused || over) return;
        paused = false;
        owner.resumed(this);
    }
}
