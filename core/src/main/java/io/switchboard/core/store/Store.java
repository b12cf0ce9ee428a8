package io.switchboard.core.store;

import io.switchboard.core.channel.Append;
import io.switchboard.core.channel.ChannelName;
import java.util.List;
import java.util.concurrent.Executor;

/**
 * A log of all channels. Every request is one atomic step with one outcome.
 *
 * <p>Any thread may call, no call blocks, each takes O(1) time in the caller. Requests that change
 * something take effect in the order they were handed in, as far as they name the same channels, and their answers
 * come in that order for each channel; a request handed in after an answer sees what that answer told. Requests in flight are limited:
 * beyond the limit a request is answered {@link Failure#BUSY}.
 *
 * <p>What holds for every store is written as a contract suite in the testkit.
 */
public interface Store extends AutoCloseable {
    /** What is committed of the channel {@code name}. */
    void find(ChannelName name, Answer<FindOutcome> answer);

    /** Makes a channel, or finds it as asked for (Durable Streams, sections 4.2 and 5.1). */
    void create(Create create, Answer<CreateOutcome> answer);

    /** Appends (Durable Streams, section 5.2). Never creates a channel. */
    void append(Append append, Answer<AppendOutcome> answer);

    /**
     * The same, for one who runs on {@code answerOn} and is answered there: answers that come together are handed to
     * it together, and what it hands in is taken together once it has come to the tasks that stand in line there now.
     *
     * @param answerOn runs what it is given in order; told apart by equality
     */
    default void append(Append append, Executor answerOn, Answer<AppendOutcome> answer) {
        append(append, outcome -> answerOn.execute(() -> answer.done(outcome)));
    }

    /**
     * Deletes a channel; one that has forks is kept for them, and so is its name.
     *
     * @param id the incarnation to delete: another one is {@link DeleteOutcome.NotFound}
     */
    void delete(ChannelName name, long id, Answer<DeleteOutcome> answer);

    /**
     * Remembers when a channel expires. Unanswered and not urgent: it may be lost in a crash, so the
     * caller asks for a later moment than it would need.
     */
    void touch(ChannelName name, long id, long deadlineMillis);

    /** Names of at most {@code limit} channels whose remembered deadline is at or before {@code nowMillis}. */
    void expired(long nowMillis, int limit, Answer<List<ChannelName>> answer);

    /**
     * Reads messages after {@code sequence}: the first one, and more up to about {@code bytesMax} of payload.
     * Works for a deleted channel too as long as forks need it.
     *
     * @param name which the channel has, or keeps for its forks
     * @param id the incarnation to read
     * @param sequence 0 or more
     * @param bytesMax 1 or more
     */
    void read(ChannelName name, long id, long sequence, int bytesMax, Answer<ReadOutcome> answer);

    /**
     * As {@link #read}, or {@link ReadOutcome.InFile} where a file holds the messages end to end.
     *
     * @param through a file's messages end here at the latest: a sequence that readers may be shown
     */
    default void readOrOpen(
            ChannelName name, long id, long sequence, long through, int bytesMax, Answer<ReadOutcome> answer) {
        read(name, id, sequence, bytesMax, answer);
    }

    /**
     * Lists channels whose name begins with {@code prefix} and is greater than {@code after}.
     *
     * @param limit 1 to 1,000
     */
    void list(String prefix, String after, int limit, Answer<Listing> answer);

    /** Finishes what was handed in, makes all of it durable, and lets go of all resources. Blocks. */
    @Override
    void close();
}
