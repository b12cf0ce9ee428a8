package io.switchboard.store.redis;

import io.lettuce.core.RedisCommandExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * What a server of a cluster says about a key that it does not keep. Nothing was done.
 *
 * @param once whether only this command goes there (ASK): the slot is being moved. Otherwise it has been (MOVED)
 */
record Redirect(boolean once, int slot, Place to) {
    private static final Place NOWHERE = new Place("", 0);

    /** Whether it is one. */
    static boolean isOne(Throwable thrown) {
        return of(thrown, NOWHERE) != null;
    }

    /**
     * Null if it is something else.
     *
     * @param from who said it: a server that does not know its host, or tells none, means the one it was reached by
     */
    static @Nullable Redirect of(Throwable thrown, Place from) {
        if (!(thrown instanceof RedisCommandExecutionException)) return null;
        String[] words = String.valueOf(thrown.getMessage()).split(" ", -1);
        boolean once = words[0].equals("ASK");
        if (words.length != 3 || !(once || words[0].equals("MOVED"))) return null;
        int colon = words[2].lastIndexOf(':');
        try {
            int slot = Integer.parseInt(words[1]);
            int port = Integer.parseInt(words[2].substring(colon + 1));
            if (slot < 0 || slot >= Layout.SLOTS || colon < 0) return null;
            return new Redirect(once, slot, new Place(Place.known(words[2].substring(0, colon), from), port));
        } catch (NumberFormatException e) {
            return null;
        }
    }
}
