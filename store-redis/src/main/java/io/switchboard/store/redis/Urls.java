package io.switchboard.store.redis;

import io.lettuce.core.api.StatefulRedisConnection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Of the servers that the settings name, the one that is the primary: which of them that is, they have made out among
 * themselves. Where two say so, nodes might choose differently, and what some of them are told would be lost.
 */
record Urls(Dial dial) implements Topology {
    @Override
    public Layout look(Collection<Server> servers) {
        List<Place> places = dial.places();
        if (places.size() == 1) return Layout.of(places.getFirst());
        List<String> problems = new ArrayList<>();
        @Nullable Place primary = null;
        for (Place place : places) {
            try {
                StatefulRedisConnection<byte[], byte[]> connection = dial.connect(place, false);
                connection.closeAsync();
            } catch (RedisStoreException e) {
                problems.add(String.valueOf(e.getMessage()));
                continue;
            }
            if (primary != null) {
                throw new RedisStoreException("The Redis server at " + dial.name(place)
                        + " and another one both take themselves for the primary. Make one of them a replica of the"
                        + " other.");
            }
            primary = place;
        }
        if (primary == null) throw new RedisStoreException(String.join(" ", problems));
        return Layout.of(primary);
    }

    @Override
    public Duration lookEvery() {
        return Duration.ZERO; // a server that is the primary no more is left, and only then another one is
    }

    @Override
    public boolean isCluster() {
        return false;
    }
}
