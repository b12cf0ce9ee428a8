package io.switchboard.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whole runs against a server that makes mistakes, which are to be found. */
@Timeout(60)
@Tag("slow") // it waits for real time
class BenchTest {
    private final List<String> progress = new ArrayList<>();

    private static Settings settings(URI server) {
        return settings(server, 1, 0, 2);
    }

    private static Settings settings(URI server, int duration, int warmup, int timeout) {
        return new Settings(
                server,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                false,
                1,
                0,
                1_000,
                1,
                1,
                duration,
                warmup,
                timeout,
                "test");
    }

    private static Plan.Fanout fanout(int subscribers) {
        return new Plan.Fanout(
                subscribers, Transport.WEBSOCKET, 1, 1, false, OptionalDouble.of(100), OptionalInt.empty(), 128);
    }

    private Report run(FakePeer peer, Plan plan) throws BenchFailure {
        return Bench.run(settings(peer.url()), plan, progress::add, new Halt());
    }

    @Test
    void aServerWithoutMistakesIsTakenAsOne() throws Exception {
        try (FakePeer peer = new FakePeer(101, (number, message) -> List.of(message))) {
            Report report = run(peer, fanout(3));
            assertThat(report.text())
                    .contains("checked      0 lost, 0 doubled, 0 reordered", "3 readers over websocket");
            assertThat(report.isGood()).as(report.text()).isTrue();
            assertThat(report.json()).contains("\"checked\":{", "\"p99.9\":", "\"good\":true");
            assertThat(peer.requests).anyMatch(line -> line.startsWith("DELETE /v1/stream/bench/"));
            assertThat(report.text()).contains("unknown: " + peer.url() + "/metrics answers 404");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "lose, 2 lost, 0 doubled, 0 reordered",
        "double, 0 lost, 2 doubled, 0 reordered",
        "swap, 0 lost, 0 doubled, 2 reordered"
    })
    void whatIsLostDoubledOrOutOfOrderIsFound(String mistake, String first, String second, String third)
            throws Exception {
        String[] kept = {""};
        FakePeer.Delivery delivery = (number, message) -> {
            if (number == 7) {
                kept[0] = message;
                return mistake.equals("double") ? List.of(message, message) : List.of();
            }
            return number == 8 && mistake.equals("swap") ? List.of(message, kept[0]) : List.of(message);
        };
        try (FakePeer peer = new FakePeer(101, delivery)) {
            Report report = run(peer, fanout(2));
            assertThat(report.text()).contains(first + ", " + second + ", " + third);
            assertThat(report.isGood()).isFalse();
        }
    }

    @Test
    void aWindowThatLostAMessageGoesOnAndSaysSo() throws Exception {
        Plan plan =
                new Plan.Fanout(1, Transport.WEBSOCKET, 1, 1, false, OptionalDouble.empty(), OptionalInt.of(1), 128);
        try (FakePeer peer = new FakePeer(101, (number, message) -> number == 5 ? List.of() : List.of(message))) {
            Settings longer = settings(peer.url(), 6, 0, 1);
            Report report = Bench.run(longer, plan, progress::add, new Halt());
            assertThat(report.text()).contains("1 lost, 0 doubled", "The window was stuck 1 time");
            assertThat(report.isGood()).isFalse();
        }
    }

    @Test
    void aServerThatVanishesEndsTheRunWithWhatWasMeasured() throws Exception {
        FakePeer[] peer = {null};
        try (FakePeer opened = new FakePeer(101, (number, message) -> {
            if (number == 10 && peer[0] != null) peer[0].vanish();
            return List.of(message);
        })) {
            peer[0] = opened;
            Report report = run(opened, fanout(2));
            assertThat(report.isGood()).isFalse();
            assertThat(report.text())
                    .contains("ended before the end", "p50")
                    .contains("1 channel below bench/")
                    .contains("the server does not answer");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "401, the server asks for a token (401)",
        "403, the token does not allow it (403)",
        "503, raise limits.connections",
        "429, raise limits.connectionsPerAddress",
        "500, the server refused it with another answer"
    })
    void whyNobodyCanBeConnectedIsSaid(int status, String sentence) throws Exception {
        try (FakePeer peer = new FakePeer(status, (number, message) -> List.of(message))) {
            assertThatThrownBy(() -> run(peer, fanout(2)))
                    .isInstanceOf(BenchFailure.class)
                    .hasMessageContaining("No connection to " + peer.url())
                    .hasMessageContaining(sentence);
            assertThat(peer.requests).anyMatch(line -> line.startsWith("DELETE /v1/stream/bench/"));
        }
    }

    @Test
    void theWishToEndGivesASummary() throws Exception {
        Halt halt = new Halt();
        FakePeer.Delivery delivery = (number, message) -> {
            if (number == 20) halt.stop();
            return List.of(message);
        };
        try (FakePeer peer = new FakePeer(101, delivery)) {
            Settings longer = settings(peer.url(), 600, 0, 2);
            Report report = Bench.run(longer, fanout(2), progress::add, halt);
            assertThat(report.isStopped()).isTrue();
            assertThat(report.text()).contains("0 lost", "p50", "Ended early");
        }
    }

    @Test
    void whatHadNotComeWhenItWasEndedIsNotLost() throws Exception {
        Halt halt = new Halt();
        FakePeer.Delivery delivery = (number, message) -> {
            if (number == 20) halt.stop();
            return number < 10 ? List.of(message) : List.of();
        };
        try (FakePeer peer = new FakePeer(101, delivery)) {
            Report report = Bench.run(settings(peer.url(), 600, 0, 2), fanout(2), progress::add, halt);
            assertThat(report.text()).contains("0 lost", "not delivered in time");
            assertThat(report.isGood()).as(report.text()).isTrue();
        }
    }

    @Test
    void theWishToEndBeforeAnythingWasMeasuredIsASentence() throws Exception {
        Halt early = new Halt();
        early.stop();
        Halt warmingUp = new Halt();
        FakePeer.Delivery delivery = (number, message) -> {
            warmingUp.stop();
            return List.of(message);
        };
        for (Halt halt : List.of(early, warmingUp)) {
            try (FakePeer peer = new FakePeer(101, delivery)) {
                assertThatThrownBy(() -> Bench.run(settings(peer.url(), 1, 60, 2), fanout(2), progress::add, halt))
                        .hasMessageStartingWith("Ended before anything was measured.")
                        .extracting(failure -> ((BenchFailure) failure).kind())
                        .isEqualTo(BenchFailure.Kind.STOPPED);
                assertThat(peer.requests).anyMatch(line -> line.startsWith("DELETE /v1/stream/bench/"));
            }
        }
    }

    @Test
    void whateverEndsARunItsChannelsAreRemoved() throws Exception {
        try (FakePeer peer = new FakePeer(101, (number, message) -> List.of(message))) {
            Progress broken = text -> {
                throw new IllegalStateException("a fault of ours");
            };
            assertThatThrownBy(() -> Bench.run(settings(peer.url()), fanout(1), broken, new Halt()))
                    .hasMessage("a fault of ours");
            assertThat(peer.requests).anyMatch(line -> line.startsWith("DELETE /v1/stream/bench/"));
        }
    }

    @Test
    void aServerThatIsNotThereIsASentence() throws IOException {
        URI nobody;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            nobody = URI.create("http://127.0.0.1:" + free.getLocalPort());
        }
        assertThatThrownBy(() -> Bench.run(settings(nobody), fanout(2), progress::add, new Halt()))
                .isInstanceOf(BenchFailure.class)
                .hasMessage("No server answers at " + nobody + "; ./switchboard serve starts one.");
    }

    @ParameterizedTest
    @ValueSource(strings = {"http://192.0.2.1:8080", "https://198.51.100.7", "http://[2001:db8::1]:80"})
    void otherMachinesAreLeftAloneUnlessTheyAreOnesOwn(String url) {
        assertThatThrownBy(() -> Bench.run(settings(URI.create(url)), fanout(2), progress::add, new Halt()))
                .isInstanceOf(BenchFailure.class)
                .hasMessageContaining("another machine")
                .hasMessageContaining("--i-own-this-server")
                .extracting(failure -> ((BenchFailure) failure).kind())
                .isEqualTo(BenchFailure.Kind.USAGE);
    }

    @Test
    void everyNumberHasARange() {
        for (Bound bound : Bound.values()) {
            for (double wrong : new double[] {-1, Double.NaN, 1e12}) {
                assertThatThrownBy(() -> bound.check(wrong))
                        .hasMessageContaining(bound.option() + " is " + bound.range());
            }
        }
        Plan tooMuch = new Plan.Fanout(
                100_000, Transport.SSE, 1, 1_000, false, OptionalDouble.of(1), OptionalInt.empty(), 128);
        assertThatThrownBy(tooMuch::check).hasMessageContaining("at most 4,000,000");
    }
}
