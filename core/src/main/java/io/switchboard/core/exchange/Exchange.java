package io.switchboard.core.exchange;

import io.switchboard.core.advice.Held;
import io.switchboard.core.advice.Rules;
import io.switchboard.core.advice.Sightings;
import io.switchboard.core.advice.Survey;
import io.switchboard.core.advice.Traffic;
import io.switchboard.core.channel.Append;
import io.switchboard.core.channel.Block;
import io.switchboard.core.channel.ChannelName;
import io.switchboard.core.channel.ContentType;
import io.switchboard.core.channel.Payloads;
import io.switchboard.core.channel.Policies;
import io.switchboard.core.channel.Tail;
import io.switchboard.core.figures.Figures;
import io.switchboard.core.nodes.Nodes;
import io.switchboard.core.rate.RateLimit;
import io.switchboard.core.rate.SharedRates;
import io.switchboard.core.reading.Feed;
import io.switchboard.core.reading.Outlet;
import io.switchboard.core.reading.Page;
import io.switchboard.core.reading.ReadFrom;
import io.switchboard.core.reading.Reader;
import io.switchboard.core.relay.Relay;
import io.switchboard.core.store.AppendOutcome;
import io.switchboard.core.store.Create;
import io.switchboard.core.store.CreateOutcome;
import io.switchboard.core.store.DeleteOutcome;
import io.switchboard.core.store.FindOutcome;
import io.switchboard.core.store.Listing;
import io.switchboard.core.store.Store;
import io.switchboard.core.time.Loop;
import io.switchboard.core.time.PerLoop;
import io.switchboard.core.time.Ticker;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Connects those who append with those who read. Every channel is owned by one of the loops; requests
 * come from any of them and are answered on the loop they came from, possibly within the call.
 *
 * <pre>
 *  append ─► Shard (owner's loop) ─► Store ─► Shard: tail, cache ─┬─► answer
 *                                                                └─► Feed (each reading loop) ─► Reader ─► Outlet
 * </pre>
 *
 * All methods are called on one of the loops, and none blocks.
 */
public final class Exchange implements Relay.Hearer {
    /**
     * How much an exchange keeps in memory, over all loops.
     *
     * @param tailCacheBytesMax of newest blocks, 1 MB or more
     * @param channelsMax channels whose tail is known without asking the store, 1,000 or more
     * @param appendsPerSecondPerChannel see {@link RateLimit}
     * @param appendsPerSecondPerSubject of those who are known by name
     */
    public record Limits(
            long tailCacheBytesMax, int channelsMax, int appendsPerSecondPerChannel, int appendsPerSecondPerSubject) {
        public static final Limits DEFAULT = new Limits(64L << 20, 150_000, RateLimit.UNLIMITED, RateLimit.UNLIMITED);

        public Limits {
            if (tailCacheBytesMax < 1 << 20 || channelsMax < 1_000) {
                throw new IllegalArgumentException("an exchange keeps at least 1 MB and 1,000 channels");
            }
        }
    }

    /** Channels, and subjects, whose appends are counted at a time; those beyond are not limited. */
    private static final int COUNTED_MAX = 100_000;

    /** How many channels one sweep looks at. */
    public static final int EXPIRED_PER_SWEEP_MAX = 1_000;

    private static final class Seat implements Feed.Source {
        final Shard shard;
        final Map<ChannelName, Feed> feeds = new HashMap<>(); // of the readers on this loop
        final Exchange exchange;

        Seat(Shard shard, Exchange exchange) {
            this.shard = shard;
            this.exchange = exchange;
        }

        @Override
        public void register(Feed feed) {
            Shard owner = exchange.ownerOf(feed.channel());
            run(owner.loop(), () -> owner.register(feed));
        }

        @Override
        public void unregister(Feed feed) {
            feeds.remove(feed.channel(), feed);
            Shard owner = exchange.ownerOf(feed.channel());
            run(owner.loop(), () -> owner.unregister(feed));
        }

        @Override
        public void page(ChannelName channel, ReadFrom from, int bytesMax, Loop answerOn, Consumer<Page> answer) {
            Shard owner = exchange.ownerOf(channel);
            run(
                    owner.loop(),
                    () -> owner.pageForReader(channel, from, bytesMax, page -> {
                        owner.observer().caughtUp(channel, page);
                        answerOn.execute(() -> answer.accept(page));
                    }));
        }

        @Override
        public void ended(ChannelName channel, Held held) {
            tell(channel, held, -1);
        }

        void tell(ChannelName channel, Held held, int more) {
            if (held == Held.NOTHING) return;
            Shard owner = exchange.ownerOf(channel);
            run(owner.loop(), () -> owner.observer().held(channel, held, more));
        }

        @Override
        public Feed successor(Feed deleted) {
            return feed(deleted.channel());
        }

        Feed feed(ChannelName name) {
            Feed feed = feeds.get(name);
            if (feed == null || feed.isDeleted()) {
                feed = new Feed(name, shard.loop(), this, exchange.figures, exchange.ticker);
                feeds.put(name, feed);
            }
            return feed;
        }
    }

    private final PerLoop<Seat> seats;
    private final Store store;
    private final Ticker ticker;
    private final Figures figures;
    private final RateLimit<ChannelName> channelRate;
    private final RateLimit<String> subjectRate;

    /**
     * @param loops at least one; channels are spread over them
     * @param store the log; not closed by the exchange
     * @param relay tells what other nodes do to the same store; not closed by the exchange either
     */
    public Exchange(
            List<? extends Loop> loops,
            Store store,
            Relay relay,
            Policies policies,
            Ticker ticker,
            Ticker steady,
            Limits limits,
            Figures figures) {
        this.store = store;
        this.figures = figures;
        this.ticker = ticker;
        channelRate = new RateLimit<>(limits.appendsPerSecondPerChannel(), COUNTED_MAX, steady);
        subjectRate = new RateLimit<>(limits.appendsPerSecondPerSubject(), COUNTED_MAX, steady);
        int n = loops.size();
        this.seats = new PerLoop<>(loops, loop -> {
            long cacheBytesMax = limits.tailCacheBytesMax() / n;
            int logsMax = Math.max(1, limits.channelsMax() / n);
            Sightings sightings = new Sightings(steady, Math.max(1, Sightings.CHANNELS_MAX / n));
            return new Seat(new Shard(loop, store, relay, policies, ticker, sightings, cacheBytesMax, logsMax), this);
        });
        relay.start(this);
    }

    /** Has the limits on rates hold for all nodes together, from now on. Once. */
    public void share(Nodes nodes) {
        if (!nodes.isShared()) return;
        SharedRates rates = new SharedRates(nodes, shards().getFirst().loop());
        rates.add('c', channelRate, ChannelName::value, ChannelName::new);
        rates.add('s', subjectRate, subject -> subject, subject -> subject);
        rates.start();
    }

    @Override
    public void called(ChannelName name, long id, @Nullable Block block, Tail tail) {
        Shard owner = ownerOf(name);
        owner.loop().execute(() -> owner.heard(name, id, block, tail));
    }

    @Override
    public void changed(ChannelName name) {
        Shard owner = ownerOf(name);
        owner.loop().execute(() -> owner.changed(name));
    }

    /** One a loop. */
    List<Shard> shards() {
        List<Shard> shards = new ArrayList<>();
        for (Seat seat : seats.all()) shards.add(seat.shard);
        return shards;
    }

    /** Feeds with readers, over all loops. */
    int feeds() {
        int feeds = 0;
        for (Seat seat : seats.all()) feeds += seat.feeds.size();
        return feeds;
    }

    private Shard ownerOf(ChannelName name) {
        return seats.ownerOf(name).shard;
    }

    private static void run(Loop loop, Runnable task) {
        if (loop.inLoop()) task.run();
        else loop.execute(task);
    }

    /** What is committed of a channel. Does not put a sliding expiry off. */
    public void find(ChannelName name, Loop caller, Consumer<FindOutcome> answer) {
        Shard owner = ownerOf(name);
        run(owner.loop(), () -> owner.find(name, outcome -> run(caller, () -> answer.accept(outcome))));
    }

    public void create(Create create, Loop caller, Consumer<CreateOutcome> answer) {
        Shard owner = ownerOf(create.name());
        run(owner.loop(), () -> owner.create(create, outcome -> run(caller, () -> answer.accept(outcome))));
    }

    /** Appends what was posted; creates the channel first where its policy says so. */
    public void append(Append append, Loop caller, Consumer<AppendOutcome> answer) {
        append(append, false, caller, answer);
    }

    /** The same for somebody who holds a WebSocket, as is observed. */
    public void appendOfSocket(Append append, Loop caller, Consumer<AppendOutcome> answer) {
        append(append, true, caller, answer);
    }

    private void append(Append append, boolean bySocket, Loop caller, Consumer<AppendOutcome> answer) {
        if (isTooFast(append.channel(), append.subject(), answer)) return;
        Shard owner = ownerOf(append.channel());
        long begun = figures.nanos();
        run(owner.loop(), () -> owner.appends().append(append, outcome -> {
            count(begun, outcome, append.payloads());
            owner.observer().appended(append.channel(), bySocket, append.payloads(), outcome);
            run(caller, () -> answer.accept(outcome));
        }));
    }

    private void count(long begun, AppendOutcome outcome, Payloads payloads) {
        figures.since(begun, figures.appending);
        figures.appended(kind(outcome), payloads.count(), payloads.bytes().length);
    }

    private static Figures.Appended kind(AppendOutcome outcome) {
        return switch (outcome) {
            case AppendOutcome.Appended a -> Figures.Appended.STORED;
            case AppendOutcome.Duplicate d -> Figures.Appended.DUPLICATE;
            case AppendOutcome.Closed c -> Figures.Appended.CLOSED;
            case AppendOutcome.NotFound n -> Figures.Appended.NOT_FOUND;
            case AppendOutcome.Gone g -> Figures.Appended.NOT_FOUND;
            case AppendOutcome.WrongType w -> Figures.Appended.WRONG_TYPE;
            case AppendOutcome.StaleEpoch s -> Figures.Appended.OUT_OF_SEQUENCE;
            case AppendOutcome.EpochNotAtZero e -> Figures.Appended.OUT_OF_SEQUENCE;
            case AppendOutcome.SequenceGap g -> Figures.Appended.OUT_OF_SEQUENCE;
            case AppendOutcome.StreamSequenceRegression r -> Figures.Appended.OUT_OF_SEQUENCE;
            case AppendOutcome.TooManyProducers p -> Figures.Appended.TOO_MANY_PRODUCERS;
            case AppendOutcome.TooFast t -> Figures.Appended.TOO_FAST;
            case AppendOutcome.Failed f -> Figures.Appended.FAILED;
        };
    }

    // If so it has been answered. Whoever is refused for its own rate takes nothing of the channel's.
    private boolean isTooFast(ChannelName channel, @Nullable String subject, Consumer<AppendOutcome> answer) {
        long waitMillis = subject == null ? RateLimit.GRANTED : subjectRate.take(subject);
        if (waitMillis <= 0) waitMillis = channelRate.take(channel);
        if (waitMillis <= 0) return false;
        figures.appended(Figures.Appended.TOO_FAST, 0, 0);
        answer.accept(new AppendOutcome.TooFast(waitMillis));
        return true;
    }

    /**
     * Appends what {@code as} makes of the channel's type, in the order of the calls. For those who hold a WebSocket, as is
     * observed.
     *
     * @param as given null for a channel that is not there, which is created in the type of what comes back if its
     *     policy says so; null from it means that nothing of that type can be made. Called on another loop, and
     *     maybe twice
     * @param subject who publishes, for the limit on its rate; null for nobody in particular
     */
    public void publish(
            ChannelName name,
            Function<@Nullable ContentType, @Nullable Append> as,
            @Nullable String subject,
            Loop caller,
            Consumer<AppendOutcome> answer) {
        if (isTooFast(name, subject, answer)) return;
        Shard owner = ownerOf(name);
        long begun = figures.nanos();
        var made = new Object() {
            Payloads payloads = Payloads.NONE; // the owner's loop
        };
        Function<@Nullable ContentType, @Nullable Append> remembered = type -> {
            Append append = as.apply(type);
            if (append != null) made.payloads = append.payloads();
            return append;
        };
        run(owner.loop(), () -> owner.appends().publish(name, remembered, outcome -> {
            count(begun, outcome, made.payloads);
            owner.observer().appended(name, true, made.payloads, outcome);
            run(caller, () -> answer.accept(outcome));
        }));
    }

    public void delete(ChannelName name, Loop caller, Consumer<DeleteOutcome> answer) {
        Shard owner = ownerOf(name);
        run(owner.loop(), () -> owner.delete(name, outcome -> run(caller, () -> answer.accept(outcome))));
    }

    /** What the log holds after {@code from}, up to about {@code bytesMax} bytes. */
    public void page(ChannelName name, ReadFrom from, int bytesMax, Loop caller, Consumer<Page> answer) {
        Shard owner = ownerOf(name);
        run(
                owner.loop(),
                () -> owner.page(name, from, bytesMax, false, page -> run(caller, () -> answer.accept(page))));
    }

    /**
     * As {@link #page}, for a client that polls, which is observed.
     *
     * @param orFile whether it may be {@link Page.InFile}, where a file holds the messages end to end
     * @param waits whether it waits for messages if there are none
     */
    public void poll(
            ChannelName name,
            ReadFrom from,
            int bytesMax,
            boolean orFile,
            boolean waits,
            Loop caller,
            Consumer<Page> answer) {
        Shard owner = ownerOf(name);
        run(
                owner.loop(),
                () -> owner.page(name, from, bytesMax, orFile, page -> {
                    owner.observer().polled(name, from, waits, page);
                    run(caller, () -> answer.accept(page));
                }));
    }

    /**
     * A reader on the caller's loop; its outlet hears of it later, never within this call.
     *
     * @param awaitsCreation see {@link Feed#open}
     */
    public Reader read(ChannelName name, ReadFrom from, boolean awaitsCreation, Loop caller, Outlet outlet) {
        return read(name, from, awaitsCreation, caller, outlet, Held.NOTHING);
    }

    /** The same, of a client that is observed to hold something open for it. */
    public Reader read(ChannelName name, ReadFrom from, boolean awaitsCreation, Loop caller, Outlet outlet, Held held) {
        Seat seat = seats.of(caller);
        Reader reader = seat.feed(name).open(from, outlet, awaitsCreation, held);
        seat.tell(name, held, 1);
        return reader;
    }

    /** A reader that is {@link Held#PACED_SOCKET} asks for a message in so many seconds. */
    public void asks(ChannelName name, double everySeconds) {
        Shard owner = ownerOf(name);
        run(owner.loop(), () -> owner.observer().asked(name, everySeconds));
    }

    /** What was observed of a channel. */
    public void observed(ChannelName name, Loop caller, Consumer<Traffic> answer) {
        Shard owner = ownerOf(name);
        run(owner.loop(), () -> {
            Traffic traffic = owner.observer().traffic(name);
            run(caller, () -> answer.accept(traffic));
        });
    }

    /**
     * What {@code rules} advise for all channels that are observed. It takes the loops about 10 microseconds a channel, a
     * little at a time.
     *
     * @param limit how many channels are named, 1 or more
     */
    public void survey(Rules rules, int limit, Loop caller, Consumer<Survey> answer) {
        Survey all = new Survey(limit);
        List<Shard> left = shards(); // the caller's loop
        for (Shard shard : List.copyOf(left)) {
            shard.loop().execute(() -> shard.observer()
                    .survey(
                            rules,
                            new Survey(limit),
                            part -> caller.execute(() -> {
                                all.add(part);
                                left.remove(shard);
                                if (left.isEmpty()) answer.accept(all);
                            })));
        }
    }

    /** Lists channels; see {@link Store#list}. */
    public void list(String prefix, String after, int limit, Loop caller, Consumer<Listing> answer) {
        store.list(prefix, after, limit, listing -> run(caller, () -> answer.accept(listing)));
    }

    /** Deletes channels whose time is up, up to {@value #EXPIRED_PER_SWEEP_MAX}, and forgets who appends no more. To be called every few seconds. */
    public void sweep() {
        channelRate.forgetFull();
        subjectRate.forgetFull();
        store.expired(ticker.nowMillis(), EXPIRED_PER_SWEEP_MAX, names -> {
            for (ChannelName name : names) {
                Shard owner = ownerOf(name);
                owner.loop().execute(() -> owner.expireIfDue(name));
            }
        });
    }
}
