package io.switchboard.bench;

/** A connection that sends one thing at a time. The thread of its lane. */
interface Sender {
    /** Whether it could send now. */
    boolean canSend();

    /** Whether it can never send again. */
    boolean isGone();

    /** @param intended when that should have been, by the lane's clock */
    void send(long intended);

    Duty duty();
}
