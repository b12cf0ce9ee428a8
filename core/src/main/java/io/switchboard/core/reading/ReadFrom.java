package io.switchboard.core.reading;

import io.switchboard.core.channel.Offset;
import org.jspecify.annotations.Nullable;

/** Where a read begins, as a client may say it (Durable Streams, section 8). */
public sealed interface ReadFrom {
    /** {@code -1}, {@link #ZEROS} or {@link Offset#ZERO}: the earliest message that is retained, whichever that is. */
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

    /** How the reference server of Durable Streams writes the beginning, so that its suite and some clients do. */
    String ZEROS = "0000000000000000_0000000000000000";

    /** What {@code text} names; null if it is neither a sentinel nor in the form of an offset. */
    static @Nullable ReadFrom parse(String text) {
        if (text.equals("-1") || text.equals(ZEROS)) return new Earliest();
        if (text.equals("now")) return new Now();
        Offset offset = Offset.parse(text);
        if (offset == null) return null;
        return offset.equals(Offset.ZERO) ? new Earliest() : new At(offset);
    }
}
