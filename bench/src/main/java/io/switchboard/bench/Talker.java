package io.switchboard.bench;

import java.util.ArrayDeque;
import java.util.Deque;
import org.HdrHistogram.Histogram;

/** Reads one channel and publishes to another on one WebSocket, a line: both sides speak. */
final class Talker extends MessageSender implements Reading {
    private static final int UNDER_WAY_MAX = 64;
    private static final byte[] TAIL = {'}'};

    private final String subscribe;
    private final byte[] head;
    private final int publisher;
    private final Intake intake;
    private final Histogram acknowledged;
    private final Reply reply = new Reply();
    private final Deque<Long> intended = new ArrayDeque<>(); // of those under way, in order

    /**
     * @param subscribe what to send first
     * @param head of each message, up to its data, with the head of its frame
     * @param acknowledged how long each took to be taken, in nanoseconds; of the lane
     */
    Talker(
            Lane lane,
            Fleet fleet,
            byte[] handshake,
            Work work,
            String subscribe,
            byte[] head,
            int publisher,
            long epoch,
            Intake intake,
            Histogram acknowledged) {
        super(lane, fleet, handshake, work, UNDER_WAY_MAX, epoch);
        this.subscribe = subscribe;
        this.head = head;
        this.publisher = publisher;
        this.intake = intake;
        this.acknowledged = acknowledged;
    }

    @Override
    void upgraded() {
        send(subscribe);
    }

    @Override
    public void send(long due) {
        intended.add(due);
        sendStamped(head, TAIL, publisher, due);
    }

    @Override
    public void payload(byte[] bytes, int from, int to) {
        reply.feed(bytes, from, to);
        if (isReady()) intake.feed(bytes, from, to, now);
    }

    @Override
    public void message() {
        Reply.Kind kind = reply.take();
        if (kind == Reply.Kind.OTHER) return;
        if (!isReady()) {
            if (kind == Reply.Kind.OK) ready();
            else gone(Trouble.FORBIDDEN);
            return;
        }
        ended();
        long due = intended.remove();
        if (kind == Reply.Kind.OK) {
            lane.answered++;
            lane.took(acknowledged, due, now);
        } else {
            lane.refused++;
        }
    }

    @Override
    public Intake intake() {
        return intake;
    }
}
