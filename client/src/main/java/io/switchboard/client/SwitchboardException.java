package io.switchboard.client;

import java.util.Map;

/** What a server refused, or what could not be done; what to do about it depends on the code. */
public final class SwitchboardException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** The code of a publication whose time was up: it may be stored. */
    public static final String UNKNOWN_OUTCOME = "unknown_outcome";

    /** The code of whatever was under way when the client was closed by the application. */
    public static final String CLIENT_CLOSED = "client_closed";

    /** The code of a question that nobody answered. */
    public static final String UNREACHABLE = "unreachable";

    /** The code of a publication under the name of {@link Options#producer} that a later client has taken. */
    public static final String FENCED = "fenced";

    private final String code;
    private final String reason;
    private final Map<String, String> members;

    SwitchboardException(String code, String reason, String sentence) {
        this(code, reason, sentence, Map.of());
    }

    /** @param members of the server's refusal, each as it stands there */
    SwitchboardException(String code, String reason, String sentence, Map<String, String> members) {
        super(sentence);
        this.code = code;
        this.reason = reason;
        this.members = Map.copyOf(members);
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

    /**
     * A member of the server's refusal (spec/protocol.md, section 4.4), such as {@code earliest} of {@code gone} and
     * {@code expected} of a {@code conflict}; empty if it is not there.
     */
    public String detail(String member) {
        return Envelope.text(members, member);
    }
}
