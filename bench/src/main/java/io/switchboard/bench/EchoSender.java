package io.switchboard.bench;

/** Sends messages that come back, and measures and checks them. */
final class EchoSender extends SocketPeer implements Sender, Reading {
    private static final byte[] NO_TAIL = {};

    private final byte[] head;
    private final int depth;
    private final Duty duty;
    private final Intake intake;
    private final long epoch;
    private long sequence;
    private int underWay;

    EchoSender(Lane lane, Fleet fleet, byte[] handshake, Work work, int depth, long epoch) {
        super(lane, fleet, handshake);
        this.head = textFrame(lane.message.length);
        this.depth = depth;
        this.epoch = epoch;
        this.duty = new Duty(this, work);
        this.intake = new Intake(lane, epoch, 1, null);
    }

    @Override
    void upgraded() {
        ready();
    }

    @Override
    public Duty duty() {
        return duty;
    }

    @Override
    public boolean canSend() {
        return isReady() && underWay < depth && isWritable();
    }

    @Override
    public void send(long intended) {
        underWay++;
        lane.sent++;
        Stamp.write(lane.message, 0, ++sequence, intended - epoch);
        write(head, lane.message, NO_TAIL);
    }

    @Override
    void drained() {
        duty.pump();
    }

    @Override
    public void payload(byte[] bytes, int from, int to) {
        long came = intake.feed(bytes, from, to, now);
        lane.answered += came;
    }

    @Override
    public void message() {
        underWay--;
    }

    @Override
    void batchDone() {
        duty.pump();
    }

    @Override
    public Intake intake() {
        return intake;
    }

    /** Messages that went out and have not come back. */
    long missing() {
        return sequence - intake.check().distinct();
    }
}
