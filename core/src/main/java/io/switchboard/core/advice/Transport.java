package io.switchboard.core.advice;

/** A way to read a channel, those that ask less of a client first. */
public enum Transport {
    POLL("poll", "polling"),
    SSE("sse", "an event stream"),
    LONG_POLL("long-poll", "long-poll"),
    WEBSOCKET("websocket", "a WebSocket");

    private final String word;
    private final String name;

    Transport(String word, String name) {
        this.word = word;
        this.name = name;
    }

    /** As programs read it. */
    public String word() {
        return word;
    }

    /** As it stands in a sentence. */
    @Override
    public String toString() {
        return name;
    }
}
