package io.switchboard.http.live;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.concurrent.ThreadLocalRandom;

/** Whom a connection speaks for, as others on a channel see it. */
final class Members {
    private static final int BYTES = 8;

    private Members() {}

    /** A member of its own, like no other. */
    static String anonymous() {
        byte[] id = new byte[BYTES];
        ThreadLocalRandom.current().nextBytes(id);
        return "anonymous-" + HexFormat.of().formatHex(id);
    }

    /**
     * As long as tokens are not checked, whoever has the same one is the same member; nobody can tell the token
     * from it.
     */
    static String of(String token) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8));
            return "token-" + HexFormat.of().formatHex(hash, 0, BYTES);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
