package io.switchboard.testkit.sim;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;

/** Threads of a store, as a list of tasks that the world runs one by one. Belongs to the world's thread. */
final class SimExecutor implements Executor, SimWorld.Actor {
    private final SimWorld world;
    private final boolean inOrder;
    private final List<Runnable> tasks = new ArrayList<>();

    /** @param inOrder one thread; otherwise as many as there are tasks */
    SimExecutor(SimWorld world, boolean inOrder) {
        this.world = world;
        this.inOrder = inOrder;
    }

    @Override
    public void execute(Runnable task) {
        tasks.add(task);
    }

    @Override
    public boolean ready() {
        return !tasks.isEmpty();
    }

    @Override
    public void step() {
        tasks.remove(inOrder ? 0 : world.random().nextInt(tasks.size())).run();
    }
}
