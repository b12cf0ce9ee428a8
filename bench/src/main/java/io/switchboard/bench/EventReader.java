package io.switchboard.bench;

/** Reads a channel as a plain event stream. */
final class EventReader extends Client implements HttpAnswer.Reader, Reading {
    private final byte[] request;
    private final Intake intake;
    private final HttpAnswer answer;
    private long now;

    EventReader(Lane lane, Fleet fleet, byte[] request, Intake intake) {
        super(lane, fleet);
        this.request = request;
        this.intake = intake;
        this.answer = new HttpAnswer(lane.head);
    }

    @Override
    void opened() {
        lane.requests++;
        write(request);
    }

    @Override
    void received(byte[] bytes, int from, int to, long now) {
        this.now = now;
        answer.feed(bytes, from, to, this);
        intake.told();
    }

    @Override
    public void head(HttpHead head) {
        if (head.status() != 200) gone(Trouble.ofStatus(head.status()));
    }

    /** The first thing is where it stands: from here on it misses nothing. */
    @Override
    public void content(byte[] bytes, int from, int to) {
        ready();
        intake.feed(bytes, from, to, now);
    }

    @Override
    public void answered() {
        gone(Trouble.CLOSED);
    }

    @Override
    public Intake intake() {
        return intake;
    }
}
