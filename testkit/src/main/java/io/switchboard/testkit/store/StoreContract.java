package io.switchboard.testkit.store;

import static io.switchboard.testkit.store.Asking.closing;
import static io.switchboard.testkit.store.Asking.payloads;
import static io.switchboard.testkit.store.Asking.plain;
import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.core.channel.Append;
import io.switchboard.core.channel.Block;
import io.switchboard.core.channel.ChannelName;
import io.switchboard.core.channel.ChannelPattern;
import io.switchboard.core.channel.ChannelPolicy;
import io.switchboard.core.channel.ContentType;
import io.switchboard.core.channel.Durability;
import io.switchboard.core.channel.Expiry;
import io.switchboard.core.channel.Offset;
import io.switchboard.core.channel.Payloads;
import io.switchboard.core.channel.Policies;
import io.switchboard.core.channel.Producer;
import io.switchboard.core.channel.Retention;
import io.switchboard.core.channel.Run;
import io.switchboard.core.store.AppendOutcome;
import io.switchboard.core.store.Create;
import io.switchboard.core.store.CreateOutcome;
import io.switchboard.core.store.DeleteOutcome;
import io.switchboard.core.store.FindOutcome;
import io.switchboard.core.store.Found;
import io.switchboard.core.store.ReadOutcome;
import io.switchboard.core.store.Store;
import io.switchboard.core.time.Ticker;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What holds for every store. A store's tests extend this and say how to open one. */
public abstract class StoreContract {
    /** Channels under these names have a policy of their own, any other name the default one. */
    private static final Policies POLICIES = new Policies(
            List.of(
                    rule("count/**", Durability.OS, new Retention(5, Retention.UNLIMITED, Retention.UNLIMITED)),
                    rule("bytes/**", Durability.OS, new Retention(Retention.UNLIMITED, 1_000, Retention.UNLIMITED)),
                    rule("age/**", Durability.OS, new Retention(Retention.UNLIMITED, Retention.UNLIMITED, 60_000)),
                    rule("memory/**", Durability.MEMORY, Retention.FOREVER),
                    rule("fsync/**", Durability.FSYNC, Retention.FOREVER)),
            ChannelPolicy.DEFAULT);

    private static final ContentType TEXT = ContentType.of("text/plain");

    /** What the store takes for the current moment. */
    protected final AtomicLong nowMillis = new AtomicLong(1_700_000_000_000L);

    private Store store;
    private Asking ask;

    /** An empty store that nobody else uses. */
    protected abstract Store open(Policies policies, Ticker ticker) throws Exception;

    /** Closes the store and opens it again with what it kept; null if it keeps nothing. */
    protected abstract @Nullable Store reopen(Store open, Policies policies, Ticker ticker) throws Exception;

    /** How many requests the comparison with the model makes. */
    protected int modelSteps() {
        return 10_000;
    }

    /**
     * Whether what a deletion does to the channels that the deleted one was forked from happens in the order of all
     * requests; otherwise it has happened once the deletion is answered.
     */
    protected boolean reachesSourcesInOrder() {
        return true;
    }

    @BeforeEach
    void openStore() throws Exception {
        store = open(POLICIES, nowMillis::get);
        ask = new Asking(store);
    }

    @AfterEach
    void closeStore() {
        store.close();
    }

    private static Policies.Rule rule(String pattern, Durability durability, Retention retention) {
        return new Policies.Rule(
                new ChannelPattern(pattern), new ChannelPolicy(durability, retention, ChannelPolicy.Creation.EXPLICIT));
    }

    private static Append typed(String name, ContentType type, String message) {
        return Append.of(new ChannelName(name), type, payloads(message));
    }

    private static Append sequenced(String name, String streamSequence, String message) {
        return new Append(
                new ChannelName(name), ContentType.BINARY, payloads(message), false, null, streamSequence, null);
    }

    private static Create channel(String name, @Nullable ContentType type, @Nullable Expiry expiry, boolean closed) {
        return new Create(new ChannelName(name), type, expiry, closed, Payloads.NONE, null, null);
    }

    private static Create fork(String name, String source, @Nullable Offset at, long subOffset, String... messages) {
        Create.Fork fork = new Create.Fork(new ChannelName(source), at, subOffset);
        return new Create(new ChannelName(name), null, null, false, payloads(messages), fork, null);
    }

    private Found forked(Create create) {
        CreateOutcome outcome = ask.create(create);
        if (outcome instanceof CreateOutcome.Created(Found found)) return found;
        throw new AssertionError("expected Created, got " + outcome);
    }

    // ---- messages ----

    @Test
    void messagesAreReadBackInOrderWithTheirTimesAndSubjects() {
        ask.created("a", ContentType.BINARY);
        ask.appended("a", "one", "two");
        nowMillis.addAndGet(1_000);
        AppendOutcome outcome = ask.append(
                new Append(new ChannelName("a"), ContentType.BINARY, payloads("three"), false, null, null, "alice"));
        Found found = ask.found("a");
        assertThat(outcome).isInstanceOfSatisfying(AppendOutcome.Appended.class, appended -> assertThat(appended.tail())
                .isEqualTo(found.tail()));
        assertThat(found.tail().bytes()).isEqualTo(11);
        assertThat(ask.all("a")).containsExactly("one", "two", "three");

        ReadOutcome read = ask.read(found.info().id(), 2, 1);
        assertThat(read).isInstanceOfSatisfying(ReadOutcome.Messages.class, messages -> {
            Run.Slice slice = messages.run().slices().getFirst();
            assertThat(slice.block().timeMillis(slice.from())).isEqualTo(nowMillis.get());
            assertThat(slice.block().subject(slice.from())).isEqualTo("alice");
            assertThat(slice.block().startsAppend(slice.from())).isTrue();
            assertThat(messages.run().lastOffset()).isEqualTo(found.tail().offset());
        });
    }

    @Test
    void appendsToldTogetherShareABlockAndEachKnowsItsOwnOffset() {
        ask.created("a", ContentType.BINARY);
        List<CompletableFuture<AppendOutcome>> answers = new ArrayList<>();
        for (int i = 1; i <= 200; i++) {
            CompletableFuture<AppendOutcome> answer = new CompletableFuture<>();
            store.append(plain("a", "m" + i), answer::complete);
            answers.add(answer);
        }
        for (int i = 1; i <= 200; i++) {
            AppendOutcome.Appended appended = (AppendOutcome.Appended) Asking.await(answers.get(i - 1));
            assertThat(appended.offset().sequence()).isEqualTo(i);
            Block block = Objects.requireNonNull(appended.block());
            assertThat(block.firstSequence()).isLessThanOrEqualTo(i);
            assertThat(block.lastSequence()).isGreaterThanOrEqualTo(i);
            assertThat(Asking.texts(Run.of(block)).get((int) (i - block.firstSequence())))
                    .isEqualTo("m" + i);
            assertThat(appended.tail().offset()).isGreaterThanOrEqualTo(block.lastOffset());
        }
    }

    @Test
    void aReadBringsAtLeastOneMessageAndAboutAsMuchAsAskedFor() {
        long id = ask.created("a", ContentType.BINARY, "0123456789", "0123456789", "0123456789")
                .info()
                .id();
        assertThat(ask.read(id, 0, 1)).isInstanceOfSatisfying(ReadOutcome.Messages.class, messages -> assertThat(
                        messages.run().count())
                .isEqualTo(1));
        assertThat(ask.read(id, 0, 20)).isInstanceOfSatisfying(ReadOutcome.Messages.class, messages -> assertThat(
                        messages.run().count())
                .isEqualTo(2));
        assertThat(ask.read(id, 3, 20)).isEqualTo(new ReadOutcome.AtTail());
        assertThat(ask.read(id + 1_000, 0, 20)).isEqualTo(new ReadOutcome.NotFound());
    }

    @Test
    void aMessageLargerThanABlockIsKeptWhole() {
        ask.created("a", ContentType.BINARY);
        String large = "x".repeat(3 * Block.TARGET_BYTES);
        ask.appended("a", "before");
        ask.appended("a", large);
        ask.appended("a", "after");
        assertThat(ask.all("a")).containsExactly("before", large, "after");
    }

    @Test
    void nothingIsAppendedToAChannelThatIsNotThere() {
        assertThat(ask.append(plain("nowhere", "x"))).isEqualTo(new AppendOutcome.NotFound());
        assertThat(ask.append(closing("nowhere", null))).isEqualTo(new AppendOutcome.NotFound());
        assertThat(ask.find("nowhere")).isEqualTo(new FindOutcome.NotFound());
    }

    @Test
    void messagesOfAnotherTypeAreRefused() {
        ask.created("t", TEXT);
        assertThat(ask.append(typed("t", ContentType.JSON, "{}"))).isEqualTo(new AppendOutcome.WrongType(TEXT));
        assertThat(ask.append(typed("t", ContentType.of("TEXT/plain; charset=utf-8"), "x")))
                .isInstanceOf(AppendOutcome.Appended.class);
        Append closeOnly = new Append(new ChannelName("t"), ContentType.JSON, Payloads.NONE, true, null, null, null);
        assertThat(ask.append(closeOnly)).isInstanceOf(AppendOutcome.Appended.class);
    }

    @Test
    void streamSequenceGrowsByteForByte() {
        ask.created("s", ContentType.BINARY);
        assertThat(ask.append(sequenced("s", "09", "a"))).isInstanceOf(AppendOutcome.Appended.class);
        assertThat(ask.append(sequenced("s", "1", "b"))).isInstanceOf(AppendOutcome.Appended.class);
        assertThat(ask.append(sequenced("s", "1", "c"))).isEqualTo(new AppendOutcome.StreamSequenceRegression());
        assertThat(ask.append(sequenced("s", "0999", "c"))).isEqualTo(new AppendOutcome.StreamSequenceRegression());
        assertThat(ask.append(plain("s", "without"))).isInstanceOf(AppendOutcome.Appended.class);
        // in UTF-16 the first of these would be the greater one
        assertThat(ask.append(sequenced("s", "\uFFFD", "d"))).isInstanceOf(AppendOutcome.Appended.class);
        assertThat(ask.append(sequenced("s", "\uD83D\uDE00", "e"))).isInstanceOf(AppendOutcome.Appended.class);
        assertThat(ask.all("s")).containsExactly("a", "b", "without", "d", "e");
    }

    // ---- closure ----

    @Test
    void aClosedChannelTakesNothingButAnotherClose() {
        ask.created("c", ContentType.BINARY, "x");
        AppendOutcome first = ask.append(closing("c", null, "last"));
        assertThat(first).isInstanceOf(AppendOutcome.Appended.class);
        assertThat(ask.tail("c").closed()).isTrue();
        assertThat(ask.append(plain("c", "y"))).isEqualTo(new AppendOutcome.Closed(ask.tail("c")));
        assertThat(ask.append(closing("c", null, "y"))).isEqualTo(new AppendOutcome.Closed(ask.tail("c")));
        assertThat(ask.append(closing("c", null)))
                .isEqualTo(new AppendOutcome.Appended(
                        ask.found("c").info().id(), null, ask.tail("c").offset(), ask.tail("c")));
        assertThat(ask.all("c")).containsExactly("x", "last");
    }

    @Test
    void closingWithoutAMessageLeavesTheOffset() {
        Offset before = ask.created("c", ContentType.BINARY, "x").tail().offset();
        assertThat(ask.append(closing("c", null))).isInstanceOfSatisfying(AppendOutcome.Appended.class, appended -> {
            assertThat(appended.block()).isNull();
            assertThat(appended.offset()).isEqualTo(before);
            assertThat(appended.tail().closed()).isTrue();
        });
    }

    @Test
    void closureComesBeforeTypeAndSequences() {
        ask.created("c", TEXT);
        ask.append(new Append(new ChannelName("c"), null, Payloads.NONE, true, null, "5", null));
        assertThat(ask.append(typed("c", ContentType.JSON, "{}"))).isInstanceOf(AppendOutcome.Closed.class);
        assertThat(ask.append(sequenced("c", "1", "x"))).isInstanceOf(AppendOutcome.Closed.class);
        assertThat(ask.produced("c", "p", 0, 7, "x")).isInstanceOf(AppendOutcome.Closed.class);
    }

    // ---- producers ----

    @Test
    void aRetryOfAProducerIsNoSecondMessage() {
        ask.created("p", ContentType.BINARY);
        assertThat(ask.produced("p", "w", 0, 0, "a")).isInstanceOf(AppendOutcome.Appended.class);
        assertThat(ask.produced("p", "w", 0, 1, "b")).isInstanceOf(AppendOutcome.Appended.class);
        assertThat(ask.produced("p", "w", 0, 2, "c")).isInstanceOf(AppendOutcome.Appended.class);
        assertThat(ask.produced("p", "w", 0, 1, "b")).isEqualTo(new AppendOutcome.Duplicate(ask.tail("p"), 0, 2));
        assertThat(ask.produced("p", "w", 0, 2, "other")).isEqualTo(new AppendOutcome.Duplicate(ask.tail("p"), 0, 2));
        assertThat(ask.all("p")).containsExactly("a", "b", "c");
    }

    @Test
    void aProducerMustNotLeaveAHole() {
        ask.created("p", ContentType.BINARY);
        assertThat(ask.produced("p", "w", 3, 1, "x")).isEqualTo(new AppendOutcome.SequenceGap(0, 1));
        assertThat(ask.produced("p", "w", 3, 0, "a")).isInstanceOf(AppendOutcome.Appended.class);
        assertThat(ask.produced("p", "w", 3, 2, "x")).isEqualTo(new AppendOutcome.SequenceGap(1, 2));
        assertThat(ask.all("p")).containsExactly("a");
    }

    @Test
    void aLaterEpochFencesTheEarlierOne() {
        ask.created("p", ContentType.BINARY);
        ask.produced("p", "w", 0, 0, "a");
        ask.produced("p", "w", 0, 1, "b");
        assertThat(ask.produced("p", "w", 1, 1, "x")).isEqualTo(new AppendOutcome.EpochNotAtZero());
        assertThat(ask.produced("p", "w", 1, 0, "c")).isInstanceOf(AppendOutcome.Appended.class);
        assertThat(ask.produced("p", "w", 0, 2, "zombie")).isEqualTo(new AppendOutcome.StaleEpoch(1));
        assertThat(ask.produced("p", "other", 0, 0, "d")).isInstanceOf(AppendOutcome.Appended.class);
        assertThat(ask.all("p")).containsExactly("a", "b", "c", "d");
    }

    @Test
    void aProducersCloseIsIdempotentAndAnyOtherIsRefused() {
        ask.created("p", ContentType.BINARY);
        ask.produced("p", "w", 0, 0, "a");
        Producer mark = new Producer("w", 0, 1);
        assertThat(ask.append(closing("p", mark, "last"))).isInstanceOf(AppendOutcome.Appended.class);
        assertThat(ask.append(closing("p", mark, "changed")))
                .isEqualTo(new AppendOutcome.Duplicate(ask.tail("p"), 0, 1));
        assertThat(ask.append(closing("p", mark))).isEqualTo(new AppendOutcome.Duplicate(ask.tail("p"), 0, 1));
        assertThat(ask.produced("p", "w", 0, 0, "a")).isEqualTo(new AppendOutcome.Duplicate(ask.tail("p"), 0, 1));
        assertThat(ask.append(closing("p", new Producer("w", 0, 2), "x"))).isInstanceOf(AppendOutcome.Closed.class);
        assertThat(ask.append(closing("p", new Producer("w", 0, 2)))).isInstanceOf(AppendOutcome.Closed.class);
        assertThat(ask.append(closing("p", new Producer("v", 0, 0), "x"))).isInstanceOf(AppendOutcome.Closed.class);
        assertThat(ask.all("p")).containsExactly("a", "last");
    }

    @Test
    void aProducerMayCloseWithoutAMessage() {
        ask.created("p", ContentType.BINARY);
        Producer mark = new Producer("w", 0, 0);
        assertThat(ask.append(closing("p", mark))).isInstanceOf(AppendOutcome.Appended.class);
        assertThat(ask.append(closing("p", mark))).isEqualTo(new AppendOutcome.Duplicate(ask.tail("p"), 0, 0));
    }

    @Test
    void aFencedProducerHearsSoEvenWhenTheChannelIsClosed() {
        ask.created("p", ContentType.BINARY);
        ask.produced("p", "w", 0, 0, "a");
        ask.append(closing("p", new Producer("w", 1, 0), "last"));
        assertThat(ask.produced("p", "w", 0, 1, "zombie")).isEqualTo(new AppendOutcome.StaleEpoch(1));
    }

    @Test
    void aRefusedAppendUsesNoSequence() {
        ask.created("p", TEXT);
        Append wrong = new Append(
                new ChannelName("p"), ContentType.JSON, payloads("{}"), false, new Producer("w", 0, 0), null, null);
        assertThat(ask.append(wrong)).isEqualTo(new AppendOutcome.WrongType(TEXT));
        Append right =
                new Append(new ChannelName("p"), TEXT, payloads("ok"), false, new Producer("w", 0, 0), null, null);
        assertThat(ask.append(right)).isInstanceOf(AppendOutcome.Appended.class);
    }

    @Test
    void aProducersAppendsMayBeUnderWayTogether() {
        ask.created("p", ContentType.BINARY);
        List<CompletableFuture<AppendOutcome>> answers = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            Append append = new Append(
                    new ChannelName("p"),
                    ContentType.BINARY,
                    payloads("m" + i / 2),
                    false,
                    new Producer("w", 0, i / 2), // each one twice
                    null,
                    null);
            CompletableFuture<AppendOutcome> answer = new CompletableFuture<>();
            store.append(append, answer::complete);
            answers.add(answer);
        }
        for (int i = 0; i < 300; i++) {
            assertThat(Asking.await(answers.get(i)))
                    .isInstanceOf(i % 2 == 0 ? AppendOutcome.Appended.class : AppendOutcome.Duplicate.class);
        }
        assertThat(ask.all("p"))
                .isEqualTo(IntStream.range(0, 150).mapToObj(i -> "m" + i).toList());
    }

    @Test
    @Tag("slow")
    void aChannelRemembersOnlySoManyProducers() {
        ask.created("p", ContentType.BINARY);
        List<CompletableFuture<AppendOutcome>> answers = new ArrayList<>();
        for (int i = 0; i <= 10_000; i++) {
            CompletableFuture<AppendOutcome> answer = new CompletableFuture<>();
            store.append(
                    new Append(
                            new ChannelName("p"),
                            ContentType.BINARY,
                            payloads("x"),
                            false,
                            new Producer("w" + i, 0, 0),
                            null,
                            null),
                    answer::complete);
            answers.add(answer);
        }
        for (int i = 0; i < 10_000; i++) {
            assertThat(Asking.await(answers.get(i))).isInstanceOf(AppendOutcome.Appended.class);
        }
        assertThat(Asking.await(answers.get(10_000))).isEqualTo(new AppendOutcome.TooManyProducers(10_000));
        assertThat(ask.produced("p", "w5", 0, 1, "known")).isInstanceOf(AppendOutcome.Appended.class);
    }

    // ---- creation ----

    @Test
    void creatingAgainFindsTheChannelAsItIs() {
        Found first = ask.created("a", TEXT, "x");
        ask.append(typed("a", TEXT, "y"));
        CreateOutcome again = ask.create(channel("a", ContentType.of("Text/Plain; charset=utf-8"), null, false));
        assertThat(again).isEqualTo(new CreateOutcome.Existed(ask.found("a")));
        assertThat(ask.found("a").info()).isEqualTo(first.info());
        assertThat(ask.create(channel("a", TEXT, new Expiry.Never(), false))).isInstanceOf(CreateOutcome.Existed.class);
        Create withOtherMessages = new Create(new ChannelName("a"), TEXT, null, false, payloads("ignored"), null, null);
        assertThat(ask.create(withOtherMessages)).isInstanceOf(CreateOutcome.Existed.class);
        assertThat(ask.all("a")).containsExactly("x", "y");
    }

    @Test
    void creatingOtherwiseConflicts() {
        ask.create(channel("a", TEXT, new Expiry.Sliding(60), false));
        assertThat(ask.create(channel("a", ContentType.JSON, new Expiry.Sliding(60), false)))
                .isEqualTo(new CreateOutcome.Conflict(CreateOutcome.Reason.OTHER_TYPE));
        assertThat(ask.create(channel("a", null, new Expiry.Sliding(60), false)))
                .isEqualTo(new CreateOutcome.Conflict(CreateOutcome.Reason.OTHER_TYPE));
        assertThat(ask.create(channel("a", TEXT, new Expiry.Sliding(61), false)))
                .isEqualTo(new CreateOutcome.Conflict(CreateOutcome.Reason.OTHER_EXPIRY));
        assertThat(ask.create(channel("a", TEXT, null, false)))
                .isEqualTo(new CreateOutcome.Conflict(CreateOutcome.Reason.OTHER_EXPIRY));
        assertThat(ask.create(channel("a", TEXT, new Expiry.Sliding(60), true)))
                .isEqualTo(new CreateOutcome.Conflict(CreateOutcome.Reason.OTHER_CLOSURE));
        ask.append(new Append(new ChannelName("a"), null, Payloads.NONE, true, null, null, null));
        assertThat(ask.create(channel("a", TEXT, new Expiry.Sliding(60), false)))
                .isEqualTo(new CreateOutcome.Conflict(CreateOutcome.Reason.OTHER_CLOSURE));
        assertThat(ask.create(channel("a", TEXT, new Expiry.Sliding(60), true)))
                .isInstanceOf(CreateOutcome.Existed.class);
    }

    @Test
    void theSameMomentWrittenOtherwiseIsTheSameExpiry() {
        Expiry written = new Expiry.At(1_800_000_000_000L, "2027-01-15T08:00:00Z");
        Expiry otherwise = new Expiry.At(1_800_000_000_000L, "2027-01-15T09:00:00+01:00");
        ask.create(channel("a", TEXT, written, false));
        assertThat(ask.create(channel("a", TEXT, otherwise, false))).isInstanceOf(CreateOutcome.Existed.class);
        assertThat(ask.found("a").info().expiry()).isEqualTo(written);
    }

    @Test
    void aChannelMayBeClosedFromTheStart() {
        Create create = new Create(new ChannelName("a"), TEXT, null, true, payloads("all"), null, "bob");
        assertThat(ask.create(create)).isInstanceOf(CreateOutcome.Created.class);
        assertThat(ask.tail("a").closed()).isTrue();
        assertThat(ask.all("a")).containsExactly("all");
        assertThat(ask.append(typed("a", TEXT, "more"))).isInstanceOf(AppendOutcome.Closed.class);
        assertThat(ask.create(create)).isInstanceOf(CreateOutcome.Existed.class);
    }

    @Test
    void aChannelWithoutATypeIsBinary() {
        ask.create(channel("a", null, null, false));
        assertThat(ask.found("a").info().type()).isEqualTo(ContentType.BINARY);
        assertThat(ask.create(channel("a", ContentType.BINARY, null, false))).isInstanceOf(CreateOutcome.Existed.class);
    }

    // ---- deletion and generations ----

    @Test
    void aDeletedChannelIsNoMore() {
        long id = ask.created("a", ContentType.BINARY, "x").info().id();
        assertThat(ask.delete("a", id + 1_000)).isEqualTo(new DeleteOutcome.NotFound());
        assertThat(ask.delete("a", id)).isEqualTo(new DeleteOutcome.Deleted());
        assertThat(ask.find("a")).isEqualTo(new FindOutcome.NotFound());
        assertThat(ask.append(plain("a", "y"))).isEqualTo(new AppendOutcome.NotFound());
        assertThat(ask.read(id, 0, 100)).isEqualTo(new ReadOutcome.NotFound());
        assertThat(ask.delete("a", id)).isEqualTo(new DeleteOutcome.NotFound());
        assertThat(ask.names("", "", 10)).isEmpty();
    }

    @Test
    void aChannelMadeAnewNeverReusesOffsetsOrIds() {
        Set<Long> ids = new HashSet<>();
        Set<Offset> offsets = new HashSet<>();
        for (int i = 0; i < 20; i++) {
            Found found = ask.created("a", ContentType.BINARY);
            assertThat(ids.add(found.info().id())).isTrue();
            assertThat(offsets.add(found.tail().offset())).isTrue();
            assertThat(ask.produced("a", "w", 0, 0, "x")).isInstanceOf(AppendOutcome.Appended.class);
            Found after = ask.found("a");
            assertThat(offsets.add(after.tail().offset())).isTrue();
            assertThat(after.info().lineage().contains(found.tail().offset())).isTrue();
            assertThat(ask.all("a")).containsExactly("x");
            ask.delete("a");
        }
    }

    @Test
    void offsetsOfAChannelAscend() {
        Offset last = ask.created("a", ContentType.BINARY).tail().offset();
        assertThat(last.sequence()).isZero();
        assertThat(last).isGreaterThan(Offset.ZERO);
        for (int i = 0; i < 50; i++) {
            ask.created("other" + i, ContentType.BINARY);
            Offset next = ask.appended("a", "x").offset();
            assertThat(next).isGreaterThan(last);
            assertThat(next.generation()).isEqualTo(last.generation());
            last = next;
        }
    }

    // ---- forks ----

    @Test
    void aForkInheritsMessagesAndTheirOffsets() {
        ask.created("src", ContentType.BINARY, "a");
        Offset second = ask.appended("src", "b").offset();
        ask.appended("src", "c");
        Found fork = forked(fork("f", "src", second, 0));
        assertThat(fork.tail().offset()).isEqualTo(second);
        assertThat(fork.tail().bytes()).isEqualTo(2);
        ask.appended("src", "d");
        Offset own = ask.appended("f", "x").offset();
        assertThat(ask.all("f")).containsExactly("a", "b", "x");
        assertThat(ask.all("src")).containsExactly("a", "b", "c", "d");
        assertThat(own.generation()).isGreaterThan(second.generation());
        assertThat(own.sequence()).isEqualTo(3);
        Found after = ask.found("f");
        assertThat(after.info().lineage().contains(second)).isTrue();
        assertThat(after.info().lineage().contains(own)).isTrue();
        assertThat(ask.found("src").info().lineage().contains(own)).isFalse();
        assertThat(after.tail().bytes()).isEqualTo(3);
        assertThat(ask.all(after.info().id(), 1, 1)).containsExactly("b", "x");
    }

    @Test
    void aForkMayBeginAnywhere() {
        ask.created("src", ContentType.BINARY);
        List<Offset> offsets = new ArrayList<>(List.of(ask.tail("src").offset()));
        for (int i = 0; i < 5; i++) offsets.add(ask.appended("src", "m" + i).offset());
        for (int n = 0; n <= 5; n++) {
            forked(fork("f" + n, "src", offsets.get(n), 0, "own"));
            List<String> expected = new ArrayList<>();
            for (int i = 0; i < n; i++) expected.add("m" + i);
            expected.add("own");
            assertThat(ask.all("f" + n)).isEqualTo(expected);
        }
        forked(fork("zero", "src", Offset.ZERO, 0));
        assertThat(ask.all("zero")).isEmpty();
        forked(fork("tail", "src", null, 0));
        assertThat(ask.all("tail")).hasSize(5);
    }

    @Test
    void aForkPositionMustBeOneOfTheSource() {
        ask.created("src", ContentType.BINARY, "a", "b");
        Offset tail = ask.tail("src").offset();
        CreateOutcome bad = new CreateOutcome.BadForkPosition();
        assertThat(ask.create(fork("f", "src", new Offset(tail.generation(), 3), 0)))
                .isEqualTo(bad);
        assertThat(ask.create(fork("f", "src", new Offset(tail.generation() + 1, 1), 0)))
                .isEqualTo(bad);
        assertThat(ask.create(fork("f", "nowhere", null, 0))).isEqualTo(new CreateOutcome.SourceNotFound());
        assertThat(ask.create(fork("f", "src", null, 1))).isEqualTo(bad);
        Create otherType = new Create(
                new ChannelName("f"),
                TEXT,
                null,
                false,
                Payloads.NONE,
                new Create.Fork(new ChannelName("src"), null, 0),
                null);
        assertThat(ask.create(otherType)).isEqualTo(new CreateOutcome.SourceConflict(CreateOutcome.Reason.OTHER_TYPE));
        assertThat(ask.delete("src")).isEqualTo(new DeleteOutcome.Deleted());
        assertThat(ask.find("src")).isEqualTo(new FindOutcome.NotFound());
    }

    @Test
    void forksOfForksReadThroughAllOfThem() {
        ask.created("a", ContentType.BINARY, "a1", "a2");
        forked(fork("b", "a", null, 0, "b1"));
        forked(fork("c", "b", null, 0, "c1"));
        Offset inherited = new Offset(ask.tail("a").offset().generation(), 1);
        forked(fork("d", "c", inherited, 0, "d1"));
        ask.appended("a", "later");
        ask.appended("b", "later");
        assertThat(ask.all("c")).containsExactly("a1", "a2", "b1", "c1");
        assertThat(ask.all("d")).containsExactly("a1", "d1");
        Found c = ask.found("c");
        assertThat(ask.all(c.info().id(), 1, 1)).containsExactly("a2", "b1", "c1");
    }

    @Test
    void aSubOffsetCountsMessagesOfAJsonAppend() {
        Create source = new Create(
                new ChannelName("src"), ContentType.JSON, null, false, payloads("1", "2", "3", "4"), null, null);
        ask.create(source);
        ask.append(typed("src", ContentType.JSON, "5"));
        forked(fork("two", "src", Offset.ZERO, 2));
        assertThat(ask.all("two")).containsExactly("1", "2");
        forked(fork("four", "src", Offset.ZERO, 4));
        assertThat(ask.all("four")).containsExactly("1", "2", "3", "4");
        assertThat(ask.create(fork("five", "src", Offset.ZERO, 5))).isEqualTo(new CreateOutcome.BadForkPosition());
        Offset second = new Offset(ask.tail("src").offset().generation(), 2);
        forked(fork("rest", "src", second, 2));
        assertThat(ask.all("rest")).containsExactly("1", "2", "3", "4");
        assertThat(ask.create(fork("more", "src", second, 3))).isEqualTo(new CreateOutcome.BadForkPosition());
        forked(fork("chained", "two", Offset.ZERO, 1));
        assertThat(ask.all("chained")).containsExactly("1");
        assertThat(ask.create(fork("past", "two", Offset.ZERO, 3))).isEqualTo(new CreateOutcome.BadForkPosition());
    }

    @Test
    void aSubOffsetCountsBytesOfAnyOtherAppend() {
        ask.created("src", ContentType.BINARY, "hello");
        Offset hello = ask.tail("src").offset();
        ask.appended("src", "world", "again");
        Found hel = forked(fork("hel", "src", Offset.ZERO, 3, "XY"));
        assertThat(ask.all("hel")).containsExactly("hel", "XY");
        assertThat(hel.tail().bytes()).isEqualTo(5);
        forked(fork("whole", "src", Offset.ZERO, 5));
        assertThat(ask.all("whole")).containsExactly("hello");
        assertThat(ask.tail("whole").offset()).isEqualTo(hello);
        assertThat(ask.create(fork("far", "src", Offset.ZERO, 6))).isEqualTo(new CreateOutcome.BadForkPosition());
        forked(fork("wor", "src", hello, 3));
        assertThat(ask.all("wor")).containsExactly("hello", "wor");
        forked(fork("worldag", "src", hello, 7));
        assertThat(ask.all("worldag")).containsExactly("hello", "world", "ag");
        forked(fork("he", "hel", Offset.ZERO, 2));
        assertThat(ask.all("he")).containsExactly("he");
        assertThat(ask.all("src")).containsExactly("hello", "world", "again");
    }

    @Test
    void aSubOffsetDoesNotCutACharacterOfAText() {
        ask.created("src", TEXT, "aé");
        assertThat(ask.create(fork("f", "src", Offset.ZERO, 2))).isEqualTo(new CreateOutcome.BadForkPosition());
        forked(fork("f", "src", Offset.ZERO, 1));
        assertThat(ask.all("f")).containsExactly("a");
    }

    @Test
    void aForkBeginsWithoutProducersSequenceAndClosure() {
        ask.created("src", ContentType.BINARY);
        ask.produced("src", "w", 5, 0, "a");
        ask.append(new Append(new ChannelName("src"), ContentType.BINARY, payloads("b"), true, null, "9", null));
        forked(fork("f", "src", null, 0));
        assertThat(ask.tail("f").closed()).isFalse();
        assertThat(ask.produced("f", "w", 0, 0, "c")).isInstanceOf(AppendOutcome.Appended.class);
        assertThat(ask.append(sequenced("f", "1", "d"))).isInstanceOf(AppendOutcome.Appended.class);
        assertThat(ask.all("f")).containsExactly("a", "b", "c", "d");
    }

    @Test
    void aForkInheritsTypeAndExpiryUnlessAskedOtherwise() {
        ask.create(channel("src", TEXT, new Expiry.Sliding(60), false));
        forked(fork("f", "src", null, 0));
        assertThat(ask.found("f").info().type()).isEqualTo(TEXT);
        assertThat(ask.found("f").info().expiry()).isEqualTo(new Expiry.Sliding(60));
        Create.Fork from = new Create.Fork(new ChannelName("src"), null, 0);
        Create other = new Create(new ChannelName("g"), TEXT, new Expiry.Sliding(5), false, Payloads.NONE, from, null);
        assertThat(ask.create(other)).isInstanceOf(CreateOutcome.Created.class);
        assertThat(ask.found("g").info().expiry()).isEqualTo(new Expiry.Sliding(5));
    }

    @Test
    void forkingAgainFindsTheForkOrConflicts() {
        ask.created("src", ContentType.BINARY, "hello");
        Offset tail = ask.tail("src").offset();
        forked(fork("f", "src", Offset.ZERO, 2));
        ask.appended("f", "own");
        assertThat(ask.create(fork("f", "src", Offset.ZERO, 2))).isInstanceOf(CreateOutcome.Existed.class);
        CreateOutcome conflict = new CreateOutcome.Conflict(CreateOutcome.Reason.OTHER_FORK);
        assertThat(ask.create(fork("f", "src", Offset.ZERO, 3))).isEqualTo(conflict);
        assertThat(ask.create(fork("f", "src", tail, 0))).isEqualTo(conflict);
        assertThat(ask.create(fork("f", "other", Offset.ZERO, 2))).isEqualTo(conflict);
        assertThat(ask.create(channel("f", ContentType.BINARY, null, false))).isEqualTo(conflict);
        assertThat(ask.create(fork("src", "src", null, 0))).isEqualTo(conflict);
    }

    @Test
    void aDeletedSourceIsKeptForItsForks() {
        long id = ask.created("src", ContentType.BINARY, "a", "b").info().id();
        forked(fork("f", "src", null, 0, "own"));
        assertThat(ask.delete("src")).isEqualTo(new DeleteOutcome.Deleted());
        assertThat(ask.find("src")).isEqualTo(new FindOutcome.Gone());
        assertThat(ask.append(plain("src", "x"))).isEqualTo(new AppendOutcome.Gone());
        assertThat(ask.delete("src", id)).isEqualTo(new DeleteOutcome.Gone());
        assertThat(ask.create(channel("src", ContentType.BINARY, null, false)))
                .isEqualTo(new CreateOutcome.Conflict(CreateOutcome.Reason.DELETED_BUT_FORKED));
        assertThat(ask.create(fork("g", "src", null, 0)))
                .isEqualTo(new CreateOutcome.SourceConflict(CreateOutcome.Reason.DELETED_BUT_FORKED));
        assertThat(ask.names("", "", 10)).containsExactly("f");
        assertThat(ask.all("f")).containsExactly("a", "b", "own");
        assertThat(ask.all(id, 0, 100)).containsExactly("a", "b");

        assertThat(ask.delete("f")).isEqualTo(new DeleteOutcome.Deleted());
        assertThat(ask.find("src")).isEqualTo(new FindOutcome.NotFound());
        assertThat(ask.read(id, 0, 100)).isEqualTo(new ReadOutcome.NotFound());
        Found anew = ask.created("src", ContentType.BINARY);
        assertThat(anew.info().id()).isNotEqualTo(id);
    }

    @Test
    void removalGoesUpTheChainOfDeletedSources() {
        ask.created("a", ContentType.BINARY, "a");
        forked(fork("b", "a", null, 0, "b"));
        forked(fork("c", "b", null, 0, "c"));
        ask.delete("a");
        ask.delete("b");
        assertThat(ask.all("c")).containsExactly("a", "b", "c");
        assertThat(ask.find("a")).isEqualTo(new FindOutcome.Gone());
        ask.delete("c");
        assertThat(ask.find("a")).isEqualTo(new FindOutcome.NotFound());
        assertThat(ask.find("b")).isEqualTo(new FindOutcome.NotFound());
    }

    @Test
    void aSourceStaysWhenItsForksAreDeleted() {
        ask.created("a", ContentType.BINARY, "a");
        forked(fork("b", "a", null, 0));
        ask.delete("b");
        assertThat(ask.all("a")).containsExactly("a");
        assertThat(ask.delete("a")).isEqualTo(new DeleteOutcome.Deleted());
        assertThat(ask.find("a")).isEqualTo(new FindOutcome.NotFound());
    }

    // ---- retention ----

    @Test
    void retentionByCountIsExact() {
        long id = ask.created("count/a", ContentType.BINARY).info().id();
        for (int i = 1; i <= 12; i++) ask.appended("count/a", "m" + i);
        assertThat(ask.tail("count/a").start()).isEqualTo(7);
        assertThat(ask.all("count/a")).containsExactly("m8", "m9", "m10", "m11", "m12");
        assertThat(ask.read(id, 6, 100)).isEqualTo(new ReadOutcome.Trimmed(7));
        ask.appended("count/a", "1", "2", "3", "4", "5", "6", "7");
        assertThat(ask.all("count/a")).containsExactly("3", "4", "5", "6", "7");
        assertThat(ask.tail("count/a").bytes()).isEqualTo(27 + 7);
    }

    @Test
    void retentionByBytesKeepsEnoughAndNotMuchMore() {
        ask.created("bytes/a", ContentType.BINARY);
        String message = "x".repeat(100);
        for (int i = 0; i < 2_000; i++) ask.appended("bytes/a", message);
        long kept = ask.tail("bytes/a").sequence() - ask.tail("bytes/a").start();
        assertThat(kept * 100).isBetween(1_000L, 1_000L + 2 * Block.TARGET_BYTES);
        assertThat(ask.all("bytes/a")).hasSize((int) kept);
    }

    @Test
    void theNewestMessageIsAlwaysKept() {
        ask.created("bytes/a", ContentType.BINARY);
        ask.appended("bytes/a", "small");
        ask.appended("bytes/a", "x".repeat(5_000));
        assertThat(ask.all("bytes/a")).contains("x".repeat(5_000));
        ask.created("age/a", ContentType.BINARY, "only");
        nowMillis.addAndGet(1_000_000);
        assertThat(ask.all("age/a")).containsExactly("only");
    }

    @Test
    void retentionByAgeHoldsWithoutAnAppend() {
        long id = ask.created("age/a", ContentType.BINARY).info().id();
        ask.appended("age/a", "old");
        nowMillis.addAndGet(30_000);
        ask.appended("age/a", "middle");
        nowMillis.addAndGet(30_000);
        ask.appended("age/a", "new");
        assertThat(ask.all("age/a")).containsExactly("old", "middle", "new");
        nowMillis.addAndGet(1);
        assertThat(ask.tail("age/a").start()).isEqualTo(1);
        assertThat(ask.read(id, 0, 100)).isEqualTo(new ReadOutcome.Trimmed(1));
        nowMillis.addAndGet(30_000);
        assertThat(ask.all("age/a")).containsExactly("new");
        ask.appended("age/a", "newer");
        assertThat(ask.tail("age/a").start()).isEqualTo(2);
    }

    @Test
    void aForkKeepsWhatItsSourceTrims() {
        ask.created("count/a", ContentType.BINARY);
        for (int i = 1; i <= 6; i++) ask.appended("count/a", "m" + i);
        Offset before = new Offset(ask.tail("count/a").offset().generation(), 0);
        assertThat(ask.create(fork("f", "count/a", before, 0))).isEqualTo(new CreateOutcome.BadForkPosition());
        Found fork = forked(fork("f", "count/a", null, 0));
        assertThat(fork.tail().start()).isEqualTo(1);
        Found empty = forked(fork("zero", "count/a", Offset.ZERO, 0));
        assertThat(empty.tail().sequence()).isEqualTo(1);
        forked(fork("part", "count/a", Offset.ZERO, 1));
        for (int i = 7; i <= 30; i++) ask.appended("count/a", "m" + i);
        assertThat(ask.all("f")).containsExactly("m2", "m3", "m4", "m5", "m6");
        assertThat(ask.all("zero")).isEmpty();
        assertThat(ask.all("part")).containsExactly("m");
        ask.delete("count/a");
        assertThat(ask.all("f")).containsExactly("m2", "m3", "m4", "m5", "m6");
        ask.appended("zero", "own");
        assertThat(ask.all("zero")).containsExactly("own");
    }

    // ---- lists and deadlines ----

    @Test
    void channelsAreListedInOrderPageByPage() {
        for (String name : List.of("b/2", "a", "b/10", "b", "b/1", "c", "B")) ask.created(name, ContentType.BINARY);
        assertThat(ask.names("", "", 100)).containsExactly("B", "a", "b", "b/1", "b/10", "b/2", "c");
        assertThat(ask.names("b", "", 3)).containsExactly("b", "b/1", "b/10", "…");
        assertThat(ask.names("b", "b/10", 3)).containsExactly("b/2");
        assertThat(ask.names("b/", "a", 2)).containsExactly("b/1", "b/10", "…");
        assertThat(ask.names("", "b/2", 10)).containsExactly("c");
        assertThat(ask.names("x", "", 10)).isEmpty();
    }

    @Test
    void deadlinesAreFoundInTheirOrder() {
        long now = nowMillis.get();
        ask.create(channel("late", TEXT, new Expiry.Sliding(100), false));
        ask.create(channel("soon", TEXT, new Expiry.Sliding(10), false));
        ask.create(channel("at", TEXT, new Expiry.At(now + 50_000, "then"), false));
        long never = ask.created("never", TEXT).info().id();
        assertThat(ask.expired(now, 10)).isEmpty();
        assertThat(ask.expired(now + 10_000, 10)).containsExactly("soon");
        assertThat(ask.expired(now + 100_000, 10)).containsExactly("soon", "at", "late");
        assertThat(ask.expired(now + 100_000, 2)).containsExactly("soon", "at");

        Found soon = ask.found("soon");
        assertThat(soon.deadlineMillis()).isEqualTo(now + 10_000);
        store.touch(new ChannelName("soon"), soon.info().id(), now + 70_000);
        store.touch(new ChannelName("soon"), soon.info().id() + 1_000, now + 1); // of another incarnation
        store.touch(new ChannelName("never"), never, Long.MAX_VALUE);
        ask.append(typed("soon", TEXT, "so that the touch has happened"));
        assertThat(ask.found("soon").deadlineMillis()).isEqualTo(now + 70_000);
        assertThat(ask.expired(now + 100_000, 10)).containsExactly("at", "soon", "late");
        ask.delete("soon");
        assertThat(ask.expired(now + 100_000, 10)).containsExactly("at", "late");
    }

    // ---- order and durability ----

    @Test
    void answersOfAChannelComeInTheOrderOfItsRequests() {
        for (String name : List.of("memory/a", "plain", "fsync/a")) {
            ask.created(name, ContentType.BINARY);
            List<Integer> order = java.util.Collections.synchronizedList(new ArrayList<>());
            List<CompletableFuture<AppendOutcome>> answers = new ArrayList<>();
            for (int i = 0; i < 500; i++) {
                int number = i;
                CompletableFuture<AppendOutcome> answer = new CompletableFuture<>();
                Append append = i % 3 == 2 ? typed(name, TEXT, "refused") : plain(name, "m" + i);
                store.append(append, outcome -> {
                    order.add(number);
                    answer.complete(outcome);
                });
                answers.add(answer);
            }
            for (CompletableFuture<AppendOutcome> answer : answers) Asking.await(answer);
            assertThat(order).isEqualTo(IntStream.range(0, 500).boxed().toList());
        }
    }

    @Test
    void whatAnAnswerToldIsFoundAndRead() {
        for (String name : List.of("memory/a", "plain", "fsync/a")) {
            long id = ask.created(name, ContentType.BINARY).info().id();
            for (int i = 1; i <= 50; i++) {
                Offset offset = ask.appended(name, "m" + i).offset();
                assertThat(ask.tail(name).offset()).isEqualTo(offset);
                assertThat(ask.read(id, i - 1, 100)).isInstanceOf(ReadOutcome.Messages.class);
            }
        }
    }

    @Test
    void whatWasAnsweredIsThereAfterReopening() throws Exception {
        Found a = ask.created("a", TEXT, "1", "2");
        ask.append(typed("a", TEXT, "3"));
        ask.created("p", ContentType.BINARY);
        ask.produced("p", "w", 2, 0, "x");
        ask.append(sequenced("p", "7", "y"));
        ask.created("memory/m", ContentType.BINARY, "kept over an orderly stop");
        ask.appended("memory/m", "too");
        ask.created("src", ContentType.BINARY, "s1", "s2");
        forked(fork("f", "src", Offset.ZERO, 3, "own"));
        ask.delete("src");
        ask.create(channel("ttl", TEXT, new Expiry.Sliding(10), true));
        Found closed = ask.found("ttl");

        Store again = reopen(store, POLICIES, nowMillis::get);
        if (again == null) return; // a store that keeps nothing
        store = again;
        ask = new Asking(store);
        assertThat(ask.found("a").info()).isEqualTo(a.info());
        assertThat(ask.all("a")).containsExactly("1", "2", "3");
        assertThat(ask.produced("p", "w", 2, 0, "x")).isInstanceOf(AppendOutcome.Duplicate.class);
        assertThat(ask.produced("p", "w", 2, 1, "z")).isInstanceOf(AppendOutcome.Appended.class);
        assertThat(ask.append(sequenced("p", "6", "no"))).isEqualTo(new AppendOutcome.StreamSequenceRegression());
        assertThat(ask.all("memory/m")).containsExactly("kept over an orderly stop", "too");
        assertThat(ask.find("src")).isEqualTo(new FindOutcome.Gone());
        assertThat(ask.all("f")).containsExactly("s1", "s", "own");
        assertThat(ask.create(fork("f", "src", Offset.ZERO, 3))).isInstanceOf(CreateOutcome.Existed.class);
        assertThat(ask.found("ttl")).isEqualTo(closed);
        assertThat(ask.expired(closed.deadlineMillis(), 10)).containsExactly("ttl");
        assertThat(ask.names("", "", 10)).containsExactly("a", "f", "memory/m", "p", "ttl");
        Found anew = ask.created("new", ContentType.BINARY);
        assertThat(anew.info().id()).isNotIn(a.info().id(), closed.info().id());
        assertThat(anew.tail().offset().generation())
                .isGreaterThan(closed.tail().offset().generation());
        ask.delete("f");
        assertThat(ask.find("src")).isEqualTo(new FindOutcome.NotFound());
    }

    @Test
    @Tag("slow")
    void itDoesWhatTheModelDoes() throws Exception {
        long seed = Long.getLong("switchboard.seed", System.nanoTime());
        ModelRun run = new ModelRun(seed, modelSteps(), reachesSourcesInOrder());
        try {
            run.against(store, () -> {
                Store again = reopen(store, POLICIES, nowMillis::get);
                if (again != null) store = again;
                return store;
            });
        } catch (AssertionError e) {
            throw new AssertionError(
                    "seed " + seed + "; replay with -Dtest=" + getClass().getSimpleName()
                            + "#itDoesWhatTheModelDoes -DargLine=-Dswitchboard.seed=" + seed,
                    e);
        }
    }
}
