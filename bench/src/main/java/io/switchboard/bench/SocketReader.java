package io.switchboard.bench;

import org.jspecify.annotations.Nullable;

/** Reads a channel over its own WebSocket, or over a line with one subscription. */
final class SocketReader extends SocketPeer implements Reading {
    private final Intake intake;
    private @Nullable String subscribe;
    private @Nullable Reply reply; // until the subscription is there

    /** @param subscribe what to send first, on a line */
    SocketReader(Lane lane, Fleet fleet, byte[] handshake, @Nullable String subscribe, Intake intake) {
        super(lane, fleet, handshake);
        this.subscribe = subscribe;
        this.intake = intake;
    }

    @Override
    void upgraded() {
        String first = subscribe;
        if (first == null) {
            ready();
        } else {
            subscribe = null;
            reply = new Reply();
            send(first);
        }
    }

    @Override
    public void payload(byte[] bytes, int from, int to) {
        if (reply != null) reply.feed(bytes, from, to);
        else intake.feed(bytes, from, to, now);
    }

    @Override
    public void message() {
        if (reply == null) return;
        switch (reply.take()) {
            case OK -> {
                reply = null;
                ready();
            }
            case ERROR -> gone(Trouble.FORBIDDEN);
            case OTHER -> {}
        }
    }

    @Override
    void batchDone() {
        intake.told();
    }

    @Override
    public Intake intake() {
        return intake;
    }
}
