package io.switchboard.store.rocksdb;

import java.io.IOException;
import java.io.InputStream;
import java.net.JarURLConnection;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.zip.CRC32;
import org.rocksdb.RocksDB;
import org.rocksdb.util.Environment;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Loads RocksDB's native library from where it is unpacked once, not at each start: the folder that the launcher names,
 * which serves every data folder, or else, also where that one will not do, the data folder.
 */
final class NativeLibrary {
    private static final Logger LOG = LoggerFactory.getLogger(NativeLibrary.class);

    /** A system property; the folder it names is not for anybody else to write in. */
    private static final String FOLDER = "switchboard.libraries";

    private static boolean loaded; // guarded by the class

    private NativeLibrary() {}

    /** Once in a process, whatever the folder; later calls find it loaded. */
    static synchronized void load(Path folder) {
        if (loaded) return;
        String shared = System.getProperty(FOLDER, "");
        loadFrom(shared.isEmpty() ? List.of(folder) : List.of(Path.of(shared), folder));
        loaded = true;
    }

    /** From the first folder that will do; where none does, RocksDB unpacks it for this process alone. */
    static void loadFrom(List<Path> folders) {
        URL packed = RocksDB.class.getClassLoader().getResource(Environment.getJniLibraryFileName("rocksdb"));
        if (packed != null) {
            for (Path folder : folders) {
                if (isLoadedFrom(folder, packed)) return;
            }
            LOG.info("RocksDB's library is unpacked at each start.");
        }
        RocksDB.loadLibrary();
    }

    private static boolean isLoadedFrom(Path folder, URL packed) {
        try {
            RocksDB.loadLibrary(
                    List.of(unpacked(folder, packed).toAbsolutePath().toString()));
            return true;
        } catch (IOException | UnsatisfiedLinkError e) {
            // such as one where another user keeps it, or from which nothing may be executed
            LOG.info("RocksDB's library cannot be kept in {}: {}", folder, e.toString());
            return false;
        }
    }

    // The folder that holds the library, named by its checksum so that another version gets another one.
    static Path unpacked(Path folder, URL packed) throws IOException {
        if (!(packed.openConnection() instanceof JarURLConnection jar)) throw new IOException("not in a jar");
        long checksum = jar.getJarEntry().getCrc();
        Path directory = folder.resolve("native").resolve(Long.toHexString(checksum));
        Path library = directory.resolve(Environment.getJniLibraryFileName("rocksdbjni")); // so it is looked for
        if (!Files.exists(library) || checksum(library) != checksum) {
            Files.createDirectories(directory);
            // one of its own: several servers may share the folder
            Path partly = Files.createTempFile(directory, "unpacking", "");
            try {
                try (InputStream in = packed.openStream()) {
                    Files.copy(in, partly, StandardCopyOption.REPLACE_EXISTING);
                }
                makeReadable(partly);
                Files.move(partly, library, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            } finally {
                Files.deleteIfExists(partly);
            }
        }
        return directory;
    }

    // By everybody: who unpacks it, such as root when building, need not be who runs the server.
    private static void makeReadable(Path library) throws IOException {
        PosixFileAttributeView mode = Files.getFileAttributeView(library, PosixFileAttributeView.class);
        if (mode != null) mode.setPermissions(PosixFilePermissions.fromString("rw-r--r--"));
    }

    private static long checksum(Path library) throws IOException {
        CRC32 crc = new CRC32();
        byte[] buffer = new byte[1 << 16];
        try (InputStream in = Files.newInputStream(library)) {
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) crc.update(buffer, 0, n);
        }
        return crc.getValue();
    }
}
