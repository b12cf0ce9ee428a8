package io.switchboard.http;

import io.netty.channel.Channel;
import java.net.InetAddress;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** Connections open now, in all and by address. Any thread. */
final class Headcount {
    private final AtomicInteger open = new AtomicInteger();
    private final Map<InetAddress, Integer> openByAddress = new ConcurrentHashMap<>(); // no more than are open

    int open() {
        return open.get();
    }

    /** Counts {@code channel} until it is closed; returns how many there are with it. */
    int enter(Channel channel) {
        int all = open.incrementAndGet();
        channel.closeFuture().addListener(closed -> open.decrementAndGet());
        return all;
    }

    /** Counts {@code channel} for {@code address} until it is closed; returns how many that address has with it. */
    int enterFrom(InetAddress address, Channel channel) {
        int fromThere = openByAddress.merge(address, 1, Integer::sum);
        channel.closeFuture()
                .addListener(closed -> openByAddress.computeIfPresent(address, (a, n) -> n == 1 ? null : n - 1));
        return fromThere;
    }
}
