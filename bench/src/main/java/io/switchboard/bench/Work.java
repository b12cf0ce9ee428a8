package io.switchboard.bench;

/** Says when something is to be sent, and by whom. The thread of one lane. */
interface Work {
    /** Takes a sender in; returns its place among all. */
    int add(Duty duty);

    /** When the sender at this place should send the thing it sends as the nth, from 0. */
    long intended(int place, long n);

    /** Whether nothing more is to be sent. */
    boolean isOver();
}
