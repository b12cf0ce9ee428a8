package io.switchboard.core.presence;

import io.switchboard.core.channel.ChannelName;
import io.switchboard.core.time.Loop;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The boards of the channels that one loop owns: there is one while the channel has members.
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

    /**
     * @param graceMillis 0 or more
     * @param namedMax 1 or more members are named on a board, and up to {@code namedAgain} (less) after a crowd
     */
    Boards(Loop loop, long graceMillis, int namedMax, int namedAgain) {
        this.loop = loop;
        this.graceLooks = Math.ceilDiv(graceMillis, LOOK_EVERY_MILLIS) + 1; // the next may come at once
        this.namedMax = namedMax;
        this.namedAgain = namedAgain;
    }

    Loop loop() {
        return loop;
    }

    /** Channels with members. */
    int count() {
        return boards.size();
    }

    /** Members without attendances. */
    int leaving() {
        return leaving.size();
    }

    Snapshot snapshot(ChannelName channel) {
        Board board = boards.get(channel);
        return board == null ? new Snapshot.Members(List.of()) : board.snapshot();
    }

    void enter(Audience audience, Attendance attendance) {
        Board board = boards.computeIfAbsent(audience.channel(), Board::new);
        String id = attendance.member;
        Board.Member member = board.members.get(id);
        if (member == null) {
            member = new Board.Member();
            board.members.put(id, member);
            changed(board, new News.Joined(id));
        } else if (member.attendances == 0) {
            leaving.remove(member);
        }
        member.attendances++;
        board.admit(audience, attendance);
    }

    /** @param last whether the audience has no attendances any more */
    void leave(Audience audience, String id, boolean last) {
        Board board = boards.get(audience.channel());
        Board.Member member = board == null ? null : board.members.get(id);
        if (board == null || member == null) throw new IllegalStateException("left without having entered: " + id);
        if (last) board.dismiss(audience);
        if (--member.attendances > 0) return;
        leaving.put(member, new Leave(board, id, looks + graceLooks));
        scheduleLook();
    }

    private void changed(Board board, News news) {
        int members = board.members.size();
        if (!board.crowded) {
            board.crowded = members > namedMax;
            if (board.crowded) count(board);
            else board.tell(news);
        } else if (members <= namedAgain) {
            board.crowded = false;
            uncounted.remove(board);
            board.tell(new News.Present(board.snapshot()));
        } else {
            uncounted.add(board);
            scheduleLook();
        }
    }

    private void count(Board board) {
        board.countedAtLook = looks;
        board.tell(new News.Counted(board.members.size()));
    }

    private void scheduleLook() {
        if (lookScheduled) return;
        lookScheduled = true;
        loop.after(LOOK_EVERY_MILLIS, this::look);
    }

    private void look() {
        lookScheduled = false;
        looks++;
        uncounted.removeIf(board -> {
            boolean due = looks - board.countedAtLook > LOOKS_PER_COUNT;
            if (due) count(board);
            return due;
        });
        letGo();
    }

    // Those whose time is up, some at a time.
    private void letGo() {
        for (int n = 0; n < LEAVES_PER_TURN && leaveIsDue(); n++) {
            Leave leave = leaving.pollFirstEntry().getValue();
            Board board = leave.board();
            board.members.remove(leave.member());
            changed(board, new News.Left(leave.member()));
            if (board.members.isEmpty()) boards.remove(board.channel);
        }
        if (leaveIsDue()) loop.execute(this::letGo);
        if (!leaving.isEmpty() || !uncounted.isEmpty()) scheduleLook();
    }

    private boolean leaveIsDue() {
        return !leaving.isEmpty() && leaving.firstEntry().getValue().dueAtLook() <= looks;
    }
}
