package io.switchboard.bench;

/** What one sender still has to send. Only a number: when each was due can be computed. The thread of its lane. */
final class Duty {
    /** For those who send as soon as they can. */
    static final long ALWAYS = Long.MAX_VALUE;

    private final Sender sender;
    private final Work work;
    private final int place;
    private long owed;
    private long done;

    Duty(Sender sender, Work work) {
        this.sender = sender;
        this.work = work;
        this.place = work.add(this);
    }

    /** One thing more is due. */
    void owe() {
        owed++;
        pump();
    }

    /** From now on whatever it can. */
    void begin() {
        owed = ALWAYS;
        pump();
    }

    /** Sends what is due and can be sent. */
    void pump() {
        while (owed > 0 && sender.canSend() && !work.isOver()) {
            if (owed != ALWAYS) owed--;
            sender.send(work.intended(place, done++));
        }
    }

    /** Whether what falls due will be sent at all. */
    boolean isOfUse() {
        return !sender.isGone();
    }

    /** What was due and has not been sent. */
    long owed() {
        return owed == ALWAYS ? 0 : owed;
    }
}
