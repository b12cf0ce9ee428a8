package io.switchboard.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.DatagramPacket;
import io.netty.channel.unix.SegmentedDatagramPacket;
import io.netty.handler.codec.quic.QuicPathEvent;
import io.netty.util.collection.LongObjectHashMap;
import io.netty.util.collection.LongObjectMap;
import io.switchboard.core.time.Ticker;
import io.switchboard.http.http3.ConnectionIds;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Follows clients that an address translator moves to another port of the same address, so that the codec of QUIC does not
 * see it: it gets all packets of a client as from the port that it knows, and what it sends there goes where the client is.
 * To it a move is a new path, on which not all is sent again that was lost on the one before (quiche 0.29.3).
 *
 * <pre>
 *   codec:  known ◄── packets of the connection, from wherever they come
 *           known ──► now, and sure too, as long as that is another one
 * </pre>
 *
 * A client is taken to be where its last packet came from that the codec took for real, and for a new one. That can still
 * be a copy which somebody else sent, and which came first. So what is sent goes to the port before as well, until so many
 * packets came from the new one that it is sure, and none from the one before for so long. Whoever is there hears
 * everything, and answers; nobody can take its stream away.
 *
 * <p>A client that moves to another address is first the codec's matter, which has it show that it is there. Then it is
 * followed there. Belongs to its loop.
 */
final class Http3Moves extends ChannelDuplexHandler {
    /** Packets that come from a port before it is sure. */
    static final int HEARD_MIN = 3;
    /** Until it is sure, nothing has come from the port before for so long. */
    static final long SILENT_MILLIS = 1_000;

    private static final int SHORT_HEADER = 0x40; // RFC 9000, section 17.3
    private static final int BLANK_BYTES = 1 + ConnectionIds.BYTES + 20; // beyond the name, what nobody can read

    private final ConnectionIds ids;
    private final Ticker ticker;
    private final LongObjectMap<Client> clients = new LongObjectHashMap<>(); // by their connection's number
    /** Those that are not where the codec knows them, by where that is. */
    private final Map<InetSocketAddress, Client> moved = new HashMap<>();

    private long inHand; // the connection that the packet names which the codec looks at

    Http3Moves(ConnectionIds ids, Ticker ticker) {
        this.ids = ids;
        this.ticker = ticker;
    }

    /** A connection, and where its client is. */
    private static final class Client {
        final long number;
        final LongSupplier received;
        final Runnable dismissal;
        final InetSocketAddress known; // to the codec
        InetSocketAddress sure;
        InetSocketAddress now;

        @Nullable
        InetAddress shown; // to be its own, by the packet that the codec looks at

        int heard; // packets from where it is now, and none from where it was sure to be
        long heardSince; // the first from elsewhere of which that is true, milliseconds

        Client(long number, InetSocketAddress known, LongSupplier received, Runnable dismissal) {
            this.number = number;
            this.received = received;
            this.dismissal = dismissal;
            this.known = known;
            sure = known;
            now = known;
        }

        boolean isAtHome() {
            return now.equals(known) && sure.equals(known);
        }

        boolean isSureAt(InetSocketAddress from) {
            return from.equals(now) && sure.equals(now);
        }

        // At any port of an address that it has shown to be its own, or where it was first.
        boolean mayBeAt(InetSocketAddress from) {
            InetAddress address = from.getAddress();
            return address.equals(now.getAddress()) || address.equals(sure.getAddress()) || from.equals(known);
        }

        void heardFrom(InetSocketAddress from, boolean isReal, long millis) {
            if (from.equals(sure)) {
                if (isReal && heard == 0) now = sure; // else it may be one that was late
                heard = 0;
            } else if (isReal && from.equals(now)) {
                if (heard++ == 0) heardSince = millis;
                if (heard >= HEARD_MIN && millis - heardSince >= SILENT_MILLIS) sure = now;
            } else if (isReal) {
                if (heard == 0 || now.equals(sure)) heardSince = millis;
                now = from;
                heard = 1;
            }
        }

        void isAtHomeAgain() {
            now = known;
            heard = 0;
        }
    }

    // --- connections

    /**
     * Follows a connection that begins, with the packet that the codec is just given.
     *
     * @param known where its client is, who has shown it
     * @param received how many packets the codec has taken from it
     * @param dismissal sends the client away, to connect anew
     * @return which hears of the connection, in its pipeline; null if it came with the name of another one
     */
    @Nullable
    ChannelHandler begun(InetSocketAddress known, LongSupplier received, Runnable dismissal) {
        if (inHand == ConnectionIds.NO_CONNECTION || clients.containsKey(inHand)) return null;
        Client client = new Client(inHand, known, received, dismissal);
        clients.put(inHand, client);
        dismiss(moved.get(known), client);
        return new Watch(client);
    }

    private final class Watch extends ChannelInboundHandlerAdapter {
        private final Client client;

        Watch(Client client) {
            this.client = client;
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            // Of its port nothing is taken: the bytes are the wrong way round there (Netty 4.2.18).
            if (event instanceof QuicPathEvent.PeerMigrated path) {
                client.shown = path.remote().getAddress();
            }
            ctx.fireUserEventTriggered(event);
        }

        @Override
        public void handlerRemoved(ChannelHandlerContext ctx) {
            forget(client);
        }
    }

    // Only one of those that the codec knows at the same place can be followed, as what is sent there has no other
    // name.
    private void dismiss(@Nullable Client one, Client other) {
        if (one == null || one == other) return;
        one.dismissal.run();
        forget(one); // what is sent from now on is the other one's
    }

    private void forget(Client client) {
        clients.remove(client.number);
        moved.remove(client.known, client);
    }

    // --- packets

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (!(message instanceof DatagramPacket packet)) {
            ctx.fireChannelRead(message);
            return;
        }
        inHand = ids.connectionOf(packet.content());
        Client client = clients.get(inHand);
        InetSocketAddress from = packet.sender();
        if (client == null || (from.equals(client.known) && client.isAtHome() && moved.isEmpty())) {
            ctx.fireChannelRead(packet);
        } else if (isHandshake(packet.content())) {
            if (from.equals(client.known)) ctx.fireChannelRead(packet);
            else strayed(ctx, packet, client);
        } else if (client.isAtHome() && from.equals(client.known)) {
            Client other = moved.get(from);
            if (other == null) ctx.fireChannelRead(packet);
            else if (isReal(ctx, packet, client)) meet(other, client);
        } else if (!client.mayBeAt(from)) {
            strayed(ctx, packet, client);
        } else {
            DatagramPacket known = new DatagramPacket(packet.content(), packet.recipient(), client.known);
            if (client.isSureAt(from)) ctx.fireChannelRead(known);
            else heard(from, isReal(ctx, known, client), client);
        }
    }

    // Somebody is where the codec knows both: one that seemed to be elsewhere, but for which that port is still the
    // sure
    // one, is there too, or says at once that it is not.
    private void meet(Client other, Client client) {
        if (!other.sure.equals(other.known)) {
            dismiss(other, client);
            return;
        }
        other.isAtHomeAgain();
        follow(other);
    }

    // Once the codec says that the client has shown to be there, it is followed there.
    private void strayed(ChannelHandlerContext ctx, DatagramPacket packet, Client client) {
        InetSocketAddress from = packet.sender();
        DatagramPacket blank = blank(ctx, packet, client);
        client.shown = null;
        if (!isReal(ctx, packet, client)) {
            ctx.fireChannelRead(blank);
            return;
        }
        blank.release();
        if (from.getAddress().equals(client.shown)) heard(from, true, client);
    }

    // The codec sends to where the last packet came from, real or not, until the client sends another one (Netty
    // 4.2.18).
    // So behind what is not real comes one more, from where it knows the client.
    private static DatagramPacket blank(ChannelHandlerContext ctx, DatagramPacket packet, Client client) {
        ByteBuf blank = ctx.alloc().directBuffer(BLANK_BYTES);
        blank.writeByte(SHORT_HEADER);
        blank.writeBytes(packet.content(), ConnectionIds.nameAt(packet.content()), ConnectionIds.BYTES);
        blank.writeZero(BLANK_BYTES - blank.writerIndex());
        return new DatagramPacket(blank, packet.recipient(), client.known);
    }

    // The codec counts neither what it cannot decrypt nor what it has had before.
    private static boolean isReal(ChannelHandlerContext ctx, DatagramPacket packet, Client client) {
        long before = client.received.getAsLong();
        ctx.fireChannelRead(packet);
        return client.received.getAsLong() > before;
    }

    private void heard(InetSocketAddress from, boolean isReal, Client client) {
        client.heardFrom(from, isReal, ticker.nowMillis());
        follow(client);
    }

    private void follow(Client client) {
        if (clients.get(client.number) != client) return; // that was its end
        if (client.isAtHome()) {
            moved.remove(client.known, client);
        } else {
            dismiss(moved.get(client.known), client);
            moved.put(client.known, client);
        }
    }

    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
        if (moved.isEmpty() || !(message instanceof DatagramPacket packet)) {
            ctx.write(message, promise);
            return;
        }
        Client client = moved.get(packet.recipient());
        if (client == null || isHandshake(packet.content())) {
            ctx.write(packet, promise);
            return;
        }
        boolean sure = client.sure.equals(client.now);
        ByteBuf copy = sure ? Unpooled.EMPTY_BUFFER : packet.content().retainedDuplicate();
        ctx.write(readdressed(packet, packet.content(), client.now), promise);
        if (!sure) ctx.write(readdressed(packet, copy, client.sure));
    }

    // Of somebody else, who begins there: whoever has moved has its own behind it.
    private static boolean isHandshake(ByteBuf packet) {
        return packet.isReadable() && !ConnectionIds.isShort(packet);
    }

    private static DatagramPacket readdressed(DatagramPacket packet, ByteBuf content, InetSocketAddress to) {
        return packet instanceof SegmentedDatagramPacket several
                ? new SegmentedDatagramPacket(content, several.segmentSize(), to)
                : new DatagramPacket(content, to);
    }
}
