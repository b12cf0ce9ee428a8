package io.switchboard.http.lab;

import org.jspecify.annotations.Nullable;

/** What does what visitors of the page wish. Any loop calls it; it never blocks. */
public interface Lab {
    /** How far it is. */
    enum Stage {
        /** Nothing is wished for, so there is no process. */
        RESTING,
        /** The process is being started. */
        STARTING,
        RUNNING,
        /** The process ended though something was wished for; the next wish starts another. */
        FAILED
    }

    /**
     * What somebody sees who looks.
     *
     * @param wish what holds now
     * @param figures a JSON object; null as long as there are none
     */
    record Sight(Stage stage, Wish wish, @Nullable String figures) {}

    /** Somebody looks, so it goes on; with nobody to look it rests after a minute. */
    Sight look();

    /**
     * From now on this holds, and no wish before.
     *
     * @param token what viewers show to the server; null if it asks nobody who it is
     */
    void become(Wish wish, @Nullable String token);
}
