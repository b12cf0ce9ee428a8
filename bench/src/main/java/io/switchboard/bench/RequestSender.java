package io.switchboard.bench;

import org.jspecify.annotations.Nullable;

/** Sends one request after the other on a connection that stays, and measures each answer if that is what is asked. */
abstract class RequestSender extends Client implements HttpAnswer.Reader, Sender {
    private final byte[] greeting;
    private final HttpAnswer answer;
    private final Duty duty;
    private final boolean measured;
    private boolean busy;
    private long intended;
    private int status;
    private boolean closes;

    /** When what is being looked at came. */
    long now;

    /** @param measured whether answers are what is measured */
    RequestSender(Lane lane, Fleet fleet, Target target, Work work, boolean measured) {
        super(lane, fleet);
        this.greeting = Requests.greeting(target);
        this.answer = new HttpAnswer(lane.head);
        this.duty = new Duty(this, work);
        this.measured = measured;
    }

    abstract void request(long intended);

    /** The head of an answer to a request. */
    void answering(HttpHead head) {}

    /** Such an answer is whole. */
    void answerDone() {}

    /** Something open to all: a server that is full says so now. */
    @Override
    final void opened() {
        write(greeting);
    }

    /** When the request that is answered should have been sent. */
    final long intended() {
        return intended;
    }

    @Override
    public final Duty duty() {
        return duty;
    }

    @Override
    public final boolean canSend() {
        return isReady() && !busy;
    }

    @Override
    public final void send(long intended) {
        busy = true;
        this.intended = intended;
        lane.sent++;
        request(intended);
    }

    @Override
    final void received(byte[] bytes, int from, int to, long now) {
        this.now = now;
        answer.feed(bytes, from, to, this);
    }

    @Override
    public final void head(HttpHead head) {
        status = head.status();
        closes = head.closes();
        if (isReady()) answering(head);
    }

    @Override
    public void content(byte[] bytes, int from, int to) {}

    @Override
    public final void answered() {
        @Nullable Trouble trouble = trouble();
        if (!isReady()) {
            if (trouble == null) ready();
            else gone(trouble);
            return;
        }
        boolean good = status >= 200 && status < 300;
        if (good) {
            lane.answered++;
            if (measured) lane.delay(intended, now);
            answerDone();
        } else {
            lane.refused++;
        }
        busy = false;
        if (closes || status == 401 || status == 403) gone(trouble == null ? Trouble.CLOSED : trouble);
        else duty.pump();
    }

    private @Nullable Trouble trouble() {
        return status >= 200 && status < 300 ? null : Trouble.ofStatus(status);
    }
}
