package io.switchboard.testkit.sim;

import io.switchboard.core.channel.Append;
import io.switchboard.core.channel.ChannelName;
import io.switchboard.core.channel.Policies;
import io.switchboard.core.figures.Figures;
import io.switchboard.core.store.Answer;
import io.switchboard.core.store.AppendOutcome;
import io.switchboard.core.store.Create;
import io.switchboard.core.store.CreateOutcome;
import io.switchboard.core.store.DeleteOutcome;
import io.switchboard.core.store.Failure;
import io.switchboard.core.store.FindOutcome;
import io.switchboard.core.store.Listing;
import io.switchboard.core.store.LocalStore;
import io.switchboard.core.store.ReadOutcome;
import io.switchboard.core.store.Store;
import io.switchboard.core.store.StoreLimits;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;

/**
 * The rules of the local stores over a {@link SimDisk}, with answers that take their time: those about
 * changes come in order for each channel, everything else in any. What a loop appends in one turn goes into
 * one commit. It may refuse requests. After a crash a new one is opened on the same disk. Belongs to the
 * world's thread.
 */
public final class SimStore implements Store, SimWorld.Actor {
    private static final class Local extends LocalStore {
        Local(
                SimDisk disk,
                Policies policies,
                SimWorld world,
                SimExecutor committing,
                SimExecutor syncing,
                SimExecutor reading) {
            super(disk, policies, StoreLimits.DEFAULT, world.ticker(), committing, syncing, reading, Figures.unseen());
        }

        void syncAgain() {
            sync();
        }
    }

    /**
     * The loop of one who appends. What it is given while an append is handed in comes at the end of the loop's turn;
     * everything else is answers, which are given {@link #later} and find their way to the loop by themselves.
     */
    private record Turn(SimStore store, Executor loop) implements Executor {
        @Override
        public void execute(Runnable task) {
            if (store.handingIn) loop.execute(task);
            else task.run();
        }
    }

    private final SimWorld world;
    private final SimExecutor committing;
    private final SimExecutor syncing;
    private final SimExecutor reading;
    private final Local local;
    private final Map<ChannelName, ArrayDeque<Runnable>> changeAnswers = new LinkedHashMap<>();
    private final List<Runnable> lookAnswers = new ArrayList<>();
    private int refuseOneIn = Integer.MAX_VALUE;
    private boolean handingIn;
    private boolean dead;

    public SimStore(SimWorld world, SimDisk disk, Policies policies) {
        this.world = world;
        committing = new SimExecutor(world, true);
        syncing = new SimExecutor(world, true);
        reading = new SimExecutor(world, false);
        local = new Local(disk, policies, world, committing, syncing, reading);
        world.add(this);
        world.add(committing);
        world.add(syncing);
        world.add(reading);
    }

    /** From now on one in {@code n} requests is answered BUSY at once; {@link Integer#MAX_VALUE} for none. */
    public void refuseOneIn(int n) {
        refuseOneIn = n;
    }

    /** Its process is no more: nothing it was asked for happens, nothing is answered. */
    public void kill() {
        dead = true;
        world.remove(this);
        world.remove(committing);
        world.remove(syncing);
        world.remove(reading);
    }

    @Override
    public boolean ready() {
        return !changeAnswers.isEmpty() || !lookAnswers.isEmpty();
    }

    /** Gives one of the answers that are due. */
    @Override
    public void step() {
        int choice = world.random().nextInt(changeAnswers.size() + lookAnswers.size());
        if (choice >= changeAnswers.size()) {
            lookAnswers.remove(choice - changeAnswers.size()).run();
            return;
        }
        ChannelName name = List.copyOf(changeAnswers.keySet()).get(choice);
        ArrayDeque<Runnable> answers = changeAnswers.getOrDefault(name, new ArrayDeque<>());
        Runnable answer = answers.remove();
        if (answers.isEmpty()) changeAnswers.remove(name);
        answer.run();
    }

    private boolean refuses() {
        return refuseOneIn != Integer.MAX_VALUE && world.oneIn(refuseOneIn);
    }

    private <T> Answer<T> later(ChannelName name, Answer<T> answer) {
        return outcome ->
                changeAnswers.computeIfAbsent(name, n -> new ArrayDeque<>()).add(() -> answer.done(outcome));
    }

    private <T> Answer<T> later(Answer<T> answer) {
        return outcome -> lookAnswers.add(() -> answer.done(outcome));
    }

    @Override
    public void find(ChannelName name, Answer<FindOutcome> answer) {
        if (dead) return;
        if (refuses()) answer.done(new FindOutcome.Failed(Failure.BUSY));
        else local.find(name, later(answer));
    }

    @Override
    public void create(Create create, Answer<CreateOutcome> answer) {
        if (dead) return;
        if (refuses()) answer.done(new CreateOutcome.Failed(Failure.BUSY));
        else local.create(create, later(create.name(), answer));
    }

    @Override
    public void append(Append append, Answer<AppendOutcome> answer) {
        if (dead) return;
        if (refuses()) answer.done(new AppendOutcome.Failed(Failure.BUSY));
        else local.append(append, later(append.channel(), answer));
    }

    @Override
    public void append(Append append, Executor answerOn, Answer<AppendOutcome> answer) {
        if (dead) return;
        Answer<AppendOutcome> there = outcome -> answerOn.execute(() -> answer.done(outcome));
        if (refuses()) {
            there.done(new AppendOutcome.Failed(Failure.BUSY));
            return;
        }
        handingIn = true;
        try {
            local.append(append, new Turn(this, answerOn), later(append.channel(), there));
        } finally {
            handingIn = false;
        }
    }

    @Override
    public void delete(ChannelName name, long id, Answer<DeleteOutcome> answer) {
        if (dead) return;
        if (refuses()) answer.done(new DeleteOutcome.Failed(Failure.BUSY));
        else local.delete(name, id, later(name, answer));
    }

    @Override
    public void touch(ChannelName name, long id, long deadlineMillis) {
        if (!dead) local.touch(name, id, deadlineMillis);
    }

    @Override
    public void expired(long nowMillis, int limit, Answer<List<ChannelName>> answer) {
        if (!dead) local.expired(nowMillis, limit, later(answer));
    }

    @Override
    public void read(ChannelName name, long id, long sequence, int bytesMax, Answer<ReadOutcome> answer) {
        if (dead) return;
        if (refuses()) answer.done(new ReadOutcome.Failed(Failure.BUSY));
        else local.read(name, id, sequence, bytesMax, later(answer));
    }

    @Override
    public void list(String prefix, String after, int limit, Answer<Listing> answer) {
        if (!dead) local.list(prefix, after, limit, later(answer));
    }

    /** Applies retention by age to channels that nobody appends to. */
    public void sweep() {
        if (!dead) local.sweep(100);
    }

    /** Syncs what a sync that failed has left, as the owner of a disk does every second. */
    public void mend() {
        if (!dead) syncing.execute(local::syncAgain);
    }

    @Override
    public void close() {
        kill();
        local.close();
    }
}
