package io.switchboard.store.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.core.channel.ChannelName;
import io.switchboard.testkit.store.Asking;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Executor;
import org.junit.jupiter.api.Test;

class LanesTest {
    private record Begun(String what, Runnable done) {}

    private final ArrayDeque<Begun> underWay = new ArrayDeque<>();
    private final List<String> order = new ArrayList<>();
    private final Lanes lanes = new Lanes(this::append, 3, 100);
    private int most;

    private void append(ChannelName channel, List<Waiting> appends, Runnable done) {
        StringBuilder what = new StringBuilder(channel.value());
        for (Waiting append : appends) {
            what.append(' ')
                    .append(new String(append.append().payloads().bytes(), java.nio.charset.StandardCharsets.UTF_8));
        }
        begun(what.toString(), done);
    }

    private void begun(String what, Runnable done) {
        order.add(what);
        underWay.add(new Begun(what, done));
        most = Math.max(most, underWay.size());
    }

    private void append(String name, String message) {
        lanes.append(new Waiting(Asking.plain(name, message), null, outcome -> {}));
    }

    private void errand(String what, String... names) {
        List<ChannelName> of = new ArrayList<>();
        for (String name : names) of.add(new ChannelName(name));
        lanes.alone(of, done -> begun(what, done));
    }

    private void done(String what) {
        Begun first = underWay.remove();
        assertThat(first.what()).isEqualTo(what);
        first.done().run();
    }

    @Test
    void whatGathersWhileOneIsUnderWayGoesTogether() {
        for (int i = 0; i < 6; i++) append("a", "m" + i);
        append("b", "n");
        assertThat(order).containsExactly("a m0", "b n");
        done("a m0");
        done("b n");
        done("a m1 m2 m3"); // as many as may
        done("a m4 m5");
        append("a", "x".repeat(60));
        append("a", "y".repeat(60));
        append("a", "z".repeat(60));
        done("a " + "x".repeat(60));
        done("a " + "y".repeat(60)); // and as large
        done("a " + "z".repeat(60));
        assertThat(underWay).isEmpty();
    }

    @Test
    void whatATurnOfALoopHandsInGoesTogether() {
        List<Runnable> loop = new ArrayList<>();
        Executor executor = loop::add;
        for (String message : List.of("1", "2")) {
            lanes.append(new Waiting(Asking.plain("a", message), executor, outcome -> {}));
            lanes.append(new Waiting(Asking.plain("b", message), executor, outcome -> {}));
        }
        assertThat(order).isEmpty();
        assertThat(loop).hasSize(1);
        loop.removeFirst().run();
        assertThat(order).containsExactly("a 1 2", "b 1 2");

        done("a 1 2");
        lanes.append(new Waiting(Asking.plain("a", "3"), executor, outcome -> {}));
        lanes.endTurns(); // the loop runs no more
        assertThat(order).endsWith("a 3");
    }

    @Test
    void anErrandWaitsForAllItsLanesAndHoldsThemUp() {
        append("a", "1");
        append("b", "1");
        errand("a+b", "a", "b");
        append("a", "2");
        append("b", "2");
        errand("b+a", "b", "a");
        append("c", "1");
        assertThat(order).containsExactly("a 1", "b 1", "c 1");
        done("a 1");
        assertThat(order).hasSize(3);
        done("b 1");
        done("c 1");
        assertThat(order).hasSize(4).endsWith("a+b");
        done("a+b");
        done("a 2");
        done("b 2");
        done("b+a");
        assertThat(underWay).isEmpty();
    }

    @Test
    void onlySoManyAreUnderWayAndNoneIsForgotten() {
        Random random = new Random(1);
        int appended = 0;
        for (int i = 0; i < 5_000; i++) {
            append("n" + random.nextInt(2_000), "m");
            appended++;
            if (random.nextInt(10) == 0) errand("e", "n" + random.nextInt(2_000), "other" + i);
            if (random.nextInt(3) == 0) underWay.remove().done().run();
        }
        while (!underWay.isEmpty()) underWay.remove().done().run();
        assertThat(order.stream()
                        .filter(what -> what.startsWith("n"))
                        .mapToInt(what -> what.split(" ").length - 1)
                        .sum())
                .isEqualTo(appended);
        assertThat(most).isBetween(512, 512 + 1_000); // errands have a limit of their own
    }

    @Test
    void lanesThatFailAtOnceDoNotPileUp() {
        List<Runnable> first = new ArrayList<>();
        int[] done = {0};
        Lanes failing = new Lanes(
                (channel, appends, end) -> {
                    done[0] += appends.size();
                    if (first.size() < 512) first.add(end);
                    else end.run();
                },
                100,
                1_000_000);
        for (int i = 0; i < 50_000; i++) failing.append(new Waiting(Asking.plain("n" + i, "m"), null, outcome -> {}));
        first.removeFirst().run();
        while (!first.isEmpty()) first.removeFirst().run();
        assertThat(done[0]).isEqualTo(50_000);
    }
}
