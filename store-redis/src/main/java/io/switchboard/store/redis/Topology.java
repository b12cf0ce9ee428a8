package io.switchboard.store.redis;

import java.time.Duration;
import java.util.Collection;

/** How it is found out which servers keep what. One thread at a time; blocks. */
sealed interface Topology permits Urls, Sentinels, Cluster {
    /**
     * What holds now.
     *
     * @param servers those that are known, to be asked themselves if they can tell
     * @throws RedisStoreException if nobody can tell, for now
     */
    Layout look(Collection<Server> servers);

    /** How often somebody has to look, as it may change unnoticed; zero for never. */
    Duration lookEvery();

    /** Whether its servers are those of a cluster, each with some of the slots. */
    boolean isCluster();

    /**
     * The one that the settings mean: sentinels if they name a primary for them, otherwise what the first server that
     * answers is part of.
     *
     * @throws RedisStoreException if none answers
     */
    static Topology of(Dial dial) {
        String watched = dial.settings().sentinel();
        if (watched != null) return new Sentinels(dial, watched);
        if (!dial.isCluster()) return new Urls(dial);
        if (dial.settings().database() == 0) return new Cluster(dial);
        throw new RedisStoreException("A Redis cluster has database 0 only, but redis.urls names another one.");
    }
}
