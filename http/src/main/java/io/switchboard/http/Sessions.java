package io.switchboard.http;

import io.switchboard.core.access.Access;
import io.switchboard.core.access.Revocations.Revocation;
import io.switchboard.core.time.Loop;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * Those who are connected and stay: the readers of event streams, long-polls and WebSockets of all loops. There is no
 * list of them: each loop is asked for its own. Any thread may call; nothing blocks.
 */
public final class Sessions {
    /**
     * One of them, as it is at a moment.
     *
     * @param number tells it from all others of this run of the server; later ones have greater numbers
     * @param access whom it is for
     * @param address where it comes from, without a port; empty if it is just going
     * @param http the version it was asked for in: {@code 1.1} (which stands for 1.0 too) or {@code 2}
     * @param sinceMillis when it was opened, milliseconds since 1970
     * @param pendingBytes sent to it and not taken yet
     */
    public record Session(
            long number,
            Access access,
            String address,
            String http,
            Occupation occupation,
            long sinceMillis,
            long pendingBytes) {}

    private static final Comparator<Session> BY_NUMBER = Comparator.comparingLong(Session::number);

    private final List<Connections> loops;

    Sessions(List<Connections> loops) {
        this.loops = List.copyOf(loops);
    }

    /**
     * Those that {@code whose} lets pass and whose numbers are greater than {@code after}, in the order of these.
     *
     * @param limit how many at most, 1 or more
     * @param caller where the answer comes
     */
    public void list(long after, int limit, Predicate<Access> whose, Loop caller, Consumer<List<Session>> answer) {
        gather(0, List.of(), after, limit, whose, sessions -> caller.execute(() -> answer.accept(sessions)));
    }

    private void gather(
            int next,
            List<Session> found,
            long after,
            int limit,
            Predicate<Access> whose,
            Consumer<List<Session>> answer) {
        if (next == loops.size()) {
            answer.accept(found);
            return;
        }
        Connections here = loops.get(next);
        here.loop().execute(() -> {
            PriorityQueue<Session> first = new PriorityQueue<>(BY_NUMBER.reversed());
            first.addAll(found);
            here.sessions(session -> {
                if (session.number() <= after || !whose.test(session.access())) return;
                first.add(session);
                if (first.size() > limit) first.remove();
            });
            List<Session> sorted = new ArrayList<>(first);
            sorted.sort(BY_NUMBER);
            gather(next + 1, sorted, after, limit, whose, answer);
        });
    }

    /** How many there are of each transport, and how many of what they read lags. */
    public record Census(Map<String, Integer> byTransport, int lagging) {
        public Census {
            byTransport = Map.copyOf(byTransport);
        }
    }

    /** @param caller where the answer comes */
    public void count(Loop caller, Consumer<Census> answer) {
        count(0, new TreeMap<>(), 0, census -> caller.execute(() -> answer.accept(census)));
    }

    private void count(int next, Map<String, Integer> counted, int lagging, Consumer<Census> answer) {
        if (next == loops.size()) {
            answer.accept(new Census(counted, lagging));
            return;
        }
        Connections here = loops.get(next);
        here.loop().execute(() -> {
            Map<String, Integer> more = new TreeMap<>(counted);
            int[] lag = {lagging};
            here.occupations(occupation -> {
                more.merge(occupation.transport(), 1, Integer::sum);
                lag[0] += occupation.lagging();
            });
            count(next + 1, more, lag[0], answer);
        });
    }

    /** Ends all that are for somebody whom it concerns, within moments. */
    public void end(Revocation revocation) {
        for (Connections here : loops) here.loop().execute(() -> here.revoke(revocation));
    }
}
