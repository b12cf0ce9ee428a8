package io.switchboard.cli;

import io.switchboard.server.DevCertificate;
import io.switchboard.server.StartFailure;
import io.switchboard.server.Switchboard;
import io.switchboard.server.config.Auth;
import io.switchboard.server.config.Configuration;
import io.switchboard.server.config.Settings;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/** Runs a server until a signal ends it, and says on the way what a person needs to know. */
final class Serving {
    /** What a person who presses Ctrl-C has to wait at most. */
    private static final Duration NOW_MAX = Duration.ofMillis(1_800);

    private final Map<String, String> environment;
    private final PrintWriter out;
    private final PrintWriter err;

    Serving(Map<String, String> environment, PrintWriter out, PrintWriter err) {
        this.environment = environment;
        this.out = out;
        this.err = err;
    }

    /** Returns the exit code when the server has stopped. */
    int run(ServeArguments arguments) throws InterruptedException {
        Optional<Configuration.Loaded.Good> loaded =
                Sources.load(arguments.file(), arguments.flags(), environment, err);
        if (loaded.isEmpty()) return ExitCode.USAGE;
        Settings settings = loaded.get().settings();
        boolean devTls = arguments.devTls();
        if (devTls && settings.tls().isPresent()) {
            err.println("switchboard: --dev-tls makes a certificate, and tls.certificate names"
                    + " one; take one of both.");
            return ExitCode.USAGE;
        }
        StopRequests requests = new StopRequests().listen();
        Switchboard server;
        try {
            if (devTls)
                settings = settings.with(DevCertificate.in(settings.data().resolveSibling("dev-tls")));
            server = Switchboard.start(settings);
        } catch (StartFailure failure) {
            err.println("switchboard: " + failure.getMessage());
            return failure.isMisconfigured() ? ExitCode.USAGE : ExitCode.FAILED;
        }
        greet(server, settings, devTls);
        stop(server, requests.next(), requests, settings.drain());
        return ExitCode.OK;
    }

    private void greet(Switchboard server, Settings settings, boolean devTls) {
        String url = server.url();
        out.println("Switchboard listens on " + url + "; channels are kept in " + whereChannelsAre(settings) + ".");
        if (server.speaksHttp3()) {
            out.println("HTTP/3 is spoken too, on the same port of UDP: a firewall has to let it in.");
        }
        out.println(whoMayComeIn(settings.auth()));
        if (server.adminUrl() != null) out.println("Figures are at " + server.adminUrl() + "/metrics.");
        out.println(
                "A channel is one URL: PUT creates it, POST appends, GET reads, live too. Try in another terminal:");
        out.println();
        String trust = devTls ? "--cacert " + settings.tls().orElseThrow().certificate() + " " : "";
        String token = settings.auth().isOn() ? "-H \"Authorization: Bearer $TOKEN\" " : "";
        out.println("  curl " + trust + token + "-X PUT -H 'Content-Type: application/json' -d '{\"hello\":\"world\"}' "
                + url + "/v1/stream/demo");
        out.println(
                "  curl " + trust + token + "-N -H 'Accept: text/event-stream' '" + url + "/v1/stream/demo?offset=-1'");
        out.println();
        if (devTls) {
            out.println(
                    "The certificate is for development: a browser asks whether to trust it, and curl takes -k too.");
        }
        // An operator's own route may stand where the page does.
        if (settings.routes().stream().noneMatch(route -> route.path().equals("/"))) {
            out.println("Or open " + url + "/ in a browser: one channel over polling, long-poll, SSE and WebSocket.");
        }
        out.println("Ctrl-C stops it.");
        out.flush();
    }

    private static String whereChannelsAre(Settings settings) {
        return switch (settings.store()) {
            case MEMORY -> "memory, until it stops";
            case ROCKSDB -> settings.data().toAbsolutePath().normalize().toString();
            case REDIS -> String.join(", ", settings.redis().urls());
        };
    }

    private static String whoMayComeIn(Auth auth) {
        if (auth.keys().isPresent())
            return "Tokens are checked with the keys in " + auth.keys().get() + ".";
        if (auth.jwks().isPresent())
            return "Tokens are checked with the keys from " + auth.jwks().get() + ".";
        return switch (auth.open()) {
            case LOOPBACK -> "Anybody on this machine may do anything: no auth is configured.";
            case NETWORK ->
                "Anybody who reaches this port may do anything: no auth is configured, and auth.open is network.";
        };
    }

    /** Whoever asks to stop at once, at first or while clients drain, waits no longer than {@link #NOW_MAX}. */
    private void stop(Switchboard server, StopRequests.Request first, StopRequests requests, Duration drain) {
        Thread.ofPlatform().daemon().name("stop-watch").start(() -> {
            try {
                StopRequests.Request request = first;
                while (request != StopRequests.Request.NOW) request = requests.next();
                Thread.sleep(NOW_MAX);
                err.println("switchboard: It did not stop in time and was cut off.");
                Runtime.getRuntime().halt(ExitCode.FAILED);
            } catch (InterruptedException ending) {
                Thread.currentThread().interrupt();
            }
        });
        server.stop(first == StopRequests.Request.NOW ? Duration.ZERO : drain);
    }
}
