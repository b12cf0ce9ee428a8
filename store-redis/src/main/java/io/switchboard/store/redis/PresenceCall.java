package io.switchboard.store.redis;

import io.switchboard.core.presence.Elsewhere.Step;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a node calls out when its part of who is on a channel changes.
 *
 * @param step null if there is more to it than is sent along
 */
record PresenceCall(String node, @Nullable Step step) {
    /** A longer one says only that something has changed. */
    static final int BYTES_MAX = 16 * 1024;

    private static final byte STEP = 1;
    private static final byte LARGE = 2;

    byte[] bytes() {
        if (step == null) return written(null);
        byte[] all = written(step);
        return all.length <= BYTES_MAX ? all : written(null);
    }

    private byte[] written(@Nullable Step told) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeByte(told == null ? LARGE : STEP);
            write(out, node);
            if (told != null) {
                out.writeLong(told.before());
                out.writeLong(told.after());
                out.writeInt(told.joined().size());
                for (String member : told.joined()) write(out, member);
                for (String member : told.left()) write(out, member);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private static void write(DataOutputStream out, String text) throws IOException {
        byte[] bytes = Keys.bytes(text);
        out.writeShort(bytes.length);
        out.write(bytes);
    }

    /** @throws IllegalArgumentException if this is no call */
    static PresenceCall of(byte[] message) {
        ByteBuffer in = ByteBuffer.wrap(message);
        try {
            byte kind = in.get();
            if (kind != STEP && kind != LARGE) throw new IllegalArgumentException("unknown call " + kind);
            String node = text(in);
            if (kind == LARGE) return new PresenceCall(node, null);
            long before = in.getLong();
            long after = in.getLong();
            int count = in.getInt();
            List<String> joined = new ArrayList<>();
            for (int i = 0; i < count; i++) joined.add(text(in)); // ends with the bytes, whatever the count
            List<String> left = new ArrayList<>();
            while (in.hasRemaining()) left.add(text(in));
            return new PresenceCall(node, new Step(before, after, joined, left));
        } catch (BufferUnderflowException e) {
            throw new IllegalArgumentException("a call is cut off", e);
        }
    }

    private static String text(ByteBuffer in) {
        byte[] bytes = new byte[Short.toUnsignedInt(in.getShort())];
        in.get(bytes);
        return Keys.text(bytes);
    }
}
