package io.switchboard.core.store;

import io.switchboard.core.channel.ContentType;
import io.switchboard.core.channel.Offset;
import io.switchboard.core.channel.Payloads;
import io.switchboard.core.channel.Run;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where a fork branches off (Durable Streams, section 4.2): after a message of its source, perhaps with a part of the one
 * that follows, which becomes the first of its own.
 *
 * @param sequence of the last message that it inherits whole
 * @param bytes of payload up to there
 * @param part of the message behind it; null if it begins between two messages
 */
record Branch(long sequence, long bytes, @Nullable Part part) {
    /** The beginning of a message, appended when and by whom the whole one was. */
    record Part(Payloads message, long timeMillis, @Nullable String subject) {}

    /**
     * The place that a creation asks for; null if the source has no such place.
     *
     * @param start the sequence after which the source has messages
     * @throws PersistenceException if messages up to there cannot be read
     */
    static @Nullable Branch of(ChannelState source, long start, Create.Fork fork, SegmentedLog log) {
        Offset at = fork.at();
        long sequence;
        if (at == null) sequence = source.sequence();
        else if (at.equals(Offset.ZERO)) sequence = start;
        else if (at.sequence() < start
                || at.sequence() > source.sequence()
                || !source.info().lineage().contains(at)) return null;
        else sequence = at.sequence();

        if (fork.subOffset() < 0) return null;
        long bytes = bytesAt(source, sequence, log);
        if (fork.subOffset() == 0) return new Branch(sequence, bytes, null);
        return source.info().type().kind() == ContentType.Kind.JSON
                ? afterMessages(source, sequence, bytes, fork.subOffset(), log)
                : afterBytes(source, sequence, bytes, fork.subOffset(), log);
    }

    private static long bytesAt(ChannelState source, long sequence, SegmentedLog log) {
        if (sequence == source.sequence()) return source.tail().bytes();
        Run.Slice slice = at(source, sequence + 1, log);
        int index = (int) (sequence + 1 - slice.block().firstSequence());
        return slice.block().bytesBefore()
                + slice.block().start(index)
                - slice.block().start(0);
    }

    private static Run.Slice at(ChannelState source, long sequence, SegmentedLog log) {
        Run.Slice slice = log.at(source, sequence);
        if (slice != null) return slice;
        throw new PersistenceException(
                Failure.DAMAGED, "message " + sequence + " of channel " + source.name() + " is missing");
    }

    private static @Nullable Branch afterMessages(
            ChannelState source, long sequence, long bytes, long messages, SegmentedLog log) {
        long at = sequence;
        long atBytes = bytes;
        while (at - sequence < messages && at < source.sequence()) {
            Run.Slice slice = at(source, at + 1, log);
            int index = (int) (at + 1 - slice.block().firstSequence());
            for (; index < slice.to() && at - sequence < messages; index++) {
                if (at > sequence && slice.block().startsAppend(index)) return null;
                atBytes += slice.block().end(index) - slice.block().start(index);
                at++;
            }
        }
        return at - sequence == messages ? new Branch(at, atBytes, null) : null;
    }

    private static @Nullable Branch afterBytes(
            ChannelState source, long sequence, long bytes, long more, SegmentedLog log) {
        long at = sequence;
        long taken = 0;
        while (taken < more && at < source.sequence()) {
            Run.Slice slice = at(source, at + 1, log);
            int index = (int) (at + 1 - slice.block().firstSequence());
            for (; index < slice.to() && taken < more; index++) {
                if (at > sequence && slice.block().startsAppend(index)) return null;
                int begin = slice.block().start(index);
                int length = slice.block().end(index) - begin;
                if (taken + length > more) {
                    byte[] part = Arrays.copyOfRange(slice.block().bytes(), begin, begin + (int) (more - taken));
                    if (source.info().type().kind() == ContentType.Kind.TEXT
                            && isInsideCharacter(slice.block().bytes()[begin + part.length])) return null;
                    return new Branch(
                            at,
                            bytes + taken,
                            new Part(
                                    Payloads.one(part),
                                    slice.block().timeMillis(index),
                                    slice.block().subject(index)));
                }
                taken += length;
                at++;
            }
        }
        return taken == more ? new Branch(at, bytes + taken, null) : null;
    }

    // Of a valid UTF-8 text: whether this byte goes on with the character before it.
    private static boolean isInsideCharacter(byte next) {
        return (next & 0xC0) == 0x80;
    }

    /** In which channels the messages lie that the fork inherits of this source. */
    List<Segment> segments(ChannelState source) {
        List<Segment> segments = new ArrayList<>();
        long through = 0;
        for (Segment segment : source.origin().segments()) {
            if (through >= sequence) break;
            through = Math.min(segment.through(), sequence);
            segments.add(new Segment(segment.channelId(), through));
        }
        if (sequence > through) segments.add(new Segment(source.id(), sequence));
        return segments;
    }
}
