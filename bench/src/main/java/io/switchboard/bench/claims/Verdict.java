package io.switchboard.bench.claims;

/** What the figures make of a claim. */
public enum Verdict {
    TRUE("true"),
    /** Of some of what it is said of, or less than it says. */
    WITHIN_LIMITS("true within limits"),
    /** Of this server, on this machine. */
    FALSE_HERE("false here"),
    /** It could not be measured. */
    NOT_TOLD("not told");

    private final String words;

    Verdict(String words) {
        this.words = words;
    }

    @Override
    public String toString() {
        return words;
    }
}
