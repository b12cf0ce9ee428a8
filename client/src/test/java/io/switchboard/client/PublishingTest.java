package io.switchboard.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What is published is there once, in order, or it is said that it is not. */
class PublishingTest {
    private static final int SPEED = 10;

    private final Node node = Node.start();
    private final Proxy proxy = new Proxy(node.port(), 2);
    private final Switchboard client = Switchboard.connect(proxy.url(), Options.defaults(), SPEED);

    @AfterEach
    void end() {
        client.close();
        proxy.close();
        node.close();
    }

    private static String code(CompletableFuture<Published> publication) {
        Throwable failed = catchThrowable(() -> publication.get(20, TimeUnit.SECONDS));
        assertThat(failed).isInstanceOf(ExecutionException.class).hasCauseInstanceOf(SwitchboardException.class);
        return ((SwitchboardException) Objects.requireNonNull(failed.getCause())).code();
    }

    private String content(String channel) {
        return node.ask("GET", "/v1/stream/" + channel + "?offset=-1", "").body();
    }

    @Test
    @Tag("slow")
    void anAnswerThatWasLostIsNoSecondMessage() throws Exception {
        node.create("c", Node.JSON);
        AtomicInteger appends = new AtomicInteger();
        proxy.treat(head -> Proxy.isAppend(head) && appends.incrementAndGet() % 3 != 0
                ? Proxy.Treatment.LOSE_ANSWER
                : Proxy.Treatment.PASS);
        List<CompletableFuture<Published>> all = new ArrayList<>();
        for (int i = 0; i < 500; i++) {
            all.add(client.channel("c").publish(Integer.toString(i)));
            if (i % 100 == 0) all.getLast().get(20, TimeUnit.SECONDS);
        }
        int duplicates = 0;
        for (var each : all) if (each.get(20, TimeUnit.SECONDS).duplicate()) duplicates++;
        assertThat(duplicates).isPositive();
        assertThat(content("c").replace(" ", ""))
                .isEqualTo(IntStream.range(0, 500).boxed().toList().toString().replace(" ", ""));
    }

    @Test
    void whatSomebodyElseAnswersIsNotStored() throws Exception {
        node.create("c", Node.JSON);
        AtomicInteger appends = new AtomicInteger();
        proxy.treat(head -> Proxy.isAppend(head) && appends.incrementAndGet() < 3
                ? Proxy.Treatment.STRANGER
                : Proxy.Treatment.PASS);
        Published published = client.channel("c").publish("1").get(20, TimeUnit.SECONDS);
        assertThat(published.offset()).isNotEmpty();
        assertThat(content("c")).isEqualTo("[1]");
    }

    @Test
    void overTheLineToo() throws Exception {
        node.create("c", Node.JSON);
        Recorder recorder = new Recorder();
        client.channel("c").subscribe("-1", recorder);
        recorder.awaitState(State.LIVE);
        List<CompletableFuture<Published>> all = new ArrayList<>();
        for (int i = 0; i < 1_000; i++) {
            all.add(client.channel("c").publish(Integer.toString(i)));
            if (i % 200 == 100) {
                all.getLast().get(20, TimeUnit.SECONDS);
                proxy.cut();
            }
        }
        for (var each : all) each.get(20, TimeUnit.SECONDS);
        recorder.await(1_000);
        assertThat(recorder.told)
                .isEqualTo(IntStream.range(0, 1_000).mapToObj(Integer::toString).toList());
    }

    @Test
    void textAndBytesGoToChannelsOfTheirKind() throws Exception {
        node.create("markdown", "text/markdown");
        node.create("png", "image/png");
        for (boolean overLine : new boolean[] {false, true}) {
            if (overLine) {
                client.channel("markdown").subscribe("-1", Message::text);
                Awaiting.until(
                        Recorder.PATIENCE,
                        () -> client.status().transport().equals(Optional.of(Transport.WEBSOCKET)),
                        () -> client.status().toString());
            }
            client.channel("markdown").publishText("# µ\n").get(20, TimeUnit.SECONDS);
            client.channel("png").publishBytes(new byte[] {1, 2}).get(20, TimeUnit.SECONDS);
        }
        assertThat(content("markdown")).isEqualTo("# µ\n# µ\n");
        assertThat(content("png")).isEqualTo("\u0001\u0002\u0001\u0002");
    }

    @Test
    void refusalsAreToldWithTheirCode() {
        node.create("closed", Node.JSON);
        node.closeChannel("closed");
        assertThat(code(client.channel("closed").publish("1"))).isEqualTo("conflict");
        assertThat(code(client.channel("nowhere").publish("1"))).isEqualTo("not_found");
        assertThatThrownBy(() -> client.channel("c").publish("{,}")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> client.channel("c//d")).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aServerThatIsAwayForTooLongLeavesTheOutcomeUnknownOrSaysThatItIsNotStored() {
        proxy.treat(head -> Proxy.Treatment.SWALLOW);
        Switchboard hasty =
                Switchboard.connect(proxy.url(), Options.defaults().publishTimeout(Duration.ofSeconds(2)), SPEED);
        node.create("c", Node.JSON);
        CompletableFuture<Published> sent = hasty.channel("c").publish("1");
        assertThat(code(sent)).isEqualTo(SwitchboardException.UNKNOWN_OUTCOME);
        hasty.close();
        assertThat(code(hasty.channel("c").publish("2"))).isEqualTo(SwitchboardException.CLIENT_CLOSED);
    }

    @Test
    void whatWaitsIsBounded() {
        proxy.treat(head -> Proxy.Treatment.SWALLOW);
        node.create("c", "application/octet-stream");
        byte[] large = new byte[3 << 20];
        List<CompletableFuture<Published>> all = new ArrayList<>();
        for (int i = 0; i < 3; i++) all.add(client.channel("c").publishBytes(large));
        assertThat(code(all.getLast())).isEqualTo("too_many");
        for (int i = 0; i < 21; i++) all.add(client.channel("c" + i).publishBytes(large));
        assertThat(code(all.getLast())).isEqualTo("too_many");
        client.close();
        assertThat(code(all.getFirst())).isEqualTo(SwitchboardException.UNKNOWN_OUTCOME);
        assertThat(code(all.get(1))).isEqualTo(SwitchboardException.CLIENT_CLOSED);
    }

    @Test
    void oneThatIsTooLargeFailsAlone() throws Exception {
        try (Node small = Node.start("limits.messageBytes", "64KB");
                Switchboard direct = Switchboard.connect(
                        small.url(), Options.defaults().transports(Set.of(Transport.WEBSOCKET)), SPEED)) {
            small.create("c", Node.JSON);
            Recorder recorder = new Recorder();
            direct.channel("c").subscribe("-1", recorder);
            recorder.awaitState(State.LIVE);
            CompletableFuture<Published> first = direct.channel("c").publish("1");
            CompletableFuture<Published> tooLarge = direct.channel("c").publish("\"" + "x".repeat(70_000) + "\"");
            CompletableFuture<Published> last = direct.channel("c").publish("2");
            first.get(20, TimeUnit.SECONDS);
            assertThat(code(tooLarge)).isEqualTo("too_large");
            last.get(20, TimeUnit.SECONDS);
            recorder.await(2);
            assertThat(recorder.told).containsExactly("1", "2");
        }
    }
}
