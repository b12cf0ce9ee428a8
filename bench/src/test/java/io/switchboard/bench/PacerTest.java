package io.switchboard.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.DefaultEventLoop;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** At a rate, things count from when they were due, however late they are sent. */
class PacerTest {
    private final DefaultEventLoop loop = new DefaultEventLoop();
    private final Span span = new Span();
    private final Lane lane = new Lane(loop, () -> 1_000_000, span, 48);

    @AfterEach
    void end() {
        loop.shutdownGracefully();
    }

    @Test
    void whoeverIsLateSendsWithTheMomentAtWhichItWasDue() {
        Pacer pacer = new Pacer(lane);
        FakeSender first = new FakeSender(pacer, true);
        FakeSender second = new FakeSender(pacer, false);
        span.set(0, 500);
        pacer.start(100, 100); // 100 to 400, in turns; 500 is over
        assertThat(first.sent).containsExactly(100L, 300L);
        assertThat(second.sent).isEmpty();
        assertThat(second.duty.owed()).isEqualTo(2);
        second.able = true;
        second.duty.pump();
        assertThat(second.sent).containsExactly(200L, 400L);
        assertThat(second.duty.owed()).isZero();
    }

    @Test
    void delaysCountByWhatWasIntended() {
        span.set(100, 200);
        lane.delay(99, 150);
        lane.delay(100, 9_000_000_100L);
        lane.delay(200, 201);
        assertThat(lane.takeDelays().getTotalCount()).isEqualTo(1);
        assertThat(lane.takeDelays().getTotalCount()).isZero();
    }
}
