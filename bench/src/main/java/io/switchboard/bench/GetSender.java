package io.switchboard.bench;

/** Reads a channel by GET: always the same request, or on and on to the tail and then from the beginning again. */
final class GetSender extends RequestSender implements Reading {
    private static final byte[] UP_TO_DATE = HttpHead.name("stream-up-to-date");
    private static final String BEGINNING = "-1";

    private final Target target;
    private final String path;
    private final boolean catchUp;
    private final long epoch;
    private final long fill;
    private Intake intake;
    private byte[] request;
    private String next = BEGINNING;
    private boolean atTail;
    private boolean isNew;
    private long wrong;

    /**
     * @param path of the channel
     * @param offset to read from each time; those who catch up begin at the beginning
     * @param fill messages that a whole channel has
     */
    GetSender(
            Lane lane,
            Fleet fleet,
            Target target,
            Work work,
            String path,
            String offset,
            boolean catchUp,
            long epoch,
            long fill) {
        super(lane, fleet, target, work, true);
        this.target = target;
        this.path = path;
        this.catchUp = catchUp;
        this.epoch = epoch;
        this.fill = fill;
        this.intake = new Intake(lane, epoch, 1, null);
        this.request = Requests.get(target, path + "?offset=" + (catchUp ? BEGINNING : offset), "");
    }

    @Override
    void request(long intended) {
        if (isNew) request = Requests.get(target, path + "?offset=" + next, "");
        write(request);
    }

    @Override
    void answering(HttpHead head) {
        if (!catchUp || !head.isGood()) return;
        String offset = head.text(PollReader.NEXT_OFFSET);
        if (offset == null) throw new Malformed("no offset");
        next = offset;
        isNew = true;
        atTail = head.has(UP_TO_DATE);
    }

    @Override
    public void content(byte[] bytes, int from, int to) {
        if (isReady() && catchUp) intake.feed(bytes, from, to, now);
    }

    @Override
    void answerDone() {
        if (!atTail) return;
        SequenceCheck check = intake.check();
        wrong += Math.abs(fill - check.distinct()) + check.doubled() + check.reordered();
        intake = new Intake(lane, epoch, 1, null);
        next = BEGINNING;
        atTail = false;
    }

    /** Messages that were missing, or not in their place, in the passes that came to an end. */
    long wrong() {
        return wrong;
    }

    @Override
    public Intake intake() {
        return intake;
    }
}
