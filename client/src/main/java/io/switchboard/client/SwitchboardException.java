package io.switchboard.client;

/** What a server refused, or what could not be done; what to do about it depends on the code. */
public final class SwitchboardException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** The code of a publication whose time was up: it may be stored. */
    public static final String UNKNOWN_OUTCOME = "unknown_outcome";

    /** The code of whatever was under way when the client was closed by the application. */
    public static final String CLIENT_CLOSED = "client_closed";

    private final String code;
    private final String reason;

    SwitchboardException(String code, String reason, String sentence) {
        super(sentence);
        this.code = code;
        this.reason = reason;
    }

    static SwitchboardException clientClosed() {
        return new SwitchboardException(CLIENT_CLOSED, "", "The client is closed.");
    }

    /** A word for programs: those of spec/protocol.md, section 4.4, and the constants here. */
    public String code() {
        return code;
    }

    /** The reason that {@code conflict} and {@code gone} come with, such as {@code closed}; else empty. */
    public String reason() {
        return reason;
    }
}
