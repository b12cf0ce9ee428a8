package io.switchboard.http;

import io.netty.channel.unix.Socket;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * What Linux keeps about the other end of a TCP connection ({@code struct tcp_info} of linux/tcp.h), as it was when it
 * was last asked for. One serves all connections of a loop.
 */
final class TcpSigns {
    private static final int IPPROTO_TCP = 6;
    private static final int TCP_INFO = 11;
    private static final int UNACKED = 24; // where it stands: after eight bytes and four integers
    private static final int LAST_ACK_RECV = 56;

    private final ByteBuffer info = ByteBuffer.allocateDirect(LAST_ACK_RECV + Integer.BYTES);

    /** @return whether there is an answer */
    boolean ask(Socket socket) {
        try {
            socket.getRawOpt(IPPROTO_TCP, TCP_INFO, info.clear());
            return true;
        } catch (IOException e) {
            return false; // it has just been closed
        }
    }

    /** Packets sent and not acknowledged. */
    int unacked() {
        return integer(UNACKED);
    }

    /** Since the peer acknowledged anything. */
    long lastAckMillisAgo() {
        return Integer.toUnsignedLong(integer(LAST_ACK_RECV));
    }

    private int integer(int at) {
        return info.order(ByteOrder.nativeOrder()).getInt(at);
    }
}
