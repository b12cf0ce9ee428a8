package io.switchboard.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The ladder against proxies that do not let everything through. Time goes ten times as fast. */
@Tag("slow")
class LadderLiveTest {
    private static final int SPEED = 10;

    /** After a few pauses of 30 s, at that speed. */
    private static final Duration CHANGED_OVER = Duration.ofSeconds(40);

    private final Node node = Node.start("live.heartbeat", "1s", "live.longPollTimeout", "1s");
    private final Proxy proxy = new Proxy(node.port(), 1);
    private final List<Status> statuses = new CopyOnWriteArrayList<>();
    private final List<Throwable> errors = new CopyOnWriteArrayList<>();
    private final Recorder recorder = new Recorder();
    private Switchboard client;

    @BeforeEach
    void connect() {
        node.create("c", Node.JSON);
        client = Switchboard.connect(
                proxy.url(), Options.defaults().onStatus(statuses::add).onError(errors::add), SPEED);
    }

    @AfterEach
    void end() {
        client.close();
        proxy.close();
        node.close();
        assertThat(errors).isEmpty();
    }

    private void append(int from, int to) {
        for (int i = from; i < to; i++) node.append("c", Node.JSON, Integer.toString(i));
    }

    private void awaitTransport(Transport transport) {
        Awaiting.until(
                Recorder.PATIENCE,
                () -> client.status().transport().equals(Optional.of(transport)),
                () -> statuses + " " + client.status());
    }

    private void assertAll(int count) {
        recorder.await(count);
        assertThat(recorder.told)
                .isEqualTo(IntStream.range(0, count).mapToObj(Integer::toString).toList());
    }

    @Test
    void aSocketThatOpensAndNeverSpeaksIsNotWaitedFor() {
        proxy.treat(head -> Proxy.isSocket(head) ? Proxy.Treatment.HEAD_ONLY : Proxy.Treatment.PASS);
        client.channel("c").subscribe("-1", recorder);
        awaitTransport(Transport.SSE);
        append(0, 10);
        assertAll(10);
        Awaiting.until(
                Recorder.PATIENCE,
                () -> client.status().why().equals("websocket: no reply within 10 s"),
                () -> client.status().toString());
    }

    @Test
    void anEventStreamWhoseFirstBytesAreHeldBackIsNotWaitedForEither() {
        proxy.treat(head -> Proxy.isSocket(head)
                ? Proxy.Treatment.REFUSE
                : Proxy.isEventStream(head) ? Proxy.Treatment.HEAD_ONLY : Proxy.Treatment.PASS);
        client.channel("c").subscribe("-1", recorder);
        awaitTransport(Transport.LONG_POLL);
        append(0, 10);
        assertAll(10);
        Awaiting.until(
                Recorder.PATIENCE,
                () -> client.status().why().contains("sse: its first bytes did not come within 10 s"),
                () -> client.status().toString());
        assertThat(client.status().why()).contains("websocket: the connection was lost");
    }

    // What happens while it changes over must arrive too.
    private int appendUntil(Transport wanted, int first) {
        AtomicInteger next = new AtomicInteger(first);
        Awaiting.until(
                CHANGED_OVER,
                () -> {
                    append(next.get(), next.incrementAndGet());
                    return client.status().transport().equals(Optional.of(wanted));
                },
                () -> client.status().toString());
        return next.get();
    }

    @Test
    void whenTheWayIsClearItClimbsBack() {
        proxy.treat(head -> Proxy.isSocket(head) ? Proxy.Treatment.SWALLOW : Proxy.Treatment.PASS);
        client.channel("c").subscribe("-1", recorder);
        awaitTransport(Transport.SSE);
        append(0, 50);
        proxy.treat(head -> Proxy.Treatment.PASS);
        int next = appendUntil(Transport.WEBSOCKET, 50);
        append(next, next + 50);
        assertAll(next + 50);
        assertThat(client.status().why()).isEmpty();
    }

    @Test
    void hoppingBetweenTransportsLosesNothingAndRepeatsNothing() {
        client.channel("c").subscribe("-1", recorder);
        List<Transport> seen = new ArrayList<>();
        int next = 0;
        for (Transport only : List.of(Transport.WEBSOCKET, Transport.LONG_POLL, Transport.SSE, Transport.WEBSOCKET)) {
            proxy.treat(head -> {
                Transport asked = Proxy.isSocket(head)
                        ? Transport.WEBSOCKET
                        : Proxy.isEventStream(head) ? Transport.SSE : Transport.LONG_POLL;
                return asked == only || asked == Transport.LONG_POLL ? Proxy.Treatment.PASS : Proxy.Treatment.REFUSE;
            });
            proxy.cut();
            next = appendUntil(only, next);
            seen.add(only);
            append(next, next + 20);
            next += 20;
        }
        assertAll(next);
        assertThat(seen).hasSize(4);
    }

    // In time as it is: the answer has to come within the head start of the first transport.
    @Test
    void aServerThatCannotNowIsLeftAloneForAsLongAsItSays() {
        AtomicInteger others = new AtomicInteger();
        proxy.treat(head -> {
            if (!Proxy.isSocket(head)) others.incrementAndGet();
            return Proxy.Treatment.BUSY;
        });
        append(0, 1);
        try (Switchboard patient = Switchboard.connect(proxy.url())) {
            patient.channel("c").subscribe("-1", recorder);
            recorder.awaitState(State.OFFLINE);
            Status status = patient.status();
            assertThat(status.retryInMillis().orElse(0)).isBetween(1_000L, 2_000L);
            assertThat(status.why()).isEqualTo("websocket: the handshake was answered 503");
            assertThat(others).hasValue(0); // it is not asked in other ways
            proxy.treat(head -> Proxy.Treatment.PASS);
            assertAll(1);
        }
    }
}
