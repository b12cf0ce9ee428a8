package io.switchboard.security.keys;

import io.switchboard.core.time.Ticker;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keys from a file, which is read again when its time, size or identity changes. If what is there then cannot be used,
 * the keys from before go on counting, and the log says so once for each change.
 */
public final class FileKeys implements KeySource {
    public static final long LOOK_EVERY_MILLIS = 2_000;

    private static final Logger LOG = LoggerFactory.getLogger(FileKeys.class);

    private record Stamp(
            FileTime modified, long bytes, @Nullable Object identity) {}

    private final Path path;
    private final Ticker ticker;
    private volatile KeyRing ring;
    // The thread that ticks.
    private @Nullable Stamp seen;
    private long nextLookMillis;

    private FileKeys(Path path, Ticker ticker, KeyRing ring, @Nullable Stamp seen) {
        this.path = path;
        this.ticker = ticker;
        this.ring = ring;
        this.seen = seen;
        this.nextLookMillis = ticker.nowMillis() + LOOK_EVERY_MILLIS;
    }

    /** @throws KeyException if there is nothing to begin with; the sentence names the file */
    public static FileKeys open(Path path, Ticker ticker) throws KeyException {
        // In this order: a change in between is seen at the next look.
        Stamp stamp = stamp(path);
        return new FileKeys(path, ticker, read(path), stamp);
    }

    @Override
    public KeyRing current() {
        return ring;
    }

    @Override
    public Look lookAgain(Runnable whenOver) {
        return Look.NOT_NOW;
    }

    @Override
    public void tick() {
        long now = ticker.nowMillis();
        if (now < nextLookMillis) return;
        nextLookMillis = now + LOOK_EVERY_MILLIS;
        Stamp stamp = stamp(path);
        if (stamp == null ? seen == null : stamp.equals(seen)) return;
        seen = stamp;
        try {
            ring = read(path);
            LOG.info("The keys for tokens were read again from {}: {}", path, ring.size());
        } catch (KeyException unusable) {
            LOG.warn("The keys for tokens stay as they were: {}", unusable.sentence());
        }
    }

    private static @Nullable Stamp stamp(Path path) {
        try {
            BasicFileAttributes attributes = Files.readAttributes(path, BasicFileAttributes.class);
            return new Stamp(attributes.lastModifiedTime(), attributes.size(), attributes.fileKey());
        } catch (IOException gone) {
            return null;
        }
    }

    private static KeyRing read(Path path) throws KeyException {
        try (InputStream in = Files.newInputStream(path)) {
            return KeyFormat.read(in.readNBytes(KeyFormat.BYTES_MAX + 1), KeyFormat.Secrets.TAKEN);
        } catch (NoSuchFileException missing) {
            throw new KeyException("The key file " + path + " does not exist; `switchboard keys` makes one.", missing);
        } catch (IOException unreadable) {
            throw new KeyException("The key file " + path + " cannot be read.", unreadable);
        } catch (KeyException unusable) {
            throw new KeyException("The key file " + path + " cannot be used. " + unusable.sentence(), unusable);
        }
    }
}
