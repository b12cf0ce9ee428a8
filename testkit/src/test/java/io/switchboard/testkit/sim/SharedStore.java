package io.switchboard.testkit.sim;

import io.switchboard.core.channel.Append;
import io.switchboard.core.channel.ChannelName;
import io.switchboard.core.store.Answer;
import io.switchboard.core.store.AppendOutcome;
import io.switchboard.core.store.Create;
import io.switchboard.core.store.CreateOutcome;
import io.switchboard.core.store.DeleteOutcome;
import io.switchboard.core.store.Failure;
import io.switchboard.core.store.FindOutcome;
import io.switchboard.core.store.Listing;
import io.switchboard.core.store.ReadOutcome;
import io.switchboard.core.store.Store;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/**
 * A store of several nodes, which all hear through their relays of what is done to it. It may be replaced by one that
 * has lost its newest writes: whatever was under way then is answered as failed. Belongs to the world's thread.
 */
final class SharedStore implements Store {
    private final List<SimRelay> relays = new ArrayList<>();
    private final Set<Runnable> failing = new LinkedHashSet<>(); // how to answer what is under way
    private SimStore store;

    SharedStore(SimStore store) {
        this.store = store;
    }

    void join(SimRelay relay) {
        relays.add(relay);
    }

    void leave(SimRelay relay) {
        relays.remove(relay);
    }

    /** Another takes its place. */
    void replace(SimStore next) {
        store = next;
        List<Runnable> lost = List.copyOf(failing);
        failing.clear();
        lost.forEach(Runnable::run);
        relays.forEach(SimRelay::reconnect);
    }

    private <T> Answer<T> underWay(Answer<T> answer, T failed) {
        Runnable fail = () -> answer.done(failed);
        failing.add(fail);
        return outcome -> {
            if (failing.remove(fail)) answer.done(outcome);
        };
    }

    private void tell(Consumer<SimRelay> call) {
        relays.forEach(call);
    }

    @Override
    public void find(ChannelName name, Answer<FindOutcome> answer) {
        store.find(name, underWay(answer, new FindOutcome.Failed(Failure.UNAVAILABLE)));
    }

    @Override
    public void create(Create create, Answer<CreateOutcome> answer) {
        Answer<CreateOutcome> told = outcome -> {
            if (outcome instanceof CreateOutcome.Created) tell(relay -> relay.change(create.name()));
            answer.done(outcome);
        };
        store.create(create, underWay(told, new CreateOutcome.Failed(Failure.UNAVAILABLE)));
    }

    @Override
    public void append(Append append, Answer<AppendOutcome> answer) {
        store.append(append, underWay(told(append, answer), new AppendOutcome.Failed(Failure.UNAVAILABLE)));
    }

    @Override
    public void append(Append append, Executor answerOn, Answer<AppendOutcome> answer) {
        Answer<AppendOutcome> told = told(append, answer);
        store.append(append, answerOn, underWay(told, new AppendOutcome.Failed(Failure.UNAVAILABLE)));
    }

    private Answer<AppendOutcome> told(Append append, Answer<AppendOutcome> answer) {
        return outcome -> {
            if (outcome instanceof AppendOutcome.Appended(long id, var block, var offset, var tail)) {
                tell(relay -> relay.call(append.channel(), id, block, tail));
            }
            answer.done(outcome);
        };
    }

    @Override
    public void delete(ChannelName name, long id, Answer<DeleteOutcome> answer) {
        Answer<DeleteOutcome> told = outcome -> {
            if (outcome instanceof DeleteOutcome.Deleted) tell(relay -> relay.change(name));
            answer.done(outcome);
        };
        store.delete(name, id, underWay(told, new DeleteOutcome.Failed(Failure.UNAVAILABLE)));
    }

    @Override
    public void touch(ChannelName name, long id, long deadlineMillis) {
        store.touch(name, id, deadlineMillis);
    }

    @Override
    public void expired(long nowMillis, int limit, Answer<List<ChannelName>> answer) {
        store.expired(nowMillis, limit, underWay(answer, List.of()));
    }

    @Override
    public void read(ChannelName name, long id, long sequence, int bytesMax, Answer<ReadOutcome> answer) {
        store.read(name, id, sequence, bytesMax, underWay(answer, new ReadOutcome.Failed(Failure.UNAVAILABLE)));
    }

    @Override
    public void list(String prefix, String after, int limit, Answer<Listing> answer) {
        store.list(prefix, after, limit, underWay(answer, new Listing.Failed(Failure.UNAVAILABLE)));
    }

    @Override
    public void close() {
        store.close();
    }
}
