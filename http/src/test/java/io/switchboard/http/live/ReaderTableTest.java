package io.switchboard.http.live;

import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.core.channel.ChannelName;
import io.switchboard.core.channel.Offset;
import io.switchboard.core.figures.Figures;
import io.switchboard.core.reading.Delivery;
import io.switchboard.core.reading.Feed;
import io.switchboard.core.reading.Outlet;
import io.switchboard.core.reading.Page;
import io.switchboard.core.reading.ReadFrom;
import io.switchboard.core.reading.Reader;
import io.switchboard.core.time.Loop;
import io.switchboard.testkit.sim.SimLoop;
import io.switchboard.testkit.sim.SimWorld;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class ReaderTableTest implements Feed.Source, Outlet {
    private static final int NAMES = 400;

    private final SimLoop loop = new SimWorld(1).newLoop();
    private final ReaderTable table = new ReaderTable();
    private final Map<ChannelName, Reader> model = new HashMap<>();

    private Reader reader(ChannelName name) {
        return new Feed(name, loop, this, Figures.unseen(), () -> 0).open(new ReadFrom.Now(), this, false);
    }

    // Every other name has the hash of its neighbour.
    private static ChannelName name(int n) {
        return new ChannelName("c" + n / 2 + (n % 2 == 0 ? "Aa" : "BB"));
    }

    @Test
    void itHoldsWhatAMapHoldsWhateverComesAndGoes() {
        long seed = Long.getLong("seed", System.nanoTime());
        Random random = new Random(seed);
        for (int turn = 0; turn < 20_000; turn++) {
            // It grows to nearly all of them, shrinks to a few, and does so again.
            boolean grows = turn / 2_000 % 2 == 0;
            ChannelName name = name(random.nextInt(NAMES));
            Reader had = model.get(name);
            if (had == null && random.nextInt(10) < (grows ? 9 : 1)) {
                Reader made = reader(name);
                table.add(made);
                model.put(name, made);
            } else if (had != null && random.nextInt(10) < (grows ? 1 : 9)) {
                table.remove(had);
                table.remove(had); // nothing happens
                model.remove(name);
            }
            assertThat(table.find(name)).as("-Dseed=%d", seed).isSameAs(model.get(name));
            if (turn % 500 == 0) compare(seed);
        }
        compare(seed);
        assertThat(table.places()).as("-Dseed=%d", seed).isLessThan(NAMES);
    }

    private void compare(long seed) {
        for (int i = 0; i < NAMES; i++) {
            assertThat(table.find(name(i))).as("-Dseed=%d", seed).isSameAs(model.get(name(i)));
        }
        Set<Reader> all = new HashSet<>();
        table.forEach(all::add);
        assertThat(all).as("-Dseed=%d", seed).isEqualTo(new HashSet<>(model.values()));
        assertThat(table.size()).as("-Dseed=%d", seed).isEqualTo(model.size());
    }

    @Test
    void anotherReaderOfTheSameChannelIsNotTakenForTheOneThatIsHere() {
        Reader here = reader(name(0));
        table.add(here);
        table.remove(reader(name(0)));
        assertThat(table.find(name(0))).isSameAs(here);
        table.clear();
        assertThat(table.find(name(0))).isNull();
        assertThat(table.size()).isZero();
    }

    // --- what readers need that never begin

    @Override
    public void register(Feed feed) {}

    @Override
    public void unregister(Feed feed) {}

    @Override
    public void page(ChannelName channel, ReadFrom from, int bytesMax, Loop answerOn, Consumer<Page> answer) {}

    @Override
    public Feed successor(Feed deleted) {
        return deleted;
    }

    @Override
    public Offer offer(Reader reader, Delivery delivery) {
        return Offer.GONE;
    }

    @Override
    public void caughtUp(Reader reader) {}

    @Override
    public AfterGap gap(Reader reader, Offset from, Offset to) {
        return AfterGap.STOP;
    }

    @Override
    public void ended(Reader reader, End end) {}
}
