package io.switchboard.server;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A network between one client and a server of UDP that gives the client another address in the middle. Two threads
 * carry; any may call.
 */
final class MovingRelay implements AutoCloseable {
    private static final int PACKET_BYTES = 2_048;
    private static final int LONG_HEADER = 0x80; // RFC 9000, section 17.2
    private static final int RETRY = 0xf0; // with the bits that are there always

    private final DatagramChannel front;
    private final InetSocketAddress server;
    private final AtomicInteger retries = new AtomicInteger();
    private volatile DatagramChannel back; // to the server, as the client is known there
    private volatile @Nullable SocketAddress client;

    private MovingRelay(int port) throws IOException {
        server = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
        front = DatagramChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        back = opened();
        Thread.ofPlatform().daemon().start(this::up);
    }

    static MovingRelay to(int port) {
        try {
            return new MovingRelay(port);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private DatagramChannel opened() throws IOException {
        DatagramChannel channel = DatagramChannel.open().connect(server);
        Thread.ofPlatform().daemon().start(() -> down(channel));
        return channel;
    }

    int port() {
        return front.socket().getLocalPort();
    }

    /** Packets by which the server has asked the client to show where it is. */
    int retries() {
        return retries.get();
    }

    /** From now on the server sees the client at another address. */
    void move() {
        try {
            DatagramChannel before = back;
            back = opened();
            before.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void up() {
        ByteBuffer packet = ByteBuffer.allocate(PACKET_BYTES);
        while (true) {
            try {
                client = front.receive(packet.clear());
                packet.flip();
                back.write(packet);
            } catch (IOException closed) {
                if (!front.isOpen()) return; // else the other one is, for a moment
            }
        }
    }

    private void down(DatagramChannel from) {
        ByteBuffer packet = ByteBuffer.allocate(PACKET_BYTES);
        try {
            while (true) {
                from.read(packet.clear());
                packet.flip();
                if ((packet.get(0) & RETRY) == RETRY && (packet.get(0) & LONG_HEADER) != 0) retries.incrementAndGet();
                SocketAddress to = client;
                if (to != null) front.send(packet, to);
            }
        } catch (IOException closed) {
            // it was moved, or all is over
        }
    }

    @Override
    public void close() {
        try {
            front.close();
            back.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
