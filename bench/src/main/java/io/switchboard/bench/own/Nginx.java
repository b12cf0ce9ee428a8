package io.switchboard.bench.own;

import io.switchboard.bench.BenchFailure;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/** An nginx of our own in front of the server, with a configuration of our own, like those in docs/proxies. */
final class Nginx implements AutoCloseable {
    private static final long READY_SECONDS = 10;
    private static final long LOOK_NANOS = 20_000_000;
    /** Another may have taken a port that was free a moment ago. */
    private static final int TRIES = 3;

    /** Ends nginx with the end of its own input. */
    private static final String LEASH = "\"$@\" & nginx=$!; trap 'kill $nginx; wait $nginx; exit 0' TERM INT;"
            + " (cat >/dev/null; kill $$) <&3 & wait $nginx";

    private final Child child;
    private final int port;

    private Nginx(Child child, int port) {
        this.child = child;
        this.port = port;
    }

    int port() {
        return port;
    }

    /** Where it is installed. */
    static Optional<Path> program() {
        String path = Optional.ofNullable(System.getenv("PATH")).orElse("");
        return Stream.concat(Stream.of(path.split(":")), Stream.of("/usr/sbin", "/usr/local/sbin", "/opt/homebrew/bin"))
                .filter(folder -> !folder.isEmpty())
                .map(folder -> Path.of(folder, "nginx"))
                .filter(Files::isExecutable)
                .findFirst();
    }

    /** @param backend the port of the server, without TLS */
    static Nginx start(Launch launch, Path folder, int backend) throws BenchFailure, InterruptedException {
        Path program = program()
                .orElseThrow(() -> BenchFailure.failed(
                        "nginx is not installed, or not in PATH; it is in the packages of your system (nginx)."));
        String said = "";
        try {
            Files.createDirectories(folder);
            for (int i = 0; i < TRIES; i++) {
                int port = freePort();
                Path file =
                        Files.writeString(folder.resolve("nginx.conf"), configuration(launch, folder, port, backend));
                Child child = new Child(
                        List.of(
                                "sh",
                                "-c",
                                "exec 3<&0; " + LEASH,
                                "sh",
                                program.toString(),
                                "-p",
                                folder.toString(),
                                "-c",
                                file.toString(),
                                "-e",
                                "stderr"),
                        folder);
                if (listens(child, port)) return new Nginx(child, port);
                said = child.lastLines();
                child.close();
            }
        } catch (IOException unwritable) {
            said = String.valueOf(unwritable.getMessage());
        }
        throw BenchFailure.failed(
                "nginx could not be started: " + said.lines().findFirst().orElse("it said nothing"));
    }

    private static boolean listens(Child child, int port) {
        long until = System.nanoTime() + READY_SECONDS * 1_000_000_000L;
        while (child.isAlive() && System.nanoTime() - until < 0) {
            try (Socket open = new Socket(InetAddress.getLoopbackAddress(), port)) {
                return open.isConnected() && child.isAlive();
            } catch (IOException notYet) {
                LockSupport.parkNanos(LOOK_NANOS);
            }
        }
        return false;
    }

    private static int freePort() throws IOException {
        try (ServerSocket any = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return any.getLocalPort();
        }
    }

    /** The lines of docs/proxies that matter to what is measured, and folders of its own. */
    static String configuration(Launch launch, Path folder, int port, int backend) {
        boolean root = "root".equals(System.getProperty("user.name"));
        return (root ? "user root;\n" : "")
                + """
                daemon off;
                worker_processes auto;
                worker_rlimit_nofile %1$d;
                pid %2$s/nginx.pid;
                error_log stderr crit;
                events { worker_connections %1$d; }
                http {
                  access_log off;
                  client_body_temp_path %2$s/body;
                  proxy_temp_path %2$s/proxy;
                  fastcgi_temp_path %2$s/fastcgi;
                  uwsgi_temp_path %2$s/uwsgi;
                  scgi_temp_path %2$s/scgi;
                  keepalive_requests 1000000;
                  map $http_upgrade $connection_upgrade { default upgrade; "" ""; }
                  map $http_accept $asks_for_events { "~*text/event-stream" 1; default ""; }
                  upstream own { server 127.0.0.1:%3$d; keepalive 64; keepalive_requests 1000000; }
                  %4$sserver {
                    listen 127.0.0.1:%5$d backlog=4096%6$s;
                    proxy_http_version 1.1;
                    proxy_set_header Upgrade $http_upgrade;
                    proxy_set_header Connection $connection_upgrade;
                    proxy_set_header Host $http_host;
                    proxy_set_header X-Forwarded-For $remote_addr;
                    proxy_set_header X-Forwarded-Proto $scheme;
                    proxy_set_header Forwarded "";
                    proxy_request_buffering off;
                    %8$s
                    proxy_next_upstream off;
                    gzip off;
                    location / { proxy_pass http://own; proxy_buffering off; }
                %7$s  }
                }
                """.formatted(
                        2 * launch.connections() + 512,
                        folder,
                        backend,
                        cached(launch)
                                ? "proxy_cache_path " + folder
                                        + "/cache levels=1:2 keys_zone=own:10m max_size=64m use_temp_path=off;\n  "
                                : "",
                        port,
                        launch.tls() ? " ssl" : "",
                        (launch.tls() ? certificate(folder) : "") + (cached(launch) ? CACHE : ""),
                        launch.front() == Front.NGINX_BARE ? "" : "proxy_read_timeout 90s; proxy_send_timeout 90s;");
    }

    private static boolean cached(Launch launch) {
        return launch.front() == Front.NGINX_CACHE;
    }

    private static String certificate(Path folder) {
        return String.join(
                "\n",
                "    ssl_certificate " + folder.resolveSibling(Certificate.FILE) + ";",
                "    ssl_certificate_key " + folder.resolveSibling(Certificate.KEY) + ";",
                "    ssl_protocols TLSv1.2 TLSv1.3;",
                "");
    }

    private static final String CACHE = """
                location /v1/stream/ {
                  proxy_pass http://own;
                  proxy_buffering on;
                  proxy_cache own;
                  proxy_cache_key $scheme$http_host$request_uri;
                  proxy_cache_methods GET;
                  proxy_cache_convert_head off;
                  proxy_cache_bypass $http_upgrade $asks_for_events;
                  proxy_no_cache $http_upgrade $asks_for_events;
                  proxy_ignore_headers Cache-Control Expires;
                  proxy_cache_valid 200 204 1s;
                  proxy_cache_lock on;
                  proxy_cache_lock_age 35s;
                  proxy_cache_lock_timeout 35s;
                }
            """;

    @Override
    public void close() {
        child.close();
    }
}
