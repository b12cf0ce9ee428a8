package io.switchboard.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A page is read once, however slowly it is taken. */
class RestTest {
    private static final int SPEED = 10;
    private static final int MESSAGES = 3_000;
    private static final String LAST = "a1d" + (1_000 + MESSAGES - 1);

    private final CountDownLatch hold = new CountDownLatch(1);
    private final Recorder slow = new Recorder() {
        @Override
        public void onMessage(Message message) {
            if (messages.isEmpty()) pass(hold);
            super.onMessage(message);
        }
    };

    private static void pass(CountDownLatch latch) {
        try {
            assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static String page() {
        return IntStream.range(0, MESSAGES)
                .mapToObj(i -> "{\"channel\":\"c\",\"offset\":\"a1d" + (1_000 + i) + "\",\"data\":" + i + "}")
                .collect(Collectors.joining(",", "[", "]"));
    }

    /** One page from the beginning, and nothing behind it. */
    private static Stub server(String... more) {
        String body = page();
        List<String> fields = Stream.concat(
                        Stream.of("Stream-Next-Offset", LAST, "Stream-Up-To-Date", "true"), Stream.of(more))
                .toList();
        return new Stub(target -> new Stub.Reply(200, isFirst(target.toString()) ? body : "[]", fields));
    }

    private static boolean isFirst(String target) {
        return target.contains("offset=-1&");
    }

    private static void awaitBehind(Switchboard client) {
        Awaiting.until(Recorder.PATIENCE, () -> client.status().state() == State.BEHIND, () -> client.status()
                .toString());
    }

    private static List<String> numbers() {
        return IntStream.range(0, MESSAGES).mapToObj(Integer::toString).toList();
    }

    @Test
    void theOnlyReaderOfAChannelGoesOnWhereItStoodInIt() {
        try (Stub stub = server("Stream-Closed", "true");
                Switchboard client = Switchboard.connect(
                        stub.url(), Options.defaults().transports(Set.of(Transport.POLLING)), SPEED)) {
            client.channel("c").subscribe("-1", slow);
            awaitBehind(client);
            hold.countDown();
            slow.awaitEnd();
            assertThat(slow.told.subList(0, MESSAGES)).isEqualTo(numbers());
            assertThat(slow.told.getLast()).isEqualTo("CLOSED");
            assertThat(stub.asked).hasSize(1);
        }
    }

    @Test
    void soDoesOneThatCatchesUpWithAnother() {
        try (Stub stub = server();
                Switchboard client = Switchboard.connect(
                        stub.url(), Options.defaults().transports(Set.of(Transport.POLLING)), SPEED)) {
            Recorder quick = new Recorder();
            client.channel("c").subscribe("-1", quick);
            quick.await(MESSAGES);
            client.channel("c").subscribe("-1", slow);
            awaitBehind(client);
            hold.countDown();
            slow.await(MESSAGES);
            slow.awaitState(State.LIVE);
            assertThat(slow.told).isEqualTo(numbers());
            assertThat(quick.told).isEqualTo(numbers());
            assertThat(stub.asked.stream().filter(RestTest::isFirst)).hasSize(2);
            assertThat(stub.asked).allMatch(target -> isFirst(target) || target.contains("offset=" + LAST));
        }
    }

    @Test
    void onlySoMuchWaits() {
        Rest.Kept kept = new Rest.Kept();
        Rest first = rest(Rest.CHARACTERS_MAX - 10);
        Rest second = rest(20);
        assertThat(first.waitsIn(kept)).isTrue();
        assertThat(second.waitsIn(kept)).isFalse();
        assertThat(first.waitsIn(kept)).as("it does already").isTrue();
        first.leave(kept);
        assertThat(second.waitsIn(kept)).isTrue();
        second.leave(kept);
        assertThat(rest(Rest.CHARACTERS_MAX * 2).waitsIn(kept))
                .as("one does in any case")
                .isTrue();
    }

    private static Rest rest(int characters) {
        return new Rest(new PageAnswer.Messages(List.of(), "", true, false, characters), "-1");
    }
}
