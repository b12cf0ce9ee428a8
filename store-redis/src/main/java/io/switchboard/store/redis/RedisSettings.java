package io.switchboard.store.redis;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Which Redis, and how to talk to it.
 *
 * @param uris {@code redis://host:port/database}, or {@code rediss:} for TLS, all alike in both: servers of one cluster;
 *     or others, of which the one that is the primary is used; or sentinels. Without user and password, so that they may be
 *     shown
 * @param sentinel the name by which the sentinels that {@code uris} are then know the primary; null for none
 * @param user of an access list; null for the default one
 * @param password null for none
 * @param trusted certificates in PEM that a server's is signed by; null for those this machine trusts
 * @param prefix of all keys: letters, digits, {@code - _ . :}
 * @param connectTimeout 1 ms or more
 * @param commandTimeout after which an answer is not waited for any more, 1 ms or more
 * @param replicas of the primary that have to have an append before it is acknowledged, 0 to {@value #REPLICAS_MAX}
 */
public record RedisSettings(
        List<String> uris,
        @Nullable String sentinel,
        @Nullable String user,
        @Nullable String password,
        @Nullable Path trusted,
        String prefix,
        Duration connectTimeout,
        Duration commandTimeout,
        int replicas) {
    public static final String PREFIX = "sw";
    public static final Duration TIMEOUT = Duration.ofSeconds(2);
    public static final int REPLICAS_MAX = 10;

    private static final Pattern SENTINELS = Pattern.compile("[A-Za-z0-9._-]{1,256}"); // as Sentinel allows them
    private static final Pattern PREFIXES = Pattern.compile("[A-Za-z0-9_.:-]{1,64}");

    /** @throws IllegalArgumentException with a sentence for a person, if one of them cannot be */
    public RedisSettings {
        uris = List.copyOf(uris);
        if (uris.isEmpty()) throw new IllegalArgumentException("There has to be one URI of a Redis server at least.");
        for (String uri : uris) {
            String problem = problemWith(uri);
            if (problem != null) throw new IllegalArgumentException(problem);
        }
        if (uris.stream().map(RedisSettings::kind).distinct().count() > 1) {
            throw new IllegalArgumentException("The URIs of Redis servers differ in host and port only.");
        }
        if (sentinel != null && !SENTINELS.matcher(sentinel).matches()) {
            throw new IllegalArgumentException(
                    "The name of a primary that sentinels watch has letters, digits and . _ -" + " in it.");
        }
        if (!PREFIXES.matcher(prefix).matches()) {
            throw new IllegalArgumentException("The prefix of keys has 1 to 64 letters, digits and - _ . : in it.");
        }
        if (user != null && password == null) throw new IllegalArgumentException("A Redis user needs a password.");
        if (connectTimeout.toMillis() < 1 || commandTimeout.toMillis() < 1) {
            throw new IllegalArgumentException("Timeouts of Redis are 1 ms or more.");
        }
        if (replicas < 0 || replicas > REPLICAS_MAX) {
            throw new IllegalArgumentException("From 0 to " + REPLICAS_MAX + " replicas can be waited for.");
        }
    }

    /** The same, but so many replicas are waited for. */
    public RedisSettings waitingFor(int count) {
        return new RedisSettings(
                uris, sentinel, user, password, trusted, prefix, connectTimeout, commandTimeout, count);
    }

    /** One server, with what is usual otherwise. */
    public static RedisSettings of(String uri) {
        return new RedisSettings(List.of(uri), null, null, null, null, PREFIX, TIMEOUT, TIMEOUT, 0);
    }

    /** The number of the database. */
    int database() {
        return database(URI.create(uris.getFirst()));
    }

    private static int database(URI uri) {
        return uri.getPath().length() > 1 ? Integer.parseInt(uri.getPath().substring(1)) : 0;
    }

    private static String kind(String text) {
        URI uri = URI.create(text);
        return uri.getScheme() + " " + database(uri);
    }

    // Does not repeat the URI: there may be a password in it.
    private static @Nullable String problemWith(String text) {
        URI uri;
        try {
            uri = new URI(text);
        } catch (URISyntaxException e) {
            return "The URI of a Redis server has the form redis://host:port, or rediss://host:port for TLS.";
        }
        if (uri.getRawUserInfo() != null) {
            return "The URI of a Redis server has no user and password in it: they have settings of their own.";
        }
        if (uri.getHost() == null || !("redis".equals(uri.getScheme()) || "rediss".equals(uri.getScheme()))) {
            return "The URI of a Redis server has the form redis://host:port, or rediss://host:port for TLS.";
        }
        String path = uri.getRawPath();
        if (uri.getRawQuery() != null || uri.getRawFragment() != null || !path.matches("/?[0-9]{0,4}")) {
            return "The URI of a Redis server has at most the number of a database behind host and port.";
        }
        return null;
    }

    @Override
    public String toString() {
        return "RedisSettings" + uris;
    }
}
