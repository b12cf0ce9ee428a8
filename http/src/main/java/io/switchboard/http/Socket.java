package io.switchboard.http;

import io.netty.buffer.ByteBuf;
import io.switchboard.core.access.Access;
import io.switchboard.core.time.Loop;
import io.switchboard.http.websocket.CloseCode;
import org.jspecify.annotations.Nullable;

/** One WebSocket, as those who speak on it see it. Belongs to its loop. What is sent after its end goes nowhere. */
public interface Socket {
    /** So long before its end an access is said to expire, and its holder can bring a new one. */
    long EXPIRING_MILLIS = 30_000;

    Loop loop();

    /** Whom the socket is for. */
    Access access();

    /** From now on the socket is for somebody else, or for the same one longer. */
    void admit(Access access);

    /**
     * From now on messages may only be so large. To be called where none is under way: at the beginning, or within
     * {@link SocketOwner#message}, or while what arrives is held.
     *
     * @param limit below the server's own; null for the server's own again
     */
    void limit(@Nullable MessageLimit limit);

    /** Whether what arrives waits before {@link SocketOwner#message}; it waits in the peer's own buffers. */
    void hold(boolean held);

    /** Whether a message would be taken without piling up. {@link SocketOwner#writable} tells when it is again. */
    boolean isWritable();

    /** How far back compressed messages may point, 8 to 15 (RFC 7692); 0 if they must not be compressed. */
    int deflateWindowBits();

    /** Sends whole frames, as {@link io.switchboard.http.websocket.Frames} makes them; takes over the caller's hold on them. */
    void write(ByteBuf frames);

    /**
     * Sends whole frames that others are sent too. The caller keeps its hold on them and changes neither them nor their
     * bounds any more.
     */
    void share(ByteBuf frames);

    /** As {@link #write}, and {@link #consumed} when the peer has taken it. */
    void answer(ByteBuf frames, int bytes);

    /**
     * The owner is done with so many bytes that it got from {@link SocketOwner#message}. Until then they count
     * against the limits of this socket and of the server; a socket that owes too many is not read.
     */
    void consumed(int bytes);

    /**
     * Ends the socket: nothing more is sent, and nothing more arrives. Where the peer has not taken what was sent before,
     * a code that {@linkplain CloseCode#endsAccess ends its access} cuts it off without a word.
     *
     * @param reason a sentence for a person, at most 123 bytes in UTF-8; the rest is cut
     */
    void close(CloseCode code, String reason);
}
