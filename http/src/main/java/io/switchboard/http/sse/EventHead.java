package io.switchboard.http.sse;

import io.netty.buffer.ByteBuf;
import io.switchboard.core.channel.Offset;
import io.switchboard.core.channel.Run;

/**
 * What stands before each message of a plain event stream: {@code id:}, its offset, and the beginning of its data. One
 * thread.
 */
final class EventHead {
    private static final int ID = 3;
    private static final byte[] DATA = DataLines.NEXT_LINE;

    private final byte[] bytes = new byte[ID + Offset.LENGTH_MAX + DATA.length];
    private int offsetEnd;

    EventHead() {
        bytes[0] = 'i';
        bytes[1] = 'd';
        bytes[2] = ':';
    }

    /** What the heads of all messages of {@code slice} take, in bytes. */
    static long length(Run.Slice slice) {
        int count = slice.to() - slice.from();
        return (long) (ID + DATA.length) * count
                + Offset.length(slice.block().generation(), slice.firstSequence(), count);
    }

    void begin(long generation, long sequence) {
        end(Offset.write(generation, sequence, bytes, ID));
    }

    private void end(int at) {
        offsetEnd = at;
        System.arraycopy(DATA, 0, bytes, at, DATA.length);
    }

    /** Goes on to the next sequence, digit by digit: dividing for each of them, at each message, costs more. */
    void countUp() {
        int digit = offsetEnd - 1;
        while (bytes[digit] == '9') bytes[digit--] = '0';
        bytes[digit]++;
        if (bytes[digit] <= '9') return;
        // It was all nines: that was the letter, which says one digit more now.
        bytes[digit + 1] = '1';
        bytes[offsetEnd] = '0';
        end(offsetEnd + 1);
    }

    void write(ByteBuf out) {
        out.writeBytes(bytes, 0, offsetEnd + DATA.length);
    }
}
