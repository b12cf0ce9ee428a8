package io.switchboard.bench.lab;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.switchboard.bench.HttpHead;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/**
 * As many readers as are wished for: opens those that are missing, not too many at a time, ends those too many, and has those
 * whose connection broke come back, each at another moment. All on one loop.
 */
final class Viewers {
    /** Connections being opened at once. */
    static final int OPENING_MAX = 128;

    /** Who was cut off comes back within this time, any part of it as likely as another. */
    static final long RETURN_MILLIS = 5_000;

    /** After failures in a row they wait longer, up to this. */
    static final long RETURN_MILLIS_MAX = 30_000;

    private static final long TICK_MILLIS = 5;
    private static final int OPENED_A_TICK = 20;

    private final EventLoop loop;
    private final Bootstrap toServer;
    private final InetSocketAddress server;
    private final Tally tally = new Tally();
    private final HttpHead head = new HttpHead();
    private final byte[] scratch = new byte[64 * 1024];
    private final LinkedHashSet<Viewer> viewers = new LinkedHashSet<>();
    private final PriorityQueue<Long> due = new PriorityQueue<>(); // when those who are missing connect, in nanoseconds
    private final Deque<Pause> polling = new ArrayDeque<>(); // all wait equally long; at most one a viewer
    private Crowd crowd = Crowd.NOBODY;
    private boolean plugged = true;
    private boolean ticking;
    private int ready;
    private int failuresInARow;
    private long requests;
    private long lost;
    private long failed;
    private String why = "";

    /** A viewer that waits to ask again. */
    private record Pause(Viewer viewer, long sinceNanos) {}

    Viewers(EventLoop loop, Class<? extends Channel> connecting, InetSocketAddress server) {
        this.loop = loop;
        this.server = server;
        this.toServer = new Bootstrap()
                .group(loop)
                .channel(connecting)
                .option(ChannelOption.TCP_NODELAY, true)
                .remoteAddress(server);
    }

    /** @param plug false if all connections are to be cut, and none opened */
    void become(Crowd wished, boolean plug) {
        Crowd before = crowd;
        crowd = wished;
        if (plugged && !plug) {
            lost += ready;
            endAll();
        } else if (!wished.readsLike(before)) {
            endAll();
            startAnew();
        }
        boolean returning = !plugged && plug;
        plugged = plug;
        if (!plug) return;
        long now = System.nanoTime();
        while (viewers.size() + due.size() < crowd.count()) due.add(returning ? later(now, RETURN_MILLIS) : now);
        while (!due.isEmpty() && viewers.size() + due.size() > crowd.count()) due.remove();
        while (viewers.size() > crowd.count()) end(viewers.removeLast());
        tick();
    }

    private void startAnew() {
        tally.opened = 0;
        tally.bytesUp = 0;
        tally.bytesDown = 0;
        requests = 0;
        lost = 0;
        failed = 0;
        failuresInARow = 0;
        why = "";
    }

    private void endAll() {
        due.clear();
        polling.clear();
        while (!viewers.isEmpty()) end(viewers.removeLast());
    }

    private void end(Viewer viewer) {
        if (viewer.isReady()) ready--;
        viewer.end();
    }

    private static long later(long now, long millisMax) {
        return now + (long) (ThreadLocalRandom.current().nextDouble() * millisMax * 1_000_000);
    }

    private void tick() {
        if (ticking || (crowd.count() == 0 && viewers.isEmpty())) return;
        ticking = true;
        loop.schedule(
                () -> {
                    ticking = false;
                    long now = System.nanoTime();
                    openDue(now);
                    pollDue(now);
                    tick();
                },
                TICK_MILLIS,
                TimeUnit.MILLISECONDS);
    }

    private void openDue(long now) {
        int budget = Math.min(OPENED_A_TICK, OPENING_MAX - (viewers.size() - ready));
        for (Long first = due.peek(); budget > 0 && first != null && first - now <= 0; first = due.peek()) {
            due.remove();
            budget--;
            open();
        }
    }

    private void open() {
        Viewer viewer = new Viewer(this, crowd.carrier(), head);
        viewers.add(viewer);
        tally.opened++;
        ChannelFuture connecting = toServer.clone()
                .handler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline().addLast(viewer);
                    }
                })
                .connect();
        connecting.addListener(done -> {
            // What fails before it has a loop is told elsewhere.
            if (!done.isSuccess()) loop.execute(() -> viewer.gone("no connection could be opened"));
        });
    }

    private void pollDue(long now) {
        long every = crowd.pollMillis() * 1_000_000L;
        for (Pause first = polling.peek();
                first != null && first.sinceNanos() + every - now <= 0;
                first = polling.peek()) {
            polling.remove();
            first.viewer().ask();
        }
    }

    byte[] scratch() {
        return scratch;
    }

    Tally tally() {
        return tally;
    }

    /** A request for the channel, with further fields that end in line ends. */
    String request(String query, String fields) {
        String token = crowd.token();
        return "GET /v1/stream/" + crowd.channel() + query + " HTTP/1.1\r\nHost: "
                + server.getAddress().getHostAddress() + ":" + server.getPort() + "\r\n"
                + (token == null ? "" : "Authorization: Bearer " + token + "\r\n") + fields + "\r\n";
    }

    void asked() {
        requests++;
    }

    void isReady() {
        ready++;
        failuresInARow = 0;
    }

    /** It has its answer, and asks again when it is time. */
    void later(Viewer viewer) {
        polling.add(new Pause(viewer, System.nanoTime()));
    }

    /** One has ended that should not. */
    void gone(Viewer viewer, String reason) {
        if (!viewers.remove(viewer)) return;
        why = reason;
        if (viewer.isReady()) {
            ready--;
            lost++;
        } else {
            failed++;
            failuresInARow++;
        }
        if (viewers.size() + due.size() >= crowd.count()) return;
        long wait = RETURN_MILLIS << Math.min(3, failuresInARow / OPENING_MAX);
        due.add(later(System.nanoTime(), Math.min(RETURN_MILLIS_MAX, wait)));
    }

    Map<String, Object> figures() {
        Map<String, Object> figures = new LinkedHashMap<>();
        figures.put("carrier", crowd.carrier().word());
        figures.put("wished", crowd.count());
        figures.put("ready", ready);
        figures.putAll(tally.figures(viewers.size()));
        figures.put("requests", requests);
        figures.put("lost", lost);
        figures.put("failed", failed);
        figures.put("why", why);
        return figures;
    }
}
