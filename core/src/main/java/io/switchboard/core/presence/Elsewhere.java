package io.switchboard.core.presence;

import io.switchboard.core.channel.ChannelName;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Who is on a channel at other nodes. Each node lays its own members down where all can read them, its <em>part</em> of
 * the channel, and calls out what it changed. A call is a hint: it may be lost, come twice, late, or in another order.
 * What was laid down may be lost too. So a part has a number that grows with each step, by which a hole is noticed, and
 * whoever is in doubt looks.
 *
 * <p>Any thread may call; no call blocks. Answers and news come on any thread, perhaps within the call.
 */
public interface Elsewhere extends AutoCloseable {
    /** There are no other nodes. */
    Elsewhere NOWHERE = new Elsewhere() {
        @Override
        public boolean isShared() {
            return false;
        }

        @Override
        public void start(Hearer hearer) {}

        @Override
        public void follow(ChannelName channel) {}

        @Override
        public void unfollow(ChannelName channel) {}

        @Override
        public void tell(ChannelName channel, Step step, Consumer<Told> answer) {
            answer.accept(Told.FAILED);
        }

        @Override
        public void look(ChannelName channel, Map<String, Long> known, Consumer<@Nullable Sight> answer) {
            answer.accept(null);
        }

        @Override
        public void forget(ChannelName channel, String node, long number) {}

        @Override
        public void close() {}
    };

    /** Whether there may be other nodes. */
    boolean isShared();

    /** Says who hears the others. Once, before anything else. */
    void start(Hearer hearer);

    /**
     * Calls of this channel are wanted. As soon as they are heard, and each time that begins anew, the hearer is told
     * that it may have {@link Hearer#missed} some. Following what is followed already does nothing.
     */
    void follow(ChannelName channel);

    /** Calls of this channel are not wanted any more; some may still come. */
    void unfollow(ChannelName channel);

    /** Lays down a step of this node's part, and calls it out in the same moment. One at a time for each channel. */
    void tell(ChannelName channel, Step step, Consumer<Told> answer);

    /**
     * Looks at all parts of the channel, in one moment for each part.
     *
     * @param known numbers of parts by node: where it is still the same, the members are left out
     * @param answer gets null if it is not to be had now; within a few seconds in any case
     */
    void look(ChannelName channel, Map<String, Long> known, Consumer<@Nullable Sight> answer);

    /** Removes the part of a node that is no more, if it still has this number. */
    void forget(ChannelName channel, String node, long number);

    /** Nothing is heard after it. */
    @Override
    void close();

    /**
     * How a node's part changes. When its last member has left, the part is gone, and the next step begins anew.
     *
     * @param before number of the part it goes on from; 0 puts {@code joined} in place of all there was
     * @param after number of the part from then on, greater than any this node has used for the channel
     * @param joined members that were not in it
     * @param left members that were
     */
    record Step(long before, long after, List<String> joined, List<String> left) {
        public Step {
            joined = List.copyOf(joined);
            left = List.copyOf(left);
            if (before < 0 || after <= before) throw new IllegalArgumentException(before + " to " + after);
        }

        public boolean isWhole() {
            return before == 0;
        }
    }

    /** What became of a step. */
    enum Told {
        DONE,
        /** Nothing was done, as the part that is there has another number: it was lost, or removed. */
        REFUSED,
        /** It is not known whether it was done. */
        FAILED
    }

    /**
     * What a look shows.
     *
     * @param own number of this node's part, 0 if there is none
     * @param parts of the other nodes, living or not
     */
    record Sight(long own, List<Part> parts) {
        public Sight {
            parts = List.copyOf(parts);
        }
    }

    /**
     * What one node has laid down.
     *
     * @param members null if the number is the one that was known
     */
    record Part(String node, long number, @Nullable List<String> members) {}

    /** Who hears the others. On any thread; must not block. */
    interface Hearer {
        /** Another node has taken this step, or this one. */
        void called(ChannelName channel, String node, Step step);

        /** Calls of a followed channel may have been missed, or what this node laid down may be lost: a look tells. */
        void missed(ChannelName channel);
    }
}
