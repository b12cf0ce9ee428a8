package io.switchboard.testkit.sim;

import io.switchboard.core.channel.Block;
import io.switchboard.core.channel.ChannelName;
import io.switchboard.core.channel.Tail;
import io.switchboard.core.relay.Relay;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What one node hears of the others: in any order, some of it twice, some of it never. Belongs to the world's thread. */
final class SimRelay implements Relay, SimWorld.Actor {
    private static final int LOST_ONE_IN = 8;
    private static final int TWICE_ONE_IN = 8;

    private final SimWorld world;
    private final Set<ChannelName> followed = new LinkedHashSet<>();
    private final List<Runnable> calls = new ArrayList<>();
    private @Nullable Hearer hearer;
    private boolean reliable;

    SimRelay(SimWorld world) {
        this.world = world;
    }

    /** From now on nothing is lost, as long as there is a connection. */
    void becomeReliable() {
        reliable = true;
    }

    void call(ChannelName name, long id, @Nullable Block block, Tail tail) {
        Hearer mine = hearer;
        if (mine != null && followed.contains(name)) comes(() -> mine.called(name, id, block, tail));
    }

    void change(ChannelName name) {
        Hearer mine = hearer;
        if (mine != null && followed.contains(name)) comes(() -> mine.changed(name));
    }

    private void comes(Runnable call) {
        if (!reliable && world.oneIn(LOST_ONE_IN)) return;
        calls.add(call);
        if (world.oneIn(TWICE_ONE_IN)) calls.add(call);
    }

    /** The connection was lost, and is there again. */
    void reconnect() {
        calls.clear();
        for (ChannelName name : followed) begin(name);
    }

    private void begin(ChannelName name) {
        Hearer mine = hearer;
        if (mine != null) calls.add(() -> mine.changed(name));
    }

    @Override
    public boolean ready() {
        return !calls.isEmpty();
    }

    @Override
    public void step() {
        calls.remove(world.random().nextInt(calls.size())).run();
    }

    @Override
    public boolean isShared() {
        return true;
    }

    @Override
    public void start(Hearer theHearer) {
        hearer = theHearer;
    }

    @Override
    public void follow(ChannelName name) {
        if (followed.add(name)) begin(name);
    }

    @Override
    public void unfollow(ChannelName name) {
        followed.remove(name);
    }

    @Override
    public void close() {
        calls.clear();
    }
}
