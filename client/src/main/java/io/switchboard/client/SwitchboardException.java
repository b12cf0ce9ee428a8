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

    /**
     * The reason of {@link #UNREACHABLE} where somebody is there, and TLS fails: most often nobody that this program trusts
     * has signed the server's certificate.
     */
    public static final String TLS = "tls";

    /** The code of a publication under the name of {@link Options#producer} that a later client has taken. */
    public static final String FENCED = "fenced";

    /**
     * The code of what a {@code Flow.Publisher} ends with where the channel is over and the messages before its end are
     * missing, so that no message could say so; {@code from} and {@code to} are those of {@link Gap}.
     */
    public static final String GAP = "gap";

    private final String code;
    private final String reason;
    private final Map<String, String> members;

    SwitchboardException(String code, String reason, String sentence) {
        this(code, reason, sentence, Map.of());
    }

    /** @param members each as JSON, as it stands in the server's refusal */
    SwitchboardException(String code, String reason, String sentence, Map<String, String> members) {
        super(sentence);
        this.code = code;
        this.reason = reason;
        this.members = Map.copyOf(members);
    }

    static SwitchboardException clientClosed() {
        return new SwitchboardException(CLIENT_CLOSED, "", "The client is closed.");
    }

    static SwitchboardException missing(Gap gap) {
        Map<String, String> members = Map.of("from", Json.quote(gap.from()), "to", Json.quote(gap.to()));
        return new SwitchboardException(GAP, "", "The last messages of the channel are missing.", members);
    }

    /** A word for programs: those of spec/protocol.md, section 4.4, and the constants here. */
    public String code() {
        return code;
    }

    /**
     * The reason that {@code conflict} and {@code gone} come with, such as {@code closed}, or {@link #TLS}; else empty.
     */
    public String reason() {
        return reason;
    }

    /**
     * A member of the server's refusal (spec/protocol.md, section 4.4), such as {@code earliest} of {@code gone} and
     * {@code expected} of a {@code conflict}; empty if it is not there.
     * Of {@link #GAP} the members are given there.
     */
    public String detail(String member) {
        return Envelope.text(members, member);
    }
}
