package io.switchboard.bench;

/** Sends messages that come back, and measures and checks them. */
final class EchoSender extends MessageSender implements Reading {
    private static final byte[] NO_TAIL = {};

    private final byte[] head;
    private final Intake intake;

    EchoSender(Lane lane, Fleet fleet, byte[] handshake, Work work, int depth, long epoch) {
        super(lane, fleet, handshake, work, depth, epoch);
        this.head = textFrame(lane.message.length);
        this.intake = new Intake(lane, epoch, 1, null);
    }

    @Override
    public void send(long intended) {
        sendStamped(head, NO_TAIL, 0, intended);
    }

    @Override
    public void payload(byte[] bytes, int from, int to) {
        long came = intake.feed(bytes, from, to, now);
        lane.answered += came;
    }

    @Override
    public void message() {
        ended();
    }

    @Override
    public Intake intake() {
        return intake;
    }

    /** Messages that went out and have not come back. */
    long missing() {
        return sequence() - intake.check().distinct();
    }
}
