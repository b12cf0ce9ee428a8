package io.switchboard.store.rocksdb;

import io.switchboard.core.channel.Block;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The files that hold the payload of many sealed blocks, end to end, so that the system can send it without this
 * program touching it. A pack is named by its channel and its last message, written once, and never changed. What
 * is in it is told by rows beside it; a file without rows is the remains of a crash.
 *
 * <p>Any thread reads; one at a time writes and deletes.
 */
final class Packs {
    /** Packs are filled up to this size; a larger one holds a single block. */
    static final int TARGET_BYTES = 32 << 20;

    /** So many files are open ahead at most, over all answers: those behind the first of each. */
    static final int AHEAD_MAX = 1_000;

    private static final String UNFINISHED = ".new";
    private static final Pattern NAME = Pattern.compile("([0-9a-f]{16})-([0-9a-f]{16})");

    private final Path folder;
    private final Semaphore ahead;

    /**
     * @param aheadMax files that may be open ahead, {@link #AHEAD_MAX}
     * @throws IOException if the folder cannot be made
     */
    Packs(Path folder, int aheadMax) throws IOException {
        this.folder = Files.createDirectories(folder);
        this.ahead = new Semaphore(aheadMax);
    }

    /**
     * Leave to open one file ahead; null where as many are open as may be. Running it gives it back, the first time
     * only.
     */
    @Nullable
    Runnable leaveAhead() {
        if (!ahead.tryAcquire()) return null;
        AtomicBoolean back = new AtomicBoolean();
        return () -> {
            if (back.compareAndSet(false, true)) ahead.release();
        };
    }

    /** Which pack. */
    record Name(long channelId, long lastSequence) {
        @Override
        public String toString() {
            HexFormat hex = HexFormat.of();
            return hex.toHexDigits(channelId) + "-" + hex.toHexDigits(lastSequence);
        }
    }

    private Path path(Name name) {
        return folder.resolve(name.toString());
    }

    /** Writes a pack; when this returns it survives a power cut. */
    void write(Name name, List<Block> blocks) throws IOException {
        Path unfinished = folder.resolve(name + UNFINISHED);
        try {
            try (FileChannel out = FileChannel.open(
                    unfinished,
                    StandardOpenOption.CREATE,
                    StandardOpenOption.TRUNCATE_EXISTING,
                    StandardOpenOption.WRITE)) {
                for (Block block : blocks) {
                    ByteBuffer payload = ByteBuffer.wrap(block.bytes(), block.start(0), block.payloadBytes());
                    while (payload.hasRemaining()) out.write(payload);
                }
                out.force(true);
            }
            Files.move(unfinished, path(name), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            try (FileChannel names = FileChannel.open(folder, StandardOpenOption.READ)) {
                names.force(true);
            }
        } catch (IOException e) {
            Files.deleteIfExists(unfinished);
            throw e;
        }
    }

    /** @throws NoSuchFileException if there is no such pack, or none any more */
    FileChannel open(Name name) throws IOException {
        return FileChannel.open(path(name), StandardOpenOption.READ);
    }

    /** Those who have it open may read on. */
    void delete(Name name) throws IOException {
        Files.deleteIfExists(path(name));
    }

    /** Every pack that is there; what was never finished is deleted. */
    Collection<Name> all() throws IOException {
        List<Name> names = new ArrayList<>();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : (Iterable<Path>) files::iterator) {
                String name = file.getFileName().toString();
                Matcher parts = NAME.matcher(name);
                if (parts.matches()) {
                    names.add(new Name(
                            HexFormat.fromHexDigitsToLong(parts.group(1)),
                            HexFormat.fromHexDigitsToLong(parts.group(2))));
                } else if (name.endsWith(UNFINISHED)) {
                    Files.deleteIfExists(file);
                }
            }
        }
        return names;
    }
}
