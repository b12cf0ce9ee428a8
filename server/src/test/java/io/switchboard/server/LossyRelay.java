package io.switchboard.server;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A network between one client and a server of UDP that loses packets by dice with a seed, and gives the client another
 * address in the middle. Two threads carry; any may call.
 */
final class LossyRelay implements AutoCloseable {
    private static final int PACKET_BYTES = 2_048;
    private static final int LONG_HEADER = 0x80; // RFC 9000, section 17.2
    private static final int RETRY = 0xf0; // with the bits that are there always

    private final DatagramChannel front;
    private final InetSocketAddress server;
    private final double loss;
    private final Random dice;
    private final AtomicInteger lost = new AtomicInteger();
    private final AtomicInteger retries = new AtomicInteger();
    private volatile DatagramChannel back; // to the server, as the client is known there
    private volatile @Nullable SocketAddress client;

    private LossyRelay(int port, double loss, long seed) throws IOException {
        server = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
        this.loss = loss;
        dice = new Random(seed);
        front = DatagramChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        back = opened();
        Thread.ofPlatform().daemon().start(this::up);
    }

    /** @param loss of packets, each way, 0 to 1 */
    static LossyRelay to(int port, double loss, long seed) {
        try {
            return new LossyRelay(port, loss, seed);
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

    int lost() {
        return lost.get();
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

    private synchronized boolean loses() {
        boolean loses = dice.nextDouble() < loss;
        if (loses) lost.incrementAndGet();
        return loses;
    }

    private void up() {
        ByteBuffer packet = ByteBuffer.allocate(PACKET_BYTES);
        while (true) {
            try {
                client = front.receive(packet.clear());
                packet.flip();
                if (!loses()) back.write(packet);
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
                if (to != null && !loses()) front.send(packet, to);
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
