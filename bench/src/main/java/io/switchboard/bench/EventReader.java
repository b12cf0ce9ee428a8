package io.switchboard.bench;

import org.jspecify.annotations.Nullable;

/** Reads a channel as a plain event stream. */
final class EventReader extends Client implements HttpAnswer.Reader, Reading {
    private final byte[] request;
    private final Intake intake;
    private final @Nullable Window window;
    private final HttpAnswer answer;
    private long now;
    private long arrived;

    EventReader(Lane lane, Fleet fleet, byte[] request, Intake intake, @Nullable Window window) {
        super(lane, fleet);
        this.request = request;
        this.intake = intake;
        this.window = window;
        this.answer = new HttpAnswer(lane.head);
    }

    @Override
    void opened() {
        write(request);
    }

    @Override
    void received(byte[] bytes, int from, int to, long now) {
        this.now = now;
        answer.feed(bytes, from, to, this);
        if (window != null && arrived > 0) window.arrived(lane, arrived);
        arrived = 0;
    }

    @Override
    public void head(HttpHead head) {
        if (head.status() != 200) gone(Trouble.ofStatus(head.status()));
    }

    /** The first thing is where it stands: from here on it misses nothing. */
    @Override
    public void content(byte[] bytes, int from, int to) {
        ready();
        arrived += intake.feed(bytes, from, to, now);
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
