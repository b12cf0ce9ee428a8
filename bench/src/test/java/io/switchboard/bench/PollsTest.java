package io.switchboard.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.DefaultEventLoop;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class PollsTest {
    @Test
    void theNextTurnIsAtOnesOwnPlaceAndNeverNow() {
        assertThat(Polls.next(0, 30, 100)).isEqualTo(30);
        assertThat(Polls.next(29, 30, 100)).isEqualTo(30);
        assertThat(Polls.next(30, 30, 100)).isEqualTo(130);
        assertThat(Polls.next(250, 30, 100)).isEqualTo(330); // an answer that took two turns
        assertThat(Polls.next(-50, 30, 100)).isEqualTo(30); // clocks begin anywhere
    }

    @Test
    void pollersAreSpreadOverTheIntervalHoweverManyThereAre() {
        DefaultEventLoop loop = new DefaultEventLoop();
        try {
            Polls polls = new Polls(new Lane(loop, () -> 0, new Span(), 48), 1);
            List<Long> places = new ArrayList<>();
            for (int i = 0; i < 100; i++) places.add(polls.phase());
            places.sort(null);
            long widest = 1_000_000_000 - places.getLast() + places.getFirst();
            for (int i = 1; i < places.size(); i++) widest = Math.max(widest, places.get(i) - places.get(i - 1));
            assertThat(widest).isLessThan(20_000_000); // twice what would be even
        } finally {
            loop.shutdownGracefully();
        }
    }
}
