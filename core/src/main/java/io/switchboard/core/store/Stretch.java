package io.switchboard.core.store;

import io.switchboard.core.channel.Offset;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;

/**
 * Consecutive messages whose bytes lie end to end in a file, to be sent as they are. Whoever gets it closes it,
 * or gives its file away.
 *
 * @param file open for reading; nobody else's
 * @param position of the first byte
 * @param length in bytes, 1 or more
 * @param firstSequence of the first message
 * @param last the offset after the last message
 */
public record Stretch(FileChannel file, long position, long length, long firstSequence, Offset last)
        implements AutoCloseable {
    @Override
    public void close() {
        try {
            file.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
