package io.switchboard.core.reading;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.switchboard.core.channel.Block;
import io.switchboard.core.channel.ChannelInfo;
import io.switchboard.core.channel.ChannelName;
import io.switchboard.core.channel.ContentType;
import io.switchboard.core.channel.Expiry;
import io.switchboard.core.channel.Lineage;
import io.switchboard.core.channel.Offset;
import io.switchboard.core.channel.Payloads;
import io.switchboard.core.channel.Run;
import io.switchboard.core.channel.Tail;
import io.switchboard.core.figures.Figures;
import io.switchboard.core.reading.Outlet.AfterGap;
import io.switchboard.core.reading.Outlet.End;
import io.switchboard.core.reading.Outlet.Offer;
import io.switchboard.core.reading.Reader.State;
import io.switchboard.core.store.Failure;
import io.switchboard.core.time.Loop;
import io.switchboard.testkit.ManualTicker;
import io.switchboard.testkit.sim.CountedForm;
import io.switchboard.testkit.sim.SimLoop;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Readers and their feed, state by state. Messages are numbered; the channel's generation is 1. */
class ReaderTest {
    private static final ChannelName NAME = new ChannelName("c");
    private static final ChannelInfo INFO =
            new ChannelInfo(NAME, 1, ContentType.BINARY, new Expiry.Never(), Lineage.createdIn(1), 0);

    /** Hears what the feed wants; the test answers. */
    private static final class Source implements Feed.Source {
        final Figures figures = new Figures(() -> 0);
        final ManualTicker ticker = new ManualTicker(5_000);

        record Look(ReadFrom from, Consumer<Page> answer) {}

        final ArrayDeque<Look> looks = new ArrayDeque<>();
        final List<Feed> successors = new ArrayList<>();
        int registrations;
        int unregistrations;

        @Override
        public void register(Feed feed) {
            registrations++;
        }

        @Override
        public void unregister(Feed feed) {
            unregistrations++;
        }

        @Override
        public void page(ChannelName channel, ReadFrom from, int bytesMax, Loop answerOn, Consumer<Page> answer) {
            looks.add(new Look(from, answer));
        }

        @Override
        public Feed successor(Feed deleted) {
            Feed next = new Feed(deleted.channel(), deleted.loop(), this, figures, ticker);
            successors.add(next);
            return next;
        }

        void answer(Page page) {
            looks.remove().answer().accept(page);
        }
    }

    /** Writes down what it gets, and answers as the test says. */
    private static final class Recorder implements Outlet {
        final List<String> heard = new ArrayList<>();
        Offer offers = Offer.ACCEPTED;
        AfterGap afterGap = AfterGap.RESUME;
        Consumer<Delivery> inOffer = delivery -> {};

        @Override
        public Offer offer(Reader reader, Delivery delivery) {
            Run run = delivery.run();
            heard.add(run.firstSequence() + ".." + run.lastSequence() + (offers == Offer.ACCEPTED ? "" : " " + offers));
            inOffer.accept(delivery);
            return offers;
        }

        @Override
        public void caughtUp(Reader reader) {
            heard.add("caught up at " + reader.position().sequence());
        }

        @Override
        public AfterGap gap(Reader reader, Offset from, Offset to) {
            heard.add("gap " + from.sequence() + " to " + to.sequence());
            return afterGap;
        }

        @Override
        public void ended(Reader reader, End end) {
            heard.add(end + " at " + reader.position().sequence());
        }

        List<String> takeHeard() {
            List<String> all = List.copyOf(heard);
            heard.clear();
            return all;
        }
    }

    private final ManualTicker time = new ManualTicker(0);
    private final SimLoop loop = new SimLoop(time);
    private final Source source = new Source();
    private final Feed feed = new Feed(NAME, loop, source, source.figures, source.ticker);
    private final Recorder outlet = new Recorder();
    private boolean more; // is in the store's hands

    private void run() {
        while (loop.ready()) loop.step();
    }

    private static Tail tail(long sequence) {
        return new Tail(new Offset(1, sequence), 0, 0, false);
    }

    private static Tail closed(long sequence) {
        return new Tail(new Offset(1, sequence), 0, 0, true);
    }

    private static Block block(long first, long last) {
        return block(first, last, 1);
    }

    private static Block block(long first, long last, int messageBytes) {
        Block.Builder builder = new Block.Builder(1, first, 0);
        for (long i = first; i <= last; i++) builder.append(Payloads.one(new byte[messageBytes]), 0, null);
        return builder.build();
    }

    private static Page messages(long first, long last, Tail tail) {
        return new Page.Messages(INFO, tail, Run.of(block(first, last)));
    }

    private static Page atTail(long sequence) {
        return new Page.AtTail(INFO, tail(sequence));
    }

    private void registered(long sequence) {
        feed.registered(ContentType.BINARY, tail(sequence));
    }

    private void committed(long first, long last) {
        feed.committed(block(first, last), tail(last), () -> more);
        run();
    }

    private Reader live(Recorder with, long sequence) {
        Reader reader = feed.open(new ReadFrom.Now(), with, false);
        if (feed.registered()) source.answer(atTail(sequence));
        else {
            registered(sequence);
            source.answer(atTail(sequence));
        }
        assertThat(reader.state()).isEqualTo(State.LIVE);
        with.heard.clear();
        return reader;
    }

    // ---- catching up ----

    @Test
    void aReaderReadsNothingBeforeItsFeedIsRegistered() {
        feed.open(new ReadFrom.Earliest(), outlet, false);

        assertThat(source.registrations).isEqualTo(1);
        assertThat(source.looks).isEmpty();
        registered(5);
        assertThat(source.looks).hasSize(1);
    }

    @Test
    void itReadsPageByPageAndIsLiveAtTheTail() {
        Reader reader = feed.open(new ReadFrom.Earliest(), outlet, false);
        registered(5);

        source.answer(messages(1, 3, tail(5)));
        assertThat(reader.state()).isEqualTo(State.CATCHING_UP);
        assertThat(source.looks.element().from()).isEqualTo(new ReadFrom.At(new Offset(1, 3)));
        source.answer(messages(4, 5, tail(5)));

        assertThat(reader.state()).isEqualTo(State.LIVE);
        assertThat(source.looks).as("no page more than needed").isEmpty();
        assertThat(outlet.heard).containsExactly("1..3", "4..5", "caught up at 5");
    }

    @Test
    void whatWasDeliveredWhileItLookedIsReadFromTheLogFirst() {
        Reader other = live(new Recorder(), 5);
        Reader reader = feed.open(new ReadFrom.At(new Offset(1, 5)), outlet, false);
        committed(6, 7);
        source.answer(atTail(5));

        assertThat(reader.state()).isEqualTo(State.CATCHING_UP);
        source.answer(messages(6, 7, tail(7)));
        assertThat(reader.state()).isEqualTo(State.LIVE);
        assertThat(outlet.heard).containsExactly("6..7", "caught up at 7");
        assertThat(other.position().sequence()).isEqualTo(7);
    }

    @Test
    void whatItReadAheadOfADeliveryIsNotOfferedAgain() {
        live(new Recorder(), 5);
        Reader reader = feed.open(new ReadFrom.At(new Offset(1, 5)), outlet, false);
        feed.committed(block(6, 7), tail(7), () -> more);
        feed.committed(block(8, 9), tail(9), () -> more);
        source.answer(messages(6, 8, tail(8)));
        assertThat(reader.state()).isEqualTo(State.LIVE);
        run();

        assertThat(outlet.heard).containsExactly("6..8", "caught up at 8", "9..9");
    }

    @Test
    void oneThatIsFullWhileCatchingUpWaitsAndReadsOn() {
        Reader reader = feed.open(new ReadFrom.Earliest(), outlet, false);
        registered(5);
        outlet.offers = Offer.FULL;
        source.answer(messages(1, 3, tail(5)));
        assertThat(reader.state()).isEqualTo(State.LAGGING);
        assertThat(source.looks).isEmpty();

        outlet.offers = Offer.ACCEPTED;
        reader.writable();
        assertThat(source.looks.element().from())
                .as("nothing was accepted, so the earliest may have moved")
                .isEqualTo(new ReadFrom.Earliest());
        source.answer(messages(1, 5, tail(5)));
        assertThat(outlet.heard).containsExactly("1..3 FULL", "1..5", "caught up at 5");
    }

    @Test
    void oneThatIsGoneEndsWithoutAWord() {
        Reader reader = feed.open(new ReadFrom.Earliest(), outlet, false);
        registered(5);
        outlet.offers = Offer.GONE;
        source.answer(messages(1, 3, tail(5)));

        assertThat(reader.state()).isEqualTo(State.DONE);
        assertThat(outlet.heard).containsExactly("1..3 GONE");
        assertThat(source.unregistrations).isEqualTo(1);
    }

    @Test
    void aPageThatComesAfterTheReaderClosedIsNotOffered() {
        Reader reader = feed.open(new ReadFrom.Earliest(), outlet, false);
        registered(5);
        reader.close();
        source.answer(messages(1, 3, tail(5)));

        assertThat(outlet.heard).isEmpty();
    }

    @Test
    void aGapIsToldAndReadingGoesOnBehindIt() {
        feed.open(new ReadFrom.At(new Offset(1, 2)), outlet, false);
        registered(9);
        source.answer(new Page.Trimmed(INFO, new Offset(1, 6)));

        assertThat(source.looks.element().from()).isEqualTo(new ReadFrom.At(new Offset(1, 6)));
        source.answer(messages(7, 9, tail(9)));
        assertThat(outlet.heard).containsExactly("gap 2 to 6", "7..9", "caught up at 9");
    }

    @Test
    void aGapEndsAReaderThatDoesNotGoOn() {
        outlet.afterGap = AfterGap.STOP;
        Reader reader = feed.open(new ReadFrom.At(new Offset(1, 12)), outlet, false);
        registered(9);
        source.answer(new Page.Lost(INFO, new Offset(1, 9)));

        assertThat(reader.state()).isEqualTo(State.DONE);
        assertThat(outlet.heard).containsExactly("gap 12 to 9");
        assertThat(feed.readers()).isZero();
    }

    @Test
    void aLogThatCannotBeReadEndsTheReader() {
        feed.open(new ReadFrom.Earliest(), outlet, false);
        registered(5);
        source.answer(new Page.Failed(Failure.UNAVAILABLE));

        assertThat(outlet.heard).containsExactly("FAILED at 0");
    }

    // ---- live ----

    @Test
    void aLiveReaderGetsWhatIsCommitted() {
        Reader reader = live(outlet, 5);
        committed(6, 7);
        committed(8, 8);

        assertThat(outlet.heard).containsExactly("6..7", "8..8");
        assertThat(reader.position()).isEqualTo(new Offset(1, 8));
    }

    @Test
    void whatIsCommittedWithinOneTurnComesInOneDelivery() {
        live(outlet, 5);
        feed.committed(block(6, 7), tail(7), () -> more);
        feed.committed(block(8, 9), tail(9), () -> more);
        run();

        assertThat(outlet.heard).containsExactly("6..9");
    }

    @Test
    void aDeliveryHoldsAtMostSoManyBytesOrOneBlock() {
        live(outlet, 5);
        feed.committed(block(6, 6, Feed.ROUND_BYTES_MAX + 1), tail(6), () -> more);
        feed.committed(block(7, 7, Feed.ROUND_BYTES_MAX), tail(7), () -> more);
        feed.committed(block(8, 8), tail(8), () -> more);
        run();

        assertThat(outlet.heard).containsExactly("6..6", "7..7", "8..8");
    }

    @Test
    void aDeliveryNeverSpansAHole() {
        Reader reader = live(outlet, 5);
        feed.committed(block(6, 7), tail(7), () -> more);
        feed.committed(block(9, 9), tail(9), () -> more);
        run();

        assertThat(outlet.takeHeard()).containsExactly("6..7");
        time.advance(Feed.LATE_MILLIS_MAX);
        run();
        source.answer(messages(8, 9, tail(9)));
        run();
        assertThat(outlet.heard).containsExactly("8..9");
        assertThat(reader.state()).isEqualTo(State.LIVE);
    }

    @Test
    void commitsThatAreHeardOfInAnotherOrderAreDeliveredInTheirs() {
        live(outlet, 5);
        feed.committed(block(8, 8), tail(8), () -> more);
        feed.committed(block(10, 10), tail(10), () -> more);
        run();
        assertThat(outlet.heard).isEmpty();
        feed.committed(block(6, 7), tail(10), () -> more);
        feed.committed(block(6, 7), tail(10), () -> more);
        feed.committed(block(9, 9), tail(10), () -> more);
        run();
        feed.committed(block(8, 8), tail(10), () -> more);
        run();

        assertThat(outlet.heard).containsExactly("6..10");
        assertThat(source.looks).isEmpty();
    }

    @Test
    void whatTheLogDoesNotHaveEachReaderFindsOutForItself() {
        Reader reader = live(outlet, 5);
        feed.committed(null, tail(9), () -> more);
        run();
        source.answer(new Page.Trimmed(INFO, new Offset(1, 7)));
        run();

        assertThat(reader.state()).isEqualTo(State.CATCHING_UP);
        source.answer(new Page.Trimmed(INFO, new Offset(1, 7)));
        source.answer(messages(8, 9, tail(9)));
        assertThat(outlet.heard).containsExactly("gap 5 to 7", "8..9", "caught up at 9");
    }

    @Test
    void whereTheStoreHasLostItsTailReadersAreToldOfTheGap() {
        Reader reader = live(outlet, 5);
        committed(6, 8);
        feed.receded(tail(6));
        run();

        assertThat(reader.state()).isEqualTo(State.CATCHING_UP);
        source.answer(new Page.Lost(INFO, new Offset(1, 6)));
        source.answer(new Page.AtTail(INFO, tail(6)));
        committed(7, 7);
        assertThat(outlet.heard).containsExactly("6..8", "gap 8 to 6", "caught up at 6", "7..7");
    }

    @Test
    void aLiveReaderThatIsFullHoldsNothingAndCatchesUpWhenWritable() {
        Reader reader = live(outlet, 5);
        outlet.offers = Offer.FULL;
        committed(6, 6);
        assertThat(reader.state()).isEqualTo(State.LAGGING);
        assertThat(feed.liveReaders()).isZero();
        committed(7, 9);
        assertThat(feed.pendingBytes()).isZero();

        outlet.offers = Offer.ACCEPTED;
        reader.writable();
        assertThat(source.looks.element().from()).isEqualTo(new ReadFrom.At(new Offset(1, 5)));
        source.answer(messages(6, 9, tail(9)));
        assertThat(outlet.heard).containsExactly("6..6 FULL", "6..9", "caught up at 9");
        assertThat(reader.state()).isEqualTo(State.LIVE);
    }

    @Test
    void aReaderWhoseOutletWantsItLaterPausesAndIsNotBehind() {
        Reader reader = live(outlet, 5);
        outlet.offers = Offer.LATER;
        committed(6, 6);
        assertThat(reader.state()).isEqualTo(State.PAUSED);
        assertThat(source.figures.lagging.value()).isZero();
        committed(7, 9);

        outlet.offers = Offer.FULL;
        reader.skipToNewest();
        assertThat(source.looks.element().from()).isEqualTo(new ReadFrom.Last(1));
        source.answer(messages(9, 9, tail(9)));
        assertThat(reader.state()).isEqualTo(State.LAGGING);
        assertThat(source.figures.lagging.value()).isEqualTo(1);
        assertThat(source.figures.recoveries.value()).isZero();

        reader.close();
        assertThat(source.figures.lagging.value()).isZero();
    }

    @Test
    void oneOutletOfManyReadersIsToldWhoseEachCallIs() {
        Map<Reader, List<String>> heard = new HashMap<>();
        Outlet shared = new Outlet() {
            private void hear(Reader by, String what) {
                heard.computeIfAbsent(by, reader -> new ArrayList<>()).add(what);
            }

            @Override
            public Offer offer(Reader reader, Delivery delivery) {
                hear(
                        reader,
                        delivery.run().firstSequence() + ".." + delivery.run().lastSequence());
                return Offer.ACCEPTED;
            }

            @Override
            public void caughtUp(Reader reader) {
                hear(reader, "caught up at " + reader.position().sequence());
            }

            @Override
            public AfterGap gap(Reader reader, Offset from, Offset to) {
                hear(reader, "gap");
                return AfterGap.RESUME;
            }

            @Override
            public void ended(Reader reader, End end) {
                hear(reader, end + " at " + reader.position().sequence());
            }
        };
        Reader first = feed.open(new ReadFrom.Now(), shared, false);
        Reader second = feed.open(new ReadFrom.At(new Offset(1, 3)), shared, false);
        assertThat(first.outlet()).isSameAs(shared);
        registered(5);
        source.answer(atTail(5));
        source.answer(messages(4, 5, tail(5)));
        feed.committed(block(6, 6), closed(6), () -> more);
        run();

        assertThat(heard.get(first)).containsExactly("caught up at 5", "6..6", "CLOSED at 6");
        assertThat(heard.get(second)).containsExactly("4..5", "caught up at 5", "6..6", "CLOSED at 6");
    }

    @Test
    void whatAClientHasSeenIsWhereItBeganUntilThereIsMore() {
        Reader earliest = feed.open(new ReadFrom.Earliest(), outlet, false);
        Reader at = feed.open(new ReadFrom.At(new Offset(1, 3)), outlet, false);
        registered(5);
        assertThat(earliest.seen()).isNull();
        assertThat(at.seen()).isEqualTo(new Offset(1, 3));

        outlet.offers = Offer.FULL;
        source.answer(messages(1, 2, tail(5)));
        assertThat(earliest.seen()).as("nothing was accepted").isNull();
        outlet.offers = Offer.ACCEPTED;
        source.answer(messages(4, 5, tail(5)));
        assertThat(at.seen()).isEqualTo(new Offset(1, 5));
        at.close();
        assertThat(at.seen()).as("it stays where it ended").isEqualTo(new Offset(1, 5));
    }

    @Test
    void beingToldOfRoomNobodyWaitedForChangesNothing() {
        Reader reader = live(outlet, 5);
        reader.writable();

        assertThat(reader.state()).isEqualTo(State.LIVE);
        assertThat(source.looks).isEmpty();
    }

    @Test
    void aReaderThatJoinsWithinARoundIsNotOfferedIt() {
        live(outlet, 5);
        Recorder joining = new Recorder();
        outlet.inOffer = delivery -> {
            feed.open(new ReadFrom.At(new Offset(1, 6)), joining, false);
            source.answer(atTail(6));
        };
        committed(6, 6);
        outlet.inOffer = delivery -> {};
        committed(7, 7);

        assertThat(joining.heard).containsExactly("caught up at 6", "7..7");
    }

    @Test
    void thoseWhoLeaveWithinARoundKeepNobodyFromIt() {
        List<Recorder> outlets = new ArrayList<>();
        List<Reader> readers = new ArrayList<>();
        for (int i = 0; i < 7; i++) {
            outlets.add(new Recorder());
            readers.add(live(outlets.get(i), 5));
        }
        outlets.get(2).inOffer = delivery -> {
            readers.get(0).close(); // was offered it
            readers.get(2).close(); // itself
            readers.get(4).close(); // is yet to be
        };
        committed(6, 6);
        committed(7, 7);

        assertThat(outlets.get(0).heard).containsExactly("6..6");
        assertThat(outlets.get(2).heard).containsExactly("6..6");
        assertThat(outlets.get(4).heard).isEmpty();
        for (int stays : new int[] {1, 3, 5, 6}) {
            assertThat(outlets.get(stays).heard).as("reader " + stays).containsExactly("6..6", "7..7");
        }
        assertThat(feed.readers()).isEqualTo(4);
        assertThat(feed.liveReaders()).isEqualTo(4);
    }

    @Test
    void aRoundLetsOtherWorkGoFirstNowAndThen() {
        List<Recorder> outlets = new ArrayList<>();
        for (int i = 0; i < Feed.OFFERS_PER_TURN + 1; i++) {
            outlets.add(new Recorder());
            live(outlets.get(i), 5);
        }
        feed.committed(block(6, 6), tail(6), () -> more);
        List<Long> offeredBefore = new ArrayList<>();
        loop.execute(() -> offeredBefore.add(
                outlets.stream().filter(o -> !o.heard.isEmpty()).count()));
        run();

        assertThat(offeredBefore).containsExactly((long) Feed.OFFERS_PER_TURN);
        assertThat(outlets).allSatisfy(each -> assertThat(each.heard).containsExactly("6..6"));
    }

    @Test
    void anOutletThatThrowsKeepsNoOtherFromItsMessages() {
        Recorder broken = new Recorder();
        broken.inOffer = delivery -> {
            throw new IllegalStateException("a bug");
        };
        live(broken, 5);
        live(outlet, 5);
        feed.committed(block(6, 6), tail(6), () -> more);

        assertThatThrownBy(this::run).isInstanceOf(IllegalStateException.class);
        run();
        assertThat(outlet.heard).containsExactly("6..6");
    }

    @Test
    void readersOfOneFormShareItsBytesAndTheyAreGivenBack() {
        AtomicInteger held = new AtomicInteger();
        List<Object> encoded = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            Recorder each = new Recorder();
            int number = i / 2;
            each.inOffer = delivery -> encoded.add(delivery.as(new CountedForm(number, held)));
            live(each, 5);
        }
        committed(6, 6);

        assertThat(encoded).hasSize(3);
        assertThat(encoded.get(0)).isSameAs(encoded.get(1)).isNotSameAs(encoded.get(2));
        assertThat(held).hasValue(0);
    }

    @Test
    void aDeliveryIsNotReleasedWhileAnOutletHasIt() {
        AtomicInteger held = new AtomicInteger();
        Reader reader = live(outlet, 5);
        List<Boolean> released = new ArrayList<>();
        outlet.inOffer = delivery -> {
            CountedForm.Encoded encoded = delivery.as(new CountedForm(0, held));
            reader.close();
            released.add(encoded.isReleased());
        };
        committed(6, 6);

        assertThat(released).containsExactly(false);
        assertThat(held).hasValue(0);
        assertThat(feed.readers()).isZero();
    }

    @Test
    void whatWaitsForARoundIsBoundedAndTheRestIsInTheLog() {
        Reader reader = live(outlet, 5);
        long sequence = 5;
        for (int i = 0; i < 100; i++) {
            sequence++;
            feed.committed(block(sequence, sequence, 100_000), tail(sequence), () -> more);
        }
        assertThat(feed.pendingBytes()).isLessThanOrEqualTo(Feed.PENDING_BYTES_MAX);
        run();

        assertThat(reader.state()).isEqualTo(State.CATCHING_UP);
        assertThat(outlet.takeHeard()).isEmpty();
        source.answer(messages(6, sequence, tail(sequence)));
        assertThat(outlet.heard).containsExactly("6..105", "caught up at 105");
    }

    @Test
    void commitsThatOnlyTheLogHasAreReadFromIt() {
        Reader reader = live(outlet, 5);
        feed.committed(null, tail(8), () -> more);
        run();

        assertThat(reader.state()).isEqualTo(State.LIVE);
        source.answer(messages(6, 8, tail(8)));
        run();
        assertThat(outlet.heard).containsExactly("6..8");
    }

    // ---- the end ----

    @Test
    void aClosedChannelIsToldAfterItsLastMessageAndOnce() {
        Reader reader = live(outlet, 5);
        feed.committed(block(6, 7), closed(7), () -> more);
        run();

        assertThat(outlet.heard).containsExactly("6..7", "CLOSED at 7");
        assertThat(reader.state()).isEqualTo(State.DONE);
        assertThat(source.unregistrations).isEqualTo(1);
    }

    @Test
    void aClosingWithoutMessagesIsTold() {
        live(outlet, 5);
        feed.committed(null, closed(5), () -> more);
        run();

        assertThat(outlet.heard).containsExactly("CLOSED at 5");
    }

    @Test
    void oneThatLagsHearsOfTheClosingAfterTheLastMessage() {
        Reader reader = live(outlet, 5);
        outlet.offers = Offer.FULL;
        feed.committed(block(6, 7), closed(7), () -> more);
        run();
        assertThat(outlet.takeHeard()).containsExactly("6..7 FULL");

        outlet.offers = Offer.ACCEPTED;
        reader.writable();
        source.answer(messages(6, 7, closed(7)));
        assertThat(outlet.heard).containsExactly("6..7", "CLOSED at 7");
    }

    @Test
    void oneThatIsAtTheTailOfAClosedChannelHearsIt() {
        feed.open(new ReadFrom.Now(), outlet, false);
        feed.registered(ContentType.BINARY, closed(5));
        source.answer(new Page.AtTail(INFO, closed(5)));

        assertThat(outlet.heard).containsExactly("CLOSED at 5");
    }

    @Test
    void aClosingThatFeedsHearOfBeforeAnOlderPageComesIsTold() {
        live(new Recorder(), 5);
        feed.open(new ReadFrom.Now(), outlet, false);
        feed.committed(null, closed(5), () -> more);
        run();
        source.answer(atTail(5));

        assertThat(outlet.heard).containsExactly("CLOSED at 5");
    }

    @Test
    void aDeletionEndsLiveReadersAtOnceAndLaggingOnesWhenTheyLook() {
        Recorder slow = new Recorder();
        Reader lagging = live(slow, 5);
        slow.offers = Offer.FULL;
        live(outlet, 5);
        committed(6, 6);
        feed.deleted();

        assertThat(outlet.heard).containsExactly("6..6", "DELETED at 6");
        assertThat(slow.takeHeard()).containsExactly("6..6 FULL");
        lagging.writable();
        assertThat(slow.heard).containsExactly("DELETED at 5");
        assertThat(feed.readers()).isZero();
    }

    @Test
    void aDeletionEndsLiveReadersWithWhatWasCommittedBefore() {
        List<Recorder> crowd = crowd(Feed.HOLDING_READERS_MIN);
        committedAndMoreFollows(6);
        loop.execute(feed::deleted);
        run();

        for (Recorder one : crowd) assertThat(one.heard).containsExactly("6..6", "DELETED at 6");
        assertThat(feed.readers()).isZero();
    }

    @Test
    void aDeletionInTheMiddleOfARoundLetsTheRoundGoOn() {
        List<Recorder> crowd = crowd(2 * Feed.OFFERS_PER_TURN);
        loop.execute(() -> feed.committed(block(6, 6), tail(6), () -> more));
        while (crowd.getFirst().heard.isEmpty()) loop.step();
        assertThat(crowd.getLast().heard).isEmpty();
        loop.execute(feed::deleted);
        run();

        for (Recorder one : crowd) assertThat(one.heard).containsExactly("6..6", "DELETED at 6");
    }

    @Test
    void aReaderThatWasToldNothingYetMovesToTheChannelThatComesAfter() {
        live(new Recorder(), 5);
        feed.open(new ReadFrom.Earliest(), outlet, false);
        feed.deleted();
        source.answer(messages(1, 5, tail(5)));

        Feed next = source.successors.getFirst();
        next.registered(ContentType.BINARY, tail(1));
        source.answer(messages(1, 1, tail(1)));
        assertThat(outlet.heard).containsExactly("1..1", "caught up at 1");
        assertThat(next.readers()).isEqualTo(1);
    }

    @Test
    void aPageMayKnowOfTheDeletionFirst() {
        Reader reader = feed.open(new ReadFrom.Earliest(), outlet, false);
        registered(5);
        source.answer(new Page.NotFound());
        assertThat(outlet.heard).isEmpty();
        feed.deleted();

        Feed next = source.successors.getFirst();
        next.absent();
        assertThat(outlet.heard).containsExactly("DELETED at 0");
        assertThat(reader.state()).isEqualTo(State.DONE);
    }

    // ---- rounds to many ----

    private List<Recorder> crowd(int readers) {
        List<Recorder> crowd = new ArrayList<>();
        for (int i = 0; i < readers; i++) {
            crowd.add(new Recorder());
            live(crowd.getLast(), 5);
        }
        return crowd;
    }

    private void committedAndMoreFollows(long sequence) {
        more = true;
        loop.execute(() -> feed.committed(block(sequence, sequence), tail(sequence), () -> more));
        run();
    }

    @Test
    void aRoundToManyWaitsForWhatTheStoreHasInItsHands() {
        List<Recorder> crowd = crowd(Feed.HOLDING_READERS_MIN);
        committedAndMoreFollows(6);
        committedAndMoreFollows(7);
        for (Recorder one : crowd) assertThat(one.heard).isEmpty();
        more = false;
        committed(8, 8);

        for (Recorder one : crowd) assertThat(one.heard).containsExactly("6..8");
    }

    @Test
    void itDoesNotWaitForWhatDoesNotCome() {
        List<Recorder> crowd = crowd(Feed.HOLDING_READERS_MIN);
        committedAndMoreFollows(6);
        more = false; // it was refused
        loop.execute(feed::nothingMore);
        run();

        for (Recorder one : crowd) assertThat(one.heard).containsExactly("6..6");
    }

    @Test
    void theNextRoundWaitsForWhatTheStoreWasGivenDuringThisOne() {
        List<Recorder> crowd = crowd(Feed.OFFERS_PER_TURN + 1);
        loop.execute(() -> feed.committed(block(6, 6), tail(6), () -> more));
        while (crowd.getFirst().heard.isEmpty()) loop.step();
        loop.execute(() -> feed.committed(block(7, 7), tail(7), () -> more));
        more = true; // it hears of another append when it looks at its sockets
        run();
        for (Recorder one : crowd) assertThat(one.takeHeard()).containsExactly("6..6");
        more = false;
        committed(8, 8);

        for (Recorder one : crowd) assertThat(one.heard).containsExactly("7..8");
    }

    @Test
    void itDoesNotWaitLonger() {
        List<Recorder> crowd = crowd(Feed.HOLDING_READERS_MIN);
        committedAndMoreFollows(6);
        time.advance(Feed.HELD_MILLIS_MAX);
        run();
        for (Recorder one : crowd) assertThat(one.takeHeard()).containsExactly("6..6");

        committedAndMoreFollows(7);
        time.advance(Feed.HELD_MILLIS_MAX);
        run();
        for (Recorder one : crowd) assertThat(one.heard).containsExactly("7..7");
    }

    @Test
    void aRoundToFewOrOfMuchDoesNotWait() {
        List<Recorder> few = crowd(Feed.HOLDING_READERS_MIN - 1);
        committedAndMoreFollows(6);
        for (Recorder one : few) assertThat(one.takeHeard()).containsExactly("6..6");

        live(new Recorder(), 6);
        loop.execute(() -> feed.committed(block(7, 7, Feed.ROUND_BYTES_MAX), tail(7), () -> more));
        run();
        for (Recorder one : few) assertThat(one.heard).containsExactly("7..7");
    }

    @Test
    void whenAllLeaveWhileARoundWaitsThereIsNone() {
        List<Reader> readers = new ArrayList<>();
        List<Recorder> crowd = new ArrayList<>();
        for (int i = 0; i < Feed.HOLDING_READERS_MIN; i++) {
            crowd.add(new Recorder());
            readers.add(live(crowd.getLast(), 5));
        }
        committedAndMoreFollows(6);
        readers.forEach(Reader::close);
        time.advance(Feed.HELD_MILLIS_MAX);
        run();

        for (Recorder one : crowd) assertThat(one.heard).isEmpty();
        assertThat(feed.pendingBytes()).isZero();
    }

    // ---- channels that are not there ----

    @Test
    void anAbsentChannelIsAsGoodAsADeletedOneToThoseWhoDoNotWait() {
        feed.open(new ReadFrom.Now(), outlet, false);
        feed.absent();

        assertThat(outlet.heard).containsExactly("DELETED at 0");
        assertThat(source.unregistrations).isEqualTo(1);
    }

    @Test
    void thoseWhoWaitForAChannelBeginAtItsBeginning() {
        feed.open(new ReadFrom.Now(), outlet, true);
        feed.absent();
        assertThat(outlet.heard).isEmpty();
        registered(2);

        assertThat(source.looks.element().from()).isEqualTo(new ReadFrom.Earliest());
    }

    @Test
    void anOffsetIsNotForgottenByWaiting() {
        feed.open(new ReadFrom.At(new Offset(1, 7)), outlet, true);
        feed.absent();
        registered(0);

        assertThat(source.looks.element().from()).isEqualTo(new ReadFrom.At(new Offset(1, 7)));
    }

    @Test
    void whoeverComesWhileOthersWaitHearsThatTheChannelIsAbsent() {
        feed.open(new ReadFrom.Now(), new Recorder(), true);
        feed.absent();
        Recorder waits = new Recorder();
        feed.open(new ReadFrom.Now(), outlet, false);
        feed.open(new ReadFrom.Now(), waits, true);
        assertThat(source.registrations).as("it is looked for again").isEqualTo(3);
        feed.absent();
        assertThat(outlet.heard).as("another look is still to be answered").isEmpty();
        feed.absent();

        assertThat(outlet.heard).containsExactly("DELETED at 0");
        registered(1);
        assertThat(source.looks).hasSize(2).allSatisfy(look -> assertThat(look.from())
                .isEqualTo(new ReadFrom.Earliest()));
    }

    @Test
    void aRegistrationThatFailsIsAFailureAndNoDeletion() {
        feed.open(new ReadFrom.Now(), outlet, true);
        feed.failed();

        assertThat(outlet.heard).containsExactly("FAILED at 0");
        assertThat(feed.readers()).isZero();
    }

    @Test
    void aFeedWithoutReadersKeepsNothing() {
        Reader reader = live(outlet, 5);
        feed.committed(block(6, 6), tail(6), () -> more);
        reader.close();
        reader.close();
        feed.committed(block(7, 7), tail(7), () -> more);
        run();

        assertThat(source.unregistrations).isEqualTo(1);
        assertThat(feed.pendingBytes()).isZero();
        assertThat(outlet.heard).isEmpty();
    }

    // ---- figures ----

    @Test
    void whatReadersDoIsCounted() {
        Figures figures = source.figures;
        Recorder full = new Recorder();
        Reader steady = live(outlet, 5);
        Reader slow = live(full, 5);
        full.offers = Offer.FULL;
        committed(6, 8);
        assertThat(figures.readers.value()).isEqualTo(2);
        assertThat(figures.lagging.value()).isEqualTo(1);
        assertThat(figures.messagesOut.value()).isEqualTo(3);
        assertThat(figures.bytesOut.value()).isEqualTo(block(6, 8).payloadBytes());
        assertThat(figures.delivery.counts()).startsWith(0).contains(1);
        assertThat(figures.delivery.sumSeconds()).isEqualTo(5 - block(6, 8).timeMillis(2) / 1_000.0);

        full.offers = Offer.ACCEPTED;
        slow.writable();
        source.answer(messages(6, 8, tail(8)));
        assertThat(figures.lagging.value()).isZero();
        assertThat(figures.recoveries.value()).isEqualTo(1);
        assertThat(figures.messagesOut.value()).isEqualTo(6);

        full.offers = Offer.FULL;
        committed(9, 9);
        assertThat(figures.lagging.value()).isEqualTo(1);
        slow.close();
        steady.close();
        assertThat(figures.lagging.value()).isZero();
        assertThat(figures.readers.value()).isZero();
    }

    @Test
    void aGapIsCounted() {
        feed.open(new ReadFrom.At(new Offset(1, 2)), outlet, false);
        registered(9);
        source.answer(new Page.Trimmed(INFO, new Offset(1, 6)));
        assertThat(source.figures.gaps.value()).isEqualTo(1);
    }
}
