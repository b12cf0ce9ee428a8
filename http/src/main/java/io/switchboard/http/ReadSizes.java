package io.switchboard.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelConfig;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.util.UncheckedBooleanSupplier;

/**
 * How much a connection is asked for at a time: twice as much after a read that was full, half as much after two that
 * were less than half full. One read a turn, so that others have theirs. What Netty has for it does the same and keeps
 * four times as much for each connection.
 */
final class ReadSizes implements RecvByteBufAllocator {
    private final int bytesMin;
    private final int bytesFirst;
    private final int bytesMax;

    /** All powers of two, in this order. */
    ReadSizes(int bytesMin, int bytesFirst, int bytesMax) {
        this.bytesMin = bytesMin;
        this.bytesFirst = bytesFirst;
        this.bytesMax = bytesMax;
    }

    @Override
    @SuppressWarnings("deprecation") // the only kind that Netty takes is an extended one, which this is
    public Handle newHandle() {
        return new OfOne();
    }

    /** The guess for one connection. Belongs to its loop. */
    private final class OfOne implements ExtendedHandle {
        private int guess = bytesFirst; // negated after a read that was less than half full
        private int attempted;
        private int last;

        @Override
        public ByteBuf allocate(ByteBufAllocator allocator) {
            return allocator.ioBuffer(guess());
        }

        @Override
        public int guess() {
            return Math.abs(guess);
        }

        @Override
        public void reset(ChannelConfig config) {
            last = 0;
        }

        @Override
        public void incMessagesRead(int messages) {}

        @Override
        public void lastBytesRead(int bytes) {
            last = bytes;
        }

        @Override
        public int lastBytesRead() {
            return last;
        }

        @Override
        public void attemptedBytesRead(int bytes) {
            attempted = bytes;
        }

        @Override
        public int attemptedBytesRead() {
            return attempted;
        }

        @Override
        public boolean continueReading() {
            return false;
        }

        @Override
        public boolean continueReading(UncheckedBooleanSupplier maybeMore) {
            return false;
        }

        @Override
        public void readComplete() {
            if (last <= 0) return;
            int size = guess();
            if (last >= size) guess = Math.min(2 * size, bytesMax);
            else if (last >= size / 2) guess = size;
            else guess = guess > 0 ? -size : Math.max(size / 2, bytesMin);
        }
    }
}
