package io.switchboard.cli.place;

/** What was asked for cannot be done. The message is a sentence for a person, with what to do next. */
public final class Failure extends Exception {
    /** Whose turn it is. */
    public enum Kind {
        /** What was asked for makes no sense, or the server refuses to understand it. */
        USAGE,
        /** No server answers. */
        UNREACHABLE,
        /** There is no such channel. */
        NOT_FOUND,
        /** The channel is deleted, or does not have any more what was asked for. */
        GONE,
        /** The server refuses for another reason. */
        REFUSED
    }

    private final Kind kind;

    public Failure(Kind kind, String sentence) {
        super(sentence);
        this.kind = kind;
    }

    public Kind kind() {
        return kind;
    }
}
