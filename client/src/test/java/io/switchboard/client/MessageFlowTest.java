package io.switchboard.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.Flow;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Messages as a {@code Flow.Publisher}: never more than was asked for, and little more is read. */
class MessageFlowTest {
    private final Node node = Node.start("live.heartbeat", "1s", "live.longPollTimeout", "1s");

    @AfterEach
    void stop() {
        node.close();
    }

    private static class Subscriber implements Flow.Subscriber<Message> {
        final List<String> told = new CopyOnWriteArrayList<>();
        private volatile Flow.@Nullable Subscription subscription;

        @Override
        public void onSubscribe(Flow.Subscription given) {
            subscription = given;
        }

        Flow.Subscription subscription() {
            return Objects.requireNonNull(subscription);
        }

        @Override
        public void onNext(Message message) {
            message.gap().ifPresent(gap -> told.add("gap"));
            told.add(message.json());
        }

        @Override
        public void onError(Throwable thrown) {
            told.add(thrown instanceof SwitchboardException refused ? refused.code() : "error");
        }

        @Override
        public void onComplete() {
            told.add("complete");
        }

        void awaitCount(int count) {
            Awaiting.until(Recorder.PATIENCE, () -> told.size() >= count, () -> told.size() + " told");
        }
    }

    private static List<String> numbers(int to) {
        return IntStream.range(0, to).mapToObj(Integer::toString).toList();
    }

    @ParameterizedTest
    @EnumSource(Transport.class)
    void demandHoldsReadingBack(Transport transport) {
        node.create("c", Node.JSON);
        node.append("c", Node.JSON, numbers(3_000).toString());
        node.closeChannel("c");
        try (var threads = Executors.newVirtualThreadPerTaskExecutor();
                Switchboard client = Switchboard.connect(
                        node.url(),
                        Options.defaults().transports(List.of(transport)).executor(threads),
                        10)) {
            Subscriber subscriber = new Subscriber();
            client.channel("c").messages("-1").subscribe(subscriber);
            subscriber.subscription().request(10);
            subscriber.awaitCount(10);
            for (int wanted = 110; wanted <= 1_010; wanted += 100) {
                subscriber.subscription().request(100);
                subscriber.awaitCount(wanted);
                assertThat(subscriber.told).hasSize(wanted);
            }
            subscriber.subscription().request(Long.MAX_VALUE);
            subscriber.awaitCount(3_001);
            assertThat(subscriber.told.subList(0, 3_000)).isEqualTo(numbers(3_000));
            assertThat(subscriber.told.getLast()).isEqualTo("complete");
        }
    }

    @Test
    void aGapComesWithTheMessageBehindIt() {
        node.create("c", Node.JSON);
        String lost = node.append("c", Node.JSON, "1");
        node.delete("c");
        node.create("c", Node.JSON);
        node.append("c", Node.JSON, "2");
        try (Switchboard client = Switchboard.connect(node.url())) {
            Subscriber subscriber = new Subscriber();
            client.channel("c").messages(lost).subscribe(subscriber);
            subscriber.subscription().request(1);
            subscriber.awaitCount(2);
            assertThat(subscriber.told).containsExactly("gap", "2");
        }
    }

    @Test
    void aGapThatNoMessageComesBehindIsNoGoodEnd() {
        node.create("c", Node.JSON);
        String lost = node.append("c", Node.JSON, "1");
        node.delete("c");
        node.create("c", Node.JSON);
        node.closeChannel("c");
        try (Switchboard client = Switchboard.connect(node.url())) {
            Subscriber subscriber = new Subscriber() {
                @Override
                public void onError(Throwable thrown) {
                    if (thrown instanceof SwitchboardException missing) told.add("from " + missing.detail("from"));
                    super.onError(thrown);
                }
            };
            client.channel("c").messages(lost).subscribe(subscriber);
            subscriber.awaitCount(1);
            assertThat(subscriber.told).containsExactly("from " + lost, "gap");
        }
    }

    @Test
    void eachSubscriberHasADemandOfItsOwn() {
        node.create("c", Node.JSON);
        node.append("c", Node.JSON, "[1,2,3]");
        try (Switchboard client = Switchboard.connect(node.url())) {
            Flow.Publisher<Message> messages = client.channel("c").messages("-1");
            Subscriber first = new Subscriber();
            messages.subscribe(first);
            first.subscription().request(1);
            first.awaitCount(1);
            Subscriber second = new Subscriber();
            messages.subscribe(second);
            second.subscription().request(2);
            second.awaitCount(2);
            first.subscription().cancel();
            second.subscription().request(1);
            second.awaitCount(3);
            assertThat(second.told).containsExactly("1", "2", "3");
            assertThat(first.told).containsExactly("1");
        }
    }

    @Test
    void whoCancelsAtOnceTakesNobodysPlace() {
        node.create("c", Node.JSON);
        node.append("c", Node.JSON, "1");
        Subscriber fickle = new Subscriber() {
            @Override
            public void onSubscribe(Flow.Subscription given) {
                given.cancel();
            }
        };
        try (Switchboard client = Switchboard.connect(node.url())) {
            for (int i = 0; i < Engine.SUBSCRIPTIONS_MAX; i++)
                client.channel("c").messages("-1").subscribe(fickle);
            Subscriber patient = new Subscriber();
            client.channel("c").messages("-1").subscribe(patient);
            patient.subscription().request(1);
            patient.awaitCount(1);
            assertThat(patient.told).containsExactly("1");
            assertThat(fickle.told).isEmpty();
        }
    }

    @Test
    void demandHasToBeAboveNothing() {
        node.create("c", Node.JSON);
        try (Switchboard client = Switchboard.connect(node.url())) {
            Subscriber subscriber = new Subscriber();
            client.channel("c").messages("-1").subscribe(subscriber);
            subscriber.subscription().request(0);
            subscriber.awaitCount(1);
            assertThat(subscriber.told).containsExactly("error");
        }
    }
}
