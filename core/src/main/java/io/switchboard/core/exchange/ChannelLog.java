package io.switchboard.core.exchange;

import io.switchboard.core.advice.Sighting;
import io.switchboard.core.channel.Block;
import io.switchboard.core.channel.ChannelInfo;
import io.switchboard.core.channel.ChannelName;
import io.switchboard.core.channel.Expiry;
import io.switchboard.core.channel.Lineage;
import io.switchboard.core.channel.Offset;
import io.switchboard.core.channel.Tail;
import io.switchboard.core.reading.Feed;
import io.switchboard.core.reading.ReadFrom;
import io.switchboard.core.store.Failure;
import io.switchboard.core.store.Found;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What is known of one channel on the loop that owns it: its committed tail, its newest blocks, when it
 * expires, and which feeds want to hear of commits. It is a cache of the store, so it can be forgotten
 * whenever nobody needs it. There may be a million of these, each with a reader: what only some have, or only for a
 * moment, is made when it is needed. Belongs to its loop.
 */
final class ChannelLog {
    /** What the store said of the channel. */
    enum Presence {
        /** Not asked, or asked and not answered. */
        UNKNOWN,
        HERE,
        ABSENT,
        /** Deleted, but kept for its forks. */
        GONE
    }

    /** Somebody who needs to know whether the channel is there. */
    record Waiting(Consumer<ChannelLog> then, Consumer<Failure> failed) {}

    private static final long SLACK_MIN_MILLIS = 1_000;
    private static final long SLACK_MAX_MILLIS = 3_600_000;

    final ChannelName name;
    final TailCache.Tape tape = new TailCache.Tape();
    /** One a loop with readers; never changed, so that it may be gone through while they come and go. */
    private List<Feed> feeds = List.of();
    /** Feeds that asked for it and wait until the channel is known; null while none does. */
    private @Nullable List<Feed> registering;
    /** In the order of their requests; not null only while somebody finds out, or tells them. */
    private @Nullable ArrayDeque<Waiting> whenKnown;

    /** Appends that came while another one creates the channel, in their order; null while none does. */
    @Nullable
    ArrayDeque<Runnable> behindCreation;

    /** Since it was last looked at as one that may be forgotten. */
    boolean used;

    boolean telling;
    /** So many of them came before the look that is under way began. */
    int lookedFor;
    /** Whether its expiry is put off again and again for those who read it here. */
    boolean holdingOff;

    Presence presence = Presence.UNKNOWN;
    /** Whether the store may hold more than is known here, and could not be asked; it is before anything else. */
    boolean doubtful;
    /** How often the channel came or went. */
    int turns;
    /** Requests under way in the store, for which this log must stay. */
    int inFlight;

    /** Those of them that append. */
    private volatile int appending;

    /** Whether others were under way when readers were last told of one. */
    boolean moreTold;

    /** What was observed of it; null while it is not. */
    @Nullable
    Sighting sighting;

    private @Nullable ChannelInfo info;
    private @Nullable Tail tail;
    private long deadlineMillis = Long.MAX_VALUE;
    private long storedDeadlineMillis = Long.MAX_VALUE;

    ChannelLog(ChannelName name) {
        this.name = name;
    }

    ChannelInfo info() {
        if (info == null) throw new IllegalStateException("not here: " + name);
        return info;
    }

    Tail tail() {
        if (tail == null) throw new IllegalStateException("not here: " + name);
        return tail;
    }

    long deadlineMillis() {
        return deadlineMillis;
    }

    boolean isIdle() {
        return inFlight == 0 && !isRead() && whenKnown == null;
    }

    /** Whether anybody reads it here, or will once it is known. */
    boolean isRead() {
        return !feeds.isEmpty() || registering != null;
    }

    List<Feed> feeds() {
        return feeds;
    }

    /** @return whether it was not there yet */
    boolean add(Feed feed) {
        if (feeds.contains(feed)) return false;
        List<Feed> more = new ArrayList<>(feeds);
        more.add(feed);
        feeds = List.copyOf(more);
        return true;
    }

    /** @return whether it was there */
    boolean remove(Feed feed) {
        if (!feeds.contains(feed)) return false;
        List<Feed> fewer = new ArrayList<>(feeds);
        fewer.remove(feed);
        feeds = List.copyOf(fewer);
        return true;
    }

    /** Removes all of them. */
    List<Feed> takeFeeds() {
        List<Feed> taken = feeds;
        feeds = List.of();
        return taken;
    }

    /** It asked once more. */
    void addRegistering(Feed feed) {
        if (registering == null) registering = new ArrayList<>(1);
        registering.add(feed);
    }

    /** One of the times it asked is answered; false if it asked no more. */
    boolean removeRegistering(Feed feed) {
        if (registering == null || !registering.remove(feed)) return false;
        if (registering.isEmpty()) registering = null;
        return true;
    }

    /** It asks no more, however often it did. */
    void removeAllRegistering(Feed feed) {
        if (registering == null) return;
        registering.removeIf(feed::equals);
        if (registering.isEmpty()) registering = null;
    }

    /** How many wait until the channel is known. */
    int waiting() {
        return whenKnown == null ? 0 : whenKnown.size();
    }

    void await(Waiting waiting) {
        if (whenKnown == null) whenKnown = new ArrayDeque<>(1);
        whenKnown.add(waiting);
    }

    /** The first of those that wait, which waits no more; there has to be one. */
    Waiting nextWaiting() {
        if (whenKnown == null) throw new IllegalStateException("nobody waits for " + name);
        Waiting next = whenKnown.remove();
        if (whenKnown.isEmpty()) whenKnown = null;
        return next;
    }

    void here(Found found) {
        turns++;
        doubtful = false;
        presence = Presence.HERE;
        info = found.info();
        tail = found.tail();
        deadlineMillis = found.deadlineMillis();
        storedDeadlineMillis = found.deadlineMillis();
    }

    void notHere(Presence why) {
        if (presence == Presence.HERE) turns++;
        presence = why;
        info = null;
        tail = null;
    }

    /** Whether {@code id} is the incarnation that is here. */
    boolean isHere(long id) {
        return presence == Presence.HERE && info().id() == id;
    }

    /**
     * The store may hold more than was heard of; false if it does not.
     *
     * @param anew whether it may also hold messages again that it had let go: one that is shared may have lost that
     */
    boolean renew(Found found, boolean anew) {
        Tail known = tail();
        Tail newer = found.tail();
        boolean older = found.info().lineage().newest() < info().lineage().newest();
        if (older || newer.sequence() < known.sequence()) return false; // an older look
        info = found.info();
        tail = new Tail(
                newer.offset(),
                anew ? newer.start() : Math.max(known.start(), newer.start()),
                newer.bytes(),
                newer.closed() || known.closed());
        return newer.sequence() > known.sequence() || (newer.closed() && !known.closed());
    }

    /**
     * Whether this commit shows that something was never heard of: messages between those known and its own, or a
     * deletion and a creation, since it is of another channel of this name.
     */
    boolean misses(long channelId, @Nullable Block block, Tail newTail) {
        if (channelId != info().id()) return true;
        long before = block == null ? newTail.sequence() : block.firstSequence() - 1;
        return before > tail().sequence();
    }

    /**
     * A store that is shared tells of this tail, which may be old news.
     *
     * @return whether it is none
     */
    boolean hear(Tail heard) {
        Tail known = tail();
        if (heard.sequence() > known.sequence() || (heard.closed() && !known.closed())) {
            tail = new Tail(heard.offset(), Math.max(known.start(), heard.start()), heard.bytes(), heard.closed());
            return true;
        }
        return false;
    }

    /**
     * Whether a shared store shows that it lost what is known here: messages, or that the channel is closed.
     *
     * @param knew the tail when the look began; null if the look may have begun before anything was known
     */
    boolean lacks(Found found, @Nullable Tail knew) {
        if (!isHere(found.info().id())) return false;
        Lineage lineage = found.info().lineage();
        Tail there = found.tail();
        if (knew != null && (there.sequence() < knew.sequence() || (knew.closed() && !there.closed()))) return true;
        if (lineage.newest() <= info().lineage().newest()) return false;
        // Messages of a later generation were written behind what was left.
        Tail known = tail();
        if (known.closed() && !there.closed()) return true;
        return !lineage.contains(known.offset()); // or its span is trimmed: then looking again does no harm
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // only its loop writes
    void appendBegins() {
        appending++;
    }

    @SuppressWarnings("NonAtomicVolatileUpdate")
    void appendEnds() {
        appending--;
    }

    /** Whether the store has appends of it in its hands. Any thread. */
    boolean isAppending() {
        return appending > 0;
    }

    void deadlineIsAtLeast(long millis) {
        deadlineMillis = Math.max(deadlineMillis, millis);
        storedDeadlineMillis = Math.max(storedDeadlineMillis, millis);
    }

    /** Whether {@code found} is a channel that had the name before this one. */
    boolean isNewerThan(Found found) {
        return presence == Presence.HERE
                && found.info().lineage().newest() < info().lineage().newest();
    }

    /** A commit of this channel; false if it was known already. */
    boolean advance(@Nullable Block block, Tail newTail) {
        Tail known = tail();
        if (block != null && block.lastSequence() > known.sequence()) {
            Lineage lineage = info().lineage();
            if (block.generation() != lineage.newest()) {
                info = info().with(lineage.continuedBy(block.generation(), block.firstSequence() - 1));
            }
            tail = newTail;
            return true;
        }
        if (newTail.closed() && !known.closed() && newTail.offset().equals(known.offset())) {
            tail = newTail;
            return true;
        }
        return false;
    }

    /**
     * Retention has taken what is not after {@code sequence}; that may be beyond the tail, where messages
     * are committed that were not heard of yet.
     */
    void trimmed(long sequence) {
        Tail known = tail();
        long start = Math.min(sequence, known.sequence());
        if (start > known.start()) tail = new Tail(known.offset(), start, known.bytes(), known.closed());
    }

    /** Whether its time is up: absolute expiry comes whoever reads, the sliding one waits for live readers. */
    boolean isExpired(long nowMillis) {
        return presence == Presence.HERE
                && deadlineMillis <= nowMillis
                && (feeds.isEmpty() || info().expiry() instanceof Expiry.At);
    }

    /**
     * A read or a write puts a sliding deadline off.
     *
     * @param exactly whether others must know the deadline too
     * @return the deadline that the store should remember from now on; -1 if what it has will do. It lies
     *     later than the exact one, so that most accesses write nothing and a restart never shortens.
     */
    long accessed(long nowMillis, boolean exactly) {
        if (!(info().expiry() instanceof Expiry.Sliding sliding)) return -1;
        deadlineMillis = sliding.deadlineAfter(nowMillis);
        if (deadlineMillis <= storedDeadlineMillis) return -1;
        long slack = exactly ? 0 : Math.clamp(sliding.seconds() * 250, SLACK_MIN_MILLIS, SLACK_MAX_MILLIS);
        storedDeadlineMillis = deadlineMillis > Long.MAX_VALUE - slack ? Long.MAX_VALUE : deadlineMillis + slack;
        return storedDeadlineMillis;
    }

    /** Whether the store remembers a later deadline than is exact. */
    boolean deadlineIsCoarse() {
        return presence == Presence.HERE && deadlineMillis < storedDeadlineMillis;
    }

    Offset earliest() {
        return info().lineage().offsetAt(tail().start());
    }

    /**
     * Where to go on from a place that this log does not have: nothing beyond the tail can be resumed at, and
     * nothing before the earliest.
     */
    Offset resumeAt(ReadFrom from) {
        Offset lost =
                switch (from) {
                    case ReadFrom.At(Offset offset) -> offset;
                    case ReadFrom.Before(Offset offset, long count) -> offset;
                    case ReadFrom.Earliest e -> Offset.ZERO;
                    case ReadFrom.Last l -> Offset.ZERO;
                    case ReadFrom.Now n -> Offset.ZERO;
                };
        Tail tail = tail();
        Offset common = info().lineage().lastCommonWith(lost);
        if (common.sequence() > tail.sequence()) return tail.offset();
        // A tail that was lost lies behind what was kept. Where a later generation is at an earlier place,
        // it is that of another channel, whose deletion was lost.
        boolean isOther = common.sequence() == lost.sequence() && common.generation() < lost.generation();
        return isOther || common.sequence() < tail.start() ? earliest() : common;
    }

    /** The sequence after which {@code from} begins to read; -1 if it is no position of this channel. */
    long sequenceOf(ReadFrom from) {
        return switch (from) {
            case ReadFrom.Earliest() -> tail().start();
            case ReadFrom.Now() -> tail().sequence();
            case ReadFrom.Last(long messages) -> Math.max(tail().start(), tail().sequence() - messages);
            case ReadFrom.At(Offset offset) -> has(offset) ? offset.sequence() : -1;
            case ReadFrom.Before(Offset offset, long messages) ->
                has(offset) ? Math.min(offset.sequence(), Math.max(tail().start(), offset.sequence() - messages)) : -1;
        };
    }

    private boolean has(Offset offset) {
        return offset.sequence() <= tail().sequence() && info().lineage().contains(offset);
    }
}
