package io.switchboard.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** The same over every transport alone, against a real server. */
@ParameterizedClass
@EnumSource(Transport.class)
@Tag("slow") // it waits for real time
class TransportsTest {
    private static final int SPEED = 10; // a poll every half second

    private static Node node;

    private final Transport transport;
    private final Switchboard client;
    private final String prefix;
    private final List<Throwable> errors = new ArrayList<>();

    TransportsTest(Transport transport) {
        this.transport = transport;
        this.prefix = transport + "/";
        client = Switchboard.connect(
                node.url(), Options.defaults().transports(Set.of(transport)).onError(errors::add), SPEED);
    }

    @BeforeAll
    static void start() {
        node = Node.start("live.heartbeat", "1s", "live.longPollTimeout", "1s"); // as fast as the clients
    }

    @AfterAll
    static void stop() {
        node.close();
    }

    @AfterEach
    void end() {
        client.close();
        assertThat(errors).isEmpty();
    }

    private String channel(String name, String type) {
        node.create(prefix + name, type);
        return prefix + name;
    }

    private static String array(int from, int to) {
        return IntStream.range(from, to).mapToObj(Integer::toString).toList().toString();
    }

    private static List<String> numbers(int from, int to) {
        return IntStream.range(from, to).mapToObj(Integer::toString).toList();
    }

    @Test
    void historyAndNewsComeOnceAndInOrder() {
        String channel = channel("history", Node.JSON);
        node.append(channel, Node.JSON, array(0, 3_000));
        Recorder recorder = new Recorder();
        client.channel(channel).subscribe("-1", recorder);
        recorder.await(3_000);
        node.append(channel, Node.JSON, array(3_000, 3_010));
        recorder.await(3_010);
        assertThat(recorder.told).isEqualTo(numbers(0, 3_010));
        recorder.awaitState(State.LIVE);
        assertThat(client.status().transport()).contains(transport);
    }

    @Test
    void goesOnFromAnOffset() {
        String channel = channel("offset", Node.JSON);
        node.append(channel, Node.JSON, "1");
        String offset = node.append(channel, Node.JSON, "2");
        node.append(channel, Node.JSON, "3");
        Recorder recorder = new Recorder();
        Subscription subscription = client.channel(channel).subscribe(offset, recorder);
        recorder.await(1);
        assertThat(recorder.told).containsExactly("3");
        Awaiting.until(
                Recorder.PATIENCE,
                () -> subscription.offset().equals(recorder.messages.getFirst().offset()),
                subscription::offset);
    }

    @Test
    void nowIsTheEndAndNothingAfterItIsMissed() {
        String channel = channel("now", Node.JSON);
        node.append(channel, Node.JSON, "1");
        Recorder recorder = new Recorder();
        client.channel(channel).subscribe("now", recorder);
        recorder.awaitState(State.LIVE);
        node.append(channel, Node.JSON, "2");
        recorder.await(1);
        assertThat(recorder.told).containsExactly("2");
    }

    @Test
    void payloadsAreAsTheyWerePublished() {
        String json = channel("json", Node.JSON);
        String text = channel("text", "text/plain");
        String bytes = channel("bytes", "image/png");
        String value = "{\"price\" : 1.50000000000000000000001, \"list\":[ 1e400,\"\\u00b5\"]}";
        node.append(json, Node.JSON, value);
        node.append(text, "text/plain", "line\n\"quoted\" µ 😀 \u0001");
        node.append(bytes, "image/png", "\u0000\u0001\r\n");
        List<Message> got = new java.util.concurrent.CopyOnWriteArrayList<>();
        for (String each : List.of(json, text, bytes)) client.channel(each).subscribe("-1", got::add);
        Awaiting.until(Recorder.PATIENCE, () -> got.size() == 3, got::toString);
        for (Message message : got) {
            if (message.channel().equals(json)) assertThat(message.json()).isEqualTo(value);
            else if (message.channel().equals(text))
                assertThat(message.text()).isEqualTo("line\n\"quoted\" µ 😀 \u0001");
            else assertThat(message.bytes()).isEqualTo(new byte[] {0, 1, '\r', '\n'});
        }
    }

    @Test
    void theEndOfAChannelIsTold() {
        String closed = channel("closed", Node.JSON);
        String deleted = channel("deleted", Node.JSON);
        node.append(closed, Node.JSON, "1");
        Recorder first = new Recorder();
        Recorder second = new Recorder();
        client.channel(closed).subscribe("-1", first);
        client.channel(deleted).subscribe("now", second);
        second.awaitState(State.LIVE);
        node.closeChannel(closed);
        node.delete(deleted);
        first.awaitEnd();
        second.awaitEnd();
        assertThat(first.told).containsExactly("1", "CLOSED");
        assertThat(second.told).containsExactly("DELETED");
    }

    @Test
    void aChannelThatWasClosedEmptyIsOver() {
        String channel = channel("empty", Node.JSON);
        node.closeChannel(channel);
        Recorder recorder = new Recorder();
        client.channel(channel).subscribe("-1", recorder);
        recorder.awaitEnd();
        assertThat(recorder.told).containsExactly("CLOSED");
    }

    @Test
    void aChannelThatIsNotThereYetIsReadFromItsBeginning() {
        if (transport == Transport.SSE) node.create(prefix + "other", Node.JSON);
        Recorder other = new Recorder();
        if (transport == Transport.SSE) client.channel(prefix + "other").subscribe("now", other);
        Recorder recorder = new Recorder();
        client.channel(prefix + "later").subscribe("now", recorder);
        recorder.awaitState(State.LIVE);
        node.create(prefix + "later", Node.JSON);
        node.append(prefix + "later", Node.JSON, "1");
        recorder.await(1);
        assertThat(recorder.told).containsExactly("1");
    }

    @Test
    void whatIsNoLongerRetainedIsAGap() {
        String channel = channel("gap", Node.JSON);
        String root = node.append(channel, Node.JSON, "1");
        node.delete(channel);
        node.create(channel, Node.JSON);
        node.append(channel, Node.JSON, "2");
        Recorder recorder = new Recorder();
        client.channel(channel).subscribe(root, recorder);
        recorder.await(1);
        assertThat(recorder.told).containsExactly("gap", "2");
    }

    @Test
    void aSlowListenerPausesTheReadingAndMissesNothing() throws Exception {
        String channel = channel("slow", Node.JSON);
        String other = channel("beside", Node.JSON);
        node.append(channel, Node.JSON, array(0, 2_000));
        Recorder recorder = new Recorder();
        java.util.concurrent.CountDownLatch hold = new java.util.concurrent.CountDownLatch(1);
        client.channel(channel).subscribe("-1", message -> {
            await(hold);
            recorder.onMessage(message);
        });
        Recorder beside = new Recorder();
        client.channel(other).subscribe("-1", beside);
        node.append(other, Node.JSON, "1");
        beside.await(1);
        hold.countDown();
        recorder.await(2_000);
        assertThat(recorder.told).isEqualTo(numbers(0, 2_000));
    }

    @Test
    void severalSubscriptionsOfAChannelEachGetEverythingFromWhereTheyBegan() {
        String channel = channel("several", Node.JSON);
        String middle = node.append(channel, Node.JSON, array(0, 500));
        node.append(channel, Node.JSON, array(500, 1_000));
        Recorder whole = new Recorder();
        Recorder twin = new Recorder();
        Recorder half = new Recorder();
        Recorder news = new Recorder();
        Subscription first = client.channel(channel).subscribe("-1", whole);
        client.channel(channel).subscribe("-1", twin);
        whole.await(1_000);
        client.channel(channel).subscribe(middle, half);
        client.channel(channel).subscribe("now", news);
        news.awaitState(State.LIVE);
        node.append(channel, Node.JSON, array(1_000, 1_010));
        whole.await(1_010);
        news.await(10);
        first.close();
        whole.awaitEnd();
        node.append(channel, Node.JSON, array(1_010, 1_020));
        node.closeChannel(channel);
        List.of(twin, half, news).forEach(Recorder::awaitEnd);
        assertThat(whole.told.subList(0, 1_010)).isEqualTo(numbers(0, 1_010));
        assertThat(twin.told.subList(0, 1_020)).isEqualTo(numbers(0, 1_020));
        assertThat(half.told.subList(0, 520)).isEqualTo(numbers(500, 1_020));
        assertThat(news.told.subList(0, 20)).isEqualTo(numbers(1_000, 1_020));
        assertThat(List.of(whole, twin, half, news).stream().map(each -> each.told.size()))
                .containsExactly(1_011, 1_021, 521, 21);
        assertThat(List.of(whole, twin, half, news).stream().map(each -> each.told.getLast()))
                .containsExactly("CANCELLED", "CLOSED", "CLOSED", "CLOSED");
    }

    @Test
    void aSlowSubscriptionHoldsNoOtherOfItsChannelBack() {
        String channel = channel("slow-and-quick", Node.JSON);
        Recorder slow = new Recorder();
        Recorder quick = new Recorder();
        java.util.concurrent.CountDownLatch hold = new java.util.concurrent.CountDownLatch(1);
        client.channel(channel).subscribe("-1", message -> {
            await(hold);
            slow.onMessage(message);
        });
        client.channel(channel).subscribe("-1", quick);
        for (int i = 0; i < 2_000; i += 200) node.append(channel, Node.JSON, array(i, i + 200));
        quick.await(2_000);
        hold.countDown();
        slow.await(2_000);
        node.append(channel, Node.JSON, "2000");
        slow.await(2_001);
        quick.await(2_001);
        assertThat(slow.told).isEqualTo(numbers(0, 2_001));
        assertThat(quick.told).isEqualTo(numbers(0, 2_001));
    }

    @Test
    void whoWantsEveryMessageGetsThemBesideOneWithARate() {
        String channel = channel("rates", Node.JSON);
        Recorder some = new Recorder();
        Recorder every = new Recorder();
        client.channel(channel).subscribe(Subscribing.from("-1").rate(0.5), some);
        some.awaitState(State.LIVE);
        client.channel(channel).subscribe("-1", every);
        every.awaitState(State.LIVE);
        node.append(channel, Node.JSON, array(0, 100));
        every.await(100);
        assertThat(every.told).isEqualTo(numbers(0, 100));
        Awaiting.until(
                Recorder.PATIENCE,
                () -> !some.told.isEmpty() && some.told.getLast().equals("99"),
                some.told::toString);
        long skipped = some.messages.stream().mapToLong(Message::skipped).sum();
        assertThat(some.messages.size() + skipped).isEqualTo(100);
        assertThat(some.messages.size()).isLessThan(100);
    }

    private static void await(java.util.concurrent.CountDownLatch latch) {
        try {
            assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void publishesWhileReading() throws Exception {
        String channel = channel("publish", Node.JSON);
        Recorder recorder = new Recorder();
        client.channel(channel).subscribe("-1", recorder);
        recorder.awaitState(State.LIVE);
        List<java.util.concurrent.CompletableFuture<Published>> all = new ArrayList<>();
        for (int i = 0; i < 2_000; i++) all.add(client.channel(channel).publish(Integer.toString(i)));
        for (var each : all)
            assertThat(each.get(20, TimeUnit.SECONDS).duplicate()).isFalse();
        recorder.await(2_000);
        assertThat(recorder.told).isEqualTo(numbers(0, 2_000));
    }

    @Test
    void aRateGivesTheNewestAndCountsTheOthers() {
        String channel = channel("rate", Node.JSON);
        Recorder recorder = new Recorder();
        client.channel(channel).subscribe(Subscribing.from("-1").rate(0.5), recorder);
        recorder.awaitState(State.LIVE);
        node.append(channel, Node.JSON, array(0, 100));
        Awaiting.until(
                Recorder.PATIENCE,
                () -> !recorder.told.isEmpty() && recorder.told.getLast().equals("99"),
                recorder.told::toString);
        long skipped = recorder.messages.stream().mapToLong(Message::skipped).sum();
        assertThat(recorder.messages.size() + skipped).isEqualTo(100);
        assertThat(recorder.messages.size()).isLessThan(100);
    }

    @Test
    void manyChannelsAtATime() {
        List<Recorder> recorders = new ArrayList<>();
        for (int i = 0; i < 45; i++) {
            node.append(channel("many-" + i, Node.JSON), Node.JSON, "[" + i + "]");
            Recorder recorder = new Recorder();
            recorders.add(recorder);
            client.channel(prefix + "many-" + i).subscribe("-1", recorder);
        }
        for (int i = 0; i < 45; i++) {
            recorders.get(i).await(1);
            node.append(prefix + "many-" + i, Node.JSON, "\"more\"");
        }
        for (int i = 0; i < 45; i++) {
            recorders.get(i).await(2);
            assertThat(recorders.get(i).told).containsExactly(Integer.toString(i), "\"more\"");
        }
    }
}
