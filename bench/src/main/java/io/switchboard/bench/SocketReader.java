package io.switchboard.bench;

import org.jspecify.annotations.Nullable;

/** Reads a channel over its own WebSocket, or over a line with one subscription. */
final class SocketReader extends SocketPeer implements Reading {
    private final Intake intake;
    private final @Nullable Window window;
    private @Nullable String subscribe;
    private @Nullable Reply reply; // until the subscription is there
    private long arrived;

    /** @param subscribe what to send first, on a line */
    SocketReader(
            Lane lane,
            Fleet fleet,
            byte[] handshake,
            @Nullable String subscribe,
            Intake intake,
            @Nullable Window window) {
        super(lane, fleet, handshake);
        this.subscribe = subscribe;
        this.intake = intake;
        this.window = window;
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
        else arrived += intake.feed(bytes, from, to, now);
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
        if (window != null && arrived > 0) window.arrived(lane, arrived);
        arrived = 0;
    }

    @Override
    public Intake intake() {
        return intake;
    }
}
