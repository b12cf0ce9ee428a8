package io.switchboard.core.store;

import io.switchboard.core.channel.Block;
import io.switchboard.core.channel.Retention;
import io.switchboard.core.channel.Run;
import io.switchboard.core.channel.Run.Slice;
import io.switchboard.core.channel.Tail;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The messages of a channel, inherited or its own, as one log. Any thread, as often as it likes. */
final class SegmentedLog {
    private final Lookup kept;

    SegmentedLog(Lookup kept) {
        this.kept = kept;
    }

    /**
     * Messages after {@code sequence} up to {@code through}, at least one and up to about
     * {@code bytesMax}; null if the first of them is not there.
     */
    @Nullable
    Run read(ChannelState channel, long sequence, long through, long bytesMax) {
        List<Slice> slices = new ArrayList<>();
        long at = sequence;
        long bytes = 0;
        for (Segment segment : channel.origin().segments()) {
            if (segment.through() <= at) continue;
            for (Slice slice :
                    slices(segment.channelId(), at, Math.min(segment.through(), through), bytesMax - bytes)) {
                slices.add(slice);
                bytes += slice.payloadBytes();
                at = slice.lastSequence();
            }
            if (at < segment.through() || at >= through || bytes >= bytesMax) return run(slices, bytesMax);
        }
        slices.addAll(slices(channel.id(), at, through, bytesMax - bytes));
        return run(slices, bytesMax);
    }

    /** Messages after {@code sequence}, none after {@code through}, in a file; null where they are not kept that way. */
    @Nullable
    Stretch stretch(ChannelState channel, long sequence, long through) {
        for (Segment segment : channel.origin().segments()) {
            if (segment.through() > sequence) {
                return kept.stretch(segment.channelId(), sequence, Math.min(segment.through(), through));
            }
        }
        return kept.stretch(channel.id(), sequence, through);
    }

    private static @Nullable Run run(List<Slice> slices, long bytesMax) {
        return slices.isEmpty() ? null : new Run(slices).upToBytes(bytesMax);
    }

    private List<Slice> slices(long channelId, long sequence, long through, long bytesMax) {
        List<Slice> slices = new ArrayList<>();
        long at = sequence;
        for (Block block : kept.blocks(channelId, sequence, Math.max(1, bytesMax))) {
            if (block.firstSequence() > at + 1 || at >= through) break;
            int from = (int) (at + 1 - block.firstSequence());
            int to = (int) (Math.min(block.lastSequence(), through) + 1 - block.firstSequence());
            slices.add(new Slice(block, from, to));
            at = slices.getLast().lastSequence();
        }
        return slices;
    }

    /** The part of the block that holds message {@code sequence}, as far as it belongs to {@code channel}; null if missing. */
    @Nullable
    Slice at(ChannelState channel, long sequence) {
        long after = 0;
        for (Segment segment : channel.origin().segments()) {
            if (sequence <= segment.through()) return part(segment.channelId(), sequence, after, segment.through());
            after = segment.through();
        }
        return part(channel.id(), sequence, after, Long.MAX_VALUE);
    }

    private @Nullable Slice part(long channelId, long sequence, long after, long through) {
        List<Block> blocks = kept.blocks(channelId, sequence - 1, 1);
        if (blocks.isEmpty() || blocks.getFirst().firstSequence() > sequence) return null;
        Block block = blocks.getFirst();
        int from = (int) Math.max(0, after + 1 - block.firstSequence());
        int to = (int) (Math.min(block.lastSequence(), through) + 1 - block.firstSequence());
        return new Slice(block, from, to);
    }

    /**
     * The start that retention by bytes and age gives: behind the last block that may go. The newest
     * message stays in any case.
     *
     * @param channel as committed: its messages can be looked up
     * @param start to begin the search from
     * @param newest sequence of the newest message, committed or about to be
     * @param bytes of payload ever appended up to {@code newest}
     */
    long start(ChannelState channel, Retention retention, long start, long newest, long bytes, long nowMillis) {
        Limit limit = new Limit(retention, newest, bytes, nowMillis);
        long last = channel.sequence();
        if (start >= last) return start;
        Slice slice = at(channel, start + 1);
        if (slice == null || !limit.lets(slice)) return start;
        long goes = slice.lastSequence();
        long stays = last + 1;
        for (long step = 1; goes + step < stays; step *= 2) {
            slice = at(channel, goes + step);
            if (slice == null) return goes;
            if (limit.lets(slice)) goes = slice.lastSequence();
            else stays = Math.max(goes + 1, slice.firstSequence());
        }
        while (goes + 1 < stays) {
            slice = at(channel, goes + (stays - goes) / 2);
            if (slice == null) return goes;
            if (limit.lets(slice)) goes = Math.max(goes, slice.lastSequence());
            else stays = Math.max(goes + 1, slice.firstSequence());
        }
        return goes;
    }

    /** The channel as it is once retention by bytes and age has been applied. */
    ChannelState trimmed(ChannelState channel, Retention retention, long nowMillis) {
        Tail tail = channel.tail();
        long start = start(channel, retention, tail.start(), channel.sequence(), tail.bytes(), nowMillis);
        return start == tail.start()
                ? channel
                : channel.with(new Tail(tail.offset(), start, tail.bytes(), tail.closed()));
    }

    /** What retention by bytes and age says of a block: it goes if without it enough remains, or it is too old. */
    private record Limit(Retention retention, long newest, long bytes, long nowMillis) {
        boolean lets(Slice slice) {
            if (slice.lastSequence() >= newest) return false;
            Block block = slice.block();
            int end = block.end(slice.to() - 1) - block.start(0);
            if (bytes - (block.bytesBefore() + end) >= retention.bytesMax()) return true;
            return retention.ageMaxMillis() != Retention.UNLIMITED
                    && nowMillis - block.timeMillis(slice.to() - 1) > retention.ageMaxMillis();
        }
    }
}
