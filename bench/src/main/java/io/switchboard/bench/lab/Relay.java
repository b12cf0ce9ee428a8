package io.switchboard.bench.lab;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.ServerChannel;
import io.netty.channel.socket.SocketChannel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;

/** Stands between the readers of a page and their server, on ports that only this machine reaches. All on one loop. */
final class Relay {
    private final Map<Carrier, Door> doors = new EnumMap<>(Carrier.class);
    private final Map<Carrier, Integer> ports = new EnumMap<>(Carrier.class);
    private Conditions conditions = Conditions.IDEAL; // the loop

    private Relay() {}

    /** Listens when this returns; blocks, so not on the loop. */
    static Relay open(
            EventLoop loop,
            Class<? extends ServerChannel> listening,
            Class<? extends Channel> connecting,
            InetSocketAddress server) {
        Relay relay = new Relay();
        Bootstrap toServer = new Bootstrap()
                .group(loop)
                .channel(connecting)
                .option(ChannelOption.TCP_NODELAY, true)
                .option(ChannelOption.AUTO_READ, false)
                .remoteAddress(server);
        for (Carrier carrier : Carrier.values()) {
            Door door = new Door(carrier, toServer, () -> relay.conditions);
            Channel open = new ServerBootstrap()
                    .group(loop)
                    .channel(listening)
                    .childOption(ChannelOption.TCP_NODELAY, true)
                    .childOption(ChannelOption.AUTO_READ, false)
                    .childHandler(new ChannelInitializer<SocketChannel>() {
                        @Override
                        protected void initChannel(SocketChannel front) {
                            loop.execute(() -> door.enter(front));
                        }
                    })
                    .bind(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0))
                    .syncUninterruptibly()
                    .channel();
            relay.doors.put(carrier, door);
            relay.ports.put(carrier, ((InetSocketAddress) open.localAddress()).getPort());
        }
        return relay;
    }

    int port(Carrier carrier) {
        return ports.getOrDefault(carrier, 0);
    }

    /** The loop. */
    void become(Conditions wished) {
        Conditions before = conditions;
        conditions = wished;
        if (before.plugged() && !wished.plugged()) doors.values().forEach(Door::cutAll);
        // A WebSocket that stands keeps standing: what a proxy does to new ones would not be seen.
        if (before.stripsUpgrade() != wished.stripsUpgrade())
            door(Carrier.WEBSOCKET).cutAll();
    }

    private Door door(Carrier carrier) {
        Door door = doors.get(carrier);
        if (door == null) throw new IllegalStateException("no door");
        return door;
    }

    /** By carrier. The loop. */
    Map<String, Object> figures() {
        Map<String, Object> figures = new LinkedHashMap<>();
        for (Carrier carrier : Carrier.values()) {
            Map<String, Object> one = door(carrier).figures();
            one.put("port", port(carrier));
            figures.put(carrier.word(), one);
        }
        return figures;
    }
}
