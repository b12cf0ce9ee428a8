package io.switchboard.http;

import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.util.AsciiString;
import io.switchboard.core.access.Access;
import io.switchboard.core.access.Revocations.Revocation;
import io.switchboard.core.time.Loop;
import io.switchboard.core.time.Ticker;
import java.net.InetAddress;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The open connections of one loop. One look at all of them, a few times a second and only while there are
 * any, stands in for timers on each. Belongs to its loop.
 */
final class Connections {
    static final long LOOK_EVERY_MILLIS = 250;
    private static final Logger LOG = LoggerFactory.getLogger(Connections.class);
    private static final DateTimeFormatter DATE = DateTimeFormatter.ofPattern(
                    "EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ENGLISH)
            .withZone(ZoneOffset.UTC);

    private final Loop loop;
    private final Ticker ticker;
    private final AtomicLong numbers; // of the connections of all loops
    private final Traffic traffic;
    private final MessageLimit messageLimit;
    private final @Nullable AccessLog accessLog;
    private Peer[] open = new Peer[16];
    private int count;
    private boolean looking;
    private @Nullable Scratch scratch;
    private final TcpSigns signs = new TcpSigns();
    private final ArrayList<Peer> unflushed = new ArrayList<>();
    private long dateSecond = -1;
    private AsciiString date = AsciiString.EMPTY_STRING;

    Connections(
            Loop loop,
            Ticker ticker,
            AtomicLong numbers,
            Traffic traffic,
            MessageLimit messageLimit,
            @Nullable AccessLog accessLog) {
        this.traffic = traffic;
        this.messageLimit = messageLimit;
        this.accessLog = accessLog;
        this.loop = loop;
        this.ticker = ticker;
        this.numbers = numbers;
    }

    Loop loop() {
        return loop;
    }

    Scratch scratch() {
        if (scratch == null) scratch = new Scratch();
        return scratch;
    }

    TcpSigns signs() {
        return signs;
    }

    Traffic traffic() {
        return traffic;
    }

    /** What holds for the messages of every WebSocket. */
    MessageLimit messageLimit() {
        return messageLimit;
    }

    /**
     * A request was answered.
     *
     * @param head null if what came was none
     * @param beganMillis when it had arrived
     */
    void answered(
            Access access, InetAddress client, @Nullable HttpRequest head, long beganMillis, int status, long bytes) {
        traffic.answered(head == null ? "" : head.method().name(), status, version(head));
        if (accessLog != null) {
            String address = client.getHostAddress();
            accessLog.served(served(address, access.subject(), head, beganMillis, status, bytes));
        }
    }

    private static String version(@Nullable HttpRequest head) {
        if (head == null) return "";
        HttpVersion version = head.protocolVersion();
        if (version.majorVersion() > 1) return Integer.toString(version.majorVersion());
        return version.equals(HttpVersion.HTTP_1_0) ? "1.0" : "1.1";
    }

    /** A request was answered with something that lasts as long as its connection, which is {@code peer}'s now. */
    void answeredForLong(Peer peer, HttpRequest head, long beganMillis, int status) {
        traffic.answered(head.method().name(), status, version(head));
        AccessLog log = accessLog;
        if (log == null) return;
        String address = peer.address();
        String subject = peer.access().subject(); // who is revoked is nobody at the end
        peer.wire().whenClosed(() -> {
            String now = peer.access().subject(); // a line says later who speaks
            log.served(served(address, subject == null ? now : subject, head, beganMillis, status, peer.sentBytes()));
        });
    }

    private AccessLog.Served served(
            String address,
            @Nullable String subject,
            @Nullable HttpRequest head,
            long beganMillis,
            int status,
            long bytes) {
        String method = head == null ? "" : head.method().name();
        String target = head == null ? "" : head.uri();
        int question = target.indexOf('?');
        String path = question < 0 ? target : target.substring(0, question);
        long millis = nowMillis() - beganMillis;
        return new AccessLog.Served(beganMillis, address, subject, method, path, version(head), status, bytes, millis);
    }

    long nowMillis() {
        return ticker.nowMillis();
    }

    /** This moment as HTTP writes it (RFC 9110, section 5.6.7), made once a second. */
    AsciiString date() {
        long second = Math.floorDiv(ticker.nowMillis(), 1_000);
        if (second != dateSecond) {
            dateSecond = second;
            date = AsciiString.of(DATE.format(Instant.ofEpochSecond(second)));
        }
        return date;
    }

    int count() {
        return count;
    }

    void add(Peer connection) {
        if (count == open.length) open = Arrays.copyOf(open, count * 2);
        connection.index = count;
        connection.number = numbers.incrementAndGet();
        open[count++] = connection;
        if (!looking) {
            looking = true;
            loop.after(LOOK_EVERY_MILLIS, this::look);
        }
    }

    void remove(Peer connection) {
        Peer last = open[--count];
        open[connection.index] = last;
        last.index = connection.index;
        open[count] = null;
    }

    /** Flushes once this turn of the loop is over: one write to the socket for all that was sent within it. */
    void flushLater(Peer peer) {
        if (peer.unflushed) return;
        peer.unflushed = true;
        unflushed.add(peer);
        if (unflushed.size() == 1) loop.execute(this::flush);
    }

    private void flush() {
        for (int i = 0; i < unflushed.size(); i++) {
            Peer peer = unflushed.get(i);
            peer.unflushed = false;
            flush(peer);
        }
        unflushed.clear();
    }

    // Who is told that there is room may fail: that ends one connection, and leaves no other unflushed.
    private static void flush(Peer peer) {
        try {
            peer.wire().flush();
        } catch (RuntimeException e) {
            LOG.error("A connection failed and was closed", e);
            peer.close();
        }
    }

    private void look() {
        long now = ticker.nowMillis();
        // From the end, because a connection that ends here is replaced by the last one.
        for (int i = count - 1; i >= 0; i--) {
            if (i < count) look(open[i], now);
        }
        if (count == 0) looking = false;
        else loop.after(LOOK_EVERY_MILLIS, this::look);
    }

    // One that fails must not keep the others from their deadlines.
    private static void look(Peer connection, long now) {
        try {
            connection.look(now);
        } catch (RuntimeException e) {
            LOG.error("A connection failed and was closed", e);
            connection.close();
        }
    }

    /** Ends what is for somebody who may have it no longer. */
    void revoke(Revocation revocation) {
        for (Peer connection : Arrays.copyOf(open, count)) {
            try {
                connection.revoke(revocation);
            } catch (RuntimeException e) {
                LOG.error("A connection failed and was closed", e);
                connection.close();
            }
        }
    }

    /** Shows those on which something lasts. */
    void sessions(Consumer<Sessions.Session> to) {
        for (int i = 0; i < count; i++) {
            Sessions.Session session = open[i].session();
            if (session != null) to.accept(session);
        }
    }

    /** Shows what lasts on connections. */
    void occupations(Consumer<Occupation> to) {
        for (int i = 0; i < count; i++) {
            Occupation occupation = open[i].occupation();
            if (occupation != null) to.accept(occupation);
        }
    }

    /** Tells every connection that the server goes down, each its own moments. */
    void drain(Farewell farewell) {
        for (Peer told : Arrays.copyOf(open, count)) {
            long leave = farewell.leave();
            told.drain(leave, farewell.back(leave));
        }
    }

    void closeAll() {
        for (Peer connection : Arrays.copyOf(open, count)) connection.close();
    }
}
