package io.switchboard.server.config;

/** Whether the messages of WebSockets are compressed for clients that offer it. */
public enum Compression {
    /** permessage-deflate (RFC 7692), for messages of 256 bytes or more. */
    DEFLATE,
    NONE
}
