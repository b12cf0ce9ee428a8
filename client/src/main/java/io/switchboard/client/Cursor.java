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
        return isOffset(at);
    }

    private static boolean isOffset(String place) {
        return !place.equals(NOW) && !place.equals(BEGINNING);
    }

    /** Whether what ends at {@code offset} was seen. */
    boolean has(String offset) {
        return isOffset() && offset.compareTo(at) <= 0;
    }

    /** Whether there is nothing between it and what comes behind {@code before}: it is there, or further. */
    boolean isInStep(String before) {
        return before.equals(at) || (isOffset(before) && has(before));
    }

    /** Whether the message that ends at {@code offset} is a new one; then the cursor is behind it. */
    boolean take(String offset) {
        if (has(offset)) return false;
        at = offset;
        return true;
    }

    /** There is nothing between it and {@code offset}, if that is further; empty is nowhere. */
    void reach(String offset) {
        if (!offset.isEmpty() && !has(offset)) at = offset;
    }

    /** It is there, although that may be further back. */
    void set(String offset) {
        at = offset;
    }

    /** Whether the gap is news; then the cursor is behind it. What another transport told before is not. */
    boolean skip(String from, String to) {
        if (isOffset() && !from.equals(at) && to.compareTo(at) <= 0) return false;
        at = to;
        return true;
    }

    /** The server says where {@value #NOW} is; empty is nowhere. */
    void named(String offset) {
        if (isNow() && !offset.isEmpty()) at = offset;
    }
}
