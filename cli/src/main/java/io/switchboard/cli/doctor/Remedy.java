package io.switchboard.cli.doctor;

/** What to change, in each kind of proxy; docs/proxies has whole configurations. */
public enum Remedy {
    /** A WebSocket handshake has to arrive as it was sent. */
    UPGRADE(
            "proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade;"
                    + " proxy_set_header Connection $connection_upgrade;",
            "mode http, without http-request del-header Upgrade or Connection, and without option httpclose",
            "reverse_proxy 127.0.0.1:8080, without header_up -Upgrade or header_up -Connection",
            "AWS: an Application Load Balancer. Cloudflare: Network, WebSockets: on. Azure Front Door: no caching on"
                    + " this route."),
    /** Browsers should be offered HTTP/2. */
    HTTP_2(
            "listen 443 ssl http2; (from 1.25 on: listen 443 ssl; http2 on;)",
            "bind :443 ssl crt ... alpn h2,http/1.1",
            "nothing: Caddy offers HTTP/2 unless its protocols leave it out",
            "HTTP/2 in front of clients: on. Without a proxy: http2: on of the server, which is its default."),
    /** Events have to pass as they come. */
    BUFFERING(
            "proxy_buffering off; and neither proxy_ignore_headers X-Accel-Buffering nor gzip_types text/event-stream",
            "no compression type text/event-stream, and no http-response wait-for-body",
            "flush_interval -1 in reverse_proxy, and no encode for text/event-stream",
            "Azure Application Gateway: response buffering off. Azure Front Door: has no event streams, use WebSockets."
                    + " Others: no compression and no caching of text/event-stream."),
    /** Small pieces have to pass at once, and not when there is more to send. */
    DELAY(
            "tcp_nodelay on;",
            "option http-no-delay",
            "flush_interval -1 in reverse_proxy",
            "Whatever gathers or optimises answers: none of it for text/event-stream."),
    /** Who may use the server is for the server to say. */
    DOOR(
            "no auth_basic, auth_request, allow or deny for /live and /v1/",
            "no http-request auth and no http-request deny for paths that begin with /live or /v1/",
            "no basic_auth, forward_auth or respond for /live and /v1/",
            "The firewall in front of it: let /live and /v1/ pass, also WebSockets and what has no browser."),
    /** What is quiet for less than the server's heartbeat (25 s) has to stay. */
    IDLE(
            "proxy_read_timeout 90s; (and proxy_send_timeout 90s;)",
            "timeout client 90s, timeout server 90s, timeout tunnel 1h",
            "no read_timeout or write_timeout below 90s in transport http, no stream_timeout",
            "AWS: idle_timeout.timeout_seconds=60 or more. Google Cloud: timeoutSec=86400 of the backend service. Azure"
                    + " Application Gateway: request time-out of 90 s or more. Or lower live.heartbeat of the server."),
    /** Bodies as large as the server takes have to pass. */
    BODY(
            "client_max_body_size 8m;",
            "no http-request deny by req.body_size or req.hdr(content-length) below 8 MB",
            "request_body { max_size 8MB }",
            "The firewall in front of it: its limit for bodies. The server's own is limits.messageBytes."),
    /** Messages as large as the server takes have to pass. */
    SIZE(
            "nothing: nginx does not look at messages; see what stands in front of it or behind it",
            "nothing: HAProxy does not look at messages; see what stands in front of it or behind it",
            "nothing: Caddy does not look at messages; see what stands in front of it or behind it",
            "AWS API Gateway takes messages of 128 KB: use an Application Load Balancer. Firewalls: their limit for"
                    + " messages."),
    /** Errors have to arrive as the server wrote them, since clients go by their code. */
    ERRORS(
            "proxy_intercept_errors off;",
            "no http-response return or http-response deny for the server's own errors",
            "no handle_response in reverse_proxy",
            "Custom error pages: off for this route."),
    /** Which of its subprotocols a client speaks has to arrive, and what the server chose. */
    SUBPROTOCOL(
            "no proxy_set_header or proxy_hide_header for Sec-WebSocket-Protocol",
            "no del-header Sec-WebSocket-Protocol",
            "no header_up or header_down for Sec-WebSocket-Protocol",
            "Rules that change headers: none for Sec-WebSocket-Protocol."),
    /** Who may use the server is said once, by the server. */
    CORS(
            "no add_header Access-Control-...; let OPTIONS pass; the server's cors.origins lists the origins",
            "no http-response add-header or set-header Access-Control-...; let OPTIONS pass; the server's cors.origins"
                    + " lists the origins",
            "no header Access-Control-...; let OPTIONS pass; the server's cors.origins lists the origins",
            "CORS of the balancer: off; let OPTIONS pass; the server's cors.origins lists the origins"),
    /** The proxy has to find the server. */
    UPSTREAM(
            "proxy_pass http://127.0.0.1:8080; (the server's host and port, and https:// if it has tls.certificate)",
            "server switchboard 127.0.0.1:8080 check (the server's host and port; ssl verify required if it has"
                    + " tls.certificate)",
            "reverse_proxy 127.0.0.1:8080 (the server's host and port)",
            "The target group or backend: host, port, and its health check on /health/ready."),
    /** What is cached has to be what the server lets be cached. */
    CACHE(
            "proxy_no_cache and proxy_cache_bypass for what docs/proxies/nginx-cache.conf names; no proxy_ignore_headers"
                    + " Cache-Control",
            "no http-request cache-use on /v1/stream/",
            "no cache module on /v1/stream/",
            "Cache rules: respect Cache-Control of the origin, and the whole query in the key.");

    private final String nginx;
    private final String haproxy;
    private final String caddy;
    private final String cloud;

    Remedy(String nginx, String haproxy, String caddy, String cloud) {
        this.nginx = nginx;
        this.haproxy = haproxy;
        this.caddy = caddy;
        this.cloud = cloud;
    }

    /** For a person who runs such a proxy. */
    public String in(Proxy proxy) {
        return switch (proxy) {
            case NGINX -> nginx;
            case HAPROXY -> haproxy;
            case CADDY -> caddy;
            case CLOUD -> cloud;
        };
    }
}
