package io.switchboard.store.redis;

import io.switchboard.core.channel.Block;
import io.switchboard.core.channel.ChannelInfo;
import io.switchboard.core.channel.ChannelName;
import io.switchboard.core.channel.ContentType;
import io.switchboard.core.channel.Expiry;
import io.switchboard.core.channel.Lineage;
import io.switchboard.core.channel.Offset;
import io.switchboard.core.channel.Tail;
import io.switchboard.core.store.ChannelState;
import io.switchboard.core.store.Create;
import io.switchboard.core.store.Failure;
import io.switchboard.core.store.Origin;
import io.switchboard.core.store.PersistenceException;
import io.switchboard.core.store.Segment;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A channel as the fields of a hash. What scripts need is a field of its own; the rest, which never changes, is one
 * field, {@code about}. docs/redis-format.md tells them all.
 */
final class ChannelFormat {
    private static final byte VERSION = 1;
    private static final byte NO_EXPIRY_ASKED = 0;
    private static final byte NEVER = 1;
    private static final byte SLIDING = 2;
    private static final byte AT = 3;
    private static final byte NO_FORK = 0;
    private static final byte AT_TAIL = 1;
    private static final byte AT_OFFSET = 2;
    private static final int TEXT_BYTES_MAX = 4 * 1024;

    private ChannelFormat() {}

    /** The fields of a new channel, name and value in turn. */
    static List<byte[]> fields(Known made, @Nullable Block block) {
        ChannelState state = made.state();
        Fields fields = new Fields();
        fields.put("id", Keys.bytes(state.id()));
        fields.put("kind", Keys.bytes(state.info().type().essence()));
        fields.put("lin", lineage(state.info().lineage()));
        fields.put("seq", Keys.bytes(state.sequence()));
        fields.put("start", Keys.bytes(state.tail().start()));
        fields.put("bytes", Keys.bytes(state.tail().bytes()));
        fields.put("type", Keys.bytes(state.info().type().value()));
        fields.put("about", about(made));
        if (state.tail().closed()) fields.put("shut", Keys.bytes("1"));
        if (state.deadlineMillis() != Long.MAX_VALUE) fields.put("due", Keys.bytes(state.deadlineMillis()));
        Create.Fork fork = state.origin().fork();
        if (fork != null) {
            long inherited = block == null ? state.sequence() : block.firstSequence() - 1;
            long bytes = block == null ? state.tail().bytes() : block.bytesBefore();
            fields.put("inh", Keys.bytes(inherited + ":" + bytes));
            fields.put("up", Keys.bytes(fork.source().value()));
            fields.put("upid", Keys.bytes(state.origin().parentId()));
        }
        return fields.list;
    }

    private static final class Fields {
        final List<byte[]> list = new ArrayList<>(32);

        void put(String name, byte[] value) {
            list.add(Keys.bytes(name));
            list.add(value);
        }
    }

    /**
     * The channel that the fields of {@code look.lua} tell of; null if there is none.
     *
     * @throws PersistenceException if they are damaged
     */
    static @Nullable Known known(ChannelName name, List<?> fields) {
        byte[] id = (byte[]) fields.getFirst();
        if (id == null) return null;
        try {
            return read(name, new Reply(fields), number(id));
        } catch (BufferUnderflowException | IllegalArgumentException e) {
            throw new PersistenceException(Failure.DAMAGED, "channel " + name + " cannot be read back", e);
        }
    }

    private record Reply(List<?> fields) {
        byte[] bytes(int index) {
            byte[] value = optional(index);
            if (value == null) throw new IllegalArgumentException("field " + index + " is missing");
            return value;
        }

        byte @Nullable [] optional(int index) {
            return (byte[]) fields.get(index);
        }

        boolean has(int index) {
            return optional(index) != null;
        }

        long number(int index, long otherwise) {
            byte[] value = optional(index);
            return value == null ? otherwise : ChannelFormat.number(value);
        }
    }

    private static Known read(ChannelName name, Reply reply, long id) {
        ByteBuffer about = ByteBuffer.wrap(reply.bytes(1));
        if (about.get() != VERSION) throw new IllegalArgumentException("of another version");
        long createdMillis = about.getLong();
        Expiry expiry = expiry(about);
        if (expiry == null) throw new IllegalArgumentException("no expiry");
        Expiry expiryAsked = expiry(about);
        Map<Long, ChannelName> ancestors = new HashMap<>();
        Origin origin = origin(about, expiryAsked, ancestors);

        Lineage lineage = lineage(reply.bytes(3));
        long sequence = number(reply.bytes(4));
        Tail tail = new Tail(lineage.offsetAt(sequence), number(reply.bytes(5)), number(reply.bytes(6)), reply.has(7));
        byte[] streamSequence = reply.optional(8);
        ChannelInfo info =
                new ChannelInfo(name, id, ContentType.of(Keys.text(reply.bytes(2))), expiry, lineage, createdMillis);
        ChannelState state = new ChannelState(
                info,
                origin,
                tail,
                streamSequence == null ? null : Keys.text(streamSequence),
                0, // only appends count them, and those ask Redis
                (int) reply.number(9, 0),
                reply.number(10, Long.MAX_VALUE),
                reply.has(11),
                reply.number(12, Long.MAX_VALUE));
        return new Known(state, Map.copyOf(ancestors));
    }

    static long number(Object digits) {
        return Long.parseLong(Keys.text((byte[]) digits));
    }

    // ---- the lineage ----

    private static byte[] lineage(Lineage lineage) {
        ByteBuffer out = ByteBuffer.allocate(16 * lineage.spans());
        for (int i = 0; i < lineage.spans(); i++) {
            out.putLong(lineage.generation(i)).putLong(lineage.after(i));
        }
        return out.array();
    }

    private static Lineage lineage(byte[] bytes) {
        ByteBuffer in = ByteBuffer.wrap(bytes);
        long[] generations = new long[bytes.length / 16];
        long[] after = new long[generations.length];
        for (int i = 0; i < generations.length; i++) {
            generations[i] = in.getLong();
            after[i] = in.getLong();
        }
        return Lineage.of(generations, after);
    }

    // ---- what never changes ----

    private static byte[] about(Known made) {
        ChannelState state = made.state();
        Origin origin = state.origin();
        Create.Fork fork = origin.fork();
        ByteBuffer out = ByteBuffer.allocate(
                4 * TEXT_BYTES_MAX + (TEXT_BYTES_MAX + 18) * origin.segments().size());
        out.put(VERSION).putLong(state.info().createdMillis());
        put(out, state.info().expiry());
        put(out, origin.expiryAsked());
        out.put(fork == null ? NO_FORK : fork.at() == null ? AT_TAIL : AT_OFFSET);
        if (fork != null) {
            put(out, fork.source().value());
            if (fork.at() != null) {
                out.putLong(fork.at().generation()).putLong(fork.at().sequence());
            }
            out.putLong(fork.subOffset())
                    .putLong(origin.parentId())
                    .putInt(origin.depth())
                    .putInt(origin.segments().size());
            for (Segment segment : origin.segments()) {
                ChannelName holder = made.ancestors().get(segment.channelId());
                if (holder == null) throw new IllegalStateException("no name of channel " + segment.channelId());
                out.putLong(segment.channelId()).putLong(segment.through());
                put(out, holder.value());
            }
        }
        return Arrays.copyOf(out.array(), out.position());
    }

    private static Origin origin(ByteBuffer in, @Nullable Expiry expiryAsked, Map<Long, ChannelName> ancestors) {
        byte forked = in.get();
        if (forked == NO_FORK) return Origin.own(expiryAsked);
        ChannelName source = new ChannelName(text(in));
        Offset at = forked == AT_OFFSET ? new Offset(in.getLong(), in.getLong()) : null;
        Create.Fork fork = new Create.Fork(source, at, in.getLong());
        long parentId = in.getLong();
        int depth = in.getInt();
        int count = in.getInt();
        if (count < 0 || count > in.remaining() / 18) throw new IllegalArgumentException("damaged count");
        List<Segment> segments = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            Segment segment = new Segment(in.getLong(), in.getLong());
            segments.add(segment);
            ancestors.put(segment.channelId(), new ChannelName(text(in)));
        }
        return new Origin(expiryAsked, fork, parentId, segments, depth);
    }

    private static void put(ByteBuffer out, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        if (bytes.length > TEXT_BYTES_MAX) throw new IllegalArgumentException("too long: " + bytes.length + " bytes");
        out.putShort((short) bytes.length).put(bytes);
    }

    private static String text(ByteBuffer in) {
        byte[] text = new byte[Short.toUnsignedInt(in.getShort())];
        in.get(text);
        return Keys.text(text);
    }

    private static void put(ByteBuffer out, @Nullable Expiry expiry) {
        switch (expiry) {
            case null -> out.put(NO_EXPIRY_ASKED);
            case Expiry.Never never -> out.put(NEVER);
            case Expiry.Sliding sliding -> out.put(SLIDING).putLong(sliding.seconds());
            case Expiry.At at -> {
                out.put(AT).putLong(at.epochMillis());
                put(out, at.text());
            }
        }
    }

    private static @Nullable Expiry expiry(ByteBuffer in) {
        byte kind = in.get();
        return switch (kind) {
            case NO_EXPIRY_ASKED -> null;
            case NEVER -> Expiry.Never.SHARED;
            case SLIDING -> new Expiry.Sliding(in.getLong());
            case AT -> new Expiry.At(in.getLong(), text(in));
            default -> throw new IllegalArgumentException("unknown expiry " + kind);
        };
    }
}
