package io.switchboard.bench;

import static java.nio.charset.StandardCharsets.US_ASCII;

/** Publishes on a line, {@code switchboard.v1} on {@code /live}, which acknowledges each message and sends no others. */
final class LineSender extends MessageSender {
    private static final int UNDER_WAY_MAX = 1_024;
    private static final byte[] TAIL = {'}'};

    private final byte[] head;
    private final int publisher;
    private final Reply reply = new Reply();

    /** @param head of each message, up to its data, with the head of its frame */
    LineSender(Lane lane, Fleet fleet, byte[] handshake, Work work, byte[] head, int publisher, long epoch) {
        super(lane, fleet, handshake, work, UNDER_WAY_MAX, epoch);
        this.head = head;
        this.publisher = publisher;
    }

    /** The head of messages that publish to this channel. Its id may be the same each time: replies are only counted. */
    static byte[] head(String channel, int size) {
        byte[] json = ("{\"id\":1,\"action\":\"publish\",\"channel\":\"" + channel + "\",\"data\":").getBytes(US_ASCII);
        byte[] frame = textFrame(json.length + size + TAIL.length);
        byte[] head = new byte[frame.length + json.length];
        System.arraycopy(frame, 0, head, 0, frame.length);
        System.arraycopy(json, 0, head, frame.length, json.length);
        return head;
    }

    @Override
    public void send(long intended) {
        sendStamped(head, TAIL, publisher, intended);
    }

    @Override
    public void payload(byte[] bytes, int from, int to) {
        reply.feed(bytes, from, to);
    }

    @Override
    public void message() {
        switch (reply.take()) {
            case OK -> {
                lane.answered++;
                ended();
            }
            case ERROR -> {
                lane.refused++;
                ended();
            }
            case OTHER -> {}
        }
    }
}
