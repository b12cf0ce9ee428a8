package io.switchboard.http.websocket;

import io.switchboard.http.wire.Utf8;

/** Checks text for UTF-8 while it arrives in pieces that may end within a character. One message, one thread. */
public final class TextCheck {
    private int checked;

    /** For the next message. */
    public void reset() {
        checked = 0;
    }

    /**
     * Whether the message so far can still become UTF-8.
     *
     * @param bytes the message from its beginning
     * @param length how much of it has arrived
     * @param last whether that is all of it
     */
    public boolean passes(byte[] bytes, int length, boolean last) {
        checked = Utf8.wellFormedUntil(bytes, checked, length);
        return checked == length || (!last && Utf8.mayContinue(bytes, checked, length));
    }
}
