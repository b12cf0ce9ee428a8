package io.switchboard.client;

/**
 * Who reads a channel. Calls come on the executor of {@link Options}, one after the other and in order. What is thrown
 * is told to {@link Options#onError}; reading goes on. While a call takes its time, at most {@value Inbox#MESSAGES_MAX}
 * messages wait for it; then reading pauses, and goes on from the offset where it stopped.
 */
@FunctionalInterface
public interface Listener {
    /** The next message; each comes once. */
    void onMessage(Message message);

    /** Messages are gone, and reading goes on behind them. Load your state afresh if you cannot live with that. */
    default void onGap(Gap gap) {}

    /** How this subscription is doing has changed; of states that follow each other quickly, the newest. */
    default void onState(State state) {}

    /** Who is there has changed, if the subscription asked for presence; of several changes, the outcome. */
    default void onPresence(Presence presence) {}

    /** That was all; nothing comes after it. */
    default void onEnd(End end) {}
}
