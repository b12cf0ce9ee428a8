package io.switchboard.bench;

/** Appends by POST. */
class PostSender extends RequestSender {
    private static final byte[] NO_TAIL = {};

    private final byte[] head;
    private final int publisher;
    private final long epoch;
    private long sequence;

    /** @param head of each request, up to its body */
    PostSender(
            Lane lane,
            Fleet fleet,
            Target target,
            Work work,
            byte[] head,
            int publisher,
            long epoch,
            boolean measured) {
        super(lane, fleet, target, work, measured);
        this.head = head;
        this.publisher = publisher;
        this.epoch = epoch;
    }

    @Override
    void request(long intended) {
        Stamp.write(lane.message, publisher, ++sequence, intended - epoch);
        write(head, lane.message, NO_TAIL);
    }
}
