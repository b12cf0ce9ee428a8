package io.switchboard.testkit.sim;

import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.core.channel.Append;
import io.switchboard.core.channel.Block;
import io.switchboard.core.channel.ChannelName;
import io.switchboard.core.channel.Offset;
import io.switchboard.core.channel.Payloads;
import io.switchboard.core.channel.Run;
import io.switchboard.core.channel.Tail;
import io.switchboard.core.reading.Delivery;
import io.switchboard.core.reading.Outlet;
import io.switchboard.core.reading.Reader;
import io.switchboard.core.store.Answer;
import io.switchboard.core.store.AppendOutcome;
import io.switchboard.core.store.Create;
import io.switchboard.core.store.CreateOutcome;
import io.switchboard.core.store.DeleteOutcome;
import io.switchboard.core.store.FindOutcome;
import io.switchboard.core.store.Listing;
import io.switchboard.core.store.ReadOutcome;
import io.switchboard.core.store.Store;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The checker finds out a world in which a promise is broken on purpose: a test that cannot fail proves nothing. */
@Tag("slow")
class WrongWorldsTest {
    private static final int WORLDS = 40;

    private static List<String> complaints(UnaryOperator<Store> wrongStore, Function<Outlet, Outlet> wrongOutlet) {
        List<String> complaints = new ArrayList<>();
        for (long seed = 0; seed < WORLDS; seed++) {
            ReaderSimulation simulation = new ReaderSimulation(seed, wrongStore, wrongOutlet);
            simulation.run();
            complaints.addAll(simulation.checker().complaints());
        }
        return complaints;
    }

    /** Hands everything on; tests override what goes wrong. */
    private static class Wrapped implements Store {
        private final Store store;

        Wrapped(Store store) {
            this.store = store;
        }

        AppendOutcome appended(AppendOutcome outcome) {
            return outcome;
        }

        ReadOutcome read(ReadOutcome outcome) {
            return outcome;
        }

        @Override
        public void find(ChannelName name, Answer<FindOutcome> answer) {
            store.find(name, answer);
        }

        @Override
        public void create(Create create, Answer<CreateOutcome> answer) {
            store.create(create, answer);
        }

        @Override
        public void append(Append append, Answer<AppendOutcome> answer) {
            store.append(append, outcome -> answer.done(appended(outcome)));
        }

        @Override
        public void append(Append append, Executor answerOn, Answer<AppendOutcome> answer) {
            store.append(append, answerOn, outcome -> answer.done(appended(outcome)));
        }

        @Override
        public void delete(ChannelName name, long id, Answer<DeleteOutcome> answer) {
            store.delete(name, id, answer);
        }

        @Override
        public void touch(ChannelName name, long id, long deadlineMillis) {
            store.touch(name, id, deadlineMillis);
        }

        @Override
        public void expired(long nowMillis, int limit, Answer<List<ChannelName>> answer) {
            store.expired(nowMillis, limit, answer);
        }

        @Override
        public void read(ChannelName name, long id, long sequence, int bytesMax, Answer<ReadOutcome> answer) {
            store.read(name, id, sequence, bytesMax, outcome -> answer.done(read(outcome)));
        }

        @Override
        public void list(String prefix, String after, int limit, Answer<Listing> answer) {
            store.list(prefix, after, limit, answer);
        }

        @Override
        public void close() {
            store.close();
        }
    }

    /** Hands everything on; tests override what goes wrong. */
    private static class WrappedOutlet implements Outlet {
        final Outlet outlet;

        WrappedOutlet(Outlet outlet) {
            this.outlet = outlet;
        }

        @Override
        public Offer offer(Reader reader, Delivery delivery) {
            return outlet.offer(reader, delivery);
        }

        @Override
        public void caughtUp(Reader reader) {
            outlet.caughtUp(reader);
        }

        @Override
        public AfterGap gap(Reader reader, Offset from, Offset to) {
            return outlet.gap(reader, from, to);
        }

        @Override
        public void ended(Reader reader, End end) {
            outlet.ended(reader, end);
        }
    }

    @Test
    void aRightWorldGivesNoCause() {
        assertThat(complaints(Wrapped::new, WrappedOutlet::new)).isEmpty();
    }

    @Test
    void anOutletThatLosesWhatItHasNoRoomForIsFoundOut() {
        List<String> complaints = complaints(store -> store, outlet -> new WrappedOutlet(outlet) {
            @Override
            public Offer offer(Reader reader, Delivery delivery) {
                Offer offer = super.offer(reader, delivery);
                return offer == Offer.FULL ? Offer.ACCEPTED : offer;
            }
        });

        assertThat(complaints).anyMatch(complaint -> complaint.contains("lost what lies between"));
    }

    @Test
    void anOutletThatTakesADeliveryTwiceIsFoundOut() {
        List<String> complaints = complaints(store -> store, outlet -> new WrappedOutlet(outlet) {
            @Override
            public Offer offer(Reader reader, Delivery delivery) {
                Offer offer = super.offer(reader, delivery);
                return offer == Offer.ACCEPTED ? super.offer(reader, delivery) : offer;
            }
        });

        assertThat(complaints).anyMatch(complaint -> complaint.contains("again or late"));
    }

    @Test
    void anOutletThatSaysNothingOfGapsIsFoundOut() {
        List<String> complaints = complaints(store -> store, outlet -> new WrappedOutlet(outlet) {
            @Override
            public AfterGap gap(Reader reader, Offset from, Offset to) {
                return AfterGap.RESUME;
            }
        });

        assertThat(complaints).anyMatch(complaint -> complaint.contains("but stands at"));
    }

    @Test
    void anOutletThatSaysNothingOfTheEndIsFoundOut() {
        List<String> complaints = complaints(store -> store, outlet -> new WrappedOutlet(outlet) {
            @Override
            public void ended(Reader reader, End end) {}
        });

        assertThat(complaints)
                .anyMatch(complaint -> complaint.contains("never told that the channel closed"))
                .anyMatch(complaint -> complaint.contains("still waits though the channel is no more"));
    }

    @Test
    void anOutletThatSaysTheEndTwiceIsFoundOut() {
        List<String> complaints = complaints(store -> store, outlet -> new WrappedOutlet(outlet) {
            @Override
            public void ended(Reader reader, End end) {
                super.ended(reader, end);
                super.ended(reader, end);
            }
        });

        assertThat(complaints).anyMatch(complaint -> complaint.contains("after it had ended"));
    }

    @Test
    void anOutletThatStaysFullForEverIsFoundOut() {
        List<String> complaints = complaints(store -> store, outlet -> new WrappedOutlet(outlet) {
            @Override
            public Offer offer(Reader reader, Delivery delivery) {
                return Offer.FULL;
            }
        });

        assertThat(complaints).anyMatch(complaint -> complaint.contains("rests at"));
    }

    @Test
    void aStoreThatClaimsMessagesWereTrimmedIsFoundOut() {
        List<String> complaints = complaints(
                store -> new Wrapped(store) {
                    @Override
                    ReadOutcome read(ReadOutcome outcome) {
                        return outcome instanceof ReadOutcome.Messages(Run run)
                                ? new ReadOutcome.Trimmed(run.lastSequence())
                                : outcome;
                    }
                },
                outlet -> outlet);

        assertThat(complaints).anyMatch(complaint -> complaint.contains("skips what is retained"));
    }

    @Test
    void aStoreThatReadsOtherBytesIsFoundOut() {
        List<String> complaints = complaints(
                store -> new Wrapped(store) {
                    @Override
                    ReadOutcome read(ReadOutcome outcome) {
                        return outcome instanceof ReadOutcome.Messages(Run run)
                                ? new ReadOutcome.Messages(garbled(run))
                                : outcome;
                    }
                },
                outlet -> outlet);

        assertThat(complaints).anyMatch(complaint -> complaint.contains("another payload"));
    }

    private static Run garbled(Run run) {
        Block.Builder builder =
                new Block.Builder(run.slices().getFirst().block().generation(), run.firstSequence(), 0);
        for (Run.Slice slice : run.slices()) {
            for (int i = slice.from(); i < slice.to(); i++) builder.append(Payloads.one(new byte[] {'?'}), 0, null);
        }
        return Run.of(builder.build());
    }

    @Test
    void aStoreThatClaimsTheChannelClosedIsFoundOut() {
        List<String> complaints = complaints(
                store -> new Wrapped(store) {
                    @Override
                    AppendOutcome appended(AppendOutcome outcome) {
                        return outcome instanceof AppendOutcome.Appended(var id, var block, var offset, Tail tail)
                                ? new AppendOutcome.Appended(
                                        id, block, offset, new Tail(tail.offset(), tail.start(), tail.bytes(), true))
                                : outcome;
                    }
                },
                outlet -> outlet);

        assertThat(complaints).anyMatch(complaint -> complaint.contains("closed, which it is not"));
    }

    @Test
    void readersMissNothingWhereAnAnswerHoldsOnlyAPartOfTheCommit() {
        List<String> complaints = complaints(
                store -> new Wrapped(store) {
                    @Override
                    AppendOutcome appended(AppendOutcome outcome) {
                        return outcome instanceof AppendOutcome.Appended(var id, var block, var offset, Tail tail)
                                        && block != null
                                ? new AppendOutcome.Appended(id, firstOf(block), offset, tail)
                                : outcome;
                    }
                },
                outlet -> outlet);

        assertThat(complaints).as("the log has the rest").isEmpty();
    }

    private static Block firstOf(Block block) {
        return new Block.Builder(block.generation(), block.firstSequence(), block.bytesBefore())
                .copy(block, 0, 1)
                .build();
    }
}
