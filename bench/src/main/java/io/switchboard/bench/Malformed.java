package io.switchboard.bench;

/** What came is not what RFC 9112 or RFC 6455 allow a server to send. */
public final class Malformed extends RuntimeException {
    Malformed(String what) {
        super(what, null, false, false);
    }
}
