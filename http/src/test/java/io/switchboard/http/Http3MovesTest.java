package io.switchboard.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.socket.DatagramPacket;
import io.netty.channel.unix.SegmentedDatagramPacket;
import io.netty.handler.codec.quic.QuicPathEvent;
import io.switchboard.http.http3.ConnectionIds;
import io.switchboard.testkit.ManualTicker;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Where a client is taken to be, and what the codec sees of it: here one that takes each packet once, by its number. */
class Http3MovesTest {
    private static final InetSocketAddress SERVER = new InetSocketAddress("192.0.2.1", 443);
    private static final InetSocketAddress FIRST = new InetSocketAddress("192.0.2.7", 4_000);
    private static final InetSocketAddress MOVED = new InetSocketAddress("192.0.2.7", 4_001);
    private static final InetSocketAddress AGAIN = new InetSocketAddress("192.0.2.7", 4_002);
    private static final InetSocketAddress ELSEWHERE = new InetSocketAddress("192.0.2.8", 4_000);
    private static final InetSocketAddress MOVED_ELSEWHERE = new InetSocketAddress("192.0.2.8", 4_001);
    private static final int SHORT = 0x40;
    private static final int LONG = 0xc0;
    private static final int JUNK = 0;

    private final ManualTicker ticker = new ManualTicker(1_000_000);
    private final ConnectionIds ids = new ConnectionIds(3, new byte[ConnectionIds.KEY_BYTES]);
    private final Http3Moves moves = new Http3Moves(ids, ticker);
    private final Codec codec = new Codec();
    private final EmbeddedChannel socket = new EmbeddedChannel(moves, codec);
    private final List<Peer> peers = new ArrayList<>();
    private int numbers = 1;

    @AfterEach
    void close() {
        for (Peer peer : peers) peer.connection.finishAndReleaseAll();
        assertThat(socket.finishAndReleaseAll()).as("all was looked at").isFalse();
    }

    /** A connection and its client. */
    private final class Peer {
        final ByteBuffer name = ids.newId(ConnectionIds.BYTES);
        final EmbeddedChannel connection;
        final Set<Integer> taken = new HashSet<>();
        final boolean goesAtOnce; // when it is dismissed
        boolean dismissed;

        Peer(InetSocketAddress first) {
            this(first, true);
        }

        Peer(InetSocketAddress first, boolean goesAtOnce) {
            this.goesAtOnce = goesAtOnce;
            codec.beginning = this;
            codec.beginsAt = first;
            arrive(first, LONG, name, numbers++);
            connection = new EmbeddedChannel(Objects.requireNonNull(codec.watch));
            codec.peers.put(ids.connectionOf(packet(SHORT, name, JUNK)), this);
            peers.add(this);
        }

        /** A packet of its own. @return where the codec sees it come from */
        InetSocketAddress comes(InetSocketAddress from) {
            return arrive(from, SHORT, name, numbers++);
        }

        InetSocketAddress comesAgain(InetSocketAddress from) {
            return arrive(from, SHORT, name, numbers - 1);
        }

        InetSocketAddress junk(InetSocketAddress from) {
            return arrive(from, SHORT, name, JUNK);
        }

        InetSocketAddress longJunk(InetSocketAddress from) {
            return arrive(from, LONG, name, JUNK);
        }
    }

    private final class Codec extends ChannelInboundHandlerAdapter {
        final Map<Long, Peer> peers = new HashMap<>();

        @Nullable
        Peer beginning;

        InetSocketAddress beginsAt = FIRST;

        @Nullable
        ChannelHandler watch;

        @Nullable
        Peer shows; // to be where its next packet comes from

        InetSocketAddress seen = SERVER;

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            DatagramPacket packet = (DatagramPacket) message;
            seen = packet.sender();
            Peer begins = beginning;
            if (begins != null) {
                watch = moves.begun(beginsAt, () -> begins.taken.size(), () -> {
                    begins.dismissed = true;
                    if (begins.goesAtOnce) begins.connection.close();
                });
                beginning = null;
            }
            Peer peer = peers.get(ids.connectionOf(packet.content()));
            int number = packet.content().getInt(packet.content().writerIndex() - Integer.BYTES);
            if (peer != null && number > 0) peer.taken.add(number);
            if (shows != null) {
                InetSocketAddress swapped = new InetSocketAddress(seen.getAddress(), 80);
                shows.connection.pipeline().fireUserEventTriggered(new QuicPathEvent.PeerMigrated(SERVER, swapped));
                shows = null;
            }
            packet.release();
        }
    }

    private static ByteBuf packet(int head, ByteBuffer name, int number) {
        ByteBuf packet = Unpooled.buffer().writeByte(head);
        if (head == LONG) packet.writeInt(1).writeByte(ConnectionIds.BYTES);
        return packet.writeBytes(name.duplicate()).writeInt(number);
    }

    private InetSocketAddress arrive(InetSocketAddress from, int head, ByteBuffer name, int number) {
        socket.writeInbound(new DatagramPacket(packet(head, name, number), SERVER, from));
        return codec.seen;
    }

    /** Where it goes what the codec sends there. */
    private List<InetSocketAddress> sentTo(InetSocketAddress to, int head) {
        ByteBuf content = Unpooled.buffer().writeByte(head).writeZero(99);
        socket.writeOutbound(new SegmentedDatagramPacket(content, 50, to));
        List<InetSocketAddress> sent = new ArrayList<>();
        for (DatagramPacket packet = socket.readOutbound(); packet != null; packet = socket.readOutbound()) {
            assertThat(((SegmentedDatagramPacket) packet).segmentSize()).isEqualTo(50);
            assertThat(packet.content().readableBytes()).isEqualTo(100);
            sent.add(packet.recipient());
            packet.release();
        }
        assertThat(content.refCnt()).isZero();
        return sent;
    }

    private List<InetSocketAddress> sentTo(InetSocketAddress to) {
        return sentTo(to, SHORT);
    }

    @Test
    void aClientAtAnotherPortHearsThereAndTheCodecSeesNothingOfIt() {
        Peer peer = new Peer(FIRST);
        assertThat(peer.comes(FIRST)).isEqualTo(FIRST);
        assertThat(sentTo(FIRST)).containsExactly(FIRST);
        for (InetSocketAddress place : List.of(MOVED, AGAIN, FIRST)) {
            for (int i = 0; i < Http3Moves.HEARD_MIN; i++) {
                assertThat(peer.comes(place)).isEqualTo(FIRST);
                assertThat(sentTo(FIRST)).hasSize(2).contains(place);
            }
            ticker.advance(Http3Moves.SILENT_MILLIS);
            assertThat(peer.comes(place)).isEqualTo(FIRST);
            assertThat(sentTo(FIRST)).containsExactly(place);
        }
        assertThat(peer.taken).hasSize(1 + 3 * (Http3Moves.HEARD_MIN + 1));
        assertThat(sentTo(FIRST, LONG)).as("somebody else's handshake").containsExactly(FIRST);
    }

    @Test
    void aClientThatMovesBeforeItIsSureToBeThereHearsAtTheLastPort() {
        Peer peer = new Peer(FIRST);
        peer.comes(MOVED);
        peer.comes(AGAIN);
        assertThat(sentTo(FIRST)).containsExactlyInAnyOrder(FIRST, AGAIN);
        peer.comes(FIRST); // late, or it is there again
        assertThat(sentTo(FIRST)).containsExactlyInAnyOrder(FIRST, AGAIN);
        peer.comes(FIRST);
        assertThat(sentTo(FIRST)).containsExactly(FIRST);
    }

    @Test
    void aPacketThatIsLateBehindTheMoveDoesNotTakeItBack() {
        Peer peer = new Peer(FIRST);
        peer.comes(MOVED);
        peer.comes(FIRST);
        assertThat(sentTo(FIRST)).as("first where it is now").containsExactly(MOVED, FIRST);
        for (int i = 0; i < Http3Moves.HEARD_MIN; i++) peer.comes(MOVED);
        ticker.advance(Http3Moves.SILENT_MILLIS);
        peer.comes(MOVED);
        assertThat(sentTo(FIRST)).containsExactly(MOVED);
    }

    @Test
    void neitherJunkNorCopiesMoveAClient() {
        Peer peer = new Peer(FIRST);
        peer.comes(FIRST);
        for (int i = 0; i < 10; i++) {
            ticker.advance(Http3Moves.SILENT_MILLIS);
            peer.junk(MOVED);
            peer.longJunk(MOVED);
            peer.comesAgain(MOVED);
            assertThat(sentTo(FIRST)).containsExactly(FIRST);
        }
    }

    @Test
    void copiesThatComeFirstTakeNothingFromTheClient() {
        Peer peer = new Peer(FIRST);
        peer.comes(FIRST);
        for (int i = 0; i < 10; i++) {
            InetSocketAddress copier = i % 3 == 2 ? AGAIN : MOVED;
            peer.comes(AGAIN);
            for (int j = 0; j < Http3Moves.HEARD_MIN; j++) peer.comes(copier);
            peer.comesAgain(FIRST); // it was its own
            assertThat(sentTo(FIRST)).containsExactlyInAnyOrder(FIRST, copier);
            ticker.advance(2 * Http3Moves.SILENT_MILLIS); // nobody says anything
        }
        peer.comes(FIRST);
        assertThat(sentTo(FIRST)).containsExactly(FIRST);
    }

    @Test
    void atAnotherAddressAClientIsFollowedOnceItHasShownThatItIsThere() {
        Peer peer = new Peer(FIRST);
        assertThat(peer.comes(ELSEWHERE)).isEqualTo(ELSEWHERE);
        assertThat(sentTo(FIRST)).containsExactly(FIRST);
        peer.comes(MOVED);
        assertThat(sentTo(FIRST)).containsExactlyInAnyOrder(FIRST, MOVED);
        codec.shows = peer;
        assertThat(peer.comes(ELSEWHERE)).isEqualTo(ELSEWHERE);
        assertThat(sentTo(FIRST)).containsExactly(ELSEWHERE, FIRST);
        assertThat(sentTo(ELSEWHERE)).containsExactly(ELSEWHERE);
        codec.shows = peer; // to the codec it seems to go back
        assertThat(peer.comes(ELSEWHERE)).isEqualTo(FIRST);
        ticker.advance(Http3Moves.SILENT_MILLIS);
        assertThat(peer.comes(ELSEWHERE)).isEqualTo(FIRST);
        assertThat(sentTo(FIRST)).containsExactly(ELSEWHERE);
        assertThat(peer.comes(MOVED_ELSEWHERE)).isEqualTo(FIRST);
        assertThat(sentTo(FIRST)).containsExactlyInAnyOrder(ELSEWHERE, MOVED_ELSEWHERE);
        assertThat(peer.comes(MOVED)).as("another one by now").isEqualTo(MOVED);
        assertThat(peer.comes(FIRST)).isEqualTo(FIRST);
        assertThat(sentTo(FIRST)).containsExactlyInAnyOrder(ELSEWHERE, FIRST);
    }

    @Test
    void junkFromAnotherAddressIsNotTheLastThatTheCodecSees() {
        Peer peer = new Peer(FIRST);
        peer.comes(FIRST);
        assertThat(peer.junk(ELSEWHERE)).isEqualTo(FIRST);
        assertThat(peer.longJunk(ELSEWHERE)).isEqualTo(FIRST);
        assertThat(peer.longJunk(MOVED)).isEqualTo(FIRST);
        assertThat(peer.comesAgain(ELSEWHERE)).isEqualTo(FIRST);
        assertThat(peer.taken).hasSize(1);
    }

    @Test
    void whoComesFromThePortOfOneThatHasMovedHasItForItself() {
        Peer peer = new Peer(FIRST);
        peer.comes(MOVED);
        Peer other = new Peer(FIRST);
        assertThat(peer.dismissed).isTrue();
        assertThat(other.comes(FIRST)).isEqualTo(FIRST);
        assertThat(sentTo(FIRST)).containsExactly(FIRST);
        assertThat(other.dismissed).isFalse();
    }

    @Test
    void ofTwoAtOnePortOnlyOneIsFollowed() {
        Peer one = new Peer(FIRST);
        Peer two = new Peer(FIRST);
        one.comes(FIRST);
        two.comes(FIRST);
        assertThat(sentTo(FIRST)).containsExactly(FIRST);
        one.comes(MOVED);
        two.junk(FIRST);
        assertThat(sentTo(FIRST)).containsExactlyInAnyOrder(FIRST, MOVED);
        two.comes(FIRST); // so that may have been a copy
        assertThat(sentTo(FIRST)).containsExactly(FIRST);
        for (int i = 0; i < Http3Moves.HEARD_MIN; i++) one.comes(MOVED);
        ticker.advance(Http3Moves.SILENT_MILLIS);
        one.comes(MOVED);
        assertThat(one.dismissed).isFalse();
        two.comes(FIRST);
        assertThat(one.dismissed).isTrue();
        assertThat(sentTo(FIRST)).as("to the other one").containsExactly(FIRST);
        Peer three = new Peer(FIRST);
        two.comes(MOVED);
        three.comes(AGAIN);
        assertThat(two.dismissed).isTrue();
        assertThat(sentTo(FIRST)).containsExactlyInAnyOrder(FIRST, AGAIN);
    }

    @Test
    void whatIsSentToThePlaceOfOneThatWasDismissedIsTheOthersAtOnce() {
        Peer peer = new Peer(FIRST, false);
        peer.comes(MOVED);
        Peer other = new Peer(FIRST);
        assertThat(peer.dismissed).isTrue();
        assertThat(sentTo(FIRST)).containsExactly(FIRST);
        peer.comes(MOVED);
        assertThat(sentTo(FIRST)).containsExactly(FIRST);
        assertThat(other.comes(FIRST)).isEqualTo(FIRST);
    }

    @Test
    void nothingIsKeptOfAConnectionThatIsOver() {
        Peer peer = new Peer(FIRST);
        peer.comes(MOVED);
        peer.connection.close();
        assertThat(peer.comes(MOVED)).isEqualTo(MOVED);
        assertThat(sentTo(FIRST)).containsExactly(FIRST);
    }

    @Test
    void nobodyBeginsWithTheNameOfAnother() {
        Peer peer = new Peer(FIRST);
        codec.beginning = peer;
        codec.beginsAt = ELSEWHERE;
        arrive(ELSEWHERE, LONG, ids.newId(peer.name.duplicate(), ConnectionIds.BYTES), numbers++);
        assertThat(codec.watch).isNull();
        peer.comes(MOVED);
        assertThat(sentTo(FIRST)).containsExactlyInAnyOrder(FIRST, MOVED);
    }

    @Test
    void addressesMayBeLongOnes() {
        InetSocketAddress first = new InetSocketAddress("2001:db8::7", 4_000);
        InetSocketAddress moved = new InetSocketAddress("2001:db8::7", 4_001);
        Peer peer = new Peer(first);
        assertThat(peer.comes(moved)).isEqualTo(first);
        assertThat(sentTo(first)).containsExactly(moved, first);
        assertThat(peer.junk(new InetSocketAddress("2001:db8::8", 4_000))).isEqualTo(first);
    }

    @Test
    void anythingElsePasses() {
        socket.writeInbound(
                new DatagramPacket(Unpooled.buffer().writeByte(SHORT).writeInt(1), SERVER, FIRST));
        assertThat(codec.seen).isEqualTo(FIRST);
        assertThat(sentTo(FIRST)).containsExactly(FIRST);
        assertThat(arrive(MOVED, SHORT, ids.newId(ConnectionIds.BYTES), 1)).isEqualTo(MOVED);
    }
}
