package io.switchboard.http.access;

import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import org.jspecify.annotations.Nullable;

/**
 * Where a page of names ends, for the client to go on from. A name it may not know is given to it sealed. The key is of
 * this run of the server: after a restart a client that was in the middle begins again. Any thread.
 */
public final class PageMark {
    /** In no channel's name. */
    private static final String HIDDEN = "!";

    private final Seal seal;

    public PageMark(SecureRandom random) {
        byte[] key = new byte[Seal.KEY_BYTES];
        random.nextBytes(key);
        seal = new Seal(key, "page", random);
    }

    /** A mark that does not show the name. */
    public String hidden(String name) {
        return HIDDEN + seal.seal(name.getBytes(StandardCharsets.UTF_8));
    }

    /** The name that a mark stands for; null if it was hidden, and not by this run of the server. */
    public @Nullable String read(String mark) {
        if (!mark.startsWith(HIDDEN)) return mark;
        byte[] name = seal.open(mark.substring(HIDDEN.length()));
        return name == null ? null : new String(name, StandardCharsets.UTF_8);
    }
}
