package io.switchboard.http.access;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * Hands something to a client that it can only give back: AES-256 in GCM, which hides it and shows whether it was
 * changed. Text of letters, digits, {@code -} and {@code _}. Any thread.
 */
public final class Seal {
    public static final int KEY_BYTES = 32;

    private static final String CIPHER = "AES/GCM/NoPadding";
    private static final int NONCE_BYTES = 12; // random: good for 2^32 seals of a key (NIST SP 800-38D, 8.3)
    private static final int TAG_BITS = 128;

    private volatile SecretKeySpec key;
    private final byte[] purpose;
    private final SecureRandom random;

    /**
     * @param key of {@value #KEY_BYTES} bytes
     * @param purpose what is sealed for one is not opened for another
     */
    public Seal(byte[] key, String purpose, SecureRandom random) {
        this.key = checked(key);
        this.purpose = purpose.getBytes(StandardCharsets.UTF_8);
        this.random = random;
    }

    private static SecretKeySpec checked(byte[] key) {
        if (key.length != KEY_BYTES) throw new IllegalArgumentException("a key of " + KEY_BYTES + " bytes");
        return new SecretKeySpec(key, "AES");
    }

    /** Another key from now on; what was sealed by the one before is not opened any more. */
    public void use(byte[] other) {
        key = checked(other);
    }

    String seal(byte[] content) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(sealed(content));
    }

    /** The same as bytes. */
    public byte[] sealed(byte[] content) {
        byte[] nonce = new byte[NONCE_BYTES];
        random.nextBytes(nonce);
        try {
            byte[] sealed = cipher(Cipher.ENCRYPT_MODE, nonce).doFinal(content);
            byte[] all = Arrays.copyOf(nonce, NONCE_BYTES + sealed.length);
            System.arraycopy(sealed, 0, all, NONCE_BYTES, sealed.length);
            return all;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has " + CIPHER, e);
        }
    }

    /** What was sealed; null if it was not sealed here, or changed. */
    byte @Nullable [] open(String text) {
        try {
            return opened(Base64.getUrlDecoder().decode(text));
        } catch (IllegalArgumentException foreign) {
            return null;
        }
    }

    /** What {@link #sealed} made of it; null likewise. */
    public byte @Nullable [] opened(byte[] all) {
        if (all.length <= NONCE_BYTES) return null;
        try {
            Cipher cipher = cipher(Cipher.DECRYPT_MODE, Arrays.copyOf(all, NONCE_BYTES));
            return cipher.doFinal(all, NONCE_BYTES, all.length - NONCE_BYTES);
        } catch (GeneralSecurityException foreign) {
            return null;
        }
    }

    private Cipher cipher(int mode, byte[] nonce) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance(CIPHER);
        cipher.init(mode, key, new GCMParameterSpec(TAG_BITS, nonce));
        cipher.updateAAD(purpose);
        return cipher;
    }
}
