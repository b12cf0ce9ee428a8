package io.switchboard.testkit.sim;

import io.switchboard.testkit.ManualTicker;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Everything that happens, happens here: one thread, manual time, and one random that picks who goes
 * next. The same seed gives the same history.
 */
public final class SimWorld {
    /** Something that can take a step of its own accord. */
    public interface Actor {
        boolean ready();

        /** Called only when ready. */
        void step();
    }

    private static final long EPOCH_MILLIS = 1_700_000_000_000L;

    private final Random random;
    private final ManualTicker ticker = new ManualTicker(EPOCH_MILLIS);
    private final List<Actor> actors = new ArrayList<>();
    private final List<Actor> ready = new ArrayList<>();

    public SimWorld(long seed) {
        this.random = new Random(seed);
    }

    public Random random() {
        return random;
    }

    public ManualTicker ticker() {
        return ticker;
    }

    /** True once in {@code n} times. */
    public boolean oneIn(int n) {
        return random.nextInt(n) == 0;
    }

    public <T> T oneOf(List<T> choices) {
        return choices.get(random.nextInt(choices.size()));
    }

    public SimLoop newLoop() {
        SimLoop loop = new SimLoop(ticker);
        add(loop);
        return loop;
    }

    public void add(Actor actor) {
        actors.add(actor);
    }

    public void remove(Actor actor) {
        actors.remove(actor);
    }

    /** One of those who can takes a step; false if nobody can. */
    public boolean step() {
        ready.clear();
        for (Actor actor : actors) {
            if (actor.ready()) ready.add(actor);
        }
        if (ready.isEmpty()) return false;
        oneOf(ready).step();
        return true;
    }

    /**
     * Steps until nobody can any more.
     *
     * @throws AssertionError if that does not come to pass within {@code stepsMax} steps
     */
    public void rest(int stepsMax) {
        for (int steps = 0; steps < stepsMax; steps++) {
            if (!step()) return;
        }
        throw new AssertionError("the world does not come to rest within " + stepsMax + " steps");
    }
}
