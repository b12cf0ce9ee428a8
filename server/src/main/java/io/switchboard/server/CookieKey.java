package io.switchboard.server;

import io.switchboard.http.access.Seal;
import io.switchboard.server.config.Settings;
import io.switchboard.server.config.StoreKind;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;

/**
 * The key that seals cookies: in the data folder, readable by the server's user alone, so that event streams come back
 * after a restart. A server that keeps its channels in memory makes a new one each time.
 */
final class CookieKey {
    static final String FILE = "cookie-key";

    private CookieKey() {}

    /** @throws StartFailure if the file is damaged, or cannot be read or made */
    static byte[] of(Settings settings, SecureRandom random) throws StartFailure {
        byte[] made = new byte[Seal.KEY_BYTES];
        random.nextBytes(made);
        if (settings.store() == StoreKind.MEMORY) return made;
        Path file = settings.data().resolve(FILE);
        try {
            if (!Files.exists(file)) write(made, file);
            byte[] key = Files.readAllBytes(file);
            if (key.length == Seal.KEY_BYTES) return key;
        } catch (IOException unusable) {
            throw new StartFailure(
                    "The key of cookies, " + file + ", cannot be read or made: does it belong to this user?", unusable);
        }
        throw new StartFailure(
                "The key of cookies, " + file + ", is damaged. Delete it: a new one is made, and clients with a cookie"
                        + " have to take a new ticket.",
                new IOException("not " + Seal.KEY_BYTES + " bytes"));
    }

    // Whole, or not there: never a part of a key under its name.
    private static void write(byte[] key, Path file) throws IOException {
        boolean posix = FileSystems.getDefault().supportedFileAttributeViews().contains("posix");
        FileAttribute<?>[] ours = posix
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
                }
                : new FileAttribute<?>[0];
        Path folder = file.toAbsolutePath().getParent();
        Path begun = Files.createTempFile(folder, FILE, ".new", ours);
        try (FileChannel out = FileChannel.open(begun, StandardOpenOption.WRITE)) {
            ByteBuffer bytes = ByteBuffer.wrap(key);
            while (bytes.hasRemaining()) out.write(bytes);
            out.force(true); // before it has its name: a power cut may keep a name and lose what was written before
        }
        Files.move(begun, file, StandardCopyOption.ATOMIC_MOVE);
        try (FileChannel names = FileChannel.open(folder, StandardOpenOption.READ)) {
            names.force(true);
        }
    }
}
