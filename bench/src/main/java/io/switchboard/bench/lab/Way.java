package io.switchboard.bench.lab;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/** One direction of a relayed connection: bytes wait here until they arrive, in order. The relay's loop. */
final class Way {
    /** With so many bytes under way no more are read, until half of them have arrived. */
    static final int UNDER_WAY_MAX = 256 * 1024;

    private final Channel from;
    private final Channel to;
    private final Travel travel;
    private final IntConsumer arrived;
    private final Deque<Parcel> parcels = new ArrayDeque<>();
    private int underWay; // bytes
    private long setOutMillis; // that the first bytes take longer
    private boolean ended;
    private boolean scheduled;

    /** @param bytes null for the end of the connection */
    private record Parcel(@Nullable ByteBuf bytes, long atNanos) {}

    /**
     * @param setOutMillis what the first bytes wait for besides: the connection
     * @param arrived told how many bytes were handed on
     */
    Way(Channel from, Channel to, Travel travel, long setOutMillis, IntConsumer arrived) {
        this.from = from;
        this.to = to;
        this.travel = travel;
        this.setOutMillis = setOutMillis;
        this.arrived = arrived;
    }

    /** Takes bytes, which are given away to it. */
    void send(ByteBuf bytes) {
        if (ended || !bytes.isReadable()) {
            bytes.release();
            return;
        }
        underWay += bytes.readableBytes();
        long now = System.nanoTime();
        parcels.add(new Parcel(bytes, travel.arrival(bytes.readableBytes(), now, setOutMillis)));
        setOutMillis = 0;
        if (underWay > UNDER_WAY_MAX) from.config().setAutoRead(false);
        deliver();
    }

    /** Whoever sent has ended; the other end hears of it behind all that was sent. */
    void end() {
        if (ended) return;
        ended = true;
        parcels.add(new Parcel(null, travel.arrival(0, System.nanoTime(), 0)));
        deliver();
    }

    /** Hands on what has arrived; also when there is room at the other end again. */
    void deliver() {
        long now = System.nanoTime();
        boolean wrote = false;
        for (Parcel first = parcels.peek();
                first != null && first.atNanos() - now <= 0 && (to.isWritable() || first.bytes() == null);
                first = parcels.peek()) {
            parcels.remove();
            ByteBuf bytes = first.bytes();
            if (bytes == null) {
                to.writeAndFlush(Unpooled.EMPTY_BUFFER)
                        .addListener(ChannelFutureListener.CLOSE); // behind the last byte
                return;
            }
            int length = bytes.readableBytes();
            underWay -= length;
            arrived.accept(length);
            to.writeAndFlush(bytes, to.voidPromise());
            wrote = true;
        }
        if (wrote && underWay <= UNDER_WAY_MAX / 2 && !ended) from.config().setAutoRead(true);
        schedule(now);
    }

    private void schedule(long now) {
        Parcel first = parcels.peek();
        if (first == null || scheduled || first.atNanos() - now <= 0) return;
        scheduled = true;
        to.eventLoop()
                .schedule(
                        () -> {
                            scheduled = false;
                            deliver();
                        },
                        first.atNanos() - now,
                        TimeUnit.NANOSECONDS);
    }

    /** What is still under way arrives nowhere. */
    void discard() {
        ended = true;
        for (Parcel parcel = parcels.poll(); parcel != null; parcel = parcels.poll()) {
            if (parcel.bytes() != null) parcel.bytes().release();
        }
        underWay = 0;
    }
}
