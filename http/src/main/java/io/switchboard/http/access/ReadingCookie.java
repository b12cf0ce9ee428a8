package io.switchboard.http.access;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.switchboard.core.access.Access;
import io.switchboard.core.access.Grants;
import io.switchboard.core.channel.ChannelPattern;
import io.switchboard.http.Request;
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
 * The cookie with which an {@code EventSource} comes back after its ticket is spent. It holds the access itself, sealed,
 * so that the server keeps nothing for it, and of the access only what may be read: whatever a browser can be made to
 * send by a foreign page changes nothing.
 */
final class ReadingCookie {
    static final String NAME = "switchboard";

    /** Browsers keep cookies of 4,096 bytes; for somebody with more patterns than fit none is set. */
    static final int LENGTH_MAX = 3_800;

    private static final int VERSION = 1;
    private static final long LIFE_SECONDS_MAX = 400L * 24 * 3_600; // as browsers have it (RFC 6265bis, 5.5)

    private final Seal seal;

    ReadingCookie(Seal seal) {
        this.seal = seal;
    }

    /**
     * The value of {@code Set-Cookie}; null if it would be too long.
     *
     * @param foreign whether the page that asks is of another origin, which browsers have to be told
     */
    @Nullable
    String of(Access access, boolean foreign, long nowMillis) {
        String value = seal.seal(bytes(access));
        if (value.length() > LENGTH_MAX) return null;
        long seconds = Math.min(LIFE_SECONDS_MAX, Math.ceilDiv(access.expiresAtMillis() - nowMillis, 1_000L));
        return NAME + "=" + value + "; Path=/; Max-Age=" + seconds + "; Secure; HttpOnly; SameSite="
                + (foreign ? "None" : "Strict");
    }

    /** For whom a request's cookie stands; null without one of ours. */
    @Nullable
    Access in(Request request) {
        for (String field : request.headers().getAll(HttpHeaderNames.COOKIE)) {
            for (String pair : field.split(";", -1)) {
                String cookie = pair.strip();
                if (!cookie.startsWith(NAME + "=")) continue;
                byte[] bytes = seal.open(cookie.substring(NAME.length() + 1));
                if (bytes != null) return access(bytes);
            }
        }
        return null;
    }

    private static byte[] bytes(Access access) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeByte(VERSION);
            out.writeLong(access.issuedAtMillis());
            out.writeLong(access.expiresAtMillis());
            write(access.subject(), out);
            write(access.tokenId(), out);
            List<ChannelPattern> patterns = access.grants().read();
            out.writeShort(patterns.size());
            for (ChannelPattern pattern : patterns) out.writeUTF(pattern.value());
        } catch (IOException e) {
            throw new UncheckedIOException("in memory", e);
        }
        return bytes.toByteArray();
    }

    private static void write(@Nullable String text, DataOutputStream out) throws IOException {
        out.writeBoolean(text != null);
        if (text != null) out.writeUTF(text);
    }

    private static @Nullable Access access(byte[] bytes) {
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
            if (in.readByte() != VERSION) return null; // of another version of this server
            long issuedAt = in.readLong();
            long expiresAt = in.readLong();
            String subject = read(in);
            String tokenId = read(in);
            int count = in.readUnsignedShort();
            List<ChannelPattern> patterns = new ArrayList<>(count);
            for (int i = 0; i < count; i++) patterns.add(new ChannelPattern(in.readUTF()));
            Grants grants = new Grants(patterns, List.of(), List.of(), false);
            return new Access(subject, grants, tokenId, issuedAt, expiresAt);
        } catch (IOException e) {
            throw new UncheckedIOException("what this server sealed itself", e);
        }
    }

    private static @Nullable String read(DataInputStream in) throws IOException {
        return in.readBoolean() ? in.readUTF() : null;
    }
}
