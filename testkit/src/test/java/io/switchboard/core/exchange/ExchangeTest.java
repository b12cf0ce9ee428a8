package io.switchboard.core.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.core.channel.Append;
import io.switchboard.core.channel.ChannelName;
import io.switchboard.core.channel.ChannelPolicy;
import io.switchboard.core.channel.ContentType;
import io.switchboard.core.channel.Durability;
import io.switchboard.core.channel.Expiry;
import io.switchboard.core.channel.Offset;
import io.switchboard.core.channel.Payloads;
import io.switchboard.core.channel.Policies;
import io.switchboard.core.channel.Retention;
import io.switchboard.core.figures.Figures;
import io.switchboard.core.reading.Delivery;
import io.switchboard.core.reading.Feed;
import io.switchboard.core.reading.Outlet;
import io.switchboard.core.reading.Page;
import io.switchboard.core.reading.ReadFrom;
import io.switchboard.core.reading.Reader;
import io.switchboard.core.relay.Relay;
import io.switchboard.core.store.AppendOutcome;
import io.switchboard.core.store.Create;
import io.switchboard.core.store.DeleteOutcome;
import io.switchboard.core.store.FindOutcome;
import io.switchboard.core.store.MemoryStore;
import io.switchboard.core.store.StoreLimits;
import io.switchboard.core.time.Loop;
import io.switchboard.testkit.ManualTicker;
import io.switchboard.testkit.sim.SimLoop;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** What an exchange promises, over the store in memory; its steps happen when the test says so. */
class ExchangeTest {
    private static final ChannelName NAME = new ChannelName("c");
    private static final Policies POLICIES = new Policies(
            List.of(),
            new ChannelPolicy(
                    Durability.MEMORY, new Retention(5, 1_000_000, 1_000_000), ChannelPolicy.Creation.EXPLICIT));

    private final ManualTicker ticker = new ManualTicker(1_000_000);
    private final ArrayDeque<Runnable> storeTasks = new ArrayDeque<>();
    private final Figures figures = Figures.unseen();
    private final MemoryStore store = new MemoryStore(POLICIES, StoreLimits.DEFAULT, ticker, storeTasks::add);
    private final SimLoop loop = new SimLoop(ticker);
    private final SimLoop other = new SimLoop(ticker);
    private final Exchange exchange = new Exchange(
            List.of(loop, other), store, Relay.ALONE, POLICIES, ticker, ticker, Exchange.Limits.DEFAULT, figures);
    private final List<Object> answers = new ArrayList<>();

    private static final class Recorder implements Outlet {
        final List<String> heard = new ArrayList<>();

        @Override
        public Offer offer(Reader reader, Delivery delivery) {
            heard.add(delivery.run().firstSequence() + ".." + delivery.run().lastSequence());
            return Offer.ACCEPTED;
        }

        @Override
        public void caughtUp(Reader reader) {
            heard.add("caught up at " + reader.position().sequence());
        }

        @Override
        public AfterGap gap(Reader reader, Offset from, Offset to) {
            heard.add("gap " + from.sequence() + " to " + to.sequence());
            return AfterGap.RESUME;
        }

        @Override
        public void ended(Reader reader, End end) {
            heard.add(end.name());
        }
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

    private void create(Expiry expiry) {
        Create create = new Create(NAME, ContentType.BINARY, expiry, false, Payloads.NONE, null, null);
        on(loop, () -> exchange.create(create, loop, answers::add));
    }

    private static Append append(int messages) {
        byte[] bytes = "x".repeat(messages).getBytes(StandardCharsets.US_ASCII);
        int[] ends = new int[messages];
        for (int i = 0; i < messages; i++) ends[i] = i + 1;
        return Append.of(NAME, ContentType.BINARY, new Payloads(bytes, ends));
    }

    private void appends(int messages) {
        on(loop, () -> exchange.append(append(messages), loop, answers::add));
    }

    private Recorder reads(SimLoop which, ReadFrom from, boolean waits) {
        Recorder outlet = new Recorder();
        on(which, () -> exchange.read(NAME, from, waits, which, outlet));
        return outlet;
    }

    private Offset tail() {
        answers.clear();
        on(loop, () -> exchange.find(NAME, loop, answers::add));
        return ((FindOutcome.Here) answers.getLast()).found().tail().offset();
    }

    @Test
    void readersOnEveryLoopGetWhatIsAppended() {
        create(new Expiry.Never());
        Recorder here = reads(loop, new ReadFrom.Earliest(), false);
        Recorder there = reads(other, new ReadFrom.Now(), false);
        appends(2);

        assertThat(here.heard).containsExactly("caught up at 0", "1..2");
        assertThat(there.heard).containsExactly("caught up at 0", "1..2");
    }

    @Test
    void anOffsetBeyondTheTailIsToldOfOneGapBackToTheTail() {
        create(new Expiry.Never());
        appends(3);
        Offset tail = tail();
        Recorder outlet = reads(loop, new ReadFrom.At(new Offset(tail.generation(), 99)), false);

        assertThat(outlet.heard).containsExactly("gap 99 to 3", "caught up at 3");
    }

    @Test
    void anOffsetOfALaterGenerationIsToldOfAGapToTheEarliest() {
        create(new Expiry.Never());
        appends(3);
        Recorder outlet = reads(loop, new ReadFrom.At(new Offset(tail().generation() + 1, 2)), false);

        assertThat(outlet.heard).containsExactly("gap 2 to 0", "1..3", "caught up at 3");
    }

    @Test
    void anOffsetThatWasTrimmedIsToldOfOneGap() {
        create(new Expiry.Never());
        appends(1);
        Offset first = tail();
        appends(8);
        Recorder outlet = reads(loop, new ReadFrom.At(first), false);

        assertThat(outlet.heard).containsExactly("gap 1 to 4", "5..9", "caught up at 9");
    }

    @Test
    void aReaderOfADeletedNamesakeIsToldAndBeginsAtTheBeginning() {
        create(new Expiry.Never());
        appends(3);
        Offset old = tail();
        on(loop, () -> exchange.delete(NAME, loop, answers::add));
        create(new Expiry.Never());
        appends(1);
        Recorder outlet = reads(loop, new ReadFrom.At(old), false);

        assertThat(outlet.heard).containsExactly("gap 3 to 0", "1..1", "caught up at 1");
    }

    // The exchange may be told of both that they failed, where their sync did, and find out only later.
    @Test
    void readersOfAChannelThatWasReplacedUnheardGetNothingOfTheNewOne() {
        create(new Expiry.Never());
        Recorder outlet = reads(loop, new ReadFrom.Earliest(), false);
        on(loop, () -> exchange.find(NAME, loop, answers::add));
        long id = ((FindOutcome.Here) answers.getLast()).found().info().id();
        store.delete(NAME, id, done -> {});
        store.create(new Create(NAME, ContentType.BINARY, null, false, Payloads.NONE, null, null), done -> {});
        run();
        appends(1);

        assertThat(outlet.heard).containsExactly("caught up at 0", "DELETED");
        assertThat(reads(loop, new ReadFrom.Earliest(), false).heard).containsExactly("1..1", "caught up at 1");
    }

    @Test
    void aReaderMayWaitForItsChannel() {
        Recorder waits = reads(other, new ReadFrom.Now(), true);
        Recorder doesNot = reads(other, new ReadFrom.Now(), false);
        assertThat(waits.heard).isEmpty();
        assertThat(doesNot.heard).containsExactly("DELETED");

        Create create = new Create(NAME, ContentType.BINARY, null, false, Payloads.one(new byte[] {1}), null, null);
        on(loop, () -> exchange.create(create, loop, answers::add));
        appends(1);
        assertThat(waits.heard).containsExactly("1..1", "caught up at 1", "2..2");
    }

    @Test
    void aDeletionIsToldToReadersOnEveryLoop() {
        create(new Expiry.Never());
        Recorder here = reads(loop, new ReadFrom.Now(), false);
        Recorder there = reads(other, new ReadFrom.Now(), false);
        on(loop, () -> exchange.delete(NAME, loop, answers::add));

        assertThat(here.heard).containsExactly("caught up at 0", "DELETED");
        assertThat(there.heard).containsExactly("caught up at 0", "DELETED");
        assertThat(answers.getLast()).isEqualTo(new DeleteOutcome.Deleted());
        assertThat(Leftovers.of(exchange)).isEmpty();
    }

    @Test
    void requestsTakeEffectInTheOrderInWhichTheyWereMade() {
        on(loop, () -> {
            exchange.append(append(1), loop, answers::add);
            exchange.create(
                    new Create(NAME, ContentType.BINARY, null, false, Payloads.NONE, null, null), loop, answers::add);
            exchange.delete(NAME, loop, answers::add);
        });

        assertThat(answers.get(0)).isEqualTo(new AppendOutcome.NotFound());
        assertThat(answers).hasSize(3);
    }

    @Test
    void whoeverHeardOfAnAppendFindsIt() {
        create(new Expiry.Never());
        on(
                loop,
                () -> exchange.append(
                        append(2),
                        loop,
                        outcome -> exchange.page(NAME, new ReadFrom.Last(1), 100, loop, answers::add)));

        assertThat(((Page.Messages) answers.getLast()).run().lastSequence()).isEqualTo(2);
    }

    @Test
    void aPageBeforeAnOffsetEndsThere() {
        create(new Expiry.Never());
        appends(4);
        Offset tail = tail();
        ReadFrom before = new ReadFrom.Before(new Offset(tail.generation(), 3), 2);
        on(loop, () -> exchange.page(NAME, before, 100, loop, answers::add));

        Page.Messages page = (Page.Messages) answers.getLast();
        assertThat(page.run().firstSequence()).isEqualTo(2);
        assertThat(page.run().lastSequence()).isEqualTo(3);
    }

    // ---- expiry ----

    @Test
    void aSlidingChannelEndsWhenNobodyCame() {
        create(new Expiry.Sliding(10));
        ticker.advance(9_999);
        appends(1);
        ticker.advance(10_000);
        on(loop, () -> exchange.find(NAME, loop, answers::add));

        assertThat(answers.getLast()).isEqualTo(new FindOutcome.NotFound());
    }

    @Test
    void aLiveReaderHoldsSlidingExpiryOffAndItBeginsAnewWhenItLeaves() {
        create(new Expiry.Sliding(10));
        List<Reader> readers = new ArrayList<>();
        on(other, () -> readers.add(exchange.read(NAME, new ReadFrom.Now(), false, other, new Recorder())));
        ticker.advance(60_000);
        on(loop, exchange::sweep);
        assertThat(tail().sequence()).isZero();

        on(other, readers.getFirst()::close);
        ticker.advance(9_000);
        assertThat(tail().sequence()).isZero();
        ticker.advance(10_000);
        on(loop, () -> exchange.find(NAME, loop, answers::add));
        assertThat(answers.getLast()).isEqualTo(new FindOutcome.NotFound());
    }

    @Test
    void aMomentComesWhoeverReads() {
        create(new Expiry.At(ticker.nowMillis() + 5_000, "then"));
        Recorder outlet = reads(other, new ReadFrom.Now(), false);
        ticker.advance(5_000);
        on(loop, exchange::sweep);

        assertThat(outlet.heard).containsExactly("caught up at 0", "DELETED");
    }

    @Test
    void aChannelHeldByReadersDoesNotTakeAPlaceInEverySweep() {
        create(new Expiry.Sliding(10));
        reads(other, new ReadFrom.Now(), false);
        ticker.advance(60_000);
        on(loop, exchange::sweep);
        store.expired(ticker.nowMillis(), 10, answers::add);
        run();

        assertThat(answers.getLast()).isEqualTo(List.of());
    }

    // ---- what stays ----

    @Test
    void namesThatNobodyUsesCostNothing() {
        on(loop, () -> {
            for (int i = 0; i < 100; i++) {
                exchange.find(new ChannelName("absent-" + i), loop, outcome -> {});
                exchange.read(new ChannelName("gone-" + i), new ReadFrom.Now(), false, loop, new Recorder());
            }
        });

        int logs = 0;
        for (Shard shard : exchange.shards()) logs += shard.logs();
        assertThat(logs).isZero();
        assertThat(exchange.feeds()).isZero();
    }

    @Test
    void aDeletionDuringAReadLeavesNothing() {
        create(new Expiry.Never());
        appends(1);
        on(loop, () -> {
            exchange.page(NAME, new ReadFrom.Earliest(), 100, loop, answers::add);
            exchange.delete(NAME, loop, answers::add);
            exchange.page(NAME, new ReadFrom.Earliest(), 100, loop, answers::add);
        });

        int logs = 0;
        for (Shard shard : exchange.shards()) logs += shard.logs();
        assertThat(logs).isZero();
    }

    @Test
    void channelsInUseKeepNoOtherFromBeingForgotten() {
        Shard shard = new Shard(loop, store, Relay.ALONE, POLICIES, ticker, 1 << 20, 20);
        for (int i = 0; i < 300; i++) {
            ChannelName name = new ChannelName("n" + i);
            Create create = new Create(name, ContentType.BINARY, null, false, Payloads.NONE, null, null);
            boolean read = i < 17;
            on(
                    loop,
                    () -> shard.create(create, outcome -> {
                        if (read)
                            new Feed(name, loop, new Registering(shard), Figures.unseen(), () -> 0)
                                    .open(new ReadFrom.Now(), new Recorder(), false);
                    }));
        }

        assertThat(shard.busyLogs()).isEqualTo(17);
        assertThat(shard.logs()).isLessThanOrEqualTo(20);
    }

    /** A feed's way to one shard. */
    private record Registering(Shard shard) implements Feed.Source {
        @Override
        public void register(Feed feed) {
            shard.register(feed);
        }

        @Override
        public void unregister(Feed feed) {
            shard.unregister(feed);
        }

        @Override
        public void page(ChannelName channel, ReadFrom from, int bytesMax, Loop answerOn, Consumer<Page> answer) {
            shard.pageForReader(channel, from, bytesMax, page -> answerOn.execute(() -> answer.accept(page)));
        }

        @Override
        public Feed successor(Feed deleted) {
            return new Feed(deleted.channel(), deleted.loop(), this, Figures.unseen(), () -> 0);
        }
    }
}
