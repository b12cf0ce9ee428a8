package io.switchboard.core.time;

/**
 * One thread that runs short tasks in the order they were handed in. State that belongs to a loop is
 * touched by its tasks only.
 */
public interface Loop {
    /** Runs {@code task} on this loop after all tasks handed in before. Any thread; never blocks. */
    void execute(Runnable task);

    /** Whether the caller is this loop. */
    boolean inLoop();

    /**
     * Runs {@code task} on this loop once, {@code delayMillis} from now or a little later. This loop only.
     *
     * @param delayMillis 0 or more
     */
    Timer after(long delayMillis, Runnable task);

    /** A call that is still to come. */
    interface Timer {
        /** The call does not come any more; nothing happens if it already came. */
        void cancel();
    }
}
