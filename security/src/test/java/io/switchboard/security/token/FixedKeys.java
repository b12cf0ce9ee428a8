package io.switchboard.security.token;

import io.switchboard.security.keys.KeyException;
import io.switchboard.security.keys.KeyFormat;
import io.switchboard.security.keys.KeyRing;
import io.switchboard.security.keys.KeySource;
import io.switchboard.security.minting.SigningKey;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Keys that a test sets by hand, and a look for others that it ends by hand. */
final class FixedKeys implements KeySource {
    private @Nullable KeyRing ring;
    private final List<Runnable> waiting = new ArrayList<>();
    Look answer = Look.NOT_NOW;

    static FixedKeys of(SigningKey... keys) {
        FixedKeys source = new FixedKeys();
        source.set(keys);
        return source;
    }

    void set(SigningKey... keys) {
        List<String> members = new ArrayList<>();
        for (SigningKey key : keys) {
            String jwks = key.publicJwks().orElseGet(key::privateJwks);
            members.add(jwks.substring(jwks.indexOf('[') + 1, jwks.lastIndexOf(']')));
        }
        set("{\"keys\":[" + String.join(",", members) + "]}");
    }

    void set(String text) {
        try {
            ring = KeyFormat.read(text.getBytes(StandardCharsets.UTF_8), KeyFormat.Secrets.TAKEN);
        } catch (KeyException e) {
            throw new AssertionError(e.sentence(), e);
        }
    }

    @Override
    public @Nullable KeyRing current() {
        return ring;
    }

    @Override
    public Look lookAgain(Runnable whenOver) {
        if (answer == Look.UNDER_WAY) waiting.add(whenOver);
        return answer;
    }

    @Override
    public void tick() {}

    void lookIsOver() {
        List<Runnable> called = List.copyOf(waiting);
        waiting.clear();
        called.forEach(Runnable::run);
    }
}
