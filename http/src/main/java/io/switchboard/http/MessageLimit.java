package io.switchboard.http;

import io.switchboard.http.websocket.CloseCode;

/**
 * How large a message may be that a WebSocket takes, and how the socket is closed where one is larger.
 *
 * @param bytesMax of one message, before and after it is expanded
 * @param reason a sentence for a person, at most 123 bytes in UTF-8
 */
public record MessageLimit(int bytesMax, CloseCode code, String reason) {
    public MessageLimit {
        if (bytesMax < 1) throw new IllegalArgumentException("room for nothing");
    }

    /** What holds for everybody. */
    static MessageLimit of(int bytesMax) {
        return new MessageLimit(bytesMax, CloseCode.TOO_BIG, "A message has at most " + bytesMax + " bytes.");
    }
}
