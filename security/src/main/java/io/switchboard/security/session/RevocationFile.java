package io.switchboard.security.session;

import io.switchboard.core.access.Revocations.Revocation;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/**
 * Revocations on disk: a line that tells the format, then a line each, appended and synced.
 *
 * <pre>
 *   switchboard revocations, format 1
 *   sub 1764000000000 YWxpY2U 9a0b1c2d        kind, through when (ms), name in base64url, CRC-32 of what is before
 * </pre>
 *
 * A last line without its end was never acknowledged, and is cut off. Anything else that is not so is damage. Belongs
 * to one thread at a time.
 */
final class RevocationFile implements AutoCloseable {
    static final String FIRST_LINE = "switchboard revocations, format 1";
    /** Beyond it a file is not ours: it is rewritten long before. */
    static final long BYTES_MAX = 128L << 20;

    private final Path path;
    private FileChannel channel;
    private long goodBytes;
    private long lines;

    private RevocationFile(Path path, FileChannel channel, long goodBytes, long lines) {
        this.path = path;
        this.channel = channel;
        this.goodBytes = goodBytes;
        this.lines = lines;
    }

    /** What is in the file; nothing if there is none. */
    static List<Revocation> read(Path path) throws RevocationException {
        try {
            if (!Files.exists(path)) return List.of();
            if (Files.size(path) > BYTES_MAX) throw damaged(path, null);
            return parsed(path, Files.readString(path, StandardCharsets.ISO_8859_1));
        } catch (IOException unreadable) {
            throw new RevocationException(
                    "The file of revocations " + path + " cannot be read. Check that this user may read it.",
                    unreadable);
        }
    }

    private static List<Revocation> parsed(Path path, String text) throws RevocationException {
        List<Revocation> found = new ArrayList<>();
        int start = 0;
        for (int end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', start)) {
            String line = text.substring(start, end);
            if (start > 0) {
                found.add(revocation(path, line));
            } else if (!line.equals(FIRST_LINE)) {
                throw damaged(path, null);
            }
            start = end + 1;
        }
        // It is made whole under another name, so it has its first line.
        if (start == 0) throw damaged(path, null);
        return found;
    }

    private static Revocation revocation(Path path, String line) throws RevocationException {
        int before = line.lastIndexOf(' ');
        String[] words = line.split(" ", -1);
        if (words.length != 4 || !checksum(line.substring(0, before)).equals(words[3])) throw damaged(path, null);
        try {
            String name = new String(Base64.getUrlDecoder().decode(words[2]), StandardCharsets.UTF_8);
            long through = Long.parseLong(words[1]);
            return switch (words[0]) {
                case "sub" -> new Revocation(name, null, through);
                case "jti" -> new Revocation(null, name, through);
                default -> throw damaged(path, null);
            };
        } catch (IllegalArgumentException broken) {
            throw damaged(path, broken);
        }
    }

    private static RevocationException damaged(Path path, @Nullable Throwable cause) {
        return new RevocationException(
                "The file of revocations " + path + " is damaged, or not Switchboard's; nothing was changed in it."
                        + " Put back a copy; or move it away if all revoked tokens have expired or may count again.",
                cause);
    }

    private static String line(Revocation revocation) {
        String subject = revocation.subject();
        String name = subject != null ? subject : String.valueOf(revocation.tokenId());
        String content = (subject != null ? "sub " : "jti ") + revocation.throughMillis() + " "
                + Base64.getUrlEncoder().withoutPadding().encodeToString(name.getBytes(StandardCharsets.UTF_8));
        return content + " " + checksum(content) + "\n";
    }

    private static String checksum(String content) {
        CRC32 crc = new CRC32();
        crc.update(content.getBytes(StandardCharsets.ISO_8859_1));
        return String.format(java.util.Locale.ROOT, "%08x", crc.getValue());
    }

    /** Writes a new file in place of any that is there, and keeps it open for more. */
    static RevocationFile rewrite(Path path, Collection<Revocation> revocations) throws IOException {
        Path written = path.resolveSibling(path.getFileName() + ".new");
        StringBuilder text = new StringBuilder(FIRST_LINE).append('\n');
        for (Revocation revocation : revocations) text.append(line(revocation));
        FileChannel channel = FileChannel.open(
                written, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE);
        try {
            writeAll(channel, text.toString());
            channel.force(true);
            Files.move(written, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            syncFolder(path);
            return new RevocationFile(path, channel, channel.position(), revocations.size());
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    // So that a power cut does not bring back the old file.
    private static void syncFolder(Path path) throws IOException {
        Path folder = path.toAbsolutePath().getParent();
        if (folder == null) return;
        try (FileChannel opened = FileChannel.open(folder, StandardOpenOption.READ)) {
            opened.force(true);
        }
    }

    private static void writeAll(FileChannel channel, String text) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1));
        while (bytes.hasRemaining()) channel.write(bytes);
    }

    /** Appends and syncs; if that fails, the file is as before, or unusable for good and every append fails. */
    void append(Revocation revocation) throws IOException {
        String line = line(revocation);
        try {
            writeAll(channel, line);
            channel.force(false);
        } catch (IOException failed) {
            try {
                channel.truncate(goodBytes);
                channel.position(goodBytes);
            } catch (IOException stuck) {
                channel.close();
                failed.addSuppressed(stuck);
            }
            throw failed;
        }
        goodBytes += line.length();
        lines++;
    }

    /** Lines of revocations, superseded and expired ones too. */
    long lines() {
        return lines;
    }

    /** The same, without what counts no more. */
    void compact(Collection<Revocation> revocations) throws IOException {
        RevocationFile fresh = rewrite(path, revocations);
        channel.close();
        channel = fresh.channel;
        goodBytes = fresh.goodBytes;
        lines = fresh.lines;
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
