package io.switchboard.core.exchange;

import java.util.ArrayList;
import java.util.List;

/** What an exchange still holds though nobody reads, and nothing is under way. */
public final class Leftovers {
    private Leftovers() {}

    public static List<String> of(Exchange exchange) {
        List<String> leftovers = new ArrayList<>();
        if (exchange.feeds() != 0) leftovers.add(exchange.feeds() + " feeds without readers are left");
        for (Shard shard : exchange.shards()) {
            if (shard.busyLogs() != 0) leftovers.add(shard.busyLogs() + " channels are held for nobody");
        }
        return leftovers;
    }
}
