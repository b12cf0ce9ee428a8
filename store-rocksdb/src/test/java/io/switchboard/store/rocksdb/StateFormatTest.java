package io.switchboard.store.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.switchboard.core.channel.Block;
import io.switchboard.core.channel.ChannelInfo;
import io.switchboard.core.channel.ChannelName;
import io.switchboard.core.channel.ContentType;
import io.switchboard.core.channel.Expiry;
import io.switchboard.core.channel.Lineage;
import io.switchboard.core.channel.Offset;
import io.switchboard.core.channel.Tail;
import io.switchboard.core.store.ChannelState;
import io.switchboard.core.store.Create;
import io.switchboard.core.store.Origin;
import io.switchboard.core.store.ProducerState;
import io.switchboard.core.store.Segment;
import io.switchboard.testkit.store.Asking;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class StateFormatTest {
    private static final long FAR = 1L << 52;

    private static ChannelState far() {
        Lineage lineage = Lineage.createdIn(FAR).continuedBy(FAR + 1, FAR * 2).continuedBy(FAR + 9, FAR * 2 + 1);
        return new ChannelState(
                new ChannelInfo(
                        new ChannelName("some/channel"),
                        FAR + 3,
                        ContentType.of("text/plain; charset=utf-8"),
                        new Expiry.At(FAR, "2027-01-15T08:00:00Z"),
                        lineage,
                        FAR + 5),
                new Origin(
                        new Expiry.Sliding(FAR),
                        new Create.Fork(new ChannelName("source"), new Offset(FAR, FAR), FAR),
                        FAR + 6,
                        List.of(new Segment(FAR, 5), new Segment(FAR + 1, FAR)),
                        200),
                new Tail(lineage.offsetAt(FAR * 2 + 2), FAR, Long.MAX_VALUE - 1, true),
                "séquence",
                10_000,
                3,
                FAR - 1,
                true,
                Long.MAX_VALUE);
    }

    private static ChannelState plain() {
        Lineage lineage = Lineage.createdIn(1);
        return new ChannelState(
                new ChannelInfo(new ChannelName("a"), 1, ContentType.BINARY, new Expiry.Never(), lineage, 0),
                Origin.own(null),
                new Tail(lineage.offsetAt(0), 0, 0, false),
                null,
                0,
                0,
                Long.MAX_VALUE,
                false,
                0);
    }

    @Test
    void aStateReadsBackAsWritten() {
        for (ChannelState state : List.of(far(), plain())) {
            assertThat(StateFormat.state(state.id(), StateFormat.channel(state), StateFormat.tail(state), null))
                    .isEqualTo(state);
        }
        ProducerState producer = new ProducerState(FAR, FAR * 2 - 1);
        assertThat(StateFormat.producer(StateFormat.producer(producer))).isEqualTo(producer);
    }

    @Test
    void theNewestBlockTellsWhereTheChannelEnds() {
        ChannelState state = plain();
        Block newest = new Block.Builder(1, 1, 0)
                .append(Asking.payloads("one", "two"), 0, null)
                .build();
        Tail tail = StateFormat.state(1, StateFormat.channel(state), StateFormat.tail(state), newest)
                .tail();
        assertThat(tail).isEqualTo(new Tail(new Offset(1, 2), 0, 6, false));
    }

    @Test
    void damagedBytesAreRefusedWithoutHarm() {
        byte[] channel = StateFormat.channel(far());
        byte[] tail = StateFormat.tail(far());
        for (int length = 0; length < channel.length; length++) {
            byte[] cut = Arrays.copyOf(channel, length);
            assertThatThrownBy(() -> StateFormat.state(1, cut, tail, null))
                    .isInstanceOf(IllegalArgumentException.class);
        }
        Random random = new Random(7);
        for (int i = 0; i < 20_000; i++) {
            byte[] bytes = channel.clone();
            bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
            try {
                StateFormat.state(1, bytes, tail, null);
            } catch (IllegalArgumentException refused) {
                // as it should be
            }
        }
    }
}
