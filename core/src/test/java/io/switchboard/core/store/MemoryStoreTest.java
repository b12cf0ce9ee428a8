package io.switchboard.core.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.core.channel.Append;
import io.switchboard.core.channel.ChannelName;
import io.switchboard.core.channel.ContentType;
import io.switchboard.core.channel.Payloads;
import io.switchboard.core.channel.Policies;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is special to the store in memory: its owner decides when it does something. */
class MemoryStoreTest {
    private static final ChannelName PRICES = new ChannelName("prices");

    private final ArrayDeque<Runnable> due = new ArrayDeque<>();
    private final MemoryStore store = new MemoryStore(Policies.DEFAULT, StoreLimits.DEFAULT, () -> 42, due::add);

    private void run() {
        while (!due.isEmpty()) due.poll().run();
    }

    private static Append append(String message) {
        return Append.of(PRICES, ContentType.BINARY, Payloads.one(message.getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void appendsOfOneStepShareOneBlock() {
        store.create(new Create(PRICES, null, null, false, Payloads.NONE, null, null), created -> {});
        run();
        List<AppendOutcome> outcomes = new ArrayList<>();
        for (int i = 0; i < 3; i++) store.append(append("m" + i), outcomes::add);
        assertThat(outcomes).isEmpty();
        run();
        assertThat(outcomes).hasSize(3);
        AppendOutcome.Appended first = (AppendOutcome.Appended) outcomes.get(0);
        AppendOutcome.Appended last = (AppendOutcome.Appended) outcomes.get(2);
        assertThat(first.block()).isSameAs(last.block());
        assertThat(first.offset().sequence()).isEqualTo(1);
        assertThat(last.offset().sequence()).isEqualTo(3);
        assertThat(first.tail()).isEqualTo(last.tail());
        assertThat(first.tail().sequence()).isEqualTo(3);
        assertThat(first.tail().bytes()).isEqualTo(6);
    }

    @Test
    void closingTakesWhatIsQueuedAndRefusesTheRest() {
        List<Object> outcomes = new ArrayList<>();
        store.create(new Create(PRICES, null, null, false, Payloads.NONE, null, null), outcomes::add);
        store.close();
        store.append(append("late"), outcomes::add);
        assertThat(outcomes.get(0)).isInstanceOf(CreateOutcome.Created.class);
        assertThat(outcomes.get(1)).isEqualTo(new AppendOutcome.Failed(Failure.UNAVAILABLE));
    }

    @Test
    void requestsBeyondTheLimitAreTurnedAwayAtOnce() {
        StoreLimits two = new StoreLimits(2, 1_000, 10, 1_000, 10, 10, 10);
        MemoryStore small = new MemoryStore(Policies.DEFAULT, two, () -> 42, due::add);
        List<AppendOutcome> outcomes = new ArrayList<>();
        for (int i = 0; i < 3; i++) small.append(append("x"), outcomes::add);
        assertThat(outcomes).containsExactly(new AppendOutcome.Failed(Failure.BUSY));
        run();
        assertThat(outcomes)
                .containsExactly(
                        new AppendOutcome.Failed(Failure.BUSY),
                        new AppendOutcome.NotFound(),
                        new AppendOutcome.NotFound());
    }
}
