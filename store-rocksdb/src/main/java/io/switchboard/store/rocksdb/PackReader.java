package io.switchboard.store.rocksdb;

import io.switchboard.core.channel.Block;
import io.switchboard.core.store.Failure;
import io.switchboard.core.store.PersistenceException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import org.jspecify.annotations.Nullable;

/** Reads blocks of one channel, one after the other, wherever their payload lies. One thread; used once. */
final class PackReader implements AutoCloseable {
    private static final long PROBE_EVERY_BYTES = 1 << 20;
    private static final long PROBE_BYTES = 32 * 1024;

    private final Packs packs;
    private final long channelId;
    private Packs.@Nullable Name name;
    private @Nullable FileChannel file;

    PackReader(Packs packs, long channelId) {
        this.packs = packs;
        this.channelId = channelId;
    }

    /**
     * The block that a row holds or tells of; null if its pack was deleted since the row was read.
     *
     * @throws IllegalArgumentException if it is damaged
     */
    @Nullable
    Block block(byte[] row) {
        if (!PackRows.Place.isOne(row)) return Block.of(row);
        PackRows.Place place = PackRows.Place.of(row);
        int length = Block.lengthOf(place.head());
        byte[] bytes = java.util.Arrays.copyOf(place.head(), length);
        ByteBuffer payload = ByteBuffer.wrap(bytes, place.head().length, length - place.head().length);
        try {
            FileChannel from = open(place.packLast());
            long at = place.position();
            while (payload.hasRemaining()) {
                int read = from.read(payload, at);
                if (read < 0) throw new IllegalArgumentException("a pack is too short");
                at += read;
            }
        } catch (NoSuchFileException e) {
            return null;
        } catch (IOException e) {
            throw new PersistenceException(Failure.UNAVAILABLE, "reading a pack: " + e.getMessage(), e);
        }
        return place.with(bytes);
    }

    /**
     * Opens a pack, for what is not of its blocks.
     *
     * @throws NoSuchFileException if it was deleted
     */
    FileChannel open(long packLast) throws IOException {
        if (file != null && name != null && name.lastSequence() == packLast) return file;
        close();
        name = new Packs.Name(channelId, packLast);
        file = packs.open(name);
        return file;
    }

    /** Length of the file that was opened, or that the last block came from, in bytes. */
    long fileLength() throws IOException {
        return source().size();
    }

    /**
     * Brings a part of that file into memory where it is not yet: whoever sends it must not wait for a disk. A few
     * pages of each megabyte are looked at, as the system keeps and drops files in long stretches.
     */
    void load(long position, long length) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment part = source().map(FileChannel.MapMode.READ_ONLY, position, length, arena);
            if (!isLoaded(part)) part.load();
        }
    }

    /** Whether that part is in memory, as far as a few pages of each megabyte tell. */
    boolean isLoaded(long position, long length) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            return isLoaded(source().map(FileChannel.MapMode.READ_ONLY, position, length, arena));
        }
    }

    private static boolean isLoaded(MemorySegment part) {
        long length = part.byteSize();
        for (long at = 0; at < length; at += PROBE_EVERY_BYTES) {
            if (!part.asSlice(at, Math.min(PROBE_BYTES, length - at)).isLoaded()) return false;
        }
        return true;
    }

    /** That file, given away. */
    FileChannel take() {
        FileChannel taken = source();
        file = null;
        return taken;
    }

    private FileChannel source() {
        if (file == null) throw new IllegalStateException("the block came from a row");
        return file;
    }

    @Override
    public void close() {
        FileChannel open = file;
        file = null;
        if (open == null) return;
        try {
            open.close();
        } catch (IOException e) {
            throw new PersistenceException(Failure.UNAVAILABLE, "closing a pack: " + e.getMessage(), e);
        }
    }
}
