package io.switchboard.core.store;

import io.switchboard.core.channel.ChannelName;
import io.switchboard.core.channel.Policies;
import io.switchboard.core.channel.Retention;
import io.switchboard.core.channel.Run;
import io.switchboard.core.time.Ticker;
import java.util.ArrayList;
import java.util.List;

/**
 * What may be seen of a local store: what is written, without what still stands in the line for a sync and what retention
 * by age has hidden. Any thread; blocks as long as the {@link Persistence} does, and throws what that throws.
 */
final class View {
    private static final int READ_TRIES = 3;

    private final Persistence persistence;
    private final SegmentedLog log;
    private final SyncLine line;
    private final Policies policies;
    private final Ticker ticker;

    View(Persistence persistence, SyncLine line, Policies policies, Ticker ticker) {
        this.persistence = persistence;
        this.log = new SegmentedLog(persistence);
        this.line = line;
        this.policies = policies;
        this.ticker = ticker;
    }

    FindOutcome find(ChannelName name) {
        ChannelState stored = persistence.channel(name);
        ChannelState channel = stored == null ? null : line.shown(stored);
        if (channel == null) return new FindOutcome.NotFound();
        return channel.deleted()
                ? new FindOutcome.Gone()
                : new FindOutcome.Here(trimmed(channel).found());
    }

    // As it is once retention by bytes and age has been applied, which a commit that could not read the log has left
    // undone; the next commit or sweep will write it down.
    private ChannelState trimmed(ChannelState channel) {
        Retention retention = policies.of(channel.name()).retention();
        return retention.ageMaxMillis() == Retention.UNLIMITED
                ? channel
                : log.trimmed(channel, retention, ticker.nowMillis());
    }

    /**
     * Reads as {@link Store#readOrOpen}. A look at the channel and one at its messages may have a trim, a removal or a
     * merge between them: then it looks again.
     *
     * @param fileThrough no file unless it is beyond {@code sequence}
     */
    ReadOutcome read(long id, long sequence, long fileThrough, int bytesMax) {
        for (int tried = 0; tried < READ_TRIES; tried++) {
            ChannelState stored = persistence.channel(id);
            if (stored == null) return new ReadOutcome.NotFound();
            if (sequence >= stored.sequence()) return new ReadOutcome.AtTail();
            ChannelState channel = trimmed(stored);
            long start =
                    channel.deleted() ? channel.keptAfter() : channel.tail().start();
            if (sequence < start) return new ReadOutcome.Trimmed(start);
            if (fileThrough > sequence) {
                Stretch stretch = log.stretch(channel, sequence, Math.min(fileThrough, channel.sequence()));
                if (stretch != null) return new ReadOutcome.InFile(stretch);
            }
            Run run = log.read(channel, sequence, channel.sequence(), bytesMax);
            ChannelState shown = line.shown(stored);
            long shownThrough = shown == null ? 0 : shown.sequence();
            if (shownThrough <= sequence) return new ReadOutcome.AtTail();
            if (run != null && run.firstSequence() == sequence + 1) {
                return new ReadOutcome.Messages(
                        run.lastSequence() <= shownThrough ? run : run.between(sequence, shownThrough));
            }
        }
        return new ReadOutcome.Failed(Failure.DAMAGED);
    }

    Listing list(String prefix, String after, int limit) {
        List<ChannelState> channels = persistence.list(prefix, after, limit + 1);
        boolean more = channels.size() > limit;
        if (more) channels = channels.subList(0, limit);
        List<Found> page = new ArrayList<>(channels.size());
        for (ChannelState stored : channels) {
            ChannelState channel = line.shown(stored);
            if (channel != null) page.add(channel.found());
        }
        return new Listing.Page(page, more);
    }
}
