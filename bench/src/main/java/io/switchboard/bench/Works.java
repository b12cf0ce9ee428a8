package io.switchboard.bench;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/** The work of all lanes: at a rate over all of them together, or each sender as fast as it is answered. */
final class Works {
    private final Engine engine;
    private final OptionalDouble rate;
    private final Map<Lane, Pacer> pacers = new HashMap<>();
    private final Map<Lane, Treadmill> treadmills = new HashMap<>();

    Works(Engine engine, OptionalDouble rate) {
        this.engine = engine;
        this.rate = rate;
        for (Lane lane : engine.lanes()) {
            if (rate.isPresent()) pacers.put(lane, new Pacer(lane));
            else treadmills.put(lane, new Treadmill(lane));
        }
    }

    Work of(Lane lane) {
        Pacer pacer = pacers.get(lane);
        if (pacer != null) return pacer;
        Treadmill treadmill = treadmills.get(lane);
        if (treadmill != null) return treadmill;
        throw new IllegalArgumentException("a lane of another engine");
    }

    /** @param senders all that were made */
    void begin(long startNanos, List<? extends Sender> senders) {
        if (rate.isEmpty()) {
            for (Lane lane : engine.lanes()) {
                lane.eventLoop.execute(() -> {
                    for (Sender sender : senders) {
                        if (((Client) sender).lane == lane) sender.duty().begin();
                    }
                });
            }
            return;
        }
        double everyNanos = 1e9 / rate.getAsDouble();
        int place = 0;
        for (Lane lane : engine.lanes()) {
            Pacer pacer = pacers.get(lane);
            if (pacer == null || pacer.senders() == 0) continue;
            long begin = startNanos + (long) (everyNanos * place++);
            double ofLane = everyNanos * senders.size() / pacer.senders();
            lane.eventLoop.execute(() -> pacer.start(begin, ofLane));
        }
    }
}
