package io.switchboard.http.websocket;

/**
 * The catalogue of close codes a client can be told (RFC 6455, section 7.4.1; the registry at IANA; from 4000
 * on our own, spec/protocol.md, section 5).
 */
public enum CloseCode {
    NORMAL(1000, false),
    /** The server goes away for good, or the client left. */
    GOING_AWAY(1001, true),
    PROTOCOL_ERROR(1002, false),
    /** A frame of a kind that is not taken here. */
    UNSUPPORTED_DATA(1003, false),
    /** Text that is no UTF-8, or content that is not what it should be. */
    INVALID_PAYLOAD(1007, false),
    TOO_BIG(1009, false),
    /** Our own mistake. */
    INTERNAL_ERROR(1011, true),
    /** The server restarts; come back. */
    SERVICE_RESTART(1012, true),
    /** Too much at the moment; come back later. */
    TRY_AGAIN_LATER(1013, true),
    /** Nobody has said who is there, or not in a way that is accepted. */
    UNAUTHORIZED(4001, false),
    /** The token holds, but does not allow this. */
    FORBIDDEN(4003, false),
    /** The channel is not there, or is no more. */
    NOT_FOUND(4004, false),
    /** Messages are gone that this reader has not seen, and a plain socket cannot be told otherwise. */
    GAP(4008, true),
    /** The channel is closed: it takes no more messages, and all there were have been sent. */
    CHANNEL_CLOSED(4009, false),
    /** The token has expired; come back with another. */
    EXPIRED(4010, true),
    /** The token was revoked. */
    REVOKED(4012, false),
    /** More in a second than there may be; what was sent last was not taken. */
    TOO_MANY(4029, true);

    private final int code;
    private final boolean comesBack;

    CloseCode(int code, boolean comesBack) {
        this.code = code;
        this.comesBack = comesBack;
    }

    /** 1000 to 4999. */
    public int code() {
        return code;
    }

    /** Whether from now on nothing is for the client any more, not even what was sent before. */
    public boolean endsAccess() {
        return this == EXPIRED || this == REVOKED;
    }

    /** Whether a client does well to connect again. */
    public boolean comesBack() {
        return comesBack;
    }
}
