package io.switchboard.core.presence;

import io.switchboard.core.channel.ChannelName;
import io.switchboard.core.time.Loop;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * All who attend a channel on one loop, and a copy of its board for them.
 *
 * <p>The board's news come in order, first of all a whole picture. Each changes the copy at once, gets the
 * next number, and waits for a round, which tells it to everybody who is live. Whoever is shown the copy
 * need not be told what has a number by then; so no change is missed, and none heard twice. After
 * {@value #CALLS_PER_TURN} calls other work of the loop goes first. At most {@value #PENDING_MAX} news wait
 * for a round: beyond that one picture takes their place.
 *
 * <p>Belongs to its loop.
 */
final class Audience {
    static final int CALLS_PER_TURN = 256;
    static final int PENDING_MAX = 1_024;

    private final ChannelName channel;
    private final Loop loop;
    private final Boards owner;
    private final Consumer<Audience> whenEmpty;
    private int attendances;

    private final Set<String> names = new HashSet<>(); // the copy: who is there,
    private int crowd; // or if not 0, how many
    private @Nullable Snapshot picture; // of the copy as it is now, if one was made

    private final ArrayDeque<Attendance> waiting = new ArrayDeque<>(); // to be shown the picture
    private final List<Attendance> live = new ArrayList<>();
    private final ArrayDeque<News> pending = new ArrayDeque<>();
    private long newest; // number of the last one that came
    private @Nullable News round; // is being told
    private long roundNumber;
    private int next; // of `live` to be told this round
    private boolean turnScheduled;

    Audience(ChannelName channel, Loop loop, Boards owner, Consumer<Audience> whenEmpty) {
        this.channel = channel;
        this.loop = loop;
        this.owner = owner;
        this.whenEmpty = whenEmpty;
    }

    ChannelName channel() {
        return channel;
    }

    Loop loop() {
        return loop;
    }

    Attendance enter(String member, Watcher watcher) {
        Attendance attendance = new Attendance(this, member, watcher);
        attendances++;
        owner.loop().execute(() -> owner.enter(this, attendance));
        return attendance;
    }

    void leave(Attendance attendance) {
        if (attendance.state == Attendance.State.LIVE) removeLive(attendance);
        attendance.state = Attendance.State.GONE;
        boolean last = --attendances == 0;
        if (last) whenEmpty.accept(this);
        owner.loop().execute(() -> owner.leave(this, attendance.member, last));
    }

    /** The board counts it in; what it told before shows that. */
    void entered(Attendance attendance) {
        if (attendance.state == Attendance.State.ENTERING) show(attendance);
    }

    /** Has it shown the picture when its turn comes. */
    void show(Attendance attendance) {
        attendance.state = Attendance.State.WAITING;
        waiting.add(attendance);
        schedule();
    }

    /** The board has changed. */
    void hear(News news) {
        newest++;
        apply(news);
        if (live.isEmpty()) {
            pending.clear();
            return;
        }
        if (news.isWhole()) pending.clear();
        pending.add(news);
        if (pending.size() > PENDING_MAX) {
            pending.clear();
            pending.add(new News.Present(picture()));
        }
        schedule();
    }

    private void apply(News news) {
        picture = null;
        switch (news) {
            case News.Joined(String member) -> names.add(member);
            case News.Left(String member) -> names.remove(member);
            case News.Counted(int members) -> become(List.of(), members);
            case News.Present(Snapshot.Members(List<String> ids)) -> become(ids, 0);
            case News.Present(Snapshot.Crowd(int count)) -> become(List.of(), count);
        }
    }

    private void become(List<String> ids, int count) {
        names.clear();
        names.addAll(ids);
        crowd = count;
    }

    private Snapshot picture() {
        Snapshot now = picture;
        if (now == null) {
            now = crowd > 0 ? new Snapshot.Crowd(crowd) : new Snapshot.Members(List.copyOf(names));
            picture = now;
        }
        return now;
    }

    private void schedule() {
        if (turnScheduled) return;
        turnScheduled = true;
        loop.execute(this::turn);
    }

    // Neither those who wait for a picture nor those who wait for news have to wait for all of the others.
    // What one watcher throws must not keep the others from theirs.
    private void turn() {
        turnScheduled = false;
        int budget = CALLS_PER_TURN;
        try {
            for (; budget > CALLS_PER_TURN / 2 && !waiting.isEmpty(); budget--) showNext();
            while (budget-- > 0 && tellNext()) {}
        } finally {
            if (!waiting.isEmpty() || round != null || !pending.isEmpty()) schedule();
        }
    }

    private void showNext() {
        Attendance attendance = waiting.remove();
        if (attendance.state != Attendance.State.WAITING) return;
        attendance.state = Attendance.State.LIVE;
        attendance.heard = newest;
        attendance.liveIndex = live.size();
        live.add(attendance);
        offer(attendance, new News.Present(picture()));
    }

    private boolean tellNext() {
        News news = round;
        if (news == null) {
            if (pending.isEmpty()) return false;
            roundNumber = newest - pending.size() + 1;
            news = pending.remove();
            round = news;
            next = 0;
        }
        if (next < live.size()) {
            Attendance attendance = live.get(next++);
            if (attendance.heard < roundNumber) offer(attendance, news);
        }
        if (next >= live.size()) round = null;
        return true;
    }

    private void offer(Attendance attendance, News news) {
        Watcher.Offer offer = Watcher.Offer.FULL;
        try {
            offer = news.tell(attendance.watcher);
        } finally {
            if (offer == Watcher.Offer.FULL && attendance.state == Attendance.State.LIVE) {
                removeLive(attendance);
                attendance.state = Attendance.State.STALE;
            }
        }
    }

    private void removeLive(Attendance attendance) {
        int hole = attendance.liveIndex;
        attendance.liveIndex = -1;
        // Keep those already told this round in front of `next`, and the rest behind it.
        if (round != null && hole < next) {
            next--;
            move(next, hole);
            hole = next;
        }
        move(live.size() - 1, hole);
        live.removeLast();
    }

    private void move(int from, int to) {
        if (from == to) return;
        Attendance moved = live.get(from);
        live.set(to, moved);
        moved.liveIndex = to;
    }
}
