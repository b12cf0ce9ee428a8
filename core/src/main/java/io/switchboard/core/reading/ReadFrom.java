package io.switchboard.core.reading;

import io.switchboard.core.channel.Offset;
import org.jspecify.annotations.Nullable;

/** Where a read begins, as a client may say it (Durable Streams, section 8). */
public sealed interface ReadFrom {
    /** {@code -1}, or sixteen zeros twice: the earliest message that is retained, whichever that is. */
    record Earliest() implements ReadFrom {}

    /** {@code now}: only what is yet to come. */
    record Now() implements ReadFrom {}

    /** After a message seen before. */
    record At(Offset offset) implements ReadFrom {}

    /**
     * The newest messages.
     *
     * @param messages 1 or more
     */
    record Last(long messages) implements ReadFrom {}

    /**
     * The messages before a position, and none behind it.
     *
     * @param messages 1 or more
     */
    record Before(Offset offset, long messages) implements ReadFrom {}

    /** What {@code text} names; null if it is neither a sentinel nor in the form of an offset. */
    static @Nullable ReadFrom parse(String text) {
        if (text.equals("-1")) return new Earliest();
        if (text.equals("now")) return new Now();
        Offset offset = Offset.parse(text);
        if (offset == null) return null;
        return offset.equals(Offset.ZERO) ? new Earliest() : new At(offset);
    }
}
