package io.switchboard.server;

import io.switchboard.core.nodes.Nodes;
import io.switchboard.core.nodes.Shelf;
import io.switchboard.http.access.Seal;
import io.switchboard.security.session.Sealing;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * The secret that servers on one store share, and the keys made from it: what one of them sealed, all open. It comes from a
 * file that the operator gave to all of them, or from the store, where the first one leaves it; should the store lose it,
 * they agree anew. Any thread.
 */
final class SharedKey implements Sealing, Nodes.Listener {
    /** Characters that the file has at least. */
    static final int SECRET_LENGTH_MIN = 32;

    private static final String NAME = "secret";
    private static final String MAC = "HmacSHA256";
    private static final long WAIT_SECONDS_MAX = 10;

    private final @Nullable Shelf shelf;
    private final Seal cookies;
    private final Seal tickets;
    private final Seal sessions;
    private volatile byte[] secret;
    private volatile SecretKeySpec signing;

    private SharedKey(byte[] secret, @Nullable Shelf shelf, SecureRandom random) {
        this.shelf = shelf;
        this.secret = secret;
        this.cookies = new Seal(derived(secret, "cookies"), "cookie", random);
        this.tickets = new Seal(derived(secret, "tickets"), "ticket", random);
        this.sessions = new Seal(derived(secret, "sessions"), "sessions", random);
        this.signing = new SecretKeySpec(derived(secret, "signatures"), MAC);
    }

    /**
     * Blocks.
     *
     * @param file where the secret is; null for the one that is kept on the shelf
     * @throws StartFailure if it cannot be had
     */
    static SharedKey open(@Nullable Path file, Shelf shelf, Nodes nodes, SecureRandom random) throws StartFailure {
        if (file != null) return new SharedKey(read(file), null, random);
        byte[] proposal = new byte[Seal.KEY_BYTES];
        random.nextBytes(proposal);
        SharedKey key = new SharedKey(agreed(shelf, proposal), shelf, random);
        nodes.listen(key);
        return key;
    }

    private static byte[] read(Path file) throws StartFailure {
        String text;
        try {
            text = Files.readString(file).strip();
        } catch (IOException refused) {
            throw new StartFailure(
                    "The secret of servers that share a Redis cannot be read from " + file
                            + ": check that the file exists and this user may read it.",
                    refused);
        }
        if (text.length() >= SECRET_LENGTH_MIN) return sha256(text.getBytes(StandardCharsets.UTF_8));
        throw new StartFailure(
                "The secret in " + file + " has less than " + SECRET_LENGTH_MIN
                        + " characters: make one with openssl rand -hex 32, and give it to all servers.",
                new IOException("too short"));
    }

    private static byte[] sha256(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(bytes);
        } catch (NoSuchAlgorithmException impossible) {
            throw new AssertionError("every Java has SHA-256", impossible);
        }
    }

    private static byte[] agreed(Shelf shelf, byte[] proposal) throws StartFailure {
        CompletableFuture<byte @Nullable []> answer = new CompletableFuture<>();
        shelf.agree(NAME, proposal, answer::complete);
        Throwable cause = new IOException("no answer");
        try {
            byte[] agreed = answer.get(WAIT_SECONDS_MAX, TimeUnit.SECONDS);
            if (agreed != null && agreed.length == Seal.KEY_BYTES) return agreed;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            cause = e;
        } catch (ExecutionException | TimeoutException e) {
            cause = e;
        }
        throw new StartFailure(
                "The secret that servers share cannot be had from Redis: try again when it answers, or give all of them"
                        + " one with redis.secretFile.",
                cause);
    }

    @Override
    public void joined() {
        agreeAnew();
    }

    @Override
    public void hearing() {
        agreeAnew();
    }

    // The store may have lost it, with leases or with a connection: what is there now counts.
    private void agreeAnew() {
        Shelf kept = shelf;
        if (kept == null) return;
        kept.agree(NAME, secret, agreed -> {
            if (agreed != null && agreed.length == Seal.KEY_BYTES && !Arrays.equals(agreed, secret)) use(agreed);
        });
    }

    private void use(byte[] other) {
        secret = other;
        cookies.use(derived(other, "cookies"));
        tickets.use(derived(other, "tickets"));
        sessions.use(derived(other, "sessions"));
        signing = new SecretKeySpec(derived(other, "signatures"), MAC);
    }

    /** Of the cookies of event streams. */
    Seal cookies() {
        return cookies;
    }

    /** Of what nodes tell each other of sessions. */
    Seal sessions() {
        return sessions;
    }

    @Override
    public byte[] sign(byte[] content) {
        return mac(signing, content);
    }

    @Override
    public byte[] seal(byte[] content) {
        return tickets.sealed(content);
    }

    @Override
    public byte @Nullable [] open(byte[] sealed) {
        return tickets.opened(sealed);
    }

    private static byte[] derived(byte[] secret, String purpose) {
        return mac(new SecretKeySpec(secret, MAC), purpose.getBytes(StandardCharsets.UTF_8));
    }

    private static byte[] mac(SecretKeySpec key, byte[] content) {
        try {
            Mac mac = Mac.getInstance(MAC);
            mac.init(key);
            return mac.doFinal(content);
        } catch (GeneralSecurityException impossible) {
            throw new AssertionError("every Java has " + MAC, impossible);
        }
    }
}
