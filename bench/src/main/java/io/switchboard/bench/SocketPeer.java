package io.switchboard.bench;

import static java.nio.charset.StandardCharsets.US_ASCII;

/** A WebSocket (RFC 6455): handshake, pings and the end; messages are for those who extend it. */
abstract class SocketPeer extends Client implements HttpAnswer.Reader, FrameReader.Reader {
    /** The example of RFC 6455, section 1.3: one key for all, as there is no cache here to be protected. */
    static final String KEY = "dGhlIHNhbXBsZSBub25jZQ==";

    static final String ACCEPT = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";
    private static final byte[] ACCEPT_NAME = HttpHead.name("sec-websocket-accept");
    private static final int TEXT = 1;
    private static final int PONG = 10;
    private static final int MASKED = 0x80;

    private final byte[] handshake;
    private final HttpAnswer answer;
    private final FrameReader frames = new FrameReader();

    /** When what is being looked at came. */
    long now;

    SocketPeer(Lane lane, Fleet fleet, byte[] handshake) {
        super(lane, fleet);
        this.handshake = handshake;
        this.answer = new HttpAnswer(lane.head);
    }

    /** The handshake is done. */
    abstract void upgraded();

    /**
     * What stands in front of a text message of this length. The key that masks it is 0, which leaves it as it is:
     * masking protects proxies from pages of browsers, and neither is here.
     */
    static byte[] textFrame(int length) {
        return frame(TEXT, length);
    }

    private static byte[] frame(int opcode, int length) {
        int more = length < 126 ? 0 : length < 65_536 ? 2 : 8;
        byte[] head = new byte[2 + more + 4];
        head[0] = (byte) (0x80 | opcode);
        head[1] = (byte) (MASKED | (more == 0 ? length : more == 2 ? 126 : 127));
        long left = length;
        for (int i = 1 + more; i > 1; i--) {
            head[i] = (byte) left;
            left >>>= 8;
        }
        return head;
    }

    final void send(String text) {
        byte[] payload = text.getBytes(US_ASCII);
        write(textFrame(payload.length), payload, new byte[0]);
    }

    @Override
    final void opened() {
        lane.requests++;
        write(handshake);
    }

    @Override
    final void received(byte[] bytes, int from, int to, long now) {
        this.now = now;
        int at = from;
        if (!answer.isUpgraded()) {
            at = answer.feed(bytes, from, to, this);
            if (!answer.isUpgraded() || state() == State.GONE) return;
        }
        frames.feed(bytes, at, to, this);
        batchDone();
    }

    /** All of what came at once has been looked at. */
    void batchDone() {}

    @Override
    public final void head(HttpHead head) {
        if (head.status() != 101) gone(Trouble.ofStatus(head.status()));
        else if (!ACCEPT.equals(head.text(ACCEPT_NAME))) throw new Malformed("accept");
        else upgraded();
    }

    @Override
    public final void content(byte[] bytes, int from, int to) {}

    @Override
    public final void answered() {}

    @Override
    public final void ping(byte[] payload, int length) {
        byte[] pong = new byte[length];
        System.arraycopy(payload, 0, pong, 0, length);
        write(frame(PONG, length), pong, new byte[0]);
    }

    @Override
    public final void closed(int code) {
        gone(
                switch (code) {
                    case 4001, 4010, 4012 -> Trouble.UNAUTHORIZED;
                    case 4003 -> Trouble.FORBIDDEN;
                    default -> Trouble.CLOSED;
                });
    }
}
