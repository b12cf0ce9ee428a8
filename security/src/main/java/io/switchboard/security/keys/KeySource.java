package io.switchboard.security.keys;

import org.jspecify.annotations.Nullable;

/** Where keys come from. Any thread but where it says otherwise. */
public interface KeySource {
    /** The keys that count now; null as long as none could be had. Does not block. */
    @Nullable
    KeyRing current();

    /** What came of the wish to look again at once. */
    enum Look {
        /** It is under way; the caller hears when it is over. */
        UNDER_WAY,
        /** There was one a moment ago, or there is nothing to look at: what is known is all there is for now. */
        NOT_NOW,
        /** It is under way, and too many wait for it already. */
        CROWDED
    }

    /**
     * A token names a key that is not known, or no keys are known. Does not block.
     *
     * @param whenOver called later on another thread, if the answer is {@link Look#UNDER_WAY}
     */
    Look lookAgain(Runnable whenOver);

    /** Looks whether the time has come to look again. Call it every second or so, from one thread; it may block. */
    void tick();
}
