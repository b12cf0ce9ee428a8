package io.switchboard.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.unix.Socket;
import java.io.IOException;
import java.nio.ByteBuffer;

/** Where bytes lie on their way between sockets and whoever has them: shared by all connections of a loop. */
final class Scratch {
    /** Of one connection before another has its turn: thousands of small frames may be in it. */
    static final int BYTES = 64 * 1024;

    private final ByteBuf arriving = Unpooled.wrappedBuffer(ByteBuffer.allocateDirect(BYTES));
    private final ByteBuf leaving = Unpooled.wrappedBuffer(ByteBuffer.allocateDirect(BYTES));

    /** Empty. For one read: what is to stay longer has to be copied. */
    ByteBuf arriving() {
        return arriving.clear();
    }

    /** Empty. For one write. */
    ByteBuf leaving() {
        return leaving.clear();
    }

    /** @return bytes read into it, 0 if there are none yet, -1 if there will be none any more */
    static int receive(Socket socket, ByteBuf into) throws IOException {
        int at = into.writerIndex();
        int got = into.hasMemoryAddress()
                ? socket.recvAddress(into.memoryAddress(), at, into.capacity())
                : received(socket, into.internalNioBuffer(at, into.writableBytes()));
        if (got > 0) into.writerIndex(at + got);
        return got;
    }

    private static int received(Socket socket, ByteBuffer into) throws IOException {
        return socket.recv(into, into.position(), into.limit());
    }

    /** @return bytes that the socket has taken; the caller moves the reader's index */
    static int send(Socket socket, ByteBuf bytes) throws IOException {
        int begin = bytes.readerIndex();
        if (bytes.hasMemoryAddress()) return socket.sendAddress(bytes.memoryAddress(), begin, bytes.writerIndex());
        ByteBuffer from = bytes.internalNioBuffer(begin, bytes.readableBytes());
        return socket.send(from, from.position(), from.limit());
    }
}
