package io.switchboard.bench;

/** Sends messages of the load over a WebSocket, with so many under way at most. */
abstract class MessageSender extends SocketPeer implements Sender {
    private final int underWayMax;
    private final long epoch;
    private final Duty duty;
    private long sequence;
    private int underWay;

    MessageSender(Lane lane, Fleet fleet, byte[] handshake, Work work, int underWayMax, long epoch) {
        super(lane, fleet, handshake);
        this.underWayMax = underWayMax;
        this.epoch = epoch;
        this.duty = new Duty(this, work);
    }

    /** Sends the message of the lane, stamped, between these. */
    final void sendStamped(byte[] head, byte[] tail, int publisher, long intended) {
        underWay++;
        lane.sent++;
        Stamp.write(lane.message, publisher, ++sequence, intended - epoch);
        write(head, lane.message, tail);
    }

    /** One of those under way has come to its end. */
    final void ended() {
        underWay--;
    }

    /** How many were sent. */
    final long sequence() {
        return sequence;
    }

    @Override
    void upgraded() {
        ready();
    }

    @Override
    public final Duty duty() {
        return duty;
    }

    @Override
    public final boolean canSend() {
        return isReady() && underWay < underWayMax && isWritable();
    }

    @Override
    final void drained() {
        duty.pump();
    }

    @Override
    final void batchDone() {
        duty.pump();
    }
}
