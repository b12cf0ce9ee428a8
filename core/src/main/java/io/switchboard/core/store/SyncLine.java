package io.switchboard.core.store;

import io.switchboard.core.channel.ChannelName;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * What is written but may not be told yet, because it would not survive a power cut: commits wait in
 * line until a sync that began after them has ended.
 *
 * <p>Threads: {@link #mustWait}, {@link #announce}, {@link #enter} and {@link #withdraw} are the
 * committing thread's; {@link #drain}, {@link #synced} and {@link #failed} the syncing one's; the rest is
 * anybody's. What waits is bounded by the requests in flight.
 */
final class SyncLine {
    private static final int NAMES_MAX = 10_000;

    /** Tells the outcome of one request: what was decided, or that it failed. */
    interface Teller {
        void tell(@Nullable Failure failure);
    }

    /** A commit in line, and those who wait for it. */
    record Waiting(long commit, List<Commit.Touched> touched, List<Teller> tellers) {}

    // Of a channel: what is synced of it, null for not even its creation; and the last commit that changed it.
    private record Unsynced(@Nullable ChannelState shown, long commit) {}

    private final ConcurrentHashMap<Long, Unsynced> unsynced = new ConcurrentHashMap<>();
    private final Map<ChannelName, Long> names = new HashMap<>(); // committing thread only
    private long lastCommit; // committing thread only
    private volatile long syncedCommit; // written by the syncing thread only
    private final List<Waiting> line = new ArrayList<>(); // guarded by itself

    /** Whether an answer about this channel has to wait for those before it. */
    boolean mustWait(ChannelName name) {
        Long commit = names.get(name);
        return commit != null && commit > syncedCommit;
    }

    /** A commit is about to be written: what it changes is not to be shown before it is synced. */
    void announce(List<Commit.Touched> touched) {
        lastCommit++;
        for (Commit.Touched channel : touched) {
            if (!channel.synced()) continue;
            names.put(channel.name(), lastCommit);
            Unsynced since = new Unsynced(channel.before(), lastCommit);
            unsynced.merge(channel.id(), since, (before, now) -> new Unsynced(before.shown(), now.commit()));
        }
        if (names.size() > NAMES_MAX) names.values().removeIf(commit -> commit <= syncedCommit);
    }

    /** The commit announced last is written; those who must wait for it, or for one before, stand in line. */
    void enter(List<Commit.Touched> touched, List<Teller> tellers) {
        synchronized (line) {
            line.add(new Waiting(lastCommit, touched, tellers));
        }
    }

    /** The commit announced last was not written. Those who must be told after others stand in line all the same. */
    void withdraw(List<Commit.Touched> touched, List<Teller> tellers) {
        List<Commit.Touched> unchanged = new ArrayList<>(touched.size());
        for (Commit.Touched channel : touched) unchanged.add(channel.unchanged());
        enter(unchanged, tellers);
    }

    /**
     * What may be shown of a channel that was looked up before this call: itself, or what is synced of
     * it; null if that is nothing.
     */
    @Nullable
    ChannelState shown(ChannelState lookedUp) {
        Unsynced since = unsynced.get(lookedUp.id());
        return since == null ? lookedUp : since.shown();
    }

    /** All that is in line, to be given back to {@link #synced} or {@link #failed}. */
    List<Waiting> drain() {
        synchronized (line) {
            List<Waiting> all = List.copyOf(line);
            line.clear();
            return all;
        }
    }

    void synced(List<Waiting> drained) {
        for (Waiting waiting : drained) {
            for (Commit.Touched channel : waiting.touched()) {
                unsynced.computeIfPresent(
                        channel.id(),
                        (id, since) -> since.commit() <= waiting.commit()
                                ? null
                                : new Unsynced(channel.after(), since.commit()));
            }
        }
        long commit = syncedCommit;
        for (Waiting waiting : drained) {
            for (Teller teller : waiting.tellers()) teller.tell(null);
            commit = Math.max(commit, waiting.commit());
        }
        syncedCommit = commit;
    }

    /**
     * Everybody in line fails, and what they wrote stays hidden until a later sync succeeds.
     *
     * @return whether anybody was told
     */
    boolean failed(List<Waiting> drained, Failure failure) {
        List<Waiting> hidden = new ArrayList<>();
        boolean told = false;
        for (Waiting waiting : drained) {
            for (Teller teller : waiting.tellers()) teller.tell(failure);
            told |= !waiting.tellers().isEmpty();
            if (!waiting.touched().isEmpty()) {
                hidden.add(new Waiting(waiting.commit(), waiting.touched(), List.of()));
            }
        }
        synchronized (line) {
            line.addAll(0, hidden);
        }
        return told;
    }
}
