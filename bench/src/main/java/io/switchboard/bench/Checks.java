package io.switchboard.bench;

import java.util.List;
import java.util.function.ToLongFunction;

/**
 * What readers got, taken together.
 *
 * @param readers those that are still connected
 * @param distinct different messages, of those readers
 * @param doubled of all readers, as is {@code reordered}
 */
record Checks(int readers, long distinct, long doubled, long reordered) {
    /** Adds up on the lanes' own threads. */
    static Checks of(Engine engine, List<? extends Client> clients) {
        int readers = 0;
        long distinct = 0;
        long doubled = 0;
        long reordered = 0;
        for (Lane lane : engine.lanes()) {
            long[] sums = new long[4];
            Engine.on(lane, mine -> {
                for (Client client : clients) {
                    if (client.lane == mine && client instanceof Reading reading) add(client, reading, sums);
                }
                return 0;
            });
            readers += (int) sums[0];
            distinct += sums[1];
            doubled += sums[2];
            reordered += sums[3];
        }
        return new Checks(readers, distinct, doubled, reordered);
    }

    private static void add(Client client, Reading reading, long[] sums) {
        SequenceCheck check = reading.intake().check();
        if (client.isReady()) {
            sums[0]++;
            sums[1] += check.distinct();
        }
        sums[2] += check.doubled();
        sums[3] += check.reordered();
    }

    /** One figure of all clients, each asked on its lane's own thread. */
    static <C extends Client> long sum(Engine engine, List<C> clients, ToLongFunction<? super C> figure) {
        long sum = 0;
        for (Lane lane : engine.lanes()) {
            sum += Engine.on(lane, mine -> clients.stream()
                    .filter(client -> client.lane == mine)
                    .mapToLong(figure)
                    .sum());
        }
        return sum;
    }

    /** What was due and has not been sent. */
    static long unsent(Engine engine, List<? extends Sender> senders) {
        long unsent = 0;
        for (Lane lane : engine.lanes()) {
            unsent += Engine.on(lane, mine -> {
                long sum = 0;
                for (Sender sender : senders)
                    if (((Client) sender).lane == mine) sum += sender.duty().owed();
                return sum;
            });
        }
        return unsent;
    }
}
