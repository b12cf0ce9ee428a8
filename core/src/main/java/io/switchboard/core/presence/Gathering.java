package io.switchboard.core.presence;

import io.switchboard.core.channel.ChannelName;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the boards of one loop in step with those of other nodes: tells them who came here and who went, and follows
 * what they tell while somebody is here.
 *
 * <pre>
 *   came, went ─► OwnPart ─► tell: what gathered in a turn is one step; a crowd's, in a second
 *   called ─► OtherParts ─► board                    it fits on
 *      └► a hole, missed, every 30 s ─► look ─► OtherParts ─► board; and own part, if that was lost
 * </pre>
 *
 * What failed, or is in doubt, is tried again after some seconds. Belongs to its loop.
 */
final class Gathering {
    /** Who wait for a look at the same channel, and channels that are looked at for somebody; beyond, the answer is what is known here. */
    static final int ASKING_MAX = 1_024;

    static final long LOOKS_PER_ROUND = 30_000 / Boards.LOOK_EVERY_MILLIS;
    static final long LOOKS_PER_RETRY = 5_000 / Boards.LOOK_EVERY_MILLIS;
    private static final int BOARDS_PER_TURN = 256;

    private final Boards boards;
    private final Elsewhere elsewhere;
    private Set<String> nodes = Set.of(); // that live
    private final Map<String, Long> departing = new HashMap<>(); // as they told; by the look until which they count
    private Set<String> living = Set.of(); // whose members count: both
    private long numbers; // given to steps

    private final Set<Board> toTell = new LinkedHashSet<>();
    private boolean tellingScheduled;

    // By the look at which it is their turn, which is their order too.
    private final LinkedHashMap<Board, Long> round = new LinkedHashMap<>(); // all that are followed
    private final LinkedHashMap<Board, Long> again = new LinkedHashMap<>(); // those that failed, or are in doubt

    private ArrayDeque<Board> toVisit = new ArrayDeque<>(); // the dead may still be on them
    private boolean lookAtVisited;
    private final Map<ChannelName, List<Consumer<Set<String>>>> asking = new HashMap<>();

    Gathering(Boards boards, Elsewhere elsewhere) {
        this.boards = boards;
        this.elsewhere = elsewhere;
    }

    // ---- what happens here ----

    /** The member is here, which it was not. */
    void came(Board board, String member) {
        if (!elsewhere.isShared()) return;
        board.own.came(member);
        tell(board);
        if (board.others == null) open(board);
    }

    private void open(Board board) {
        board.others = new OtherParts(id -> boards.gained(board, id), id -> boards.lost(board, id));
        board.beginGathering();
        round.put(board, boards.looks() + LOOKS_PER_ROUND);
        boards.scheduleLook();
        elsewhere.follow(board.channel);
        look(board);
    }

    /** The member is not here any more. */
    void went(Board board, String member) {
        if (!elsewhere.isShared()) return;
        board.own.went(member);
        tell(board);
    }

    /** Nobody is here any more. */
    void emptied(Board board) {
        if (elsewhere.isShared()) {
            board.others = null;
            round.remove(board);
            elsewhere.unfollow(board.channel);
            board.endGathering();
        }
        closeIfDone(board);
    }

    private void closeIfDone(Board board) {
        if (board.here > 0 || !board.own.isNothing()) return;
        toTell.remove(board);
        again.remove(board);
        boards.close(board);
    }

    // ---- telling ----

    private void tell(Board board) {
        toTell.add(board);
        scheduleTelling();
    }

    private void scheduleTelling() {
        if (tellingScheduled) return;
        tellingScheduled = true;
        boards.loop().execute(this::tellAll);
    }

    private void tellAll() {
        tellingScheduled = false;
        int begun = 0;
        for (Iterator<Board> each = toTell.iterator(); each.hasNext() && begun < BOARDS_PER_TURN; ) {
            Board board = each.next();
            OwnPart own = board.own;
            if (!own.isTelling() && own.hasMore()) {
                if (mayWait(board)) continue;
                begun++;
                begin(board);
            }
            each.remove();
        }
        if (begun == BOARDS_PER_TURN) scheduleTelling();
        else if (!toTell.isEmpty()) boards.scheduleLook();
    }

    // Where only a number is shown, once a second does.
    private boolean mayWait(Board board) {
        return board.crowded && !board.own.isFull() && boards.looks() - board.own.toldAtLook <= Boards.LOOKS_PER_COUNT;
    }

    private void begin(Board board) {
        board.own.toldAtLook = boards.looks();
        Elsewhere.Step step = board.own.begin(++numbers, board);
        elsewhere.tell(board.channel, step, told -> boards.loop().execute(() -> told(board, step, told)));
    }

    private void told(Board board, Elsewhere.Step step, Elsewhere.Told told) {
        board.own.end(step, told);
        boolean now =
                switch (told) {
                    case DONE -> true;
                    case REFUSED -> !step.isWhole();
                    case FAILED -> false;
                };
        if (!now) tryAgain(board);
        else if (board.own.hasMore()) tell(board);
        closeIfDone(board);
    }

    private void tryAgain(Board board) {
        again.putIfAbsent(board, boards.looks() + LOOKS_PER_RETRY);
        boards.scheduleLook();
    }

    // ---- hearing ----

    void called(ChannelName channel, String node, Elsewhere.Step step) {
        Board board = boards.at(channel);
        OtherParts others = board == null ? null : board.others;
        if (board != null && others != null && !others.hear(node, step)) look(board);
    }

    void missed(ChannelName channel) {
        Board board = boards.at(channel);
        if (board != null && board.others != null) look(board);
    }

    /** Who is in {@code now} no more is known to be gone. That the others cannot be asked makes nobody gone. */
    void live(Set<String> now) {
        nodes = now;
        reckon();
    }

    /** The node goes in good order: its members have their grace to come back elsewhere. */
    void departs(String node) {
        if (!nodes.contains(node)) return;
        departing.put(node, boards.looks() + boards.graceLooks());
        boards.scheduleLook();
        reckon();
    }

    private void reckon() {
        Set<String> now = new HashSet<>(nodes);
        now.addAll(departing.keySet());
        living = now;
        visitAll();
    }

    /** What was laid down may have been removed. */
    void lookAtAll() {
        lookAtVisited = true;
        visitAll();
    }

    private void visitAll() {
        boolean visiting = !toVisit.isEmpty();
        toVisit = new ArrayDeque<>(boards.all());
        if (!visiting) visit();
    }

    private void visit() {
        for (int n = 0; n < BOARDS_PER_TURN && !toVisit.isEmpty(); n++) {
            Board board = toVisit.remove();
            OtherParts others = board.others;
            if (others == null) continue;
            others.keepOnly(living, (node, number) -> elsewhere.forget(board.channel, node, number));
            if (lookAtVisited || others.hasStranger(living)) look(board);
        }
        if (toVisit.isEmpty()) lookAtVisited = false;
        else boards.loop().execute(this::visit);
    }

    // ---- looking ----

    // Whoever is in doubt while a look is under way needs another one.
    private void look(Board board) {
        OtherParts others = board.others;
        if (others == null) return;
        others.lookAgain = others.looking;
        if (others.looking) return;
        others.looking = true;
        long steps = board.own.isTelling() ? -1 : board.own.steps;
        Map<String, Long> known = others.numbers();
        elsewhere.look(
                board.channel, known, sight -> boards.loop().execute(() -> seen(board, others, known, steps, sight)));
    }

    private void seen(
            Board board, OtherParts others, Map<String, Long> known, long steps, Elsewhere.@Nullable Sight sight) {
        if (board.others != others) return; // nobody was here for a while
        others.looking = false;
        if (sight == null) {
            others.goOnDoubting(boards.looks());
            tryAgain(board);
        } else {
            others.see(
                    sight.parts(),
                    known,
                    living,
                    boards.looks(),
                    (node, number) -> elsewhere.forget(board.channel, node, number));
            OwnPart own = board.own;
            if (steps == own.steps && sight.own() != own.number()) own.doubt();
            if (own.hasMore()) tell(board);
            if (others.isInDoubt()) tryAgain(board);
        }
        board.endGathering();
        if (others.lookAgain) look(board);
    }

    /** Whether it has to be given looks. */
    boolean isWaiting() {
        return !toTell.isEmpty() || !round.isEmpty() || !again.isEmpty() || !departing.isEmpty();
    }

    /** Called at each look of the boards. */
    void look() {
        if (!toTell.isEmpty()) scheduleTelling();
        if (departing.values().removeIf(until -> until <= boards.looks())) reckon();
        for (int n = 0; n < BOARDS_PER_TURN && isDue(round); n++) {
            Board board = round.pollFirstEntry().getKey();
            round.put(board, boards.looks() + LOOKS_PER_ROUND);
            look(board);
        }
        for (int n = 0; n < BOARDS_PER_TURN && isDue(again); n++) {
            Board board = again.pollFirstEntry().getKey();
            if (board.own.hasMore()) tell(board);
            look(board);
        }
    }

    private boolean isDue(SequencedMap<Board, Long> turns) {
        return !turns.isEmpty() && turns.firstEntry().getValue() <= boards.looks();
    }

    // ---- where nobody is here ----

    /** Who is on a channel that nobody here is on. Nobody, if that is not to be had now. */
    void ask(ChannelName channel, Consumer<Set<String>> answer) {
        List<Consumer<Set<String>>> askers = asking.get(channel);
        if (!elsewhere.isShared() || (askers == null ? asking.size() : askers.size()) >= ASKING_MAX) {
            answer.accept(Set.of());
        } else if (askers != null) {
            askers.add(answer);
        } else {
            asking.put(channel, new ArrayList<>(List.of(answer)));
            elsewhere.look(channel, Map.of(), sight -> boards.loop().execute(() -> answer(channel, sight)));
        }
    }

    private void answer(ChannelName channel, Elsewhere.@Nullable Sight sight) {
        Set<String> ids = new HashSet<>();
        if (sight != null) {
            for (Elsewhere.Part part : sight.parts()) {
                if (part.members() != null && living.contains(part.node())) ids.addAll(part.members());
            }
        }
        List<Consumer<Set<String>>> askers = asking.remove(channel);
        if (askers != null) askers.forEach(asker -> asker.accept(ids));
    }
}
