package io.switchboard.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Answers that would have a client ask without end, or end what goes on: it does neither. */
class StrangeAnswersTest {
    private static final int SPEED = 10;
    private static final String OFFSET = "Stream-Next-Offset";
    private static final String FIRST = "0000000000000001_0000000000000000";

    private final Recorder recorder = new Recorder();

    private static Options over(Transport transport) {
        return Options.defaults().transports(Set.of(transport));
    }

    @Test
    @Tag("slow")
    void placesToGoOnThatAreGoneTooAreNotAskedForAsFastAsTheyAreTold() {
        AtomicInteger earliest = new AtomicInteger();
        List<Long> nanos = new CopyOnWriteArrayList<>();
        try (Stub stub = new Stub(target -> {
                    nanos.add(System.nanoTime());
                    String next = String.format("0000000000000001_%016d", earliest.addAndGet(10));
                    return new Stub.Reply(410, "", Answer.EARLIEST_OFFSET, next);
                });
                Switchboard client = Switchboard.connect(stub.url(), over(Transport.LONG_POLL), SPEED)) {
            client.channel("c").subscribe(FIRST, recorder);
            Awaiting.until(Recorder.PATIENCE, () -> nanos.size() >= 7, nanos::toString);
            // Up to 1, 2, 4 and 8 s at random, in the time of this client.
            assertThat(TimeUnit.NANOSECONDS.toMillis(nanos.get(6) - nanos.get(1)))
                    .isGreaterThan(40);
        }
    }

    @Test
    void moreChannelsThanTheServerPutsOnAStreamGoAnotherWay() {
        Recorder second = new Recorder();
        try (Node node = Node.start("limits.liveChannels", "1");
                Switchboard client = Switchboard.connect(
                        node.url(), Options.defaults().transports(Set.of(Transport.SSE, Transport.LONG_POLL)), SPEED)) {
            for (String channel : List.of("a", "b")) node.create(channel, Node.JSON);
            client.channel("a").subscribe("-1", recorder);
            recorder.awaitState(State.LIVE);
            assertThat(client.status().transport()).contains(Transport.SSE);
            client.channel("b").subscribe("-1", second);
            for (String channel : List.of("a", "b")) node.append(channel, Node.JSON, "1");
            recorder.await(1);
            second.await(1);
            assertThat(List.of(recorder.ends, second.ends)).allMatch(List::isEmpty);
        }
    }

    @Test
    void oneTokenAfterTheOtherThatIsAcceptedFirstAndThenRefusedIsNotAskedForWithoutAPause() {
        List<Status> statuses = new CopyOnWriteArrayList<>();
        AtomicInteger tokens = new AtomicInteger();
        try (Stub stub = new Stub(target -> target.toString().contains("live=")
                        ? new Stub.Reply(401, "")
                        : new Stub.Reply(200, "[]", OFFSET, FIRST, "Stream-Up-To-Date", "true"));
                Switchboard client = Switchboard.connect(
                        stub.url(),
                        over(Transport.LONG_POLL)
                                .onStatus(statuses::add)
                                .tokens(() -> CompletableFuture.completedFuture("token-" + tokens.incrementAndGet())),
                        SPEED)) {
            client.channel("c").subscribe(FIRST, recorder);
            Awaiting.until(
                    Recorder.PATIENCE,
                    () -> statuses.stream()
                            .anyMatch(each -> each.retryInMillis().orElse(0) > 0),
                    statuses::toString);
            assertThat(tokens.get()).isLessThan(10);
        }
    }

    @Test
    void anEventStreamWithoutContentEndsOnlyWhatIsClosed() {
        AtomicInteger streams = new AtomicInteger();
        try (Stub stub = new Stub(target -> streams.incrementAndGet() < 3
                        ? new Stub.Reply(204, "")
                        : new Stub.Reply(204, "", "Stream-Closed", "true"));
                Switchboard client = Switchboard.connect(stub.url(), over(Transport.SSE), SPEED)) {
            client.channel("c").subscribe(FIRST, recorder);
            recorder.awaitEnd();
            assertThat(recorder.ends.getFirst().kind()).isEqualTo(End.Kind.CLOSED);
            assertThat(streams).hasValue(3);
        }
    }

    @Test
    void whoSaysThatHeCannotAndNotWhenSpeaksForOneWayOnly() {
        try (Stub stub = new Stub(target -> target.getPath().equals("/live")
                        ? new Stub.Reply(503, "")
                        : new Stub.Reply(200, "[]", OFFSET, FIRST, "Stream-Up-To-Date", "true"));
                Switchboard client = Switchboard.connect(stub.url(), Options.defaults(), SPEED)) {
            client.channel("c").subscribe(FIRST, recorder);
            recorder.awaitState(State.LIVE);
            assertThat(client.status().transport()).contains(Transport.LONG_POLL);
            assertThat(client.status().why()).isEqualTo("websocket: the handshake was answered 503; sse: answered 503");
        }
    }

    @Test
    void anApplicationWithoutATokenIsTheEndAndOneThatIsSilentIsAskedAFewTimes() {
        try (Stub stub = new Stub(target -> new Stub.Reply(401, ""));
                Switchboard client = Switchboard.connect(
                        stub.url(), Options.defaults().tokens(StrangeAnswersTest::nothing), SPEED)) {
            client.channel("c").subscribe(FIRST, recorder);
            recorder.awaitEnd();
            assertThat(recorder.ends.getFirst().error().orElseThrow().code()).isEqualTo("unauthorized");
            assertThat(stub.asked).isEmpty();
        }
        Recorder silent = new Recorder();
        AtomicInteger calls = new AtomicInteger();
        try (Stub stub = new Stub(target -> new Stub.Reply(401, ""));
                Switchboard client = Switchboard.connect(
                        stub.url(),
                        Options.defaults().tokens(() -> {
                            calls.incrementAndGet();
                            return new CompletableFuture<>();
                        }),
                        20 * SPEED)) {
            client.channel("c").subscribe(FIRST, silent);
            CompletableFuture<Published> published = client.channel("c").publish("1");
            silent.awaitEnd();
            assertThat(silent.ends.getFirst().error().orElseThrow().code()).isEqualTo("unauthorized");
            assertThat(published).failsWithin(Recorder.PATIENCE);
            assertThat(calls).hasValue(4);
        }
    }

    // As code without annotations may.
    @SuppressWarnings("NullAway")
    private static CompletionStage<String> nothing() {
        return null;
    }
}
