package io.switchboard.client;

/** A channel that is being read. Any thread. */
public final class Subscription implements AutoCloseable {
    private final Loop loop;
    private final Reading reading;
    private final Inbox inbox;

    Subscription(Loop loop, Reading reading, Inbox inbox) {
        this.loop = loop;
        this.reading = reading;
        this.inbox = inbox;
    }

    /** The name of the channel. */
    public String channel() {
        return reading.channel();
    }

    /**
     * The offset behind the last message given, or where it was asked to begin: what to keep, and to subscribe from next
     * time.
     */
    public String offset() {
        return inbox.offset();
    }

    /** Ends it: of what waits nothing more is given, but {@link Listener#onEnd}. */
    @Override
    public void close() {
        inbox.cancel(End.CANCELLED);
        loop.execute(() -> reading.end(End.CANCELLED));
    }

    /** So many more messages are wanted. */
    void request(long more) {
        inbox.request(more);
    }

    /** It never begins. */
    void refuse(SwitchboardException why) {
        inbox.end(End.refused(why));
    }

    Reading reading() {
        return reading;
    }

    /** Ends it without a word. */
    void silence() {
        inbox.silence();
        loop.execute(() -> reading.end(End.CANCELLED));
    }
}
