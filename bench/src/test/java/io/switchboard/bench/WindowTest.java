package io.switchboard.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.DefaultEventLoop;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** So many are under way to those who are there, whoever comes, goes, or is late. */
class WindowTest {
    private static final int SIZE = 4;

    private final DefaultEventLoop loop = new DefaultEventLoop();
    private final Span span = new Span();
    private long now = 1_000;
    private final Lane lane = new Lane(loop, () -> now, span, 48);
    private final Window window = new Window(lane, SIZE);

    @AfterEach
    void end() {
        loop.shutdownGracefully();
    }

    private void onLane(Runnable what) {
        loop.submit(what).syncUninterruptibly();
    }

    private Intake reader() {
        Intake intake = new Intake(lane, 0, 1, window);
        intake.joined();
        return intake;
    }

    /** Takes the messages with these numbers, from 1. */
    private void take(Intake reader, FakeSender from, int first, int last) {
        onLane(() -> {
            for (int i = first; i <= last; i++) reader.stamp(0, i, from.sent.get(i - 1));
            reader.told();
        });
    }

    @Test
    void itIsFullForThoseWhoAreThere() {
        FakeSender publisher = new FakeSender(window, true);
        Intake only = reader();
        onLane(window::begin);
        assertThat(publisher.sent).hasSize(SIZE);
        take(only, publisher, 1, 3);
        assertThat(publisher.sent).hasSize(SIZE + 3);
    }

    @Test
    void whoLeavesIsNotWaitedForAndOpensItNoFurther() {
        FakeSender publisher = new FakeSender(window, true);
        Intake reading = reader();
        Intake silent = reader();
        Intake eager = reader();
        onLane(window::begin);
        take(reading, publisher, 1, 4);
        take(eager, publisher, 1, 4); // 8 of 3 readers: 2 reached everybody, on average
        assertThat(publisher.sent).hasSize(SIZE + 2);
        onLane(silent::left);
        onLane(() -> {}); // what it told has been heard
        assertThat(publisher.sent).hasSize(SIZE + 4);
        onLane(eager::left);
        onLane(() -> {});
        assertThat(publisher.sent).hasSize(SIZE + 4);
        take(reading, publisher, 5, 8);
        assertThat(publisher.sent).hasSize(SIZE + 8);
    }

    @Test
    void aPublisherThatIsGoneHasNoTurn() {
        FakeSender gone = new FakeSender(window, true);
        FakeSender there = new FakeSender(window, true);
        gone.gone = true;
        reader();
        onLane(window::begin);
        assertThat(gone.duty.owed()).isZero();
        assertThat(there.sent).hasSize(SIZE);
        there.gone = true;
        onLane(window::writeOff); // and where nobody is left it ends
        assertThat(there.sent).hasSize(SIZE);
    }

    @Test
    void whatWasWrittenOffAndComesAfterAllMakesItNoWider() {
        FakeSender publisher = new FakeSender(window, true);
        Intake slow = reader();
        onLane(window::begin);
        now = 2_000;
        onLane(window::writeOff);
        assertThat(lane.stalls).isEqualTo(1);
        assertThat(publisher.sent).hasSize(2 * SIZE);
        take(slow, publisher, 1, SIZE);
        assertThat(publisher.sent).hasSize(2 * SIZE);
        take(slow, publisher, SIZE + 1, SIZE + 1);
        assertThat(publisher.sent).hasSize(2 * SIZE + 1);
    }
}
