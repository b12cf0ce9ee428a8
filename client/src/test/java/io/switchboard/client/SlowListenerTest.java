package io.switchboard.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A listener that takes its time costs nobody anything. */
class SlowListenerTest {
    private static final int SPEED = 10;
    private static final int MESSAGES = 5_000;

    @ParameterizedTest
    @EnumSource(names = {"WEBSOCKET", "SSE"})
    void aConnectionOfOneChannelWaitsForIt(Transport transport) {
        CountDownLatch hold = new CountDownLatch(1);
        Recorder recorder = new Recorder() {
            @Override
            public void onMessage(Message message) {
                if (messages.isEmpty()) pass(hold);
                super.onMessage(message);
            }
        };
        try (Node node = Node.start();
                Proxy proxy = new Proxy(node.port(), 7);
                Switchboard client =
                        Switchboard.connect(proxy.url(), Options.defaults().transports(Set.of(transport)), SPEED)) {
            node.create("c", Node.JSON);
            node.append(
                    "c",
                    Node.JSON,
                    IntStream.range(0, MESSAGES).boxed().toList().toString());
            client.channel("c").subscribe("-1", recorder);
            Awaiting.until(Recorder.PATIENCE, () -> client.status().state() == State.BEHIND, () -> client.status()
                    .toString());
            hold.countDown();
            recorder.await(MESSAGES);
            node.append("c", Node.JSON, Integer.toString(MESSAGES));
            recorder.await(MESSAGES + 1);
            recorder.awaitState(State.LIVE);
            assertThat(recorder.told)
                    .isEqualTo(IntStream.rangeClosed(0, MESSAGES)
                            .mapToObj(Integer::toString)
                            .toList());
            assertThat(proxy.connections).hasValue(1);
        }
    }

    private static void pass(CountDownLatch latch) {
        try {
            assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
