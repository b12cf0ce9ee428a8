package io.switchboard.server;

import io.switchboard.security.keys.Algorithm;
import io.switchboard.security.keys.KeyException;
import io.switchboard.security.minting.SigningKey;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A key of a test, the file from which a server takes its public half, and tokens signed with it. */
final class Tokens {
    private static final double SECOND = 1_000.0;

    private final SigningKey key = SigningKey.make(Algorithm.EDDSA);
    private final Path file;

    Tokens(Path folder) {
        file = folder.resolve("keys.json");
        try {
            Files.writeString(file, key.publicJwks().orElseThrow());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A server that asks for these tokens. */
    TestServer server(String... settings) {
        List<String> all = new ArrayList<>(List.of("auth.keys", file.toString()));
        all.addAll(List.of(settings));
        return TestServer.start(all.toArray(String[]::new));
    }

    /** Where a server finds its keys. */
    String file() {
        return file.toString();
    }

    Token of(String subject) {
        return new Token(subject);
    }

    /** Somebody who may do everything. */
    String all() {
        return of("root").read("**").write("**").manage("**").admin().sign();
    }

    /** A token in the making. */
    final class Token {
        private final Map<String, Object> claims = new HashMap<>();
        private final Map<String, List<String>> channels = new HashMap<>();

        private Token(String subject) {
            claims.put("sub", subject);
            claims.put("iat", System.currentTimeMillis() / SECOND);
            lives(60_000);
        }

        Token read(String... patterns) {
            channels.put("read", List.of(patterns));
            return this;
        }

        Token write(String... patterns) {
            channels.put("write", List.of(patterns));
            return this;
        }

        Token manage(String... patterns) {
            channels.put("manage", List.of(patterns));
            return this;
        }

        Token admin() {
            return with("admin", true);
        }

        Token with(String claim, Object value) {
            claims.put(claim, value);
            return this;
        }

        Token lives(long millis) {
            return with("exp", (System.currentTimeMillis() + millis) / SECOND);
        }

        String sign() {
            claims.put("channels", channels);
            try {
                return key.sign(claims);
            } catch (KeyException e) {
                throw new AssertionError(e);
            }
        }

        /** As a line of a request's header. */
        String bearer() {
            return Tokens.bearer(sign());
        }
    }

    static String bearer(String token) {
        return "Authorization: Bearer " + token;
    }
}
