package io.switchboard.http.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.switchboard.core.access.Access;
import io.switchboard.core.channel.ChannelPolicy;
import io.switchboard.core.channel.Durability;
import io.switchboard.core.channel.Policies;
import io.switchboard.core.channel.Retention;
import io.switchboard.core.exchange.Exchange;
import io.switchboard.core.figures.Figures;
import io.switchboard.core.relay.Relay;
import io.switchboard.core.store.MemoryStore;
import io.switchboard.core.store.StoreLimits;
import io.switchboard.core.time.Loop;
import io.switchboard.http.Request;
import io.switchboard.http.Responder;
import io.switchboard.http.Response;
import io.switchboard.http.Sink;
import io.switchboard.http.SocketOwner;
import io.switchboard.http.Waiting;
import io.switchboard.http.access.PageMark;
import io.switchboard.http.caller.Caller;
import io.switchboard.http.websocket.Handshake;
import io.switchboard.http.wire.Query;
import io.switchboard.testkit.ManualTicker;
import io.switchboard.testkit.sim.SimLoop;
import java.security.SecureRandom;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** How many lists are made at once, over a store whose steps happen when the test says so. */
class ListHandlerTest {
    private static final Policies POLICIES = new Policies(
            List.of(),
            new ChannelPolicy(
                    Durability.MEMORY, new Retention(5, 1_000_000, 1_000_000), ChannelPolicy.Creation.EXPLICIT));

    private final ManualTicker ticker = new ManualTicker(1_000_000);
    private final ArrayDeque<Runnable> storeTasks = new ArrayDeque<>();
    private final SimLoop loop = new SimLoop(ticker);
    private final MemoryStore store = new MemoryStore(POLICIES, StoreLimits.DEFAULT, ticker, storeTasks::add);
    private final Exchange exchange = new Exchange(
            List.of(loop), store, Relay.ALONE, POLICIES, ticker, ticker, Exchange.Limits.DEFAULT, Figures.unseen());
    private final ListHandler handler = new ListHandler(exchange, new PageMark(new SecureRandom()));
    private final List<Response> answers = new ArrayList<>();

    /** Takes one answer; nothing else can come of a list. */
    private final class Recorder implements Responder {
        @Override
        public Loop loop() {
            return loop;
        }

        @Override
        public void send(Response response) {
            answers.add(response);
        }

        @Override
        public Caller caller() {
            throw new AssertionError("nobody needs to know");
        }

        @Override
        public boolean sendsFiles() {
            return false;
        }

        @Override
        public void admit(Access access) {
            throw new AssertionError("it has been");
        }

        @Override
        public Sink stream(Response head, Waiting owner) {
            throw new AssertionError("a list is whole");
        }

        @Override
        public void await(Waiting waiter, long atMillis) {
            throw new AssertionError("a list comes at once");
        }

        @Override
        public void upgrade(Handshake handshake, @Nullable String subprotocol, SocketOwner owner) {
            throw new AssertionError("a list is no socket");
        }
    }

    private void ask() {
        if (!(Query.parse("") instanceof Query.Result.Parsed(Query query))) throw new AssertionError("no query");
        Request request =
                new Request(HttpMethod.GET, "/v1/streams", "", new DefaultHttpHeaders(), new byte[0], Access.OPEN);
        handler.handle(request, query, new Recorder());
    }

    private void run() {
        while (!storeTasks.isEmpty()) storeTasks.remove().run();
        while (loop.ready()) loop.step();
    }

    private List<Integer> statuses() {
        List<Integer> statuses = answers.stream().map(Response::status).toList();
        answers.clear();
        return statuses;
    }

    @Test
    void aFewAreMadeAtOnceAndTheOthersComeBackLater() {
        for (int round = 0; round < 3; round++) {
            for (int i = 0; i < ListHandler.RUNNING_MAX; i++) ask();
            assertThat(answers).isEmpty();
            for (int i = 0; i < 100; i++) ask();
            assertThat(answers).allMatch(answer -> "1".equals(answer.headers().get("Retry-After")));
            assertThat(statuses()).hasSize(100).containsOnly(503);
            run();
            assertThat(statuses()).hasSize(ListHandler.RUNNING_MAX).containsOnly(200);
        }
    }
}
