package io.switchboard.testkit.nodes;

import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.core.access.RevocationList;
import io.switchboard.core.access.RevocationList.Kept;
import io.switchboard.core.access.RevocationList.Page;
import io.switchboard.core.access.Revocations.Revocation;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What every list of revocations does. */
public abstract class RevocationListContract {
    private static final long NOW = 1_800_000_000_123L;
    private static final int MANY = 1_000;

    protected abstract RevocationList list();

    private static Revocation subject(String name, long through) {
        return new Revocation(name, null, through);
    }

    private static Revocation token(String name, long through) {
        return new Revocation(null, name, through);
    }

    private Kept add(int countMax, Revocation... revocations) {
        CompletableFuture<Kept> kept = new CompletableFuture<>();
        list().add(List.of(revocations), countMax, kept::complete);
        return kept.orTimeout(20, TimeUnit.SECONDS).join();
    }

    private Page latest(long oldest, int skip, int limit) {
        CompletableFuture<@Nullable Page> page = new CompletableFuture<>();
        list().latest(oldest, skip, limit, page::complete);
        Page told = page.orTimeout(20, TimeUnit.SECONDS).join();
        if (told == null) throw new AssertionError("it is away");
        return told;
    }

    @Test
    void ofEachNameTheLatestIsKeptAndToldFirst() {
        assertThat(latest(0, 0, 10)).isEqualTo(new Page(0, List.of()));
        assertThat(add(MANY, subject("alice", NOW), token("alice", NOW + 1), subject("zoë: \"x\"", NOW + 2)))
                .isEqualTo(Kept.KEPT);
        assertThat(add(MANY, subject("alice", NOW - 5), token("alice", NOW + 9)))
                .isEqualTo(Kept.KEPT);
        List<Revocation> all = List.of(token("alice", NOW + 9), subject("zoë: \"x\"", NOW + 2), subject("alice", NOW));
        assertThat(latest(0, 0, 10)).isEqualTo(new Page(3, all));
        assertThat(latest(0, 1, 1)).isEqualTo(new Page(3, all.subList(1, 2)));
        assertThat(latest(0, 3, 1)).isEqualTo(new Page(3, List.of()));
    }

    @Test
    void theOldAreForgotten() {
        add(MANY, subject("alice", NOW), subject("bob", NOW + 1));
        assertThat(latest(NOW, 0, 10).all()).isEqualTo(2);
        assertThat(latest(NOW + 1, 0, 10)).isEqualTo(new Page(1, List.of(subject("bob", NOW + 1))));
        assertThat(latest(0, 0, 10).all()).isEqualTo(1);
    }

    @Test
    void thereIsRoomForSoMany() {
        assertThat(add(2, subject("alice", NOW), subject("bob", NOW))).isEqualTo(Kept.KEPT);
        assertThat(add(2, subject("carol", NOW))).isEqualTo(Kept.FULL);
        assertThat(add(2, subject("bob", NOW + 1))).isEqualTo(Kept.KEPT);
        assertThat(latest(0, 0, 10).all()).isEqualTo(2);
    }
}
