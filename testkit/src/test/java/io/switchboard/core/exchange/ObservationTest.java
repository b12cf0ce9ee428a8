package io.switchboard.core.exchange;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.switchboard.core.advice.Advice;
import io.switchboard.core.advice.Evidence;
import io.switchboard.core.advice.Held;
import io.switchboard.core.advice.Rules;
import io.switchboard.core.advice.Sightings;
import io.switchboard.core.advice.Survey;
import io.switchboard.core.advice.Terms;
import io.switchboard.core.advice.Traffic;
import io.switchboard.core.advice.Transport;
import io.switchboard.core.channel.Append;
import io.switchboard.core.channel.ChannelName;
import io.switchboard.core.channel.ChannelPolicy;
import io.switchboard.core.channel.ContentType;
import io.switchboard.core.channel.Durability;
import io.switchboard.core.channel.Offset;
import io.switchboard.core.channel.Payloads;
import io.switchboard.core.channel.Policies;
import io.switchboard.core.channel.Retention;
import io.switchboard.core.figures.Figures;
import io.switchboard.core.reading.Delivery;
import io.switchboard.core.reading.Outlet;
import io.switchboard.core.reading.Page;
import io.switchboard.core.reading.ReadFrom;
import io.switchboard.core.reading.Reader;
import io.switchboard.core.relay.Relay;
import io.switchboard.core.store.AppendOutcome;
import io.switchboard.core.store.MemoryStore;
import io.switchboard.core.store.StoreLimits;
import io.switchboard.testkit.ManualTicker;
import io.switchboard.testkit.sim.SimLoop;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** What an exchange observes of its channels, over two loops and hours that pass at once. */
class ObservationTest {
    private static final ChannelName NAME = new ChannelName("c");
    private static final Policies POLICIES = new Policies(
            List.of(),
            new ChannelPolicy(
                    Durability.MEMORY,
                    new Retention(1_000, 1_000_000, 1_000_000),
                    ChannelPolicy.Creation.ON_FIRST_USE));

    private final ManualTicker ticker = new ManualTicker(1_000_000);
    private final ArrayDeque<Runnable> storeTasks = new ArrayDeque<>();
    private final MemoryStore store = new MemoryStore(POLICIES, StoreLimits.DEFAULT, ticker, storeTasks::add);
    private final SimLoop loop = new SimLoop(ticker);
    private final SimLoop other = new SimLoop(ticker);
    private final Exchange exchange = exchange(Exchange.Limits.DEFAULT);
    private final Rules rules = new Rules(Evidence.shipped().prices(), new Terms(20, 60, true));

    private static final class Listener implements Outlet {
        @Override
        public Offer offer(Reader reader, Delivery delivery) {
            return Offer.ACCEPTED;
        }

        @Override
        public void caughtUp(Reader reader) {}

        @Override
        public AfterGap gap(Reader reader, Offset from, Offset to) {
            return AfterGap.RESUME;
        }

        @Override
        public void ended(Reader reader, End end) {}
    }

    private Exchange exchange(Exchange.Limits limits) {
        return new Exchange(
                List.of(loop, other), store, Relay.ALONE, POLICIES, ticker, ticker, limits, Figures.unseen());
    }

    private void run() {
        while (true) {
            if (loop.ready()) loop.step();
            else if (other.ready()) other.step();
            else if (!storeTasks.isEmpty()) storeTasks.remove().run();
            else return;
        }
    }

    private void on(SimLoop which, Runnable task) {
        which.execute(task);
        run();
    }

    private void append(ChannelName name, boolean bySocket) {
        byte[] message = "0123456789".getBytes(StandardCharsets.US_ASCII);
        Append append = Append.of(name, ContentType.BINARY, Payloads.one(message));
        on(other, () -> {
            if (bySocket) exchange.appendOfSocket(append, other, answer -> {});
            else exchange.append(append, other, answer -> {});
        });
    }

    private Traffic traffic() {
        List<Traffic> seen = new ArrayList<>();
        on(other, () -> exchange.observed(NAME, other, seen::add));
        return seen.getFirst();
    }

    private Survey survey(int limit) {
        List<Survey> surveys = new ArrayList<>();
        on(other, () -> exchange.survey(rules, limit, other, surveys::add));
        for (int i = 0; surveys.isEmpty() && i < 10_000; i++) {
            ticker.advance(1);
            run();
        }
        return surveys.getFirst();
    }

    /** Somebody who goes on from where it stood. */
    private final class Poller {
        private ReadFrom from = new ReadFrom.Earliest();

        void poll(boolean waits) {
            on(
                    loop,
                    () -> exchange.poll(NAME, from, 64 * 1024, false, waits, loop, page -> {
                        if (page instanceof Page.Messages messages)
                            from = new ReadFrom.At(messages.run().lastOffset());
                        if (page instanceof Page.AtTail(var info, var tail)) from = new ReadFrom.At(tail.offset());
                    }));
        }
    }

    @Test
    void whoSpeaksAndHowIsSeen() {
        append(NAME, false);
        append(NAME, true);
        append(NAME, true);
        on(
                loop,
                () -> exchange.publish(
                        NAME,
                        type -> Append.of(NAME, ContentType.BINARY, Payloads.one(new byte[5])),
                        null,
                        loop,
                        a -> {}));
        assertThat(traffic().posts()).isEqualTo(1);
        assertThat(traffic().said()).isEqualTo(3);
        assertThat(traffic().messages()).isEqualTo(4);
        assertThat(traffic().rounds()).isEqualTo(1);
        assertThat(traffic().bytesPerMessage()).isCloseTo(8.75, within(0.01));
    }

    @Test
    void thoseWhoPollAreAdvisedAsTheyAre() {
        append(NAME, false);
        Poller one = new Poller();
        Poller two = new Poller();
        one.poll(false);
        two.poll(false);
        for (int second = 0; second < 1_200; second++) {
            ticker.advance(1_000);
            if (second % 5 == 0) append(NAME, false);
            one.poll(false);
            two.poll(false);
        }
        Advice advice = rules.advise(traffic());
        assertThat(advice.traffic().looks()).isLessThanOrEqualTo(2);
        assertThat(advice.readers().get(Transport.POLL)).isCloseTo(2, within(0.05));
        assertThat(advice.pollEverySeconds()).isCloseTo(1, within(0.05));
        assertThat(advice.traffic().emptyPolls() / advice.traffic().polls()).isCloseTo(0.8, within(0.02));
        assertThat(advice.kind()).isEqualTo(Advice.Kind.MOVE);
        assertThat(advice.transport()).isIn(Transport.SSE, Transport.WEBSOCKET);
    }

    @Test
    void longPollsAreCountedWhereTheyBegin() {
        append(NAME, false);
        Poller waiting = new Poller();
        waiting.poll(true);
        waiting.poll(true);
        assertThat(traffic().longPolls()).isEqualTo(2);
        assertThat(traffic().polls()).isZero();
    }

    @Test
    void readersOnAllLoopsAreCountedUntilTheyLeave() {
        append(NAME, false);
        List<Reader> readers = new ArrayList<>();
        for (SimLoop which : List.of(loop, other)) {
            for (Held held : Held.values()) {
                on(
                        which,
                        () -> readers.add(exchange.read(NAME, new ReadFrom.Now(), false, which, new Listener(), held)));
            }
        }
        on(loop, () -> exchange.asks(NAME, 4));
        assertThat(traffic().events()).isEqualTo(2);
        assertThat(traffic().sockets()).isEqualTo(4);
        assertThat(traffic().paced()).isEqualTo(2);
        assertThat(traffic().everySeconds()).isEqualTo(4);
        on(loop, () -> readers.subList(0, 4).forEach(Reader::close));
        on(loop, () -> readers.getFirst().close()); // again
        assertThat(traffic().events()).isEqualTo(1);
        assertThat(traffic().sockets()).isEqualTo(2);
        on(other, () -> readers.subList(4, 8).forEach(Reader::close));
        assertThat(traffic().events() + traffic().sockets() + traffic().paced()).isZero();
    }

    @Test
    void whoListensBeforeTheChannelIsThereIsSeenToo() {
        on(loop, () -> exchange.read(NAME, new ReadFrom.Earliest(), true, loop, new Listener(), Held.EVENTS));
        assertThat(traffic().events()).isEqualTo(1);
        append(NAME, false);
        assertThat(traffic().events()).isEqualTo(1);
        assertThat(traffic().posts()).isEqualTo(1);
    }

    @Test
    void whoComesLateIsGivenPagesOfTheLog() {
        append(NAME, false);
        on(loop, () -> exchange.read(NAME, new ReadFrom.Earliest(), false, loop, new Listener(), Held.SOCKET));
        assertThat(traffic().pagesBehind()).isEqualTo(1);
    }

    @Test
    void aChannelThatIsNotThereIsNotObserved() {
        new Poller().poll(false);
        assertThat(traffic()).isEqualTo(Traffic.none(NAME));
        assertThat(survey(5).channels()).isZero();
    }

    @Test
    void ofMoreChannelsThanMayBeObservedTheRestIsCounted() {
        Sightings sightings = new Sightings(ticker, 1_000);
        Shard shard = new Shard(loop, store, Relay.ALONE, POLICIES, ticker, sightings, 1 << 20, 5_000);
        for (int i = 0; i < 1_200; i++) append(shard, new ChannelName("c/" + i));
        List<Survey> surveys = new ArrayList<>();
        on(loop, () -> shard.observer().survey(rules, new Survey(5), surveys::add));
        for (int i = 0; surveys.isEmpty() && i < 100; i++) {
            ticker.advance(1);
            run();
        }
        Survey survey = surveys.getFirst();
        assertThat(survey.channels()).isEqualTo(1_000);
        assertThat(survey.notObserved()).isEqualTo(200);
        assertThat(survey.channels(Advice.Kind.NONE)).isEqualTo(1_000);
        assertThat(survey.most()).hasSize(5);
    }

    private void append(Shard shard, ChannelName name) {
        Payloads payloads = Payloads.one(new byte[10]);
        Append append = Append.of(name, ContentType.BINARY, payloads);
        Consumer<AppendOutcome> seen = outcome -> shard.observer().appended(name, false, payloads, outcome);
        on(loop, () -> shard.appends().append(append, seen));
    }
}
