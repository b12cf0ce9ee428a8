package io.switchboard.core.exchange;

import io.switchboard.core.channel.ChannelName;
import io.switchboard.core.relay.Relay;
import io.switchboard.core.time.Loop;
import io.switchboard.core.time.Ticker;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * The channels of a shard that are followed with other nodes: those that somebody here reads. Each has its turn every
 * {@value #TURN_MILLIS} ms, at most {@value #TURNS_PER_TICK} of them a second: if it is still read it is looked up, in
 * case a call was lost; if not it is followed no more, so that long-polls which come and go keep it. Belongs to its loop.
 */
final class Following {
    static final long TURN_MILLIS = 30_000;
    static final long TICK_MILLIS = 1_000;
    static final int TURNS_PER_TICK = 5_000;

    private final Loop loop;
    private final Ticker ticker;
    private final Relay relay;
    private final Predicate<ChannelName> isRead;
    private final Consumer<ChannelName> look;
    private final Map<ChannelName, Long> turns = new LinkedHashMap<>(); // when each had its last; the longest ago first
    private boolean ticking;

    Following(Loop loop, Ticker ticker, Relay relay, Predicate<ChannelName> isRead, Consumer<ChannelName> look) {
        this.loop = loop;
        this.ticker = ticker;
        this.relay = relay;
        this.isRead = isRead;
        this.look = look;
    }

    /** Somebody here is about to read it. */
    void begin(ChannelName name) {
        if (!relay.isShared() || turns.putIfAbsent(name, ticker.nowMillis()) != null) return;
        relay.follow(name);
        tickLater();
    }

    private void tickLater() {
        if (ticking || turns.isEmpty()) return;
        ticking = true;
        loop.after(TICK_MILLIS, () -> {
            ticking = false;
            takeTurns();
            tickLater();
        });
    }

    private void takeTurns() {
        long now = ticker.nowMillis();
        for (int n = 0; n < TURNS_PER_TICK && !turns.isEmpty(); n++) {
            Iterator<Map.Entry<ChannelName, Long>> first = turns.entrySet().iterator();
            Map.Entry<ChannelName, Long> eldest = first.next();
            if (now - eldest.getValue() < TURN_MILLIS) return;
            ChannelName name = eldest.getKey();
            first.remove();
            if (isRead.test(name)) {
                turns.put(name, now);
                look.accept(name);
            } else {
                relay.unfollow(name);
            }
        }
    }
}
