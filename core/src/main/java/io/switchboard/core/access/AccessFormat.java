package io.switchboard.core.access;

import io.switchboard.core.channel.ChannelPattern;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An access as bytes, for another node or a later run, of perhaps another version. They are neither sealed nor signed:
 * whoever gives them away sees to that. Any thread.
 */
public final class AccessFormat {
    /** Another whenever the bytes mean something else. 1 was written by tickets and cookies, each in its own way. */
    private static final int VERSION = 2;

    private AccessFormat() {}

    public static byte[] bytes(Access access) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeByte(VERSION);
            out.writeLong(access.issuedAtMillis());
            out.writeLong(access.expiresAtMillis());
            write(access.subject(), out);
            write(access.tokenId(), out);
            Grants grants = access.grants();
            out.writeBoolean(grants.admin());
            for (List<ChannelPattern> patterns : List.of(grants.read(), grants.write(), grants.manage())) {
                out.writeShort(patterns.size());
                for (ChannelPattern pattern : patterns) out.writeUTF(pattern.value());
            }
        } catch (IOException e) {
            throw new UncheckedIOException("in memory", e);
        }
        return bytes.toByteArray();
    }

    private static void write(@Nullable String text, DataOutputStream out) throws IOException {
        out.writeBoolean(text != null);
        if (text != null) out.writeUTF(text);
    }

    /** What {@link #bytes} wrote; null if these bytes are of another version, or of nobody who writes an access. */
    public static @Nullable Access access(byte[] bytes) {
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
            if (in.readByte() != VERSION) return null;
            long issuedAt = in.readLong();
            long expiresAt = in.readLong();
            String subject = read(in);
            String tokenId = read(in);
            boolean admin = in.readBoolean();
            Grants grants = new Grants(patterns(in), patterns(in), patterns(in), admin);
            return in.read() < 0 ? new Access(subject, grants, tokenId, issuedAt, expiresAt) : null;
        } catch (IOException | IllegalArgumentException e) {
            return null;
        }
    }

    private static List<ChannelPattern> patterns(DataInputStream in) throws IOException {
        int count = in.readUnsignedShort();
        List<ChannelPattern> patterns = new ArrayList<>();
        for (int i = 0; i < count; i++) patterns.add(new ChannelPattern(in.readUTF()));
        return patterns;
    }

    private static @Nullable String read(DataInputStream in) throws IOException {
        return in.readBoolean() ? in.readUTF() : null;
    }
}
