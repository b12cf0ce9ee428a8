package io.switchboard.store.rocksdb;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The data folder: whose it is, in which format, and that nobody else uses it now. Nothing in it is
 * touched before that is certain.
 *
 * <pre>
 *   switchboard-store   the marker: a line that tells the format, a line for people
 *   lock                held by the process that uses the folder
 *   data/               RocksDB's
 *   packs/              payload of sealed blocks, to be sent as it is
 *   native/             RocksDB's library, unpacked, unless that is kept elsewhere
 * </pre>
 */
final class Folder implements AutoCloseable {
    static final int FORMAT = 2;
    private static final int OLDEST_FORMAT = 1;

    private static final String MARKER = "switchboard-store";
    private static final int MARKER_BYTES_MAX = 4_096;
    private static final Pattern FIRST_LINE = Pattern.compile("switchboard store, format (\\d{1,6})(, beginning)?");

    private final Path path;
    private final FileChannel lockChannel;
    private final Marker marker;

    /**
     * What the marker said.
     *
     * @param beginning whether the folder's first start was never finished
     */
    private record Marker(int format, boolean beginning) {}

    private Folder(Path path, FileChannel lockChannel, Marker marker) {
        this.path = path;
        this.lockChannel = lockChannel;
        this.marker = marker;
    }

    /** @throws FolderException if the folder is not to be used */
    static Folder open(Path path) {
        try {
            Files.createDirectories(path);
            boolean marked = Files.exists(path.resolve(MARKER));
            if (!marked && !isEmpty(path)) {
                throw new FolderException(
                        "The folder " + path + " holds files that are not Switchboard's; nothing was changed in it."
                                + " Name an empty or new folder for the data.",
                        null);
            }
            Marker marker = marked ? readMarker(path) : new Marker(FORMAT, true);
            FileChannel lock = lock(path);
            try {
                if (!marked) writeMarker(path, ", beginning");
                else if (!marker.beginning()
                        && !Files.exists(path.resolve("data").resolve("CURRENT"))) {
                    throw damaged(path, null);
                }
                return new Folder(path, lock, marker);
            } catch (IOException | RuntimeException e) {
                lock.close();
                throw e;
            }
        } catch (IOException e) {
            throw new FolderException(
                    "The data folder " + path + " cannot be used: " + reason(e)
                            + ". Check that it is a folder, that its disk has space, and that this user may write there.",
                    e);
        }
    }

    // What a person can use of an exception: not its class.
    private static String reason(IOException e) {
        if (e instanceof AccessDeniedException) return "access is denied";
        if (e instanceof FileAlreadyExistsException) return "a file of that name exists";
        if (e instanceof FileSystemException refused && refused.getReason() != null) return refused.getReason();
        return String.valueOf(e.getMessage());
    }

    static FolderException damaged(Path path, @org.jspecify.annotations.Nullable Throwable cause) {
        return new FolderException(
                "The data in the folder " + path + " is damaged or incomplete"
                        + (cause == null ? "" : " (" + cause.getMessage() + ")")
                        + "; nothing was changed in it. Put back a copy of the folder,"
                        + " or move it away to start with an empty one.",
                cause);
    }

    private static boolean isEmpty(Path path) throws IOException {
        try (Stream<Path> files = Files.list(path)) {
            // what a freshly made file system holds by itself; a lock alone is a start that was cut short
            return files.map(file -> file.getFileName().toString())
                    .allMatch(name -> name.equals("lost+found") || name.equals("lock"));
        }
    }

    private static Marker readMarker(Path path) throws IOException {
        Path marker = path.resolve(MARKER);
        if (Files.size(marker) > MARKER_BYTES_MAX) throw damaged(path, null);
        String text = Files.readString(marker, StandardCharsets.ISO_8859_1);
        int end = text.indexOf('\n');
        Matcher line = FIRST_LINE.matcher(end < 0 ? text : text.substring(0, end));
        if (!line.matches()) throw damaged(path, null);
        int format = Integer.parseInt(line.group(1));
        newer(path, format);
        return new Marker(format, line.group(2) != null);
    }

    static void newer(Path path, int format) {
        if (format >= OLDEST_FORMAT && format <= FORMAT) return;
        throw new FolderException(
                "The folder " + path + " was written by "
                        + (format > FORMAT ? "a newer" : "another")
                        + " version of Switchboard (format " + format + ", this one reads " + OLDEST_FORMAT + " to "
                        + FORMAT
                        + "); nothing was changed in it. Use that version, or name another folder.",
                null);
    }

    private static void writeMarker(Path path, String state) throws IOException {
        Path written = path.resolve(MARKER + ".new");
        String text = "switchboard store, format " + FORMAT + state + "\n"
                + "This folder belongs to a Switchboard server. Copy it only while the server is stopped.\n";
        try (FileChannel out = FileChannel.open(
                written, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
            out.write(java.nio.ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1)));
            out.force(true);
        }
        Files.move(written, path.resolve(MARKER), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    private static FileChannel lock(Path path) throws IOException {
        FileChannel channel =
                FileChannel.open(path.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock lock;
        try {
            lock = channel.tryLock();
        } catch (OverlappingFileLockException e) {
            lock = null; // this process has it already
        }
        if (lock != null) return channel;
        channel.close();
        throw new FolderException(
                "The data folder " + path + " is in use by a running Switchboard."
                        + " Stop that one first, or name another folder.",
                null);
    }

    Path path() {
        return path;
    }

    Path data() {
        return path.resolve("data");
    }

    /** The files beside RocksDB's. */
    Packs packs() {
        try {
            return new Packs(path.resolve("packs"), Packs.AHEAD_MAX);
        } catch (IOException e) {
            throw new FolderException("The data folder " + path + " cannot be written: " + reason(e) + ".", e);
        }
    }

    /** Whether nothing was ever stored here. */
    boolean isNew() {
        return marker.beginning();
    }

    /** Whether it was written in an older format, which is read as it is. */
    boolean isOlder() {
        return marker.format() < FORMAT;
    }

    /** The data is there now: from here on, its absence is damage. */
    void begun() {
        try {
            writeMarker(path, "");
        } catch (IOException e) {
            throw new FolderException("The data folder " + path + " cannot be written: " + e + ".", e);
        }
    }

    @Override
    public void close() {
        try {
            lockChannel.close();
        } catch (IOException e) {
            throw new FolderException("The lock of the data folder " + path + " cannot be let go: " + e + ".", e);
        }
    }
}
