package io.switchboard.server;

import io.switchboard.core.exchange.Exchange;
import io.switchboard.core.presence.Presence;
import io.switchboard.core.store.Store;
import io.switchboard.core.time.Ticker;
import io.switchboard.http.Front;
import io.switchboard.http.HttpLimits;
import io.switchboard.http.HttpListener;
import io.switchboard.http.caller.Forwarding;
import io.switchboard.http.live.LiveHandler;
import io.switchboard.http.pages.PageHandler;
import io.switchboard.http.routing.Cors;
import io.switchboard.http.routing.Router;
import io.switchboard.http.socket.SocketHandler;
import io.switchboard.http.stream.ListHandler;
import io.switchboard.http.stream.Refusals;
import io.switchboard.http.stream.StreamHandler;
import io.switchboard.http.stream.StreamTimes;
import io.switchboard.http.tls.CertificateFault;
import io.switchboard.http.tls.CertificateFiles;
import io.switchboard.server.config.Compression;
import io.switchboard.server.config.Limits;
import io.switchboard.server.config.Live;
import io.switchboard.server.config.Route;
import io.switchboard.server.config.Settings;
import io.switchboard.server.config.Switch;
import io.switchboard.server.config.Tls;
import io.switchboard.web.WebFile;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** A running server. Threads: start it and stop it from any, but from one at a time. */
public final class Switchboard {
    private static final long SWEEP_EVERY_MILLIS = 5_000;

    private final HttpListener listener;
    private final Stores.Opened store;
    private final @Nullable CertificateWatch certificates;
    private final AtomicBoolean ready;
    private final String url;

    private Switchboard(
            HttpListener listener,
            Stores.Opened store,
            @Nullable CertificateWatch certificates,
            AtomicBoolean ready,
            String url) {
        this.listener = listener;
        this.store = store;
        this.certificates = certificates;
        this.ready = ready;
        this.url = url;
    }

    /** Returns when the server answers requests. */
    public static Switchboard start(Settings settings) throws StartFailure {
        Ticker ticker = System::currentTimeMillis;
        CertificateWatch certificates = certificates(settings);
        Stores.Opened store;
        try {
            store = Stores.open(settings, ticker);
        } catch (StartFailure failure) {
            if (certificates != null) certificates.close();
            throw failure;
        }
        HttpListener listener = new HttpListener(settings.threads(), httpLimits(settings), ticker);
        try {
            AtomicBoolean ready = new AtomicBoolean(true);
            Exchange exchange = exchange(settings, listener, store.store(), ticker);
            Presence presence = new Presence(
                    listener.loops(), settings.live().presenceGrace().toMillis());
            Front front = new Front(
                    certificates == null ? null : certificates.certificates(),
                    new Forwarding(settings.proxy().trusted()),
                    settings.proxy().protocol() == Switch.ON);
            InetSocketAddress address = listener.bind(
                    settings.host(), settings.port(), front, router(settings, exchange, presence, ticker, ready));
            sweepFromNowOn(listener, exchange, store);
            String host = settings.host().contains(":") && !settings.host().startsWith("[")
                    ? "[" + settings.host() + "]"
                    : settings.host();
            String scheme = certificates == null ? "http://" : "https://";
            return new Switchboard(listener, store, certificates, ready, scheme + host + ":" + address.getPort());
        } catch (IOException refused) {
            listener.close();
            store.close();
            if (certificates != null) certificates.close();
            throw new StartFailure(
                    "Port " + settings.port() + " on " + settings.host()
                            + " cannot be opened: is it taken by another program? Choose another with --port.",
                    refused);
        }
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
            return CertificateWatch.open(new CertificateFiles(tls.certificate(), tls.key()));
        } catch (CertificateFault fault) {
            throw new StartFailure(String.valueOf(fault.getMessage()), fault);
        }
    }

    private static Exchange exchange(Settings settings, HttpListener listener, Store store, Ticker ticker) {
        Exchange.Limits limits = new Exchange.Limits(
                settings.tailBytes(),
                Exchange.Limits.DEFAULT.channelsMax(),
                settings.limits().appendsPerSecondPerChannel(),
                settings.limits().appendsPerSecondPerSubject());
        return new Exchange(listener.loops(), store, settings.policies(), ticker, limits);
    }

    private static Router router(
            Settings settings, Exchange exchange, Presence presence, Ticker ticker, AtomicBoolean ready) {
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
                new ListHandler(exchange),
                new LiveHandler(
                        exchange,
                        presence,
                        settings.limits().liveChannels(),
                        settings.limits().subscriptions(),
                        times.heartbeatMillis(),
                        ticker),
                new SocketHandler(exchange, Refusals::of),
                pages(),
                routes,
                new Cors(settings.origins().any(), Set.copyOf(settings.origins().listed())),
                live.compression() == Compression.DEFLATE,
                ready::get);
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

    /** Connections open now. Any thread. */
    int openConnections() {
        return listener.openConnections();
    }

    /** Returns when everything has ended: after {@code drain}, or as soon as all clients have left. Once is enough. */
    public void stop(Duration drain) {
        if (!ready.getAndSet(false)) return;
        listener.stop(drain);
        store.close();
        listener.close();
        if (certificates != null) certificates.close();
    }
}
