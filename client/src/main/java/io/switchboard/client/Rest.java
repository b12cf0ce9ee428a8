package io.switchboard.client;

import java.util.Iterator;

/**
 * A page that is being given to whoever asked for it. While he has no room the rest of it waits, so that a page is not read
 * again for each few of its messages; but only so much waits of all that somebody reads ({@link Kept}). On the loop.
 */
final class Rest {
    /** Characters of pages that wait, or one page. Beyond, a page is dropped, and read again when there is room. */
    static final int CHARACTERS_MAX = 8 << 20;

    /** How much waits. */
    static final class Kept {
        private long characters;
    }

    /** Who takes messages, as long as it has room. */
    interface Taker {
        boolean hasRoom();

        void take(Envelope envelope);
    }

    final PageAnswer.Messages page;
    final String from;
    private final Iterator<Envelope> messages;
    private boolean waits;

    /** @param from what was asked with */
    Rest(PageAnswer.Messages page, String from) {
        this.page = page;
        this.from = from;
        messages = page.all().iterator();
    }

    /** Gives what there is room for, and returns whether that was all, and there is still room. */
    boolean giveTo(Taker taker) {
        while (taker.hasRoom() && messages.hasNext()) taker.take(messages.next());
        return taker.hasRoom();
    }

    /** Returns whether it may wait. */
    boolean waitsIn(Kept kept) {
        if (waits) return true;
        if (kept.characters > 0 && kept.characters + page.characters() > CHARACTERS_MAX) return false;
        kept.characters += page.characters();
        waits = true;
        return true;
    }

    /** It does not wait any more. */
    void leave(Kept kept) {
        if (waits) kept.characters -= page.characters();
        waits = false;
    }
}
