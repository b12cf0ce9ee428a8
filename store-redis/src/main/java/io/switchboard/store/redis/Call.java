package io.switchboard.store.redis;

import io.switchboard.core.channel.Block;
import io.switchboard.core.channel.Offset;
import io.switchboard.core.channel.Tail;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** What scripts publish about a channel. */
sealed interface Call {
    /** A larger block is not sent along. */
    int BLOCK_BYTES_MAX = 16 * 1024;

    /** A message that says {@link Changed}. */
    static byte[] changed() {
        return new byte[] {0};
    }

    /** Something was appended, or the channel closed. */
    record Committed(long id, @Nullable Block block, Tail tail) implements Call {}

    /** It was made or deleted. */
    record Changed() implements Call {}

    /** @throws IllegalArgumentException if this is no call */
    static Call of(byte[] message) {
        ByteBuffer in = ByteBuffer.wrap(message);
        try {
            byte kind = in.get();
            if (kind == 0) return new Changed();
            if (kind != 1) throw new IllegalArgumentException("unknown call " + kind);
            long id = in.getLong();
            Offset offset = new Offset(in.getLong(), in.getLong());
            Tail tail = new Tail(offset, in.getLong(), in.getLong(), in.get() == 1);
            if (!in.hasRemaining()) return new Committed(id, null, tail);
            byte[] block = new byte[in.remaining()];
            in.get(block);
            return new Committed(id, Block.of(block), tail);
        } catch (BufferUnderflowException e) {
            throw new IllegalArgumentException("a call is cut off", e);
        }
    }
}
