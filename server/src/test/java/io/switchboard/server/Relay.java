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
 * A network between one client and a server of UDP, which sees what is said, loses packets by dice, and may give the client
 * another port, as an address translator does. A thread each way carries.
 */
final class Relay implements AutoCloseable {
    private static final int PACKET_BYTES = 2_048;
    private static final int NAME_END = 21; // of the connection, in a short header
    private static final int JUNK_BYTES = 40;
    private static final byte[] LONG_HEAD = {(byte) 0xe0, 0, 0, 0, 1, NAME_END - 1
    }; // of a handshake's packet, up to its name
    private static final int RETRY = 0xf0; // the first bits of that packet (RFC 9000, section 17.2.5)

    private final DatagramChannel front;
    private final double loss;
    private final Random dice;
    private final AtomicInteger lost = new AtomicInteger();
    private final AtomicInteger retries = new AtomicInteger();
    private final InetSocketAddress server;
    private volatile DatagramChannel back; // to the server
    private volatile @Nullable SocketAddress client;
    private volatile boolean cut;
    private volatile @Nullable DatagramChannel junk; // of another one
    private volatile @Nullable DatagramChannel copies; // of somebody else, whose packets come first
    private final AtomicInteger losesFrom = new AtomicInteger(Integer.MAX_VALUE); // bytes

    private Relay(int port, double loss, long seed) throws IOException {
        this.loss = loss;
        dice = new Random(seed);
        server = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
        back = DatagramChannel.open().connect(server);
        front = DatagramChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        Thread.ofPlatform().daemon().start(this::up);
        carryDown();
    }

    private void carryDown() {
        DatagramChannel from = back;
        Thread.ofPlatform().daemon().start(() -> down(from));
    }

    /** From now on the server sees the client at another port; what it sends to the one before is lost. */
    void move() {
        move("127.0.0.1");
    }

    /** From now on the server sees the client at another port of an address of this machine. */
    void move(String address) {
        DatagramChannel before = back;
        try {
            back = DatagramChannel.open()
                    .bind(new InetSocketAddress(address, 0))
                    .connect(server);
            carryDown();
            before.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** @param loss of packets, each way, 0 to 1 */
    static Relay to(int port, double loss, long seed) {
        try {
            return new Relay(port, loss, seed);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    int port() {
        return front.socket().getLocalPort();
    }

    /** Packets by which the server has asked the client to show where it is. */
    int retries() {
        return retries.get();
    }

    int lost() {
        return lost.get();
    }

    /** @param all whether all packets are lost from now on */
    void cut(boolean all) {
        cut = all;
    }

    /** The next packet to the client that has at least so many bytes is lost. */
    void loseOne(int bytes) {
        losesFrom.set(bytes);
    }

    private boolean losesAsTold(int bytes) {
        int from = losesFrom.get();
        boolean loses = bytes >= from && losesFrom.compareAndSet(from, Integer.MAX_VALUE);
        if (loses) lost.incrementAndGet();
        return loses;
    }

    /**
     * Somebody at another port of the client's address hears what it sends, and sends a copy of each packet, which comes
     * before the packet itself. What the server sends there is lost.
     */
    void copyFirst() {
        try {
            copies = DatagramChannel.open().connect(server);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Somebody at another address sends packets behind each of the client, about the same connection, with nothing in them.
     * What the server sends there is lost.
     */
    void junkBehind(String address) {
        try {
            junk = DatagramChannel.open()
                    .bind(new InetSocketAddress(address, 0))
                    .connect(server);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private synchronized boolean loses() {
        boolean loses = cut || dice.nextDouble() < loss;
        if (loses) lost.incrementAndGet();
        return loses;
    }

    private void up() {
        ByteBuffer packet = ByteBuffer.allocate(PACKET_BYTES);
        try {
            while (true) {
                client = front.receive(packet.clear());
                packet.flip();
                if (!loses()) send(packet);
            }
        } catch (IOException closed) {
            // all is over
        }
    }

    private void send(ByteBuffer packet) {
        try {
            DatagramChannel other = copies;
            if (other != null) other.write(packet.duplicate());
            back.write(packet.duplicate());
            DatagramChannel behind = junk;
            if (behind != null && packet.limit() > JUNK_BYTES) {
                packet.limit(NAME_END);
                behind.write(
                        ByteBuffer.allocate(JUNK_BYTES).put(packet.duplicate()).clear());
                behind.write(ByteBuffer.allocate(JUNK_BYTES)
                        .put(LONG_HEAD)
                        .put(packet.position(1))
                        .clear());
            }
        } catch (IOException moved) {
            // lost, as others are
        }
    }

    private void down(DatagramChannel from) {
        ByteBuffer packet = ByteBuffer.allocate(PACKET_BYTES);
        try {
            while (true) {
                from.read(packet.clear());
                packet.flip();
                if ((packet.get(0) & RETRY) == RETRY) retries.incrementAndGet();
                SocketAddress to = client;
                if (to != null && !loses() && !losesAsTold(packet.remaining())) front.send(packet, to);
            }
        } catch (IOException closed) {
            // all is over
        }
    }

    @Override
    public void close() {
        try {
            front.close();
            back.close();
            DatagramChannel other = copies;
            if (other != null) other.close();
            DatagramChannel behind = junk;
            if (behind != null) behind.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
