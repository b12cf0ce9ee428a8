package io.switchboard.http;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.channel.unix.UnixChannelOption;
import io.netty.handler.codec.http3.Http3ErrorCode;
import io.netty.handler.codec.quic.EpollQuicUtils;
import io.netty.handler.codec.quic.Quic;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicChannelOption;
import io.netty.handler.codec.quic.QuicConnectionStats;
import io.netty.handler.codec.quic.QuicServerCodecBuilder;
import io.netty.handler.codec.quic.SegmentedDatagramPacketAllocator;
import io.switchboard.core.time.Ticker;
import io.switchboard.http.caller.Caller;
import io.switchboard.http.http3.AddressTokens;
import io.switchboard.http.http3.ConnectionIds;
import io.switchboard.http.tls.Certificates;
import io.switchboard.http.tls.QuicCertificates;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.channels.DatagramChannel;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A port of UDP on which HTTP/3 is spoken. Where the system can share a port between sockets, each loop has one, and the
 * connections whose packets the kernel gives it ({@link Http3Lanes}); elsewhere one loop has all. Nothing of QUIC is loaded
 * before one is opened.
 */
final class Http3Port {
    /** What a peer may send on all streams together at first; QUIC makes it more for those who use it. */
    private static final int WINDOW_BYTES = 1024 * 1024;

    private static final int STREAM_WINDOW_BYTES = 64 * 1024;
    private static final int CONTROL_WINDOW_BYTES = 16 * 1024;
    /** Streams from the peer that carry no request, open at a time: control, two for tables of fields, and a few of no meaning. */
    private static final int CONTROL_STREAMS_MAX = 8;

    /**
     * Names that a peer has for a connection: one in use, and some for where it moves to. The library keeps as many addresses
     * where it was seen, and forgets none that it has left: a client that has more than that has to connect anew.
     */
    private static final int IDS = 8;

    private static final int SOCKET_BUFFER_BYTES = 2 * 1024 * 1024;
    private static final int SEGMENTS_MAX = 16;
    /** Nobody is heard of for so long, though heartbeats were sent. */
    private static final long SILENT_MIN_MILLIS = 30_000;

    private static final long OPEN_MILLIS = 5_000;

    /** What connections share with those of TCP. */
    record House(
            HttpLimits limits,
            Ticker ticker,
            Traffic traffic,
            Headcount headcount,
            Function<EventLoop, Connections> connections,
            BooleanSupplier draining) {}

    private final House house;
    private final Reception reception;
    private final Certificates certificates;
    private final byte[] key = new byte[AddressTokens.KEY_BYTES];
    private final byte[] idKey = new byte[ConnectionIds.KEY_BYTES];
    private final AtomicReferenceArray<Http3Lanes> lanes;

    private Http3Port(House house, Reception reception, Certificates certificates, int lanes) {
        this.house = house;
        this.reception = reception;
        this.certificates = certificates;
        this.lanes = new AtomicReferenceArray<>(lanes);
        SecureRandom dice = new SecureRandom();
        dice.nextBytes(key);
        dice.nextBytes(idKey);
    }

    /** Why there is no HTTP/3 on this system; null if there is. */
    static @Nullable Throwable missing() {
        return Quic.isAvailable() ? null : Quic.unavailabilityCause();
    }

    /**
     * Listens from now on.
     *
     * @param loops each of which gets a socket, where that is possible
     * @return the sockets
     * @throws IOException if the port cannot be had
     */
    static List<Channel> open(
            InetSocketAddress address,
            List<EventLoop> loops,
            House house,
            Reception reception,
            Certificates certificates)
            throws IOException {
        boolean epoll = Epoll.isAvailable();
        boolean old = address.getAddress() instanceof Inet4Address;
        try (DatagramChannel alone =
                DatagramChannel.open(old ? StandardProtocolFamily.INET : StandardProtocolFamily.INET6)) {
            alone.bind(address); // one that shares the port as ours do would get some of our packets, unnoticed
        } catch (UnsupportedOperationException noSuchNetwork) {
            throw new IOException(noSuchNetwork);
        }
        List<EventLoop> used = epoll ? loops : loops.subList(0, 1);
        Http3Port port = new Http3Port(house, reception, certificates, used.size());
        List<Channel> sockets = new ArrayList<>();
        try {
            for (EventLoop loop : used) sockets.add(port.open(address, loop, sockets.size(), epoll));
            return sockets;
        } catch (IOException e) {
            for (Channel socket : sockets) socket.close();
            throw e;
        }
    }

    private Channel open(InetSocketAddress address, EventLoop loop, int lane, boolean epoll) throws IOException {
        Bootstrap bootstrap = new Bootstrap()
                .group(loop)
                .channel(epoll ? EpollDatagramChannel.class : NioDatagramChannel.class)
                .option(ChannelOption.SO_RCVBUF, SOCKET_BUFFER_BYTES)
                .option(ChannelOption.SO_SNDBUF, SOCKET_BUFFER_BYTES)
                .handler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel socket) {
                        ConnectionIds ids = new ConnectionIds(lane, idKey);
                        Http3Moves moves = new Http3Moves(ids, house.ticker());
                        socket.pipeline()
                                .addLast(
                                        new Http3Lanes(lanes, lane),
                                        new Http3Reminder(),
                                        moves,
                                        codec(ids, moves, epoll));
                    }
                });
        if (epoll) bootstrap.option(UnixChannelOption.SO_REUSEPORT, true);
        var opened = bootstrap.bind(address);
        if (!opened.awaitUninterruptibly(OPEN_MILLIS)) throw new IOException("the port was not opened in time");
        if (opened.isSuccess()) return opened.channel();
        throw opened.cause() instanceof IOException io ? io : new IOException(opened.cause());
    }

    private ChannelHandler codec(ConnectionIds ids, Http3Moves moves, boolean epoll) {
        HttpLimits limits = house.limits();
        QuicCertificates identities = new QuicCertificates(certificates);
        long silentMillis = Math.max(SILENT_MIN_MILLIS, 2 * limits.heartbeatMillis() + 10_000);
        return new QuicServerCodecBuilder()
                .sslEngineProvider(channel -> identities.newEngine(channel.alloc()))
                .maxIdleTimeout(silentMillis, TimeUnit.MILLISECONDS)
                .initialMaxData(WINDOW_BYTES)
                .initialMaxStreamDataBidirectionalRemote(STREAM_WINDOW_BYTES)
                .initialMaxStreamDataUnidirectional(CONTROL_WINDOW_BYTES)
                .initialMaxStreamsBidirectional(limits.streamsMax())
                .initialMaxStreamsUnidirectional(CONTROL_STREAMS_MAX)
                .activeConnectionIdLimit(IDS)
                .localConnectionIdLength(ConnectionIds.BYTES)
                .connectionIdAddressGenerator(ids)
                .tokenHandler(new Http3Guard(new AddressTokens(key, house.ticker()), house.ticker(), house.traffic()))
                .option(
                        QuicChannelOption.SEGMENTED_DATAGRAM_PACKET_ALLOCATOR,
                        epoll
                                ? EpollQuicUtils.newSegmentedAllocator(SEGMENTS_MAX)
                                : SegmentedDatagramPacketAllocator.NONE)
                .handler(new ChannelInitializer<QuicChannel>() {
                    @Override
                    protected void initChannel(QuicChannel channel) {
                        accept(channel, moves);
                    }
                })
                .build();
    }

    // Whoever has no place here is told so once it has shown who it is: before, nothing that is said can be believed.
    private void accept(QuicChannel channel, Http3Moves moves) {
        if (!(channel.remoteSocketAddress() instanceof InetSocketAddress from)) {
            channel.close();
            return;
        }
        InetAddress address = from.getAddress();
        Headcount.Guest guest = house.headcount().enter(channel);
        boolean isProxy = reception.forwarding().trusted().contains(address);
        Traffic.TurnedAway why = null;
        if (house.draining().getAsBoolean()) why = Traffic.TurnedAway.DRAINING;
        else if (guest.all() > house.limits().connectionsMax()) why = Traffic.TurnedAway.SERVER_FULL;
        else if (!isProxy && guest.comesFrom(address) > house.limits().connectionsPerAddressMax()) {
            why = Traffic.TurnedAway.ADDRESS_FULL;
        }
        if (why != null) house.traffic().turnedAway(why);
        Http3Connection connection = new Http3Connection(
                house.connections().apply(channel.eventLoop()),
                house.limits(),
                reception,
                new Caller(address, true),
                channel,
                why == null ? null : Http3ErrorCode.H3_EXCESSIVE_LOAD);
        ChannelHandler watch = moves.begun(from, () -> received(channel), connection::dismissed);
        if (watch == null) channel.close();
        else channel.pipeline().addLast(watch, connection, connection.frames(), connection.faults());
    }

    // In its loop, where the answer is there at once.
    private static long received(QuicChannel channel) {
        QuicConnectionStats stats = channel.collectStats().getNow();
        return stats == null ? 0 : stats.recv();
    }
}
