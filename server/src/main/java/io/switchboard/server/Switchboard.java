package io.switchboard.server;

import io.switchboard.core.advice.Evidence;
import io.switchboard.core.advice.Terms;
import io.switchboard.core.exchange.Exchange;
import io.switchboard.core.figures.Figures;
import io.switchboard.core.nodes.Membership;
import io.switchboard.core.nodes.Nodes;
import io.switchboard.core.presence.Elsewhere;
import io.switchboard.core.presence.Presence;
import io.switchboard.core.time.Ticker;
import io.switchboard.http.Farewell;
import io.switchboard.http.Front;
import io.switchboard.http.Handler;
import io.switchboard.http.HttpLimits;
import io.switchboard.http.HttpListener;
import io.switchboard.http.Traffic;
import io.switchboard.http.access.PageMark;
import io.switchboard.http.advice.AdviceHandler;
import io.switchboard.http.caller.Forwarding;
import io.switchboard.http.lab.LabHandler;
import io.switchboard.http.live.LiveHandler;
import io.switchboard.http.pages.PageHandler;
import io.switchboard.http.routing.Operations;
import io.switchboard.http.routing.Router;
import io.switchboard.http.socket.SocketHandler;
import io.switchboard.http.stream.ListHandler;
import io.switchboard.http.stream.Refusals;
import io.switchboard.http.stream.StreamHandler;
import io.switchboard.http.stream.StreamTimes;
import io.switchboard.http.tls.CertificateFault;
import io.switchboard.http.tls.CertificateFiles;
import io.switchboard.server.capacity.Capacity;
import io.switchboard.server.capacity.CapacityWatch;
import io.switchboard.server.capacity.Cost;
import io.switchboard.server.capacity.Means;
import io.switchboard.server.config.Compression;
import io.switchboard.server.config.Limits;
import io.switchboard.server.config.Live;
import io.switchboard.server.config.Observing;
import io.switchboard.server.config.Route;
import io.switchboard.server.config.Settings;
import io.switchboard.server.config.Switch;
import io.switchboard.server.config.Tls;
import io.switchboard.server.metrics.Metrics;
import io.switchboard.web.WebFile;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A running server. Threads: start it and stop it from any, but from one at a time. */
public final class Switchboard {
    private static final Logger LOG = LoggerFactory.getLogger(Switchboard.class);
    private static final long SWEEP_EVERY_MILLIS = 5_000;
    private static final Duration HEARING_MAX = Duration.ofSeconds(1);

    private final HttpListener listener;
    private final @Nullable Together together;
    private final Laboratory laboratory;
    private final Runnable close;
    private final AtomicBoolean ready;
    private final String url;
    private final @Nullable String adminUrl;

    private Switchboard(
            HttpListener listener,
            @Nullable Together together,
            Laboratory laboratory,
            Runnable close,
            AtomicBoolean ready,
            String url,
            @Nullable String adminUrl) {
        this.listener = listener;
        this.together = together;
        this.laboratory = laboratory;
        this.close = close;
        this.ready = ready;
        this.url = url;
        this.adminUrl = adminUrl;
    }

    /** Returns when the server answers requests. */
    public static Switchboard start(Settings settings) throws StartFailure {
        return start(settings, Membership.Lease.DEFAULT);
    }

    /** @param lease how long it may be silent among servers that share a store; the same for all of them */
    static Switchboard start(Settings settings, Membership.Lease lease) throws StartFailure {
        Deque<Runnable> opened = new ArrayDeque<>(); // how to close what was, the last one first
        try {
            return start(settings, lease, opened);
        } catch (StartFailure refused) {
            opened.forEach(Runnable::run);
            throw refused;
        }
    }

    private static Switchboard start(Settings settings, Membership.Lease lease, Deque<Runnable> opened)
            throws StartFailure {
        Ticker ticker = System::currentTimeMillis;
        Figures figures = new Figures(System::nanoTime);
        Traffic traffic = new Traffic();
        AtomicBoolean ready = new AtomicBoolean(true);
        CertificateWatch certificates = certificates(settings);
        if (certificates != null) opened.push(certificates::close);
        AccessLogFile accessLog = accessLog(settings.observing());
        if (accessLog != null) opened.push(accessLog::close);
        HttpListener listener = new HttpListener(settings.threads(), httpLimits(settings), ticker, traffic, accessLog);
        opened.push(listener::close);
        Stores.Opened store = Stores.open(settings, ticker, figures);
        opened.push(store.close());
        Together together = store.common() == null
                ? null
                : Together.open(
                        settings, store.common(), lease, listener.loops().getFirst(), ticker);
        if (together != null) opened.push(together::close);
        Nodes nodes = together == null ? Nodes.ALONE : together.nodes();
        Security security = Security.open(settings, together, ticker);
        opened.push(security::close);

        Exchange exchange = exchange(settings, listener, store, ticker, figures);
        exchange.share(nodes);
        Elsewhere elsewhere = store.elsewhere().apply(nodes.id());
        opened.push(elsewhere::close);
        Presence presence =
                new Presence(listener.loops(), settings.live().presenceGrace().toMillis(), nodes, elsewhere);
        opened.push(presence::depart);
        Doors doors = Doors.open(settings, security, together, listener, traffic, ticker);
        BooleanSupplier isReady = () -> ready.get() && store.isUp().getAsBoolean();
        Cost cost = certificates == null ? Cost.PLAIN : Cost.TLS;
        Supplier<Capacity> capacity =
                () -> new Capacity(listener.openConnections(), settings.limits().connections(), Means.left(), cost);
        Metrics metrics = new Metrics(figures, traffic, listener.sessions(), nodes, capacity, isReady);
        Operations operations = new Operations(isReady, metrics);
        Forwarding forwarding = new Forwarding(settings.proxy().trusted());
        Observing observing = settings.observing();
        String adminUrl = null;
        if (observing.hasPort()) {
            Front front = new Front(null, forwarding, false, null, false);
            adminUrl = bind(listener, observing.host(), observing.port(), "admin-port", front, operations);
        }
        Front front = new Front(
                certificates == null ? null : certificates.certificates(),
                forwarding,
                speaksHttp2(settings),
                settings.http3().on() ? new Front.Http3(settings.http3().port()) : null,
                settings.proxy().protocol() == Switch.ON);
        Laboratory laboratory = Laboratory.of(settings);
        opened.push(laboratory::close);
        Router router = router(settings, exchange, presence, doors, operations, laboratory, together == null, ticker);
        if (together != null) together.join();
        String url = bind(listener, settings.host(), settings.port(), "port", front, router);
        laboratory.serverAt(URI.create(url));
        sweepFromNowOn(listener, exchange, store, new CapacityWatch(capacity, LOG::warn));
        return new Switchboard(
                listener, together, laboratory, () -> opened.forEach(Runnable::run), ready, url, adminUrl);
    }

    /** Fails as {@link #start} would if a file that {@code settings} name cannot be used; starts nothing. */
    public static void checkFiles(Settings settings) throws StartFailure {
        CertificateWatch certificates = certificates(settings);
        if (certificates != null) certificates.close();
    }

    private static @Nullable CertificateWatch certificates(Settings settings) throws StartFailure {
        Tls tls = settings.tls().orElse(null);
        if (tls == null) return null;
        try {
            return CertificateWatch.open(new CertificateFiles(tls.certificate(), tls.key()), speaksHttp2(settings));
        } catch (CertificateFault fault) {
            throw new StartFailure(String.valueOf(fault.getMessage()), fault);
        }
    }

    private static boolean speaksHttp2(Settings settings) {
        return settings.http2() == Switch.ON;
    }

    private static @Nullable AccessLogFile accessLog(Observing observing) throws StartFailure {
        try {
            return AccessLogFile.open(observing.accessLog());
        } catch (IOException refused) {
            throw new StartFailure(
                    "The access log " + observing.accessLog().written()
                            + " cannot be written: check that its folder exists and this user may write there.",
                    refused);
        }
    }

    // Where it listens from then on.
    private static String bind(HttpListener listener, String host, int port, String flag, Front front, Handler handler)
            throws StartFailure {
        InetSocketAddress address;
        try {
            address = listener.bind(host, port, front, handler);
        } catch (IOException refused) {
            throw new StartFailure(
                    "Port " + port + " on " + host
                            + " cannot be opened: is it taken by another program? Choose another with --" + flag + ".",
                    refused);
        }
        String shown = host.contains(":") && !host.startsWith("[") ? "[" + host + "]" : host;
        return (front.certificates() == null ? "http://" : "https://") + shown + ":" + address.getPort();
    }

    private static Exchange exchange(
            Settings settings, HttpListener listener, Stores.Opened store, Ticker ticker, Figures figures) {
        Exchange.Limits limits = new Exchange.Limits(
                settings.tailBytes(),
                Stores.channelsAtHand(Exchange.Limits.DEFAULT.channelsMax()),
                settings.limits().appendsPerSecondPerChannel(),
                settings.limits().appendsPerSecondPerSubject());
        return new Exchange(
                listener.loops(), store.store(), store.relay(), settings.policies(), ticker, steady(), limits, figures);
    }

    // Of which nobody sets the clock: it counts from 1 at this moment on.
    private static Ticker steady() {
        long begun = System.nanoTime();
        return () -> 1 + (System.nanoTime() - begun) / 1_000_000;
    }

    private static Router router(
            Settings settings,
            Exchange exchange,
            Presence presence,
            Doors doors,
            Operations operations,
            Laboratory laboratory,
            boolean alone,
            Ticker ticker) {
        Live live = settings.live();
        StreamTimes times = new StreamTimes(
                live.longPollTimeout().toMillis(),
                live.sseMaxAge().toMillis(),
                live.heartbeat().toMillis(),
                settings.limits().readBytes());
        Map<String, Router.Route> routes = new HashMap<>();
        for (Route route : settings.routes()) {
            Router.Form form =
                    switch (route.form()) {
                        case LAST -> Router.Form.LAST;
                        case SSE -> Router.Form.SSE;
                        case LOG -> Router.Form.LOG;
                    };
            routes.put(route.path(), new Router.Route(route.channel(), form, route.last()));
        }
        return new Router(
                new StreamHandler(exchange, times, ticker),
                new ListHandler(exchange, new PageMark(new SecureRandom())),
                new LiveHandler(
                        exchange,
                        presence,
                        settings.limits().liveChannels(),
                        settings.limits().subscriptions(),
                        times.heartbeatMillis(),
                        ticker,
                        doors.greeting()),
                new SocketHandler(exchange, Refusals::of),
                pages(laboratory),
                new LabHandler(
                        laboratory.process(), laboratory.why(), settings.auth().isOn(), doors.cors()),
                new AdviceHandler(exchange, Evidence.shipped(), terms(settings, alone)),
                routes,
                doors.cors(),
                live.compression() == Compression.DEFLATE,
                operations,
                !settings.observing().hasPort(),
                doors.entrance());
    }

    private static Terms terms(Settings settings, boolean alone) {
        return new Terms(
                settings.live().longPollTimeout().toMillis() / 1_000.0,
                settings.timeouts().idle().toMillis() / 1_000.0,
                alone);
    }

    private static PageHandler pages(Laboratory laboratory) {
        return new PageHandler(
                WebFile.all().stream()
                        .map(file -> new PageHandler.Page(file.path(), file.contentType(), file.bytes()))
                        .toList(),
                laboratory.relays());
    }

    private static HttpLimits httpLimits(Settings settings) {
        Limits limits = settings.limits();
        return new HttpLimits(
                limits.connections(),
                limits.connectionsPerAddress(),
                limits.streamsPerConnection(),
                limits.requestLineBytes(),
                limits.headers(),
                limits.headerBytes(),
                limits.messageBytes(),
                limits.bodyBytesInFlight(),
                settings.timeouts().header().toMillis(),
                settings.timeouts().body().toMillis(),
                settings.timeouts().idle().toMillis(),
                settings.live().stalledMax().toMillis(),
                settings.live().heartbeat().toMillis());
    }

    private static void sweepFromNowOn(
            HttpListener listener, Exchange exchange, Stores.Opened store, CapacityWatch watch) {
        listener.loops().getFirst().execute(new Runnable() {
            @Override
            public void run() {
                exchange.sweep();
                store.sweep().run();
                watch.look();
                listener.loops().getFirst().after(SWEEP_EVERY_MILLIS, this);
            }
        });
    }

    /** Whether HTTP/3 is spoken, on the port of UDP with the number of {@link #url}. */
    public boolean speaksHttp3() {
        return listener.speaksHttp3();
    }

    /** Where it listens, such as {@code http://127.0.0.1:8080}. */
    public String url() {
        return url;
    }

    /** Where figures and health checks are served apart; null if they are at {@link #url}. */
    public @Nullable String adminUrl() {
        return adminUrl;
    }

    /** Connections open now. Any thread. */
    int openConnections() {
        return listener.openConnections();
    }

    // How long it listens who else goes down, before its clients are sent to anybody.
    private static Duration hearing(Duration drain) {
        Duration tenth = drain.dividedBy(10);
        return tenth.compareTo(HEARING_MAX) < 0 ? tenth : HEARING_MAX;
    }

    /** Returns when everything has ended: after {@code drain}, or as soon as all clients have left. Once is enough. */
    public void stop(Duration drain) {
        if (!ready.getAndSet(false)) return;
        laboratory.close(); // viewers would come back as long as there is somebody to come to
        long begun = System.nanoTime();
        boolean others = together != null && together.othersStay(hearing(drain));
        Duration left = drain.minusNanos(System.nanoTime() - begun);
        if (left.isNegative()) left = Duration.ZERO;
        listener.stop(left, others ? Farewell.toOthers(left) : Farewell.toNobody(left));
        close.run();
    }
}
