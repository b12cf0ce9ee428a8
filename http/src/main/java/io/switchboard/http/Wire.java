package io.switchboard.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.unix.Socket;
import org.jspecify.annotations.Nullable;

/** What carries a connection: its bytes go out here, and here is known how many of them wait. Belongs to its loop. */
interface Wire {
    /** More than this waits: no room. */
    int FULL_BYTES = 32 * 1024;
    /** Less than this waits again: room. */
    int ROOM_BYTES = 16 * 1024;

    /** Sends bytes at the next {@link #flush}; takes over the caller's hold on them. */
    void write(ByteBuf bytes);

    /** @param gone called once the socket has taken all of them, or never will */
    void write(ByteBuf bytes, Runnable gone);

    void flush();

    /**
     * Sends what many readers are sent to the socket itself, where nothing waits before it. Most of what this program
     * does for a delivery is to look at what it keeps for the reader, so that little of it is looked at here.
     *
     * @return whether all of it is on its way; otherwise nothing was done
     */
    boolean share(ByteBuf shared);

    /** Bytes written here that wait; a piece counts until the socket has taken all of it. */
    long pending();

    /** Of the bytes that wait, those that the socket has not taken. */
    long untaken();

    /** Whether a write would not pile up. */
    boolean hasRoom();

    /** Whether what the peer sends is taken; else it waits in the peer's own buffers. */
    void read(boolean wanted);

    /** Ends the connection; what waits is lost. */
    void close();

    /** Ends it behind the last word, which the peer has not answered in its time; that may be on its way yet. */
    default void leave() {
        close();
    }

    /** Ends it without the last word of TLS, which a peer that takes nothing would not take either. */
    void abandon();

    /** Ends it once what was written has been taken. */
    void finish();

    /** Nothing more is sent. The peer may go on. */
    void endOutput();

    /** @param told on the loop, when the connection has ended */
    void whenClosed(Runnable told);

    /** One after the other; the second alone if there is no first. */
    static Runnable both(@Nullable Runnable before, Runnable told) {
        if (before == null) return told;
        return () -> {
            before.run();
            told.run();
        };
    }

    /** The version of HTTP that what is carried was asked for in, in short: {@code 1.1} stands for 1.0 too. */
    default String httpVersion() {
        return "1.1";
    }

    /** What can be asked for {@link TcpSigns}; null where the operating system tells nothing. */
    @Nullable
    Socket descriptor();
}
