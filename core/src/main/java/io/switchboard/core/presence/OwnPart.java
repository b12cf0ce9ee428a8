package io.switchboard.core.presence;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What other nodes were told of the members that are here, on one channel, and what they have yet to be told. One step
 * at a time is under way. After one of which it is not known whether it was taken, the next lays everything down anew.
 * Belongs to the channel's owner.
 */
final class OwnPart {
    /** More changes are told in several steps. */
    static final int STEP_MAX = 1_000;

    private final Map<String, Boolean> changes = new LinkedHashMap<>(); // not told yet: who came, and who did not stay
    private long number; // of what is laid down, 0 for nothing
    private boolean uncertain; // what is laid down is not known
    private boolean telling;
    private boolean empties; // the step under way leaves nobody
    long steps; // begun so far
    long toldAtLook = Long.MIN_VALUE / 2; // when the last one was begun

    void came(String member) {
        change(member, true);
    }

    void went(String member) {
        change(member, false);
    }

    // Who came and went before anybody was told did nothing, and the reverse.
    private void change(String member, boolean came) {
        if (changes.remove(member) == null) changes.put(member, came);
    }

    long number() {
        return number;
    }

    /** Whether a step is under way. */
    boolean isTelling() {
        return telling;
    }

    boolean hasMore() {
        return uncertain || !changes.isEmpty();
    }

    /** Whether so much is to be told that it should not wait for more. */
    boolean isFull() {
        return changes.size() >= STEP_MAX;
    }

    /** Whether nothing is laid down, nor will be. */
    boolean isNothing() {
        return number == 0 && !telling && !hasMore();
    }

    /** What is laid down is not what it should be, or that is not known. */
    void doubt() {
        uncertain = true;
    }

    Elsewhere.Step begin(long after, Board board) {
        telling = true;
        steps++;
        List<String> joined = new ArrayList<>();
        List<String> left = new ArrayList<>();
        long before = uncertain ? 0 : number;
        if (before == 0) {
            joined = board.idsHere();
            changes.clear();
        } else {
            Iterator<Map.Entry<String, Boolean>> each = changes.entrySet().iterator();
            for (int n = 0; n < STEP_MAX && each.hasNext(); n++) {
                Map.Entry<String, Boolean> change = each.next();
                (change.getValue() ? joined : left).add(change.getKey());
                each.remove();
            }
        }
        empties = board.here == 0 && changes.isEmpty();
        return new Elsewhere.Step(before, after, joined, left);
    }

    void end(Elsewhere.Step step, Elsewhere.Told told) {
        telling = false;
        uncertain = told != Elsewhere.Told.DONE;
        if (!uncertain) number = empties ? 0 : step.after();
    }
}
