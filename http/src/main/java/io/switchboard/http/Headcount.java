package io.switchboard.http;

import io.netty.channel.Channel;
import java.net.InetAddress;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Connections open now, in all and by address. Any thread. */
final class Headcount {
    private final AtomicInteger open = new AtomicInteger();
    private final Map<InetAddress, Integer> openByAddress = new ConcurrentHashMap<>(); // no more than are open

    /** One connection, counted until it is closed, which whoever carries it says by running this. Belongs to its loop. */
    final class Guest implements Runnable {
        private final int all;
        private @Nullable InetAddress address;
        private boolean gone;

        private Guest(int all) {
            this.all = all;
        }

        /** How many there were with it when it came. */
        int all() {
            return all;
        }

        /** Counts it for {@code from} too, once; returns how many that address has with it, 0 if it has left. */
        int comesFrom(InetAddress from) {
            if (gone) return 0;
            if (address != null) throw new IllegalStateException("counted for another address");
            address = from;
            return openByAddress.merge(from, 1, Integer::sum);
        }

        @Override
        public void run() {
            if (gone) return;
            gone = true;
            open.decrementAndGet();
            if (address != null) openByAddress.computeIfPresent(address, (a, n) -> n == 1 ? null : n - 1);
        }
    }

    int open() {
        return open.get();
    }

    /** Counts {@code channel} until it is closed. */
    Guest enter(Channel channel) {
        Guest guest = new Guest(open.incrementAndGet());
        channel.closeFuture().addListener(closed -> guest.run());
        return guest;
    }
}
