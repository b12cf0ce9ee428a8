package io.switchboard.client;

/**
 * How fast to read on where the place to go on is gone each time it is asked for: a channel that forgets faster than it is
 * read (spec/clients.md, section 1). Pure.
 */
final class Gaps {
    private int inARow;

    /** It was gone: how many milliseconds later to read on. */
    long another(double random) {
        return inARow++ == 0 ? 0 : Backoff.delay(inARow - 2, random, Backoff.Told.NOTHING);
    }

    /** There was a page. */
    void none() {
        inARow = 0;
    }
}
