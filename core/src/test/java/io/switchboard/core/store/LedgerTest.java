package io.switchboard.core.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.core.channel.Block;
import io.switchboard.core.channel.ChannelInfo;
import io.switchboard.core.channel.ChannelName;
import io.switchboard.core.channel.ContentType;
import io.switchboard.core.channel.Expiry;
import io.switchboard.core.channel.Lineage;
import io.switchboard.core.channel.Offset;
import io.switchboard.core.channel.Policies;
import io.switchboard.core.channel.Tail;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Which channels a ledger has at hand. */
class LedgerTest {
    private final List<String> lookedUp = new ArrayList<>();

    /** Knows every name, and remembers who was asked for. */
    private final class Kept implements Lookup {
        @Override
        public ChannelState channel(ChannelName name) {
            lookedUp.add(name.value());
            return new ChannelState(
                    new ChannelInfo(name, 1, ContentType.JSON, Expiry.Never.SHARED, Lineage.createdIn(1), 0),
                    Origin.own(null),
                    new Tail(new Offset(1, 0), 0, 0, false),
                    null,
                    0,
                    0,
                    Long.MAX_VALUE,
                    false,
                    Long.MAX_VALUE);
        }

        @Override
        public @Nullable ChannelState channel(long id) {
            return null;
        }

        @Override
        public @Nullable ProducerState producer(long channelId, String producer) {
            return null;
        }

        @Override
        public List<Block> blocks(long channelId, long sequence, long bytesMax) {
            return List.of();
        }
    }

    private Ledger ledger(int channelsMax) {
        StoreLimits limits = new StoreLimits(10, 1_000, 10, 1_000, channelsMax, 10, 10);
        return new Ledger(new Kept(), new Persistence.Generations(1, 1), through -> {}, Policies.DEFAULT, limits);
    }

    private void use(Ledger ledger, String... names) {
        for (String name : names)
            assertThat(ledger.entry(new ChannelName(name))).isNotNull();
    }

    @Test
    void aChannelThatWasUsedSinceIsPassedOverAndTheNextMakesRoom() {
        Ledger ledger = ledger(3);
        use(ledger, "a", "b", "c", "a", "d");
        lookedUp.clear();
        use(ledger, "a", "c", "d");
        assertThat(lookedUp).isEmpty();
        use(ledger, "b");
        assertThat(lookedUp).containsExactly("b");
    }

    @Test
    void whereAllAreUsedOneMakesRoomAllTheSame() {
        Ledger ledger = ledger(40);
        for (int round = 0; round < 2; round++) {
            for (int i = 0; i < 40; i++) use(ledger, "n" + i);
        }
        use(ledger, "late");
        lookedUp.clear();
        use(ledger, "late", "n0");
        assertThat(lookedUp).isEmpty(); // both stayed
        use(ledger, "n16");
        assertThat(lookedUp).containsExactly("n16"); // the first behind those that were passed over
    }
}
