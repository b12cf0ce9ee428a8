package io.switchboard.server;

import io.switchboard.core.exchange.Exchange;
import io.switchboard.core.figures.Figures;
import io.switchboard.core.presence.Presence;
import io.switchboard.core.store.Store;
import io.switchboard.core.time.Ticker;
import io.switchboard.http.Handler;
import io.switchboard.http.HttpLimits;
import io.switchboard.http.HttpListener;
import io.switchboard.http.Traffic;
import io.switchboard.http.access.PageMark;
import io.switchboard.http.live.LiveHandler;
import io.switchboard.http.pages.PageHandler;
import io.switchboard.http.routing.Operations;
import io.switchboard.http.routing.Router;
import io.switchboard.http.socket.SocketHandler;
import io.switchboard.http.stream.ListHandler;
import io.switchboard.http.stream.Refusals;
import io.switchboard.http.stream.StreamHandler;
import io.switchboard.http.stream.StreamTimes;
import io.switchboard.server.config.Compression;
import io.switchboard.server.config.Limits;
import io.switchboard.server.config.Live;
import io.switchboard.server.config.Observing;
import io.switchboard.server.config.Route;
import io.switchboard.server.config.Settings;
import io.switchboard.server.metrics.Metrics;
import io.switchboard.web.WebFile;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** A running server. Threads: start it and stop it from any, but from one at a time. */
public final class Switchboard {
    private static final long SWEEP_EVERY_MILLIS = 5_000;

    private final Parts parts;
    private final AtomicBoolean ready;
    private final String url;
    private final @Nullable String adminUrl;

    private Switchboard(Parts parts, AtomicBoolean ready, String url, @Nullable String adminUrl) {
        this.parts = parts;
        this.ready = ready;
        this.url = url;
        this.adminUrl = adminUrl;
    }

    /** Returns when the server answers requests. */
    public static Switchboard start(Settings settings) throws StartFailure {
        Ticker ticker = System::currentTimeMillis;
        Figures figures = new Figures(System::nanoTime);
        Stores.Opened store = Stores.open(settings, ticker, figures);
        Security security;
        try {
            security = Security.open(settings, ticker);
        } catch (StartFailure refused) {
            store.close();
            throw refused;
        }
        AccessLogFile accessLog;
        try {
            accessLog = AccessLogFile.open(settings.observing().accessLog());
        } catch (IOException refused) {
            security.close();
            store.close();
            throw new StartFailure(
                    "The access log " + settings.observing().accessLog().written()
                            + " cannot be written: check that its folder exists and this user may write there.",
                    refused);
        }
        Traffic traffic = new Traffic();
        HttpListener listener = new HttpListener(settings.threads(), httpLimits(settings), ticker, traffic, accessLog);
        Parts parts = new Parts(listener, store, security, accessLog);
        try {
            return start(settings, parts, ticker, figures, traffic);
        } catch (StartFailure refused) {
            parts.close();
            throw refused;
        }
    }

    /** What has to be closed, in this order. */
    private record Parts(
            HttpListener listener,
            Stores.Opened store,
            Security security,
            @Nullable AccessLogFile accessLog) {
        void close() {
            security.close();
            store.close();
            listener.close();
            if (accessLog != null) accessLog.close();
        }
    }

    private static Switchboard start(Settings settings, Parts parts, Ticker ticker, Figures figures, Traffic traffic)
            throws StartFailure {
        HttpListener listener = parts.listener();
        AtomicBoolean ready = new AtomicBoolean(true);
        Exchange exchange = exchange(settings, listener, parts.store().store(), ticker, figures);
        Presence presence =
                new Presence(listener.loops(), settings.live().presenceGrace().toMillis());
        Doors doors = Doors.open(settings, parts.security(), listener.sessions(), traffic, ticker);
        Metrics metrics = new Metrics(figures, traffic, listener.sessions(), listener::openConnections, ready::get);
        Operations operations = new Operations(ready::get, metrics);
        Observing observing = settings.observing();
        String adminUrl = observing.hasPort()
                ? url(observing.host(), bind(listener, observing.host(), observing.port(), "--admin-port", operations))
                : null;
        Router router = router(settings, exchange, presence, doors, operations, ticker);
        String url = url(settings.host(), bind(listener, settings.host(), settings.port(), "--port", router));
        sweepFromNowOn(listener, exchange, parts.store());
        return new Switchboard(parts, ready, url, adminUrl);
    }

    private static InetSocketAddress bind(HttpListener listener, String host, int port, String flag, Handler handler)
            throws StartFailure {
        try {
            return listener.bind(host, port, handler);
        } catch (IOException refused) {
            throw new StartFailure(
                    "Port " + port + " on " + host
                            + " cannot be opened: is it taken by another program? Choose another with " + flag + ".",
                    refused);
        }
    }

    private static String url(String host, InetSocketAddress address) {
        String shown = host.contains(":") && !host.startsWith("[") ? "[" + host + "]" : host;
        return "http://" + shown + ":" + address.getPort();
    }

    private static Exchange exchange(
            Settings settings, HttpListener listener, Store store, Ticker ticker, Figures figures) {
        Exchange.Limits limits = new Exchange.Limits(settings.tailBytes(), Exchange.Limits.DEFAULT.channelsMax());
        return new Exchange(listener.loops(), store, settings.policies(), ticker, limits, figures);
    }

    private static Router router(
            Settings settings,
            Exchange exchange,
            Presence presence,
            Doors doors,
            Operations operations,
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
                pages(),
                routes,
                doors.cors(),
                live.compression() == Compression.DEFLATE,
                operations,
                !settings.observing().hasPort(),
                doors.entrance());
    }

    private static PageHandler pages() {
        return new PageHandler(WebFile.all().stream()
                .map(file -> new PageHandler.Page(file.path(), file.contentType(), file.bytes()))
                .toList());
    }

    private static HttpLimits httpLimits(Settings settings) {
        Limits limits = settings.limits();
        return new HttpLimits(
                limits.connections(),
                limits.connectionsPerAddress(),
                limits.requestLineBytes(),
                limits.headerBytes(),
                limits.messageBytes(),
                limits.bodyBytesInFlight(),
                settings.timeouts().header().toMillis(),
                settings.timeouts().body().toMillis(),
                settings.timeouts().idle().toMillis(),
                settings.live().stalledMax().toMillis(),
                settings.live().heartbeat().toMillis());
    }

    private static void sweepFromNowOn(HttpListener listener, Exchange exchange, Stores.Opened store) {
        listener.loops().getFirst().execute(new Runnable() {
            @Override
            public void run() {
                exchange.sweep();
                store.sweep();
                listener.loops().getFirst().after(SWEEP_EVERY_MILLIS, this);
            }
        });
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
        return parts.listener().openConnections();
    }

    /** Returns when everything has ended: after {@code drain}, or as soon as all clients have left. Once is enough. */
    public void stop(Duration drain) {
        if (!ready.getAndSet(false)) return;
        parts.listener().stop(drain);
        parts.close();
    }
}
