package io.switchboard.store.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.core.access.RevocationList;
import io.switchboard.core.access.Revocations.Revocation;
import io.switchboard.core.nodes.Rendezvous;
import io.switchboard.core.nodes.Rendezvous.Roll;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;

/** What nodes have in common beside channels, where that lies on several servers. */
@ResourceLock(Ground.CLUSTER)
class TogetherOnClusterTest extends RedisShelfContract {
    private static Ground ground;

    @BeforeAll
    static void startCluster() {
        ground = Ground.cluster();
    }

    @Override
    Ground ground() {
        return ground;
    }

    @Test
    void nodesMeetAndHearEachOther() throws InterruptedException {
        try (Node other = ground.node();
                Rendezvous here = node().store().rendezvous();
                Rendezvous there = other.store().rendezvous()) {
            CountDownLatch hearing = new CountDownLatch(1);
            CountDownLatch heard = new CountDownLatch(1);
            there.hear(new Rendezvous.Hearer() {
                @Override
                public void hearing() {
                    hearing.countDown();
                }

                @Override
                public void heard(byte[] message) {
                    if (message.length == 3) heard.countDown();
                }
            });
            assertThat(hearing.await(20, TimeUnit.SECONDS)).isTrue();
            here.call(new byte[3]);
            assertThat(heard.await(20, TimeUnit.SECONDS)).isTrue();
            assertThat(renewed(here, "a")).isEqualTo(new Roll(false, Set.of("a")));
            assertThat(renewed(there, "b")).isEqualTo(new Roll(false, Set.of("a", "b")));
            here.leave("a");
            assertThat(renewed(there, "b")).isEqualTo(new Roll(true, Set.of("b")));
        }
    }

    private static @Nullable Roll renewed(Rendezvous place, String id) {
        CompletableFuture<@Nullable Roll> roll = new CompletableFuture<>();
        place.renew(id, 60_000, roll::complete);
        return roll.orTimeout(20, TimeUnit.SECONDS).join();
    }

    @Test
    void revocationsAreListed() {
        RevocationList list = node().store().revocations();
        CompletableFuture<RevocationList.Kept> kept = new CompletableFuture<>();
        list.add(List.of(new Revocation("alice", null, 7)), 10, kept::complete);
        assertThat(kept.orTimeout(20, TimeUnit.SECONDS).join()).isEqualTo(RevocationList.Kept.KEPT);
        CompletableFuture<RevocationList.@Nullable Page> page = new CompletableFuture<>();
        list.latest(0, 0, 10, page::complete);
        assertThat(page.orTimeout(20, TimeUnit.SECONDS).join())
                .isEqualTo(new RevocationList.Page(1, List.of(new Revocation("alice", null, 7))));
    }
}
