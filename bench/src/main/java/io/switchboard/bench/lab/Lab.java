package io.switchboard.bench.lab;

import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.net.InetSocketAddress;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The viewers and the relay, a loop each: so many viewers do not hold up what a page measures through the relay more than the
 * machine does. Threads: wishes and questions may come from any, one at a time; they block.
 */
final class Lab implements AutoCloseable {
    private static final int LOOPS = 2;
    private static final long STOP_MILLIS = 500;

    private final InetSocketAddress server;
    private final Class<? extends ServerChannel> listening;
    private final Class<? extends Channel> connecting;
    private final MultiThreadIoEventLoopGroup group;
    private final EventLoop forRelay;
    private final EventLoop forViewers;
    private final Viewers viewers;
    private @Nullable Relay relay;

    Lab(InetSocketAddress server) {
        boolean epoll = Epoll.isAvailable();
        this.server = server;
        listening = epoll ? EpollServerSocketChannel.class : NioServerSocketChannel.class;
        connecting = epoll ? EpollSocketChannel.class : NioSocketChannel.class;
        group = new MultiThreadIoEventLoopGroup(
                LOOPS,
                new DefaultThreadFactory("lab", true),
                epoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory());
        forRelay = group.next();
        forViewers = group.next();
        viewers = new Viewers(forViewers, connecting, server);
    }

    /** A relay that was there stays, with the ports that pages know. */
    synchronized void become(Wish wish) {
        if (wish.relay() && relay == null) relay = Relay.open(forRelay, listening, connecting, server);
        Relay open = relay;
        if (open != null)
            on(forRelay, () -> {
                open.become(wish.conditions());
                return true;
            });
        on(forViewers, () -> {
            viewers.become(wish.crowd(), wish.conditions().plugged());
            return true;
        });
    }

    /** What the page is told. */
    synchronized Map<String, Object> figures() {
        Map<String, Object> figures = new LinkedHashMap<>();
        Relay open = relay;
        if (open != null) figures.put("relay", on(forRelay, open::figures));
        figures.put("viewers", on(forViewers, viewers::figures));
        return figures;
    }

    private static <T> T on(EventLoop loop, Supplier<T> task) {
        return loop.submit(task::get).syncUninterruptibly().getNow();
    }

    @Override
    public void close() {
        group.shutdownGracefully(0, STOP_MILLIS, TimeUnit.MILLISECONDS).awaitUninterruptibly(STOP_MILLIS);
    }
}
