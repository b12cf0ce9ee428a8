package io.switchboard.server.config;

import io.switchboard.core.channel.ChannelName;
import io.switchboard.core.channel.ChannelPattern;
import io.switchboard.core.channel.ChannelPolicy.Creation;
import io.switchboard.core.channel.Durability;
import io.switchboard.core.channel.Retention;
import io.switchboard.core.rate.RateLimit;
import io.switchboard.http.caller.Networks;
import io.switchboard.security.keys.JwksKeys;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * The table of everything that can be set. The file, the environment, the flags, the help and
 * docs/configuration.md are all made from it, or checked against it.
 */
public final class Keys {
    static final Key<String> HOST = new Key<>(
            "host",
            Kind.made("a host name or an IP address", Keys::host, host -> host),
            "127.0.0.1",
            "The address to listen on; 0.0.0.0 listens on all of them.");
    static final Key<Integer> PORT =
            new Key<>("port", Kind.integer(0, 65_535), "8080", "The port to listen on; 0 takes any free one.");
    static final Key<Path> DATA = new Key<>(
            "data",
            Kind.made("the path of a folder", Keys::path, Path::toString),
            "./data",
            "The folder that holds the channels; it is created if missing.");
    static final Key<StoreKind> STORE = new Key<>(
            "store",
            Kind.word(StoreKind.class),
            "rocksdb",
            "Where channels are kept: rocksdb in the data folder, memory until the server stops, redis with other servers.");
    static final Key<List<String>> REDIS_URLS = new Key<>(
            "redis.urls",
            Kind.made(
                    "redis://host:port, or rediss:// for TLS, with commas between",
                    Keys::redisUrls,
                    urls -> String.join(",", urls)),
            "redis://127.0.0.1:6379",
            "The Redis that servers share, 7.0 or later: one server; several, of which the primary is used; some of a cluster; or sentinels.");
    static final Key<Optional<String>> REDIS_SENTINEL = new Key<>(
            "redis.sentinel",
            Kind.made("a name of letters, digits and . _ -", Keys::redisSentinel, text -> text)
                    .orNone(),
            "none",
            "The name by which Sentinel watches the primary; redis.urls then names sentinels.");
    static final Key<Optional<String>> REDIS_USER = new Key<>(
            "redis.user",
            Kind.made("a name of 1 to 256 characters", Keys::claim, text -> text)
                    .orNone(),
            "none",
            "The user of Redis' access list; none for the default one.");
    static final Key<Optional<Path>> REDIS_PASSWORD_FILE = new Key<>(
            "redis.passwordFile",
            Kind.made("the path of a file", Keys::path, Path::toString).orNone(),
            "none",
            "The file that holds the password for Redis, and nothing else.");
    static final Key<Optional<Path>> REDIS_SECRET_FILE = new Key<>(
            "redis.secretFile",
            Kind.made("the path of a file", Keys::path, Path::toString).orNone(),
            "none",
            "A secret of 32 characters or more, the same for all servers, that seals cookies and tickets; none keeps one in Redis.");
    static final Key<Optional<Path>> REDIS_TRUSTED = new Key<>(
            "redis.trusted",
            pemFile(),
            "none",
            "Certificates that Redis' own is signed by; with none, those that this machine trusts.");
    static final Key<String> REDIS_PREFIX = new Key<>(
            "redis.prefix",
            Kind.made("1 to 64 letters, digits and - _ . :", Keys::redisPrefix, prefix -> prefix),
            "sw",
            "What the names of all keys in Redis begin with.");
    static final Key<Duration> REDIS_TIMEOUT = new Key<>(
            "redis.timeout",
            Kind.duration("50ms", "60s"),
            "2s",
            "How long an answer of Redis is waited for; after that requests are answered with 503.");
    static final Key<Integer> REDIS_REPLICAS = new Key<>(
            "redis.replicas",
            Kind.integer(0, 10),
            "0",
            "How many replicas of Redis have to have an append before it is acknowledged, but for channels with durability memory.");
    static final Key<Integer> THREADS = new Key<>(
            "threads",
            Kind.integer(1, 256).or("auto", Runtime.getRuntime().availableProcessors()),
            "auto",
            "Event loops that serve connections; auto is one for each processor.");
    static final Key<Duration> DRAIN = new Key<>(
            "drain",
            Kind.duration("0s", "10min"),
            "10s",
            "How long a server told to stop (SIGTERM) gives its clients to leave.");

    static final Key<Switch> HTTP2 = new Key<>(
            "http2",
            Kind.word(Switch.class),
            "on",
            "Whether HTTP/2 is spoken too: by agreement within TLS, without TLS where a client begins with it.");
    static final Key<Http3> HTTP3 = new Key<>(
            "http3",
            Kind.integer(1, 65_535)
                    .as(port -> new Http3(true, port), Http3::port)
                    .or("on", Http3.ON)
                    .or("off", Http3.OFF),
            "off",
            "Whether HTTP/3 is spoken too, with TLS, on the same port number of UDP; a port if clients are to be told another one.");
    static final Key<Optional<Path>> TLS_CERTIFICATE = new Key<>(
            "tls.certificate",
            pemFile(),
            "none",
            "The server's certificate and those between it and the authority, in PEM; with it the port speaks HTTPS.");
    static final Key<Optional<Path>> TLS_KEY = new Key<>(
            "tls.key", pemFile(), "none", "The private key of the certificate, in PEM (PKCS#8, not encrypted).");
    static final Key<Networks> PROXY_TRUSTED = new Key<>(
            "proxy.trusted",
            Kind.made(
                            "addresses such as 10.0.0.7 or 10.0.0.0/8, with commas between",
                            Networks::parse,
                            Networks::toString)
                    .or("none", Networks.NONE),
            "none",
            "Proxies whose word counts about who their clients are: Forwarded, X-Forwarded-For and X-Forwarded-Proto.");
    static final Key<Switch> PROXY_PROTOCOL = new Key<>(
            "proxy.protocol",
            Kind.word(Switch.class),
            "off",
            "Whether connections of proxy.trusted begin with a PROXY header, version 1 or 2; then they have to.");

    static final Key<Durability> DEFAULTS_DURABILITY = new Key<>(
            "defaults.durability",
            Kind.word(Durability.class),
            "os",
            "What an acknowledged append survives: memory nothing, os a killed process, fsync a power cut.");
    static final Key<Creation> DEFAULTS_CREATION = new Key<>(
            "defaults.creation",
            Kind.word(Creation.class),
            "explicit",
            "Whether only a PUT makes a channel, or the first append too.");
    static final Key<Long> DEFAULTS_RETENTION_MESSAGES = new Key<>(
            "defaults.retention.messages",
            Kind.number(1, 1_000_000_000_000L).or("unlimited", Retention.UNLIMITED),
            "unlimited",
            "How many messages of a channel are kept.");
    static final Key<Long> DEFAULTS_RETENTION_BYTES = new Key<>(
            "defaults.retention.bytes",
            Kind.bytes("1KB", "1000000GB").or("unlimited", Retention.UNLIMITED),
            "unlimited",
            "How many bytes of messages of a channel are kept.");
    static final Key<Long> DEFAULTS_RETENTION_AGE = new Key<>(
            "defaults.retention.age",
            Kind.duration("1s", "36500d")
                    .as(Duration::toMillis, Duration::ofMillis)
                    .or("unlimited", Retention.UNLIMITED),
            "unlimited",
            "How long messages of a channel are kept.");

    static final Key<Integer> LIMITS_CONNECTIONS = new Key<>(
            "limits.connections",
            Kind.integer(1, 10_000_000),
            "15000",
            "Open connections in all; the next one is refused with 503.");
    static final Key<Integer> LIMITS_CONNECTIONS_PER_ADDRESS = new Key<>(
            "limits.connectionsPerAddress",
            Kind.integer(1, 10_000_000),
            "15000",
            "Open connections from one address; the next one is refused with 429.");
    static final Key<Integer> LIMITS_STREAMS_PER_CONNECTION = new Key<>(
            "limits.streamsPerConnection",
            Kind.integer(1, 10_000),
            "250",
            "Streams open on one HTTP/2 or HTTP/3 connection, which are requests and whatever lasts; the next one is refused.");
    static final Key<Integer> LIMITS_REQUEST_LINE_BYTES = new Key<>(
            "limits.requestLineBytes",
            Kind.bytes("512B", "64KB").as(Math::toIntExact, Integer::longValue),
            "8KB",
            "The first line of a request, its URL with it; a longer one is refused with 414.");
    static final Key<Integer> LIMITS_HEADERS = new Key<>(
            "limits.headers",
            Kind.integer(10, 10_000),
            "100",
            "Header fields of one request, trailers included; more are refused with 431.");
    static final Key<Integer> LIMITS_HEADER_BYTES = new Key<>(
            "limits.headerBytes",
            Kind.bytes("1KB", "256KB").as(Math::toIntExact, Integer::longValue),
            "16KB",
            "All headers of a request together; larger ones are refused with 431.");
    static final Key<Integer> LIMITS_MESSAGE_BYTES = new Key<>(
            "limits.messageBytes",
            Kind.bytes("1KB", "256MB").as(Math::toIntExact, Integer::longValue),
            "8MB",
            "One message, and the body of one request; a larger one is refused with 413.");
    static final Key<Integer> LIMITS_READ_BYTES = new Key<>(
            "limits.readBytes",
            Kind.bytes("16KB", "64MB").as(Math::toIntExact, Integer::longValue),
            "1MB",
            "What one catch-up read returns at most, up to 128 MB where files hold it; the client reads on from there.");
    static final Key<Long> LIMITS_BODY_BYTES_IN_FLIGHT = new Key<>(
            "limits.bodyBytesInFlight",
            Kind.bytes("1MB", "64GB"),
            "256MB",
            "Bodies of all requests being received or stored; beyond it requests are refused with 503.");
    static final Key<Integer> LIMITS_APPENDS_IN_FLIGHT = new Key<>(
            "limits.appendsInFlight",
            Kind.integer(1, 1_000_000),
            "16384",
            "Appends waiting to be stored; beyond it appends are refused with 503.");
    static final Key<Integer> LIMITS_APPENDS_PER_SECOND_PER_CHANNEL = new Key<>(
            "limits.appendsPerSecondPerChannel",
            Kind.integer(1, 1_000_000).or("unlimited", RateLimit.UNLIMITED),
            "100000",
            "Appends to one channel in a second; more are refused with 429.");
    static final Key<Integer> LIMITS_APPENDS_PER_SECOND_PER_SUBJECT = new Key<>(
            "limits.appendsPerSecondPerSubject",
            Kind.integer(1, 1_000_000).or("unlimited", RateLimit.UNLIMITED),
            "10000",
            "Appends of one subject in a second, over all its connections; more are refused with 429.");
    static final Key<Integer> LIMITS_LIVE_CHANNELS = new Key<>(
            "limits.liveChannels",
            Kind.integer(1, 1_000),
            "20",
            "Channels on one event stream at /live; more are refused with 400.");
    static final Key<Integer> LIMITS_SUBSCRIPTIONS = new Key<>(
            "limits.subscriptions",
            Kind.integer(1, 100_000),
            "1000",
            "Channels on one WebSocket at /live; one more is refused with too_many.");
    static final Key<Integer> LIMITS_PRODUCERS_PER_CHANNEL = new Key<>(
            "limits.producersPerChannel",
            Kind.integer(1, 1_000_000),
            "10000",
            "Idempotent producers remembered for one channel; a new one beyond it is refused with 429.");

    static final Key<Duration> TIMEOUTS_HEADER = new Key<>(
            "timeouts.header",
            Kind.duration("100ms", "10min"),
            "10s",
            "How long the first line and the headers of a request may take to arrive, and a client of HTTP/2 to agree to the settings.");
    static final Key<Duration> TIMEOUTS_BODY = new Key<>(
            "timeouts.body",
            Kind.duration("100ms", "1h"),
            "30s",
            "How long a request's body may stand still while it arrives.");
    static final Key<Duration> TIMEOUTS_IDLE = new Key<>(
            "timeouts.idle",
            Kind.duration("100ms", "1d"),
            "75s",
            "How long a connection may be kept open between two requests.");

    static final Key<Duration> LIVE_LONG_POLL_TIMEOUT = new Key<>(
            "live.longPollTimeout",
            Kind.duration("10ms", "5min"),
            "25s",
            "How long a long-poll without news waits before it is answered.");
    static final Key<Duration> LIVE_SSE_MAX_AGE = new Key<>(
            "live.sseMaxAge",
            Kind.duration("1s", "1h"),
            "60s",
            "How long a live=sse response lasts before the client has to ask again, so that caches can share it.");
    static final Key<Duration> LIVE_HEARTBEAT = new Key<>(
            "live.heartbeat",
            Kind.duration("1s", "10min"),
            "25s",
            "How often a quiet live connection shows that it is alive.");
    static final Key<Duration> LIVE_STALLED_MAX = new Key<>(
            "live.stalledMax",
            Kind.duration("1s", "1d"),
            "5min",
            "How long a live connection may take nothing of what is sent before it is closed.");
    static final Key<Compression> LIVE_COMPRESSION = new Key<>(
            "live.compression",
            Kind.word(Compression.class),
            "deflate",
            "Whether WebSocket messages of 256 bytes or more are compressed for clients that offer it.");
    static final Key<Duration> LIVE_PRESENCE_GRACE = new Key<>(
            "live.presenceGrace",
            Kind.duration("0s", "10min"),
            "10s",
            "How long who has left a channel is still shown there, so that a reload is no leave.");

    static final Key<Optional<Path>> AUTH_KEYS = new Key<>(
            "auth.keys",
            Kind.made("the path of a file", Keys::path, Path::toString).orNone(),
            "none",
            "The file with the keys of tokens, a JWKS or PEM, read again when it changes; ./switchboard keys makes one.");
    static final Key<Optional<URI>> AUTH_JWKS = new Key<>(
            "auth.jwks",
            Kind.made("an https URL, or http on this machine", Keys::jwks, URI::toString)
                    .orNone(),
            "none",
            "The URL that has the keys of tokens as a JWKS, in place of auth.keys.");
    static final Key<Duration> AUTH_JWKS_REFRESH = new Key<>(
            "auth.jwksRefresh",
            Kind.duration("10s", "1d"),
            "5min",
            "How often the keys are fetched; a token that names an unknown key has them fetched sooner.");
    static final Key<Optional<String>> AUTH_ISSUER = new Key<>(
            "auth.issuer",
            Kind.made("a text of 1 to 256 characters", Keys::claim, text -> text)
                    .orNone(),
            "none",
            "The iss that a token has to have; none for any.");
    static final Key<Optional<String>> AUTH_AUDIENCE = new Key<>(
            "auth.audience",
            Kind.made("a text of 1 to 256 characters", Keys::claim, text -> text)
                    .orNone(),
            "none",
            "What has to be among the aud of a token; none for any.");
    static final Key<Duration> AUTH_CLOCK_SKEW = new Key<>(
            "auth.clockSkew",
            Kind.duration("0s", "5min"),
            "10s",
            "How far the clock of the issuer of tokens may be ahead of this server's.");
    static final Key<Duration> AUTH_TOKEN_LIFE_MAX = new Key<>(
            "auth.tokenLifeMax",
            Kind.duration("1min", "90d"),
            "1d",
            "How long a token may live; one that lives longer is refused. Revocations are remembered as long.");
    static final Key<Duration> AUTH_FIRST_MESSAGE = new Key<>(
            "auth.firstMessage",
            Kind.duration("100ms", "1min"),
            "5s",
            "How long a WebSocket on /live that came without a token may take to send auth.");
    static final Key<Auth.Open> AUTH_OPEN = new Key<>(
            "auth.open",
            Kind.word(Auth.Open.class),
            "loopback",
            "Who may reach a server without auth.keys and auth.jwks, and do everything: this machine, or the network.");

    static final Key<Integer> ADMIN_PORT = new Key<>(
            "admin.port",
            Kind.integer(0, 65_535).or("none", Observing.NO_PORT),
            "none",
            "A port for /metrics and /health alone, open to whoever reaches it; with none they are on the main one.");
    static final Key<String> ADMIN_HOST = new Key<>(
            "admin.host",
            Kind.made("a host name or an IP address", Keys::host, host -> host),
            "127.0.0.1",
            "The address of the admin port.");
    static final Key<AccessLogTo> ACCESS_LOG = new Key<>(
            "accessLog",
            Kind.made("off, stdout, or the path of a file", AccessLogTo::parse, AccessLogTo::written),
            "off",
            "Where a line of JSON for each answered request goes.");
    static final Key<Switch> LAB = new Key<>(
            "lab",
            Kind.word(Switch.class),
            "on",
            "Whether the page at / may open viewers and a relay: for admins; without auth, for who sits at this machine.");

    static final Key<Origins> CORS_ORIGINS = new Key<>(
            "cors.origins",
            Kind.made("*, or origins such as https://example.com", Origins::parse, Origins::toString),
            "*",
            "The web origins whose pages may use this server.");
    static final Key<Long> CACHE_TAIL_BYTES = new Key<>(
            "cache.tailBytes",
            Kind.bytes("1MB", "256GB"),
            "64MB",
            "Memory for the newest messages of all channels; older ones are read from disk.");

    /** Every key that the file, the environment and the flags know. */
    public static final List<Key<?>> ALL = List.of(
            HOST,
            PORT,
            DATA,
            STORE,
            REDIS_URLS,
            REDIS_SENTINEL,
            REDIS_USER,
            REDIS_PASSWORD_FILE,
            REDIS_SECRET_FILE,
            REDIS_TRUSTED,
            REDIS_PREFIX,
            REDIS_TIMEOUT,
            REDIS_REPLICAS,
            THREADS,
            DRAIN,
            HTTP2,
            HTTP3,
            TLS_CERTIFICATE,
            TLS_KEY,
            PROXY_TRUSTED,
            PROXY_PROTOCOL,
            DEFAULTS_DURABILITY,
            DEFAULTS_CREATION,
            DEFAULTS_RETENTION_MESSAGES,
            DEFAULTS_RETENTION_BYTES,
            DEFAULTS_RETENTION_AGE,
            LIMITS_CONNECTIONS,
            LIMITS_CONNECTIONS_PER_ADDRESS,
            LIMITS_STREAMS_PER_CONNECTION,
            LIMITS_REQUEST_LINE_BYTES,
            LIMITS_HEADERS,
            LIMITS_HEADER_BYTES,
            LIMITS_MESSAGE_BYTES,
            LIMITS_READ_BYTES,
            LIMITS_BODY_BYTES_IN_FLIGHT,
            LIMITS_APPENDS_IN_FLIGHT,
            LIMITS_APPENDS_PER_SECOND_PER_CHANNEL,
            LIMITS_APPENDS_PER_SECOND_PER_SUBJECT,
            LIMITS_LIVE_CHANNELS,
            LIMITS_SUBSCRIPTIONS,
            LIMITS_PRODUCERS_PER_CHANNEL,
            TIMEOUTS_HEADER,
            TIMEOUTS_BODY,
            TIMEOUTS_IDLE,
            LIVE_LONG_POLL_TIMEOUT,
            LIVE_SSE_MAX_AGE,
            LIVE_HEARTBEAT,
            LIVE_STALLED_MAX,
            LIVE_COMPRESSION,
            LIVE_PRESENCE_GRACE,
            AUTH_KEYS,
            AUTH_JWKS,
            AUTH_JWKS_REFRESH,
            AUTH_ISSUER,
            AUTH_AUDIENCE,
            AUTH_CLOCK_SKEW,
            AUTH_TOKEN_LIFE_MAX,
            AUTH_FIRST_MESSAGE,
            AUTH_OPEN,
            ADMIN_PORT,
            ADMIN_HOST,
            ACCESS_LOG,
            LAB,
            CORS_ORIGINS,
            CACHE_TAIL_BYTES);

    static final Key<ChannelPattern> CHANNEL_MATCH = new Key<>(
            "match",
            Kind.made("a pattern of channel names such as chat/*", ChannelPattern::new, ChannelPattern::value),
            "",
            "The channels this rule is for: * is one segment of a name, ** any number.");
    static final Key<Durability> CHANNEL_DURABILITY = inherited("durability", DEFAULTS_DURABILITY);
    static final Key<Creation> CHANNEL_CREATION = inherited("creation", DEFAULTS_CREATION);
    static final Key<Long> CHANNEL_RETENTION_MESSAGES = inherited("retention.messages", DEFAULTS_RETENTION_MESSAGES);
    static final Key<Long> CHANNEL_RETENTION_BYTES = inherited("retention.bytes", DEFAULTS_RETENTION_BYTES);
    static final Key<Long> CHANNEL_RETENTION_AGE = inherited("retention.age", DEFAULTS_RETENTION_AGE);

    static final Key<String> ROUTE_PATH = new Key<>(
            "path",
            Kind.made(
                    "a path such as /prices, outside of /v1, /live, /health and /metrics",
                    Route::checkedPath,
                    path -> path),
            "",
            "The path to answer GET on.");
    static final Key<ChannelName> ROUTE_CHANNEL = new Key<>(
            "channel",
            Kind.made("the name of a channel", ChannelName::new, ChannelName::value),
            "",
            "The channel to read.");
    static final Key<Route.Form> ROUTE_READ = new Key<>(
            "read",
            Kind.word(Route.Form.class),
            "last",
            "How: last is the newest messages, sse an event stream, log a catch-up read from an offset.");
    static final Key<Integer> ROUTE_LAST =
            new Key<>("last", Kind.integer(1, 10_000), "1", "How many of the newest messages, where read is last.");

    /**
     * A list that only the file can hold.
     *
     * @param itemKeys named as within one item
     */
    public record ItemList(String key, String sentence, List<Key<?>> itemKeys) {
        public ItemList {
            itemKeys = List.copyOf(itemKeys);
        }
    }

    static final ItemList CHANNELS = new ItemList(
            "channels",
            "Rules for channels by name; the first that matches holds, and what it leaves out comes from defaults.",
            List.of(
                    CHANNEL_MATCH,
                    CHANNEL_DURABILITY,
                    CHANNEL_CREATION,
                    CHANNEL_RETENTION_MESSAGES,
                    CHANNEL_RETENTION_BYTES,
                    CHANNEL_RETENTION_AGE));
    static final ItemList ROUTES = new ItemList(
            "routes",
            "More paths that read a channel, so that existing pages work as they are.",
            List.of(ROUTE_PATH, ROUTE_CHANNEL, ROUTE_READ, ROUTE_LAST));

    /** Every list that the file knows. */
    public static final List<ItemList> LISTS = List.of(CHANNELS, ROUTES);

    private Keys() {}

    private static <T> Key<T> inherited(String name, Key<T> from) {
        return new Key<>(name, from.kind(), "", "For these channels: " + from.name() + ".");
    }

    private static Kind<Optional<Path>> pemFile() {
        return Kind.made("the path of a PEM file", text -> Optional.of(path(text)), file -> file.map(Path::toString)
                        .orElse(""))
                .or("none", Optional.empty());
    }

    // No password: whatever is configured is shown by ./switchboard check.
    private static List<String> redisUrls(String text) {
        List<String> urls = List.of(text.split(","));
        for (String url : urls) {
            if (!url.matches("rediss?://([A-Za-z0-9._-]{1,255}|\\[[0-9A-Fa-f:.]{2,64}])(:[0-9]{1,5})?(/[0-9]{1,4})?")) {
                throw new IllegalArgumentException("not the URL of a Redis server");
            }
        }
        return urls;
    }

    private static String redisSentinel(String text) {
        if (!text.matches("[A-Za-z0-9._-]{1,256}")) throw new IllegalArgumentException(text);
        return text;
    }

    private static String redisPrefix(String text) {
        if (!text.matches("[A-Za-z0-9_.:-]{1,64}")) throw new IllegalArgumentException(text);
        return text;
    }

    private static String host(String text) {
        if (!text.matches("[A-Za-z0-9._:%-]{1,255}|\\[[0-9A-Fa-f:.%]{2,64}]")) throw new IllegalArgumentException(text);
        return text;
    }

    private static Path path(String text) {
        if (text.isEmpty()) throw new IllegalArgumentException("empty path");
        return Path.of(text);
    }

    private static URI jwks(String text) {
        URI url = URI.create(text);
        String problem = JwksKeys.problemWith(url);
        if (problem != null) throw new IllegalArgumentException(problem);
        return url;
    }

    private static String claim(String text) {
        if (!text.matches("\\P{Cntrl}{1,256}")) throw new IllegalArgumentException("no text for a claim");
        return text;
    }
}
