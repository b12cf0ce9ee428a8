package io.switchboard.bench;

import static java.nio.charset.StandardCharsets.US_ASCII;

import org.jspecify.annotations.Nullable;

/** Reads a channel by asking again and again on one connection: waiting each time (long-poll), or every so often. */
final class PollReader extends Client implements HttpAnswer.Reader, Reading {
    static final byte[] NEXT_OFFSET = HttpHead.name("stream-next-offset");

    private static final byte[] CURSOR = HttpHead.name("stream-cursor");

    private final Target target;
    private final String path;
    private final @Nullable Polls polls; // null for long-poll
    private final String fields;
    private final long phaseNanos;
    private final Intake intake;
    private final HttpAnswer answer;
    private String offset;
    private @Nullable String cursor;
    private long now;

    /**
     * @param path of the channel
     * @param offset where it begins
     * @param fields of its requests, beside those they need
     */
    PollReader(
            Lane lane,
            Fleet fleet,
            Target target,
            String path,
            String offset,
            String fields,
            @Nullable Polls polls,
            Intake intake) {
        super(lane, fleet);
        this.target = target;
        this.path = path;
        this.polls = polls;
        this.offset = offset;
        this.fields = fields;
        this.phaseNanos = polls == null ? 0 : polls.phase();
        this.intake = intake;
        this.answer = new HttpAnswer(lane.head);
    }

    @Override
    void opened() {
        ask();
    }

    void ask() {
        if (state() == State.GONE) return;
        String query = "?offset=" + offset;
        if (isReady() && polls == null) query += "&live=long-poll" + (cursor == null ? "" : "&cursor=" + cursor);
        lane.requests++;
        write((target.request("GET", path + query) + fields + "\r\n").getBytes(US_ASCII));
    }

    @Override
    void received(byte[] bytes, int from, int to, long now) {
        this.now = now;
        answer.feed(bytes, from, to, this);
        intake.told();
    }

    @Override
    public void head(HttpHead head) {
        if (!head.isGood()) {
            gone(Trouble.ofStatus(head.status()));
            return;
        }
        String next = head.text(NEXT_OFFSET);
        if (next == null) throw new Malformed("no offset");
        offset = next;
        cursor = head.text(CURSOR);
    }

    @Override
    public void content(byte[] bytes, int from, int to) {
        intake.feed(bytes, from, to, now);
    }

    @Override
    public void answered() {
        if (state() == State.GONE) return;
        ready();
        if (polls == null) ask();
        else polls.later(this, phaseNanos, now);
    }

    @Override
    public Intake intake() {
        return intake;
    }
}
