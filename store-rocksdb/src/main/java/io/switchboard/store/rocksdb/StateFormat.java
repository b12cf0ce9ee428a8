package io.switchboard.store.rocksdb;

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
import io.switchboard.core.store.Origin;
import io.switchboard.core.store.ProducerState;
import io.switchboard.core.store.Segment;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The state of a channel as bytes: what hardly changes and what every append changes are two values.
 * docs/storage-format.md tells the fields. Reading throws {@link IllegalArgumentException} for bytes that
 * are no such value.
 */
final class StateFormat {
    private static final byte VERSION = 1;
    private static final int CLOSED = 1;
    private static final int RETIRED = 2;
    private static final int HAS_STREAM_SEQUENCE = 4;
    private static final byte NO_EXPIRY_ASKED = 0;
    private static final byte NEVER = 1;
    private static final byte SLIDING = 2;
    private static final byte AT = 3;

    private StateFormat() {}

    static byte[] channel(ChannelState state) {
        ChannelInfo info = state.info();
        Origin origin = state.origin();
        Create.Fork fork = origin.fork();
        byte[] name = utf8(info.name().value());
        byte[] type = utf8(info.type().value());
        byte[] source = utf8(fork == null ? "" : fork.source().value());
        int size = 128
                + name.length
                + type.length
                + source.length
                + expiryBytes(info.expiry())
                + expiryBytes(origin.expiryAsked())
                + 16 * (info.lineage().spans() + origin.segments().size());
        ByteBuffer out = ByteBuffer.allocate(size).put(VERSION);
        put(out, name);
        put(out, type);
        out.putLong(info.createdMillis());
        put(out, info.expiry());
        put(out, origin.expiryAsked());
        out.putInt(info.lineage().spans());
        for (int i = 0; i < info.lineage().spans(); i++) {
            out.putLong(info.lineage().generation(i)).putLong(info.lineage().after(i));
        }
        out.put((byte) (fork == null ? 0 : fork.at() == null ? 1 : 2));
        if (fork != null) {
            put(out, source);
            if (fork.at() != null) {
                out.putLong(fork.at().generation()).putLong(fork.at().sequence());
            }
            out.putLong(fork.subOffset());
        }
        out.putLong(origin.parentId())
                .putInt(origin.depth())
                .putInt(origin.segments().size());
        for (Segment segment : origin.segments())
            out.putLong(segment.channelId()).putLong(segment.through());
        return java.util.Arrays.copyOf(out.array(), out.position());
    }

    static byte[] tail(ChannelState state) {
        String sequence = state.streamSequence();
        byte[] streamSequence = sequence == null ? new byte[0] : utf8(sequence);
        int flags = (state.tail().closed() ? CLOSED : 0)
                | (state.deleted() ? RETIRED : 0)
                | (sequence == null ? 0 : HAS_STREAM_SEQUENCE);
        return ByteBuffer.allocate(50 + streamSequence.length)
                .put(VERSION)
                .put((byte) flags)
                .putLong(state.sequence())
                .putLong(state.tail().start())
                .putLong(state.tail().bytes())
                .putInt(state.producers())
                .putInt(state.forks())
                .putLong(state.pin())
                .putLong(state.deadlineMillis())
                .put(streamSequence)
                .array();
    }

    /** @param newest the channel's newest block; null for none */
    static ChannelState state(long id, byte[] channel, byte[] tail, @Nullable Block newest) {
        try {
            return read(id, ByteBuffer.wrap(channel), ByteBuffer.wrap(tail), newest);
        } catch (BufferUnderflowException e) {
            throw new IllegalArgumentException("the state of channel " + id + " is cut off", e);
        }
    }

    private static ChannelState read(long id, ByteBuffer channel, ByteBuffer tail, @Nullable Block newest) {
        version(channel);
        version(tail);
        ChannelName name = new ChannelName(text(channel));
        ContentType type = ContentType.of(text(channel));
        long createdMillis = channel.getLong();
        Expiry expiry = expiry(channel);
        Expiry expiryAsked = expiry(channel);
        if (expiry == null) throw new IllegalArgumentException("channel " + id + " has no expiry");
        int spans = count(channel);
        long[] generations = new long[spans];
        long[] after = new long[spans];
        for (int i = 0; i < spans; i++) {
            generations[i] = channel.getLong();
            after[i] = channel.getLong();
        }
        Lineage lineage = Lineage.of(generations, after);
        Create.Fork fork = null;
        byte forked = channel.get();
        if (forked != 0) {
            ChannelName source = new ChannelName(text(channel));
            Offset at = forked == 2 ? new Offset(channel.getLong(), channel.getLong()) : null;
            fork = new Create.Fork(source, at, channel.getLong());
        }
        long parentId = channel.getLong();
        int depth = channel.getInt();
        int segmentCount = count(channel);
        List<Segment> segments = new ArrayList<>(segmentCount);
        for (int i = 0; i < segmentCount; i++) segments.add(new Segment(channel.getLong(), channel.getLong()));

        int flags = tail.get();
        long sequence = tail.getLong();
        long start = tail.getLong();
        long bytes = tail.getLong();
        if (newest != null && newest.lastSequence() > sequence) {
            sequence = newest.lastSequence();
            bytes = newest.bytesBefore() + newest.payloadBytes();
        }
        Tail moving = new Tail(lineage.offsetAt(sequence), start, bytes, (flags & CLOSED) != 0);
        int producers = tail.getInt();
        int forks = tail.getInt();
        long pin = tail.getLong();
        long deadlineMillis = tail.getLong();
        byte[] streamSequence = new byte[tail.remaining()];
        tail.get(streamSequence);
        return new ChannelState(
                new ChannelInfo(name, id, type, expiry, lineage, createdMillis),
                fork == null && parentId == 0 && segments.isEmpty() && depth == 0
                        ? Origin.own(expiryAsked)
                        : new Origin(expiryAsked, fork, parentId, segments, depth),
                moving,
                (flags & HAS_STREAM_SEQUENCE) == 0 ? null : new String(streamSequence, StandardCharsets.UTF_8),
                producers,
                forks,
                pin,
                (flags & RETIRED) != 0,
                deadlineMillis);
    }

    static byte[] producer(ProducerState state) {
        return ByteBuffer.allocate(17)
                .put(VERSION)
                .putLong(state.epoch())
                .putLong(state.sequence())
                .array();
    }

    static ProducerState producer(byte[] bytes) {
        ByteBuffer in = ByteBuffer.wrap(bytes);
        if (bytes.length != 17) throw new IllegalArgumentException("a producer has 17 bytes");
        version(in);
        return new ProducerState(in.getLong(), in.getLong());
    }

    private static void version(ByteBuffer in) {
        byte version = in.get();
        if (version != VERSION) throw new IllegalArgumentException("version " + version + ", expected " + VERSION);
    }

    // Every counted thing takes 16 bytes, so a damaged count cannot ask for more than there is.
    private static int count(ByteBuffer in) {
        int count = in.getInt();
        if (count < 0 || count > in.remaining() / 16) throw new IllegalArgumentException("damaged count " + count);
        return count;
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static void put(ByteBuffer out, byte[] text) {
        out.putShort((short) text.length).put(text);
    }

    private static String text(ByteBuffer in) {
        byte[] text = new byte[Short.toUnsignedInt(in.getShort())];
        in.get(text);
        return new String(text, StandardCharsets.UTF_8);
    }

    private static int expiryBytes(@Nullable Expiry expiry) {
        return expiry instanceof Expiry.At at ? 11 + utf8(at.text()).length : 9;
    }

    private static void put(ByteBuffer out, @Nullable Expiry expiry) {
        switch (expiry) {
            case null -> out.put(NO_EXPIRY_ASKED);
            case Expiry.Never never -> out.put(NEVER);
            case Expiry.Sliding sliding -> out.put(SLIDING).putLong(sliding.seconds());
            case Expiry.At at -> {
                out.put(AT).putLong(at.epochMillis());
                put(out, utf8(at.text()));
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
