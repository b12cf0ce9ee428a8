package io.switchboard.http.http2;

/**
 * How often a peer may do what costs this side something and brings nothing: so often at once, and so often again at each
 * look. Belongs to its connection's loop.
 */
public final class Allowance {
    private final int max;
    private final int again;
    private int left;

    /**
     * @param max at once
     * @param again at each look
     */
    public Allowance(int max, int again) {
        this.max = max;
        this.again = again;
        left = max;
    }

    /** Once more; false if that is too often. */
    public boolean take() {
        return --left >= 0;
    }

    /** Some time has passed. */
    public void refill() {
        left = Math.min(max, Math.max(0, left) + again);
    }
}
