package io.switchboard.store.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.core.channel.Block;
import io.switchboard.core.channel.ChannelInfo;
import io.switchboard.core.channel.ChannelName;
import io.switchboard.core.channel.ContentType;
import io.switchboard.core.channel.Expiry;
import io.switchboard.core.channel.Lineage;
import io.switchboard.core.channel.Offset;
import io.switchboard.core.channel.Payloads;
import io.switchboard.core.channel.Tail;
import io.switchboard.core.store.ChannelState;
import io.switchboard.core.store.Origin;
import java.util.List;
import org.junit.jupiter.api.Test;

class AtHandTest {
    private static final int OPENING = 0;

    private final AtHand atHand = new AtHand();

    private static Block block(long sequence) {
        return block(sequence, 10);
    }

    private static Block block(long sequence, int bytes) {
        return new Block.Builder(1, sequence, sequence * 10)
                .append(Payloads.one(new byte[bytes]), 0, null)
                .build();
    }

    private static ChannelState state(long id, long sequence) {
        return new ChannelState(
                new ChannelInfo(
                        new ChannelName("c" + id), id, ContentType.JSON, Expiry.Never.SHARED, Lineage.createdIn(id), 0),
                Origin.own(null),
                new Tail(new Offset(id, sequence), 0, 0, false),
                null,
                0,
                0,
                Long.MAX_VALUE,
                false,
                Long.MAX_VALUE);
    }

    private void add(long id, Block block) {
        atHand.add(state(id, block.lastSequence()), block);
    }

    @Test
    void ofAChannelThatWasNeverSealedItHasNothing() {
        add(1, block(1));
        assertThat(atHand.bytes()).isZero();
        assertThat(atHand.take(1, OPENING)).isNull();
    }

    @Test
    void whatWasLeftAndWhatFollowsIsThere() {
        assertThat(atHand.take(1, OPENING)).isNull();
        Block read = block(7);
        Block readAndTold = block(8);
        Block told = block(9);
        add(1, readAndTold);
        add(1, told);
        atHand.left(1, List.of(read, readAndTold));
        Block next = block(10);
        add(1, next);
        assertThat(atHand.state(1, OPENING)).isEqualTo(state(1, 10));
        assertThat(atHand.take(1, OPENING)).containsExactly(read, readAndTold, told, next);
        assertThat(atHand.take(1, OPENING)).as("until it is told what is left").isNull();
    }

    @Test
    void whereOneIsMissingItHasNothing() {
        atHand.take(1, OPENING);
        add(1, block(9));
        atHand.left(1, List.of(block(7)));
        assertThat(atHand.take(1, OPENING)).isNull();

        atHand.left(1, List.of(block(7)));
        add(1, block(9));
        assertThat(atHand.take(1, OPENING)).isNull();
    }

    @Test
    void whatAnEarlierOpeningKnewIsNotKnown() {
        atHand.take(1, OPENING);
        atHand.left(1, List.of(block(1)));
        add(1, block(2));
        assertThat(atHand.state(1, OPENING + 1)).isNull();
        assertThat(atHand.take(1, OPENING + 1)).isNull();
    }

    @Test
    void whatWasSealedLongestAgoMakesRoom() {
        int megabyte = 1 << 20;
        for (long id = 1; id <= 8; id++) {
            atHand.take(id, OPENING);
            atHand.left(id, List.of(block(1, megabyte - 1_000)));
        }
        atHand.take(1, OPENING);
        atHand.left(1, List.of(block(1, megabyte - 1_000)));
        add(1, block(2, megabyte));
        assertThat(atHand.bytes()).isLessThanOrEqualTo(AtHand.BYTES_MAX);
        assertThat(atHand.take(2, OPENING)).isNull();
        assertThat(atHand.take(1, OPENING)).hasSize(2);
        for (long id = 3; id <= 8; id++) assertThat(atHand.take(id, OPENING)).hasSize(1);
        for (long id = 1; id <= 8; id++) atHand.forget(id);
        assertThat(atHand.bytes()).isZero();
    }
}
