package io.switchboard.security.session;

import org.jspecify.annotations.Nullable;

/** What those who share a secret can do, and nobody else: whoever keeps things for them need not be believed. Any thread. */
public interface Sealing {
    /** 32 bytes that only they can make of {@code content}. */
    byte[] sign(byte[] content);

    /** Hides {@code content}. */
    byte[] seal(byte[] content);

    /** What was sealed; null if it was not sealed by one of them, or changed. */
    byte @Nullable [] open(byte[] sealed);
}
