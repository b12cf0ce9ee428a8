package io.switchboard.store.redis;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;

/** What Redis does in one step; each is a file beside this class, which tells its keys,
 * arguments and answer; the answer is always a list. */
enum Script {
    APPEND(true),
    LOOK(false),
    READ(false),
    MAKE(true),
    HOLD(false),
    RELEASE(true),
    DELETE(true),
    TOUCH(false),
    TRIM(false),
    NODE(false),
    COUNT(false),
    REVOKE(false),
    REVOKED(false),
    PART(true),
    PARTS(false),
    FORGET(false),
    MARK(false);

    /** For a server that does not know it. */
    final String text;

    /** By which Redis knows it once it has met it. */
    final String digest;

    /** Whether it calls those who listen to a channel with the name of its first key. */
    final boolean calls;

    Script(boolean calls) {
        this.calls = calls;
        String file = name().toLowerCase(Locale.ROOT) + ".lua";
        try (InputStream in = Script.class.getResourceAsStream(file)) {
            if (in == null) throw new IllegalStateException("no " + file);
            byte[] bytes = in.readAllBytes();
            text = Keys.text(bytes);
            digest = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-1").digest(bytes));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
