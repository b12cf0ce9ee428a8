package io.switchboard.testkit.nodes;

import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.core.nodes.Shelf;
import io.switchboard.core.nodes.Shelf.Laid;
import io.switchboard.core.nodes.Shelf.Taken;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What every shelf does. */
public abstract class ShelfContract {
    private static final long LONG = 60_000;

    protected abstract Shelf shelf();

    /** Lets so much time pass. */
    protected abstract void pass(long millis);

    private Laid lay(String key, @Nullable String owner, int ownerMax, String content, long lifeMillis) {
        CompletableFuture<Laid> laid = new CompletableFuture<>();
        shelf().lay(key, owner, ownerMax, content.getBytes(StandardCharsets.UTF_8), lifeMillis, laid::complete);
        return laid.orTimeout(20, TimeUnit.SECONDS).join();
    }

    private CompletableFuture<Taken> taking(String key) {
        CompletableFuture<Taken> taken = new CompletableFuture<>();
        shelf().take(key, taken::complete);
        return taken.orTimeout(20, TimeUnit.SECONDS);
    }

    private @Nullable String take(String key) {
        return text(taking(key).join());
    }

    private static @Nullable String text(Taken taken) {
        return switch (taken) {
            case Taken.Found(byte[] content) -> new String(content, StandardCharsets.UTF_8);
            case Taken.Nothing() -> null;
            case Taken.Unknown() -> throw new AssertionError("it is away");
        };
    }

    @Test
    void whatIsLaidDownIsTakenOnce() {
        assertThat(lay("k1", null, 0, "one", LONG)).isEqualTo(Laid.LAID);
        assertThat(lay("k2", "somebody", 5, "", LONG)).isEqualTo(Laid.LAID);
        assertThat(take("k1")).isEqualTo("one");
        assertThat(take("k1")).isNull();
        assertThat(take("k2")).isEmpty();
        assertThat(take("k2")).isNull();
        assertThat(take("k3")).isNull();
    }

    @Test
    void ofManyWhoTakeAtOnceOneGetsIt() {
        lay("k", null, 0, "one", LONG);
        List<CompletableFuture<Taken>> all = new ArrayList<>();
        for (int i = 0; i < 20; i++) all.add(taking("k"));
        assertThat(all.stream().map(CompletableFuture::join).filter(Taken.Found.class::isInstance))
                .hasSize(1);
    }

    @Test
    void whatIsTooOldIsGone() {
        lay("k", "o", 1, "one", 200);
        pass(250);
        assertThat(take("k")).isNull();
        assertThat(lay("k2", "o", 1, "two", LONG)).isEqualTo(Laid.LAID);
    }

    @Test
    void anOwnerHasOnlySoMuch() {
        for (int i = 0; i < 3; i++) assertThat(lay("k" + i, "o", 3, "x", LONG)).isEqualTo(Laid.LAID);
        assertThat(lay("k3", "o", 3, "x", LONG)).isEqualTo(Laid.TOO_MUCH);
        assertThat(take("k3")).isNull();
        assertThat(lay("k4", "p", 3, "x", LONG)).isEqualTo(Laid.LAID);
        assertThat(take("k0")).isEqualTo("x");
        assertThat(take("k0")).as("not counted twice").isNull();
        assertThat(lay("k5", "o", 3, "x", LONG)).isEqualTo(Laid.LAID);
        assertThat(lay("k6", "o", 3, "x", LONG)).isEqualTo(Laid.TOO_MUCH);
    }

    @Test
    void whatWasProposedFirstIsWhatAllUse() {
        assertThat(agreed("a", "first")).isEqualTo("first");
        assertThat(agreed("a", "second")).isEqualTo("first");
        assertThat(agreed("b", "second")).isEqualTo("second");
    }

    private @Nullable String agreed(String name, String proposal) {
        CompletableFuture<byte @Nullable []> agreed = new CompletableFuture<>();
        shelf().agree(name, proposal.getBytes(StandardCharsets.UTF_8), agreed::complete);
        byte[] bytes = agreed.orTimeout(20, TimeUnit.SECONDS).join();
        return bytes == null ? null : new String(bytes, StandardCharsets.UTF_8);
    }
}
