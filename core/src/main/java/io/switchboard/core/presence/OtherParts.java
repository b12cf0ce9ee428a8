package io.switchboard.core.presence;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Who is on one channel at other nodes, as they told. Where a look shows less of a living node than it told before, what
 * it had laid down was lost, and it is given a time to lay it down again; so nobody leaves because a store forgot. A
 * node of which it is not known that it lives is a stranger, and its members do not count yet. Belongs to the channel's
 * owner.
 */
final class OtherParts {
    /** So long a living node has to lay down again what was lost, and a stranger to turn out to live. */
    static final long DOUBT_LOOKS = 15_000 / Boards.LOOK_EVERY_MILLIS;

    private static final class Known {
        long number;
        Set<String> members = new HashSet<>();
        long doubtedAtLook = SURE;

        static final long SURE = -1;
    }

    private final Consumer<String> gained;
    private final Consumer<String> lost;
    private final Map<String, Known> parts = new HashMap<>(); // of living nodes; kept without members for its number
    private final Map<String, Long> strangers =
            new HashMap<>(); // by the look at which they were met; as a look shows them

    // Kept by the gathering.
    boolean looking;
    boolean lookAgain;

    /** Told of a member each time a node has it that did not, and the reverse. */
    OtherParts(Consumer<String> gained, Consumer<String> lost) {
        this.gained = gained;
        this.lost = lost;
    }

    Map<String, Long> numbers() {
        Map<String, Long> numbers = new HashMap<>();
        parts.forEach((node, part) -> numbers.put(node, part.number));
        return numbers;
    }

    /** Whether another look is due soon. */
    boolean isInDoubt() {
        if (!strangers.isEmpty()) return true;
        for (Known part : parts.values()) {
            if (part.doubtedAtLook != Known.SURE) return true;
        }
        return false;
    }

    /** Looks fail, and so may those of others: they get their time anew. */
    void goOnDoubting(long atLook) {
        for (Known part : parts.values()) {
            if (part.doubtedAtLook != Known.SURE) part.doubtedAtLook = atLook;
        }
        strangers.replaceAll((node, since) -> atLook);
    }

    boolean hasStranger(Set<String> living) {
        for (String node : strangers.keySet()) {
            if (living.contains(node)) return true;
        }
        return false;
    }

    /** Whether it fits what is known, or is known already; otherwise only a look helps. */
    boolean hear(String node, Elsewhere.Step step) {
        Known part = parts.get(node);
        if (part == null) return false; // it may be old
        if (step.after() <= part.number) return true;
        if (step.isWhole()) {
            Set<String> before = take(part, step.after(), step.joined());
            letGo(before, part.members);
        } else if (step.before() == part.number) {
            for (String member : step.joined()) {
                if (part.members.add(member)) gained.accept(member);
            }
            for (String member : step.left()) {
                if (part.members.remove(member)) lost.accept(member);
            }
            part.number = step.after();
            part.doubtedAtLook = Known.SURE;
        } else {
            return false;
        }
        return true;
    }

    /**
     * Takes over what a look shows.
     *
     * @param known what was known when it began
     * @param forget told of parts whose node is no more, with their number
     */
    void see(
            List<Elsewhere.Part> shown,
            Map<String, Long> known,
            Set<String> living,
            long atLook,
            BiConsumer<String, Long> forget) {
        Set<String> nodes = new HashSet<>();
        List<Runnable> departures = new ArrayList<>(); // after all arrivals: who changed nodes was never away
        for (Elsewhere.Part part : shown) {
            String node = part.node();
            nodes.add(node);
            if (living.contains(node)) {
                strangers.remove(node);
                Known mine = parts.computeIfAbsent(node, n -> new Known());
                List<String> members = part.members();
                if (members != null && isNews(mine, part.number(), known.get(node), atLook)) {
                    Set<String> before = take(mine, part.number(), members);
                    departures.add(() -> letGo(before, mine.members));
                } else if (part.number() == mine.number) {
                    mine.doubtedAtLook = Known.SURE;
                }
            } else if (atLook - strangers.computeIfAbsent(node, n -> atLook) >= DOUBT_LOOKS) {
                forget.accept(node, part.number());
            }
        }
        strangers.keySet().retainAll(nodes);
        parts.forEach((node, mine) -> {
            if (nodes.contains(node) || mine.members.isEmpty()) return;
            Long before = known.get(node);
            if (before == null || before != mine.number || !isDoubtedLong(mine, atLook)) return;
            Set<String> gone = mine.members;
            mine.members = new HashSet<>();
            mine.doubtedAtLook = Known.SURE;
            departures.add(() -> letGo(gone, Set.of()));
        });
        departures.forEach(Runnable::run);
    }

    // An older number than was known before the look is a loss; than was heard since, just an older look.
    private static boolean isNews(Known mine, long number, @Nullable Long before, long atLook) {
        if (number != mine.number)
            return number > mine.number || (before != null && number < before && isDoubtedLong(mine, atLook));
        return false;
    }

    private static boolean isDoubtedLong(Known mine, long atLook) {
        if (mine.doubtedAtLook == Known.SURE) mine.doubtedAtLook = atLook;
        return atLook - mine.doubtedAtLook >= DOUBT_LOOKS;
    }

    // What it had before, of which those who are gone are still to be let go.
    private Set<String> take(Known part, long number, List<String> members) {
        Set<String> before = part.members;
        part.members = new HashSet<>(members);
        part.number = number;
        part.doubtedAtLook = Known.SURE;
        for (String member : part.members) {
            if (!before.contains(member)) gained.accept(member);
        }
        return before;
    }

    private void letGo(Set<String> before, Set<String> now) {
        for (String member : before) {
            if (!now.contains(member)) lost.accept(member);
        }
    }

    /** Lets go of nodes that live no more. */
    void keepOnly(Set<String> living, BiConsumer<String, Long> forget) {
        if (living.containsAll(parts.keySet())) return;
        Map<String, Known> dead = new HashMap<>(parts);
        dead.keySet().removeAll(living);
        parts.keySet().retainAll(living);
        dead.forEach((node, part) -> {
            letGo(part.members, Set.of());
            forget.accept(node, part.number);
        });
    }
}
