package io.switchboard.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.IoEvent;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollIoEvent;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.epoll.EpollIoOps;
import io.netty.channel.unix.Socket;
import java.io.IOException;
import java.nio.channels.NotYetConnectedException;
import org.jspecify.annotations.Nullable;

/**
 * A connection that lasts, carried by its descriptor alone, registered with the loop by itself: no channel, no
 * pipeline, no buffer of its own. What is read goes through one buffer of the loop; what the socket does not take waits
 * here, and while nothing does there is nothing to keep it in. It takes the descriptor over from the channel that its
 * request came through, which is nobody's then.
 *
 * <pre>
 *   the channel's ──► nobody's (writes go out, reads still come through the channel) ──► registered ──► over
 * </pre>
 *
 * Belongs to its loop.
 */
final class EpollWire implements Wire, EpollIoHandle {
    private static final EpollIoOps READ = EpollIoOps.EPOLLIN;
    private static final EpollIoOps WRITE = EpollIoOps.EPOLLOUT;
    private static final EpollIoOps BOTH = READ.with(WRITE);
    /** Not NONE: Netty 4.2.18 takes such a descriptor off the loop and then fails to put it back. */
    private static final EpollIoOps ONLY_THE_END = EpollIoOps.EPOLLERR;

    private static final int HANG_UP = 0x10; // EPOLLHUP, which is told unasked, as EPOLLERR is
    private static final int BROKEN = EpollIoOps.EPOLLERR.value() | HANG_UP;

    private final Socket socket;
    private final Connections connections;
    private final LastingPeer carried;
    private @Nullable IoRegistration registration; // null while the channel has its own
    private @Nullable Outgoing waiting; // null while nothing is
    private @Nullable Runnable whenClosed;
    private boolean reading;
    private boolean awaitingRoom; // of the operating system
    private boolean full;
    private boolean finishing; // closes when nothing waits
    private boolean over;

    private EpollWire(Socket socket, Connections connections, LastingPeer carried, boolean reading) {
        this.reading = reading;
        this.socket = socket;
        this.connections = connections;
        this.carried = carried;
    }

    /**
     * Takes the descriptor of a channel on which nothing waits. What the channel has read or reads until it is off the
     * loop still comes through its pipeline.
     *
     * @param carried who is told of everything, and writes here from now on
     */
    static EpollWire takeOver(Channel channel, Socket socket, Connections connections, LastingPeer carried) {
        EpollWire wire =
                new EpollWire(socket, connections, carried, channel.config().isAutoRead());
        IoEventLoop loop = (IoEventLoop) channel.eventLoop();
        channel.deregister().addListener(off -> loop.register(wire).addListener(on -> {
            if (on.isSuccess()) wire.registered((IoRegistration) on.getNow());
            else wire.failed(on.cause());
        }));
        return wire;
    }

    private void registered(IoRegistration with) {
        registration = with;
        if (over) release();
        else listen();
    }

    // It cannot be watched, so it cannot be used.
    private void failed(Throwable cause) {
        Peer.log(cause);
        over = true;
        release();
    }

    private void listen() {
        IoRegistration with = registration;
        if (with == null || over) return;
        with.submit(reading ? (awaitingRoom ? BOTH : READ) : awaitingRoom ? WRITE : ONLY_THE_END);
    }

    @Override
    public Socket fd() {
        return socket;
    }

    @Override
    public Socket descriptor() {
        return socket;
    }

    // --- what arrives

    @Override
    public void handle(IoRegistration with, IoEvent event) {
        int ready = ((EpollIoEvent) event).ops().value();
        try {
            if ((ready & WRITE.value()) != 0) flush();
            boolean broken = (ready & BROKEN) != 0;
            if (over || !(broken || (ready & READ.value()) != 0)) return;
            if (reading) receive(broken);
            else if (broken) close();
        } catch (RuntimeException e) {
            carried.failed(e);
        }
    }

    // One read a turn, so that others have theirs.
    private void receive(boolean broken) {
        ByteBuf bytes = connections.scratch().arriving();
        int got;
        try {
            got = Scratch.receive(socket, bytes);
        } catch (IOException e) {
            got = -1; // it was reset
        }
        if (got > 0) {
            carried.received(bytes);
            carried.receivedAll();
        } else if (got < 0 || broken) {
            carried.inputEnded();
        }
    }

    @Override
    public void read(boolean wanted) {
        if (reading == wanted) return;
        reading = wanted;
        listen();
    }

    // --- what is sent

    @Override
    public boolean hasRoom() {
        return !full;
    }

    @Override
    public long pending() {
        return waiting == null ? 0 : waiting.bytes();
    }

    @Override
    public long untaken() {
        return pending();
    }

    @Override
    public void write(ByteBuf bytes) {
        wait(bytes, null);
    }

    @Override
    public void write(ByteBuf bytes, Runnable gone) {
        wait(bytes, gone);
    }

    private void wait(ByteBuf bytes, @Nullable Runnable gone) {
        if (over || finishing) {
            bytes.release();
            if (gone != null) gone.run();
            return;
        }
        Outgoing behind = waiting == null ? new Outgoing() : waiting;
        waiting = behind;
        behind.add(bytes, gone);
        if (behind.bytes() > FULL_BYTES) full = true;
    }

    @Override
    public boolean share(ByteBuf shared) {
        if (waiting != null || over || finishing || !shared.hasMemoryAddress()) return false;
        int begin = shared.readerIndex();
        int end = shared.writerIndex();
        int taken;
        try {
            taken = socket.sendAddress(shared.memoryAddress(), begin, end);
        } catch (IOException e) {
            close();
            return true;
        }
        if (begin + taken < end) {
            wait(shared.retainedSlice(begin + taken, end - begin - taken), null);
            awaitRoom(true);
        }
        return true;
    }

    @Override
    public void flush() {
        Outgoing going = waiting;
        if (over || going == null) return;
        try {
            boolean taken = true;
            while (taken && !over && !going.isEmpty()) taken = going.sendSome(socket, connections.scratch());
        } catch (IOException e) {
            close();
        }
        if (over) return;
        if (going.isEmpty() && going == waiting)
            waiting = null; // who was told that a piece is gone may have flushed too
        awaitRoom(waiting != null);
        if (waiting == null && finishing) close();
        if (full && pending() < ROOM_BYTES) {
            full = false;
            if (!over) carried.roomAgain();
        }
    }

    private void awaitRoom(boolean wanted) {
        if (awaitingRoom == wanted) return;
        awaitingRoom = wanted;
        listen();
    }

    // --- the end

    @Override
    public void endOutput() {
        if (over) return;
        try {
            socket.shutdown(false, true);
        } catch (IOException | NotYetConnectedException e) {
            close(); // the peer was faster; Netty's word for ENOTCONN is the second one
        }
    }

    @Override
    public void finish() {
        finishing = true;
        flush();
        if (waiting == null) close();
    }

    @Override
    public void abandon() {
        close();
    }

    @Override
    public void close() {
        if (over) return;
        over = true;
        if (registration != null) release(); // else once the channel has let go of the descriptor
    }

    private void release() {
        if (registration != null) registration.cancel();
        try {
            socket.close();
        } catch (IOException e) {
            Peer.log(e);
        }
        connections.loop().execute(this::ended); // not in the middle of what is carried
    }

    private void ended() {
        Outgoing lost = waiting;
        waiting = null;
        // Each is told, whoever of those before fails: else what is counted stays counted.
        try {
            if (lost != null) lost.drop();
        } finally {
            try {
                carried.ended();
            } finally {
                if (whenClosed != null) whenClosed.run();
            }
        }
    }

    @Override
    public void whenClosed(Runnable told) {
        whenClosed = Wire.both(whenClosed, told);
    }
}
