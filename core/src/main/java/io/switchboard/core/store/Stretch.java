package io.switchboard.core.store;

import io.switchboard.core.channel.Offset;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.util.List;

/**
 * Consecutive messages whose bytes lie end to end in files, to be sent as they are. Whoever gets it closes it,
 * or gives its files away.
 *
 * @param parts at least one, in order
 * @param firstSequence of the first message
 * @param last the offset after the last message
 */
public record Stretch(List<Part> parts, long firstSequence, Offset last) implements AutoCloseable {
    /** So many files one stretch has open at most. */
    public static final int PARTS_MAX = 4;

    public Stretch {
        if (parts.isEmpty() || parts.size() > PARTS_MAX) throw new IllegalArgumentException("parts: " + parts.size());
        parts = List.copyOf(parts);
    }

    /**
     * Of one file.
     *
     * @param file open for reading; nobody else's
     * @param position of the first byte
     * @param length in bytes, 1 or more
     * @param closed to be run when it is closed; a second time does nothing
     */
    public record Part(FileChannel file, long position, long length, Runnable closed) implements AutoCloseable {
        @Override
        public void close() {
            try {
                file.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } finally {
                closed.run();
            }
        }
    }

    @Override
    public void close() {
        for (Part part : parts) part.close();
    }
}
