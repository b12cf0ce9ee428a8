package io.switchboard.client;

/**
 * Where a subscription stands: the offset behind the last message taken, or where it asked to begin. The one thing that
 * survives a change of transport (spec/clients.md, section 1). No thread of its own.
 */
final class Cursor {
    static final String BEGINNING = "-1";
    static final String NOW = "now";

    private String at;

    /** @param from an offset, {@value #BEGINNING} or {@value #NOW} */
    Cursor(String from) {
        at = from;
    }

    String at() {
        return at;
    }

    boolean isNow() {
        return at.equals(NOW);
    }

    /** Whether it is a place in the log, rather than a word for one. */
    boolean isOffset() {
        return !isNow() && !at.equals(BEGINNING);
    }

    /** Whether the message that ends at {@code offset} is a new one; then the cursor is behind it. */
    boolean take(String offset) {
        if (isOffset() && offset.compareTo(at) <= 0) return false;
        at = offset;
        return true;
    }

    /** Whether the gap is news; then the cursor is behind it. What another transport told before is not. */
    boolean skip(String from, String to) {
        if (isOffset() && !from.equals(at) && to.compareTo(at) <= 0) return false;
        at = to;
        return true;
    }

    /** The server says where {@value #NOW} is. */
    void named(String offset) {
        if (isNow()) at = offset;
    }
}
