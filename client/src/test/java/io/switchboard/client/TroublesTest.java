package io.switchboard.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What goes wrong is told in a sentence, and what can never go right comes to an end. */
class TroublesTest {
    private static final int SPEED = 20;
    private static final String OFFSET = "Stream-Next-Offset";

    private final Recorder recorder = new Recorder();

    private SwitchboardException endOf(Switchboard client) {
        client.channel("c").subscribe("-1", recorder);
        recorder.awaitEnd();
        Awaiting.until(Recorder.PATIENCE, () -> client.status().state() == State.OFFLINE, () -> client.status()
                .toString());
        SwitchboardException error = recorder.ends.getFirst().error().orElseThrow();
        assertThat(client.status().why()).isEqualTo(error.getMessage());
        assertThat(client.status().retryInMillis()).isEmpty();
        return error;
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "WEBSOCKET") // of which only a status is known
    void aWrongPathOfAServerIsTheEndByItsOwnWord(Transport transport) {
        Options options = Options.defaults().transports(Set.of(Transport.WEBSOCKET, transport));
        try (Node node = Node.start();
                Switchboard client = Switchboard.connect(URI.create(node.url() + "/wrong"), options, SPEED)) {
            SwitchboardException error = endOf(client);
            assertThat(error.code()).isEqualTo("not_found");
            assertThat(error).hasMessageStartingWith("The path of the URL is wrong: Nothing is here; channels are at ");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {404, 200})
    void whereSomebodyElseAnswersThatIsToldAtOnceAndIsTheEndAfterAWhile(int status) {
        List<String> whys = new CopyOnWriteArrayList<>();
        Options options = Options.defaults().onStatus(told -> whys.add(told.why()));
        try (Stub stub = new Stub(target -> new Stub.Reply(status, "<!doctype html>", "Content-Type", "text/html"));
                Switchboard client = Switchboard.connect(stub.url(), options, SPEED)) {
            SwitchboardException error = endOf(client);
            assertThat(error.code()).isEqualTo("not_found");
            assertThat(error).hasMessageStartingWith("No Switchboard server answers at the URL");
            String why = status == 404
                    ? "polling: answered 404, and not by a Switchboard server"
                    : "polling: the answer is not from a Switchboard server";
            assertThat(whys).anyMatch(each -> each.contains("websocket: ") && each.endsWith(why));
        }
    }

    @Test
    void aClientThatHasWorkedIsNotGivenUpForWhatSomebodyElseAnswers() {
        AtomicInteger asked = new AtomicInteger();
        try (Stub stub = new Stub(target -> {
                    int number = asked.incrementAndGet();
                    return number > 1 && number < 9
                            ? new Stub.Reply(404, "")
                            : new Stub.Reply(200, "[]", OFFSET, "a1a1", "Stream-Up-To-Date", "true");
                });
                Switchboard client = Switchboard.connect(
                        stub.url(), Options.defaults().transports(Set.of(Transport.POLLING)), 5 * SPEED)) {
            client.channel("c").subscribe("a1a1", recorder);
            recorder.awaitState(State.OFFLINE);
            Awaiting.until(
                    Recorder.PATIENCE,
                    () -> asked.get() > 9 && client.status().state() == State.LIVE,
                    () -> client.status().toString());
            assertThat(recorder.ends).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "WEBSOCKET") // a line says so by its close code: TokensTest
    void aServerThatAsksForATokenIsNotAskedAgainWithoutOne(Transport transport) {
        List<SwitchboardException> unauthorized = new CopyOnWriteArrayList<>();
        Options options = Options.defaults().transports(Set.of(transport)).onUnauthorized(unauthorized::add);
        try (Stub stub = new Stub(target -> new Stub.Reply(401, ""));
                Switchboard client = Switchboard.connect(stub.url(), options, SPEED)) {
            SwitchboardException error = endOf(client);
            assertThat(error.code()).isEqualTo("unauthorized");
            assertThat(error).hasMessage("The server asks for a token.");
            Awaiting.until(Recorder.PATIENCE, () -> unauthorized.size() == 1, unauthorized::toString);
            assertThat(stub.asked).hasSize(1);
        }
    }

    @Test
    void aLongPollIsGivenAsLongAsTheServerAnnounces() {
        CompletableFuture<Stub.Reply> never = new CompletableFuture<>();
        try (Stub stub = new Stub(target -> target.toString().contains("live=")
                        ? never.join()
                        : new Stub.Reply(
                                200, "[]", OFFSET, "a1a1", "Stream-Up-To-Date", "true", "Stream-Heartbeat", "2"));
                Switchboard client = Switchboard.connect(
                        stub.url(), Options.defaults().transports(Set.of(Transport.LONG_POLL)), SPEED)) {
            client.channel("c").subscribe("a1a1", recorder);
            recorder.awaitState(State.OFFLINE);
            assertThat(client.status().why()).isEqualTo("long-poll: no answer within 12 s");
            never.complete(new Stub.Reply(204, ""));
        }
    }

    @Test
    void aClientSaysWhatItWaitsFor() {
        CompletableFuture<Stub.Reply> never = new CompletableFuture<>();
        try (Stub stub = new Stub(target -> never.join());
                Switchboard client =
                        Switchboard.connect(stub.url(), Options.defaults().transports(Set.of(Transport.POLLING)))) {
            client.channel("c").subscribe("a1a1", recorder);
            Awaiting.until(
                    Recorder.PATIENCE,
                    () -> client.status().why().equals("nothing has answered yet"),
                    () -> client.status().toString());
            never.complete(new Stub.Reply(204, ""));
        }
    }
}
