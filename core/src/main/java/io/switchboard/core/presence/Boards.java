package io.switchboard.core.presence;

import io.switchboard.core.channel.ChannelName;
import io.switchboard.core.time.Loop;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The boards of the channels that one loop owns: there is one while the channel has
 * members here.
 *
 * <p>Time is counted in looks, which come every {@value #LOOK_EVERY_MILLIS} ms while anybody is leaving or
 * a number is to be told. So no clock that jumps cuts a grace short, nor does a pause of the whole process:
 * after one, those whose connections broke meanwhile still have theirs to come back.
 *
 * <p>Belongs to its loop.
 */
final class Boards {
    static final long LOOK_EVERY_MILLIS = 250;
    static final long LOOKS_PER_COUNT = Presence.COUNT_EVERY_MILLIS / LOOK_EVERY_MILLIS;
    static final int LEAVES_PER_TURN = 256;

    private record Leave(Board board, String member, long dueAtLook) {}

    private final Loop loop;
    private final long graceLooks;
    private final int namedMax;
    private final int namedAgain;
    private final Map<ChannelName, Board> boards = new HashMap<>();

    // Those without attendances, by when they went, which is the order in which their time is up.
    private final LinkedHashMap<Board.Member, Leave> leaving = new LinkedHashMap<>();
    private final Set<Board> uncounted = new LinkedHashSet<>(); // crowded, and changed since last counted
    private long looks;
    private boolean lookScheduled;
    private final Gathering gathering;

    /**
     * @param graceMillis 0 or more
     * @param namedMax 1 or more members are named on a board, and up to {@code namedAgain} (less) after a crowd
     */
    Boards(Loop loop, long graceMillis, int namedMax, int namedAgain, Elsewhere elsewhere) {
        this.loop = loop;
        this.graceLooks = Math.ceilDiv(graceMillis, LOOK_EVERY_MILLIS) + 1; // the next may come at once
        this.namedMax = namedMax;
        this.namedAgain = namedAgain;
        this.gathering = new Gathering(this, elsewhere);
    }

    Loop loop() {
        return loop;
    }

    Gathering gathering() {
        return gathering;
    }

    /** How many looks a member without attendances is still there. */
    long graceLooks() {
        return graceLooks;
    }

    /** How many looks there have been. */
    long looks() {
        return looks;
    }

    /** Channels with members, or of which other nodes have yet to be told that they have none. */
    int count() {
        return boards.size();
    }

    /** Members without attendances. */
    int leaving() {
        return leaving.size();
    }

    @Nullable
    Board at(ChannelName channel) {
        return boards.get(channel);
    }

    List<Board> all() {
        return List.copyOf(boards.values());
    }

    void snapshot(ChannelName channel, Consumer<Snapshot> answer) {
        Board board = boards.get(channel);
        if (board != null && board.here > 0) {
            board.whenGathered(() -> answer.accept(board.snapshot()), Gathering.ASKING_MAX);
        } else {
            gathering.ask(channel, ids -> answer.accept(pictureOf(ids)));
        }
    }

    private Snapshot pictureOf(Set<String> ids) {
        return ids.size() > namedMax ? new Snapshot.Crowd(ids.size()) : new Snapshot.Members(List.copyOf(ids));
    }

    void enter(Audience audience, Attendance attendance) {
        Board board = boards.computeIfAbsent(audience.channel(), Board::new);
        String id = attendance.member;
        Board.Member member = board.members.get(id);
        boolean isNew = member == null;
        if (member == null) {
            member = new Board.Member();
            board.members.put(id, member);
        }
        if (!member.here) {
            member.here = true;
            board.here++;
            gathering.came(board, id);
        } else if (member.attendances == 0) {
            leaving.remove(member);
        }
        if (isNew) changed(board, new News.Joined(id));
        member.attendances++;
        board.admit(audience, attendance);
    }

    /** @param last whether the audience has no attendances any more */
    void leave(Audience audience, String id, boolean last) {
        Board board = boards.get(audience.channel());
        Board.Member member = board == null ? null : board.members.get(id);
        if (board == null || member == null || member.attendances == 0) {
            throw new IllegalStateException("left without having entered: " + id);
        }
        if (last) board.dismiss(audience);
        if (--member.attendances > 0) return;
        leaving.put(member, new Leave(board, id, looks + graceLooks));
        scheduleLook();
    }

    /** Another node has the member, which it had not. */
    void gained(Board board, String id) {
        Board.Member member = board.members.get(id);
        if (member != null) {
            member.elsewhere++;
            return;
        }
        member = new Board.Member();
        member.elsewhere = 1;
        board.members.put(id, member);
        changed(board, new News.Joined(id));
    }

    /** A node that had the member has it no more. */
    void lost(Board board, String id) {
        Board.Member member = board.members.get(id);
        if (member == null || member.elsewhere == 0) throw new IllegalStateException("not elsewhere: " + id);
        member.elsewhere--;
        if (member.isGone()) remove(board, id);
    }

    private void remove(Board board, String id) {
        board.members.remove(id);
        changed(board, new News.Left(id));
    }

    /** Nobody here is on it, and other nodes know. */
    void close(Board board) {
        boards.remove(board.channel);
    }

    // Who is elsewhere is of no interest any more.
    private void empty(Board board) {
        board.members.clear();
        board.crowded = false;
        uncounted.remove(board);
        gathering.emptied(board);
    }

    private void changed(Board board, News news) {
        int members = board.members.size();
        if (!board.crowded) {
            board.crowded = members > namedMax;
            if (!board.crowded) board.tell(news);
            else if (mayCount(board)) count(board);
            else countSoon(board);
        } else if (members <= namedAgain) {
            board.crowded = false;
            uncounted.remove(board);
            board.tell(new News.Present(board.snapshot()));
        } else {
            countSoon(board);
        }
    }

    private void countSoon(Board board) {
        uncounted.add(board);
        scheduleLook();
    }

    private boolean mayCount(Board board) {
        return looks - board.countedAtLook > LOOKS_PER_COUNT;
    }

    private void count(Board board) {
        board.countedAtLook = looks;
        board.tell(new News.Counted(board.members.size()));
    }

    void scheduleLook() {
        if (lookScheduled) return;
        lookScheduled = true;
        loop.after(LOOK_EVERY_MILLIS, this::look);
    }

    private void look() {
        lookScheduled = false;
        looks++;
        uncounted.removeIf(board -> {
            boolean due = mayCount(board);
            if (due) count(board);
            return due;
        });
        letGo();
        gathering.look();
        if (!leaving.isEmpty() || !uncounted.isEmpty() || gathering.isWaiting()) scheduleLook();
    }

    // Those whose time is up, some at a time.
    private void letGo() {
        for (int n = 0; n < LEAVES_PER_TURN && leaveIsDue(); n++) {
            Map.Entry<Board.Member, Leave> next = leaving.pollFirstEntry();
            Board board = next.getValue().board();
            String id = next.getValue().member();
            next.getKey().here = false;
            board.here--;
            if (next.getKey().isGone()) remove(board, id);
            gathering.went(board, id);
            if (board.here == 0) empty(board);
        }
        if (leaveIsDue()) loop.execute(this::letGo);
    }

    private boolean leaveIsDue() {
        return !leaving.isEmpty() && leaving.firstEntry().getValue().dueAtLook() <= looks;
    }
}
