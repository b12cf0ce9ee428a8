package io.switchboard.store.redis;

import io.lettuce.core.ClientOptions;
import io.lettuce.core.MaintNotificationsConfig;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisException;
import io.lettuce.core.RedisURI;
import io.lettuce.core.SocketOptions;
import io.lettuce.core.SslOptions;
import io.lettuce.core.TimeoutOptions;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.protocol.ProtocolVersion;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import io.lettuce.core.resource.ClientResources;
import io.lettuce.core.resource.DefaultClientResources;
import java.net.URI;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Makes connections, and refuses a server that cannot keep channels. A connection never comes back by itself: whoever
 * has it asks for another one, and so nothing is sent twice. Blocks; any thread.
 */
final class Dial implements AutoCloseable {
    private static final int MAJOR_MIN = 7;
    private static final int IO_THREADS = 2;
    private static final long END_SECONDS_MAX = 5;
    private static final Pattern LINE = Pattern.compile("(?m)^([a-z_]+):([^\r\n]*)");

    private final RedisSettings settings;
    private final ClientResources resources;
    private final RedisClient client;
    private final List<Place> places;
    private final boolean encrypted;
    private final int database;

    Dial(RedisSettings settings) {
        this.settings = settings;
        this.resources = DefaultClientResources.builder()
                .ioThreadPoolSize(IO_THREADS)
                .computationThreadPoolSize(IO_THREADS)
                .build();
        this.client = RedisClient.create(resources);
        ClientOptions.Builder options = ClientOptions.builder()
                .autoReconnect(false)
                .disconnectedBehavior(ClientOptions.DisconnectedBehavior.REJECT_COMMANDS)
                .protocolVersion(ProtocolVersion.RESP2)
                .maintNotificationsConfig(MaintNotificationsConfig.disabled())
                .timeoutOptions(TimeoutOptions.enabled(settings.commandTimeout()))
                .socketOptions(SocketOptions.builder()
                        .connectTimeout(settings.connectTimeout())
                        .build());
        if (settings.trusted() != null) {
            options.sslOptions(SslOptions.builder()
                    .trustManager(settings.trusted().toFile())
                    .build());
        }
        client.setOptions(options.build());
        URI first = URI.create(settings.uris().getFirst());
        this.encrypted = "rediss".equals(first.getScheme());
        this.database = settings.database();
        this.places =
                settings.uris().stream().map(uri -> Place.of(URI.create(uri))).toList();
    }

    RedisSettings settings() {
        return settings;
    }

    /** Those that the settings name. */
    List<Place> places() {
        return places;
    }

    /** As an operator would write it. */
    String name(Place place) {
        return (encrypted ? "rediss://" : "redis://") + place;
    }

    private RedisURI uri(Place place, boolean withPassword, int databaseNumber) {
        RedisURI.Builder builder = RedisURI.builder()
                .withHost(place.host())
                .withPort(place.port())
                .withSsl(encrypted)
                .withClientName("switchboard")
                .withDatabase(databaseNumber)
                .withTimeout(settings.commandTimeout());
        String password = settings.password();
        if (withPassword && password != null && settings.user() != null) {
            builder.withAuthentication(settings.user(), password.toCharArray());
        } else if (withPassword && password != null) {
            builder.withPassword(password.toCharArray());
        }
        return builder.build();
    }

    // ---- connecting ----

    /**
     * One to a server, whatever that is.
     *
     * @throws RedisStoreException if it cannot be reached
     */
    StatefulRedisConnection<byte[], byte[]> connect(Place place) {
        return reached(place, database, uri -> client.connect(ByteArrayCodec.INSTANCE, uri));
    }

    /**
     * One to a primary.
     *
     * @param cluster whether it has to be one of a cluster
     * @throws RedisStoreException if it cannot be reached or used, for now
     */
    StatefulRedisConnection<byte[], byte[]> connect(Place place, boolean cluster) {
        return checked(place, cluster, connect(place));
    }

    /** One that hears calls; likewise. */
    StatefulRedisPubSubConnection<byte[], byte[]> connectForCalls(Place place, boolean cluster) {
        return checked(
                place, cluster, reached(place, database, uri -> client.connectPubSub(ByteArrayCodec.INSTANCE, uri)));
    }

    /**
     * One to a sentinel, which may have no password, or the same.
     *
     * @throws RedisException if it cannot be reached
     */
    StatefulRedisConnection<byte[], byte[]> connectSentinel(Place place) {
        if (settings.password() != null) {
            try {
                return client.connect(ByteArrayCodec.INSTANCE, uri(place, true, 0));
            } catch (RedisException e) {
                String told = String.valueOf(deepest(e).getMessage());
                if (!told.contains("without any password configured") && !told.startsWith("WRONGPASS")) {
                    throw e;
                }
            }
        }
        return client.connect(ByteArrayCodec.INSTANCE, uri(place, false, 0));
    }

    private <C> C reached(Place place, int databaseNumber, Function<RedisURI, C> way) {
        RedisURI uri = uri(place, true, databaseNumber);
        try {
            try {
                return way.apply(uri);
            } catch (RedisException e) {
                // Lettuce's way to fail where a server hangs up before it has looked: why is told the next time.
                if (deepest(e) instanceof IllegalStateException) return way.apply(uri);
                throw e;
            }
        } catch (RedisException e) {
            throw new RedisStoreException(unreachable("Redis server", place, e), e);
        }
    }

    private <C extends StatefulRedisConnection<byte[], byte[]>> C checked(Place place, boolean cluster, C connection) {
        @Nullable String problem;
        try {
            problem = problemWith(name(place), cluster, connection);
        } catch (RedisException e) {
            connection.close();
            throw new RedisStoreException(unreachable("Redis server", place, e), e);
        }
        if (problem == null) return connection;
        connection.close();
        throw new RedisStoreException(problem);
    }

    // ---- what is wrong ----

    private static Throwable deepest(RedisException e) {
        Throwable cause = e;
        while (cause.getCause() != null) cause = cause.getCause();
        return cause;
    }

    /** In a sentence for the operator. */
    String unreachable(String what, Place place, RedisException e) {
        Throwable cause = deepest(e);
        String told = String.valueOf(cause.getMessage());
        if (told.startsWith("NOAUTH") || told.startsWith("WRONGPASS") || told.startsWith("NOPERM")) {
            return "The " + what + " at " + name(place) + " refuses this user or password: " + told + ".";
        }
        if (cause instanceof GeneralSecurityException) {
            return "The " + what + " at " + name(place) + " has a certificate that is not trusted: " + told + ".";
        }
        return "The " + what + " at " + name(place) + " cannot be reached: " + told + ".";
    }

    /**
     * Whether the first server that can be asked is one of a cluster.
     *
     * @throws RedisStoreException if none can be
     */
    boolean isCluster() {
        List<String> problems = new ArrayList<>();
        for (Place place : places) {
            try {
                // a cluster has no other database to begin with
                StatefulRedisConnection<byte[], byte[]> connection =
                        reached(place, 0, uri -> client.connect(ByteArrayCodec.INSTANCE, uri));
                try {
                    return told(connection, "cluster", "cluster_enabled").equals("1");
                } catch (RedisException e) {
                    problems.add(unreachable("Redis server", place, e));
                } finally {
                    connection.close();
                }
            } catch (RedisStoreException e) {
                problems.add(String.valueOf(e.getMessage()));
            }
        }
        throw new RedisStoreException(String.join(" ", problems));
    }

    // In a sentence for the operator; null if there is none.
    private @Nullable String problemWith(
            String name, boolean cluster, StatefulRedisConnection<byte[], byte[]> connection) {
        String version = told(connection, "server", "redis_version");
        Matcher major = Pattern.compile("^(\\d+)\\.").matcher(version);
        if (!major.find() || Integer.parseInt(major.group(1)) < MAJOR_MIN) {
            return "The Redis server at " + name + " has version " + version + ", but 7.0 or later is needed.";
        }
        if (told(connection, "server", "redis_mode").equals("sentinel")) {
            return "The server at " + name
                    + " is a sentinel. Set redis.sentinel to the name of the primary it watches.";
        }
        boolean isOfCluster = told(connection, "cluster", "cluster_enabled").equals("1");
        if (isOfCluster && !cluster) {
            return "The Redis server at " + name + " is part of a cluster, and others named with it are not.";
        }
        if (cluster && !isOfCluster) return "The Redis server at " + name + " is not part of the cluster.";

        String role = told(connection, "replication", "role");
        if (!role.equals("master")) {
            return "The Redis server at " + name + " is no primary, but a " + (role.equals("slave") ? "replica" : role)
                    + ".";
        }
        String policy = told(connection, "memory", "maxmemory_policy");
        if (policy.startsWith("allkeys")) {
            return "The Redis server at " + name + " may remove any key when its memory is full, and messages with it."
                    + " Set its maxmemory-policy to noeviction; it is " + policy + ".";
        }
        return null;
    }

    /** Which start of a server is at the other end. */
    static String run(StatefulRedisConnection<byte[], byte[]> connection) {
        return told(connection, "server", "run_id");
    }

    private static String told(StatefulRedisConnection<byte[], byte[]> connection, String section, String field) {
        Matcher line = LINE.matcher(connection.sync().info(section));
        while (line.find()) {
            if (line.group(1).equals(field)) return line.group(2);
        }
        return "";
    }

    @Override
    public void close() {
        client.shutdown(0, END_SECONDS_MAX, TimeUnit.SECONDS);
        resources.shutdown(0, END_SECONDS_MAX, TimeUnit.SECONDS); // its threads end by themselves
    }
}
