package io.switchboard.cli.place;

import io.switchboard.client.Options;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The token that requests carry, if any (spec/protocol.md, section 6). One in a file is read again each time it is
 * wanted, so whoever renews it there is heard. Any thread.
 */
public final class Credentials {
    /** Those of somebody without a token. */
    public static final Credentials NONE = new Credentials(null, null);

    private static final int FILE_BYTES_MAX = 16 * 1024;
    // As long as the server takes, of the characters of RFC 6750, section 2.1.
    private static final Pattern TOKEN = Pattern.compile("[A-Za-z0-9\\-._~+/=]{1,8192}");

    private final @Nullable Path file;
    private volatile @Nullable String token; // the last good one

    private Credentials(@Nullable Path file, @Nullable String token) {
        this.file = file;
        this.token = token;
    }

    /** @param source where it was given, for a person; the token itself is shown to nobody */
    public static Credentials of(String token, String source) throws Failure {
        String stripped = token.strip();
        if (!TOKEN.matcher(stripped).matches()) throw noToken(source);
        return new Credentials(null, stripped);
    }

    /** @param file with a token and nothing else, but blanks around it */
    public static Credentials in(Path file) throws Failure {
        try {
            String first = read(file);
            if (first == null) throw noToken(file.toString());
            return new Credentials(file, first);
        } catch (IOException unreadable) {
            throw new Failure(
                    Failure.Kind.USAGE,
                    "The token file " + file + " cannot be read; check that it is there and yours to read.");
        }
    }

    private static Failure noToken(String source) {
        return new Failure(
                Failure.Kind.USAGE, source + " holds no token; put one there, as ./switchboard token prints it.");
    }

    private static @Nullable String read(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            String text = new String(in.readNBytes(FILE_BYTES_MAX), StandardCharsets.UTF_8).strip();
            return TOKEN.matcher(text).matches() ? text : null;
        }
    }

    /** The token of now; while its file is being written anew, the one before. */
    public Optional<String> token() {
        if (file != null) {
            try {
                String fresh = read(file);
                if (fresh != null) token = fresh;
            } catch (IOException beingReplaced) {
                // The one before may still count; if it does not, the server says so.
            }
        }
        return Optional.ofNullable(token);
    }

    /** {@code options} with the token of the moment, if there is any. */
    public Options shownBy(Options options) {
        return token().isEmpty()
                ? options
                : options.tokens(() -> CompletableFuture.completedFuture(token().orElse("")));
    }
}
