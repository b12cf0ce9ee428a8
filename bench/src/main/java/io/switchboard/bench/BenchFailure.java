package io.switchboard.bench;

/** What was asked for cannot be measured. The message is a sentence for a person, with what to do next. */
public final class BenchFailure extends Exception {
    /** Whose turn it is. */
    public enum Kind {
        /** What was asked for makes no sense, or is not allowed. */
        USAGE,
        /** The server is not there, or refuses. */
        FAILED,
        /** Whoever ran it ended it before there was anything to tell. */
        STOPPED
    }

    private final Kind kind;

    BenchFailure(Kind kind, String sentence) {
        super(sentence);
        this.kind = kind;
    }

    /** A mistake of whoever asked. */
    public static BenchFailure usage(String sentence) {
        return new BenchFailure(Kind.USAGE, sentence);
    }

    /** It could not be done, through no mistake of his. */
    public static BenchFailure failed(String sentence) {
        return new BenchFailure(Kind.FAILED, sentence);
    }

    public static BenchFailure stopped() {
        return new BenchFailure(Kind.STOPPED, "Ended before anything was measured.");
    }

    /** The same, with a further sentence. */
    BenchFailure and(String sentence) {
        return new BenchFailure(kind, getMessage() + " " + sentence);
    }

    public Kind kind() {
        return kind;
    }
}
