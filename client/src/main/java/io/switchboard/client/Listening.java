package io.switchboard.client;

/** A listener as the receiver of an inbox. */
final class Listening implements Inbox.Receiver {
    private final Listener listener;

    Listening(Listener listener) {
        this.listener = listener;
    }

    @Override
    public void message(Message message) {
        listener.onMessage(message);
    }

    @Override
    public void gap(Gap gap) {
        listener.onGap(gap);
    }

    @Override
    public void state(State state) {
        listener.onState(state);
    }

    @Override
    public void presence(Presence presence) {
        listener.onPresence(presence);
    }

    @Override
    public void end(End end) {
        listener.onEnd(end);
    }
}
