package io.switchboard.client;

/** A way to read, best first (spec/clients.md, section 2). */
public enum Transport {
    /** One WebSocket for all channels. */
    WEBSOCKET("websocket"),
    /** Event streams of up to 20 channels each. */
    SSE("sse"),
    /** Requests that wait for news: 4 channels at a time, the others are polled. */
    LONG_POLL("long-poll"),
    /** A request every 5 s for each channel. */
    POLLING("polling");

    private final String word;

    Transport(String word) {
        this.word = word;
    }

    /** As documents and other clients call it, such as {@code long-poll}. */
    @Override
    public String toString() {
        return word;
    }
}
