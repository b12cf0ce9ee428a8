package io.switchboard.store.rocksdb;

import java.io.IOException;
import java.io.InputStream;
import java.net.JarURLConnection;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.zip.CRC32;
import org.rocksdb.RocksDB;
import org.rocksdb.util.Environment;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Loads RocksDB's native library from where it is unpacked once, not at each start: the folder that the launcher names,
 * which serves every data folder, or else the data folder.
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
        loadFrom(shared.isEmpty() ? folder : Path.of(shared));
        loaded = true;
    }

    private static void loadFrom(Path folder) {
        String file = Environment.getJniLibraryFileName("rocksdb");
        URL packed = RocksDB.class.getClassLoader().getResource(file);
        if (packed != null) {
            try {
                RocksDB.loadLibrary(
                        List.of(unpacked(folder, packed).toAbsolutePath().toString()));
                return;
            } catch (IOException | UnsatisfiedLinkError e) {
                // such as a folder from which nothing may be executed
                LOG.info("RocksDB's library is unpacked at each start, because it cannot be kept: {}", e.toString());
            }
        }
        RocksDB.loadLibrary();
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
            try (InputStream in = packed.openStream()) {
                Files.copy(in, partly, StandardCopyOption.REPLACE_EXISTING);
            }
            Files.move(partly, library, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        }
        return directory;
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
