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
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Makes connections to the primary, and refuses a server that cannot keep channels. A connection never comes back by
 * itself: whoever has it asks for another one, and so nothing is sent twice. Blocks; any thread.
 */
final class Dial implements AutoCloseable {
    private static final int MAJOR_MIN = 7;
    private static final int IO_THREADS = 2;
    private static final long END_SECONDS_MAX = 5;
    private static final Pattern LINE = Pattern.compile("(?m)^([a-z_]+):([^\r\n]*)");

    private final RedisSettings settings;
    private final ClientResources resources;
    private final RedisClient client;
    private final List<RedisURI> uris = new ArrayList<>();

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
        for (String text : settings.uris()) uris.add(uri(URI.create(text)));
    }

    private RedisURI uri(URI uri) {
        RedisURI.Builder builder = RedisURI.builder()
                .withHost(uri.getHost())
                .withPort(uri.getPort() < 0 ? RedisURI.DEFAULT_REDIS_PORT : uri.getPort())
                .withSsl("rediss".equals(uri.getScheme()))
                .withClientName("switchboard")
                .withTimeout(settings.commandTimeout());
        if (uri.getPath().length() > 1) {
            builder.withDatabase(Integer.parseInt(uri.getPath().substring(1)));
        }
        String password = settings.password();
        if (password != null && settings.user() != null) {
            builder.withAuthentication(settings.user(), password.toCharArray());
        } else if (password != null) {
            builder.withPassword(password.toCharArray());
        }
        return builder.build();
    }

    /** @throws RedisStoreException if there is no server that can be used, for now */
    StatefulRedisConnection<byte[], byte[]> connect() {
        return first(uri -> client.connect(ByteArrayCodec.INSTANCE, uri));
    }

    /**
     * Another one to the same server: a second primary would not know what the first is told.
     *
     * @throws RedisStoreException likewise
     */
    StatefulRedisConnection<byte[], byte[]> connectAlike(StatefulRedisConnection<byte[], byte[]> first) {
        StatefulRedisConnection<byte[], byte[]> second = connect();
        if (told(second, "server", "run_id").equals(told(first, "server", "run_id"))) return second;
        second.closeAsync();
        throw new RedisStoreException("Another Redis server has become the primary just now.");
    }

    /**
     * One that hears calls.
     *
     * @throws RedisStoreException likewise
     */
    StatefulRedisPubSubConnection<byte[], byte[]> connectForCalls() {
        return first(uri -> client.connectPubSub(ByteArrayCodec.INSTANCE, uri));
    }

    private interface Way<C> {
        C connect(RedisURI uri);
    }

    // Of several servers, the one that is the primary: which of them that is, they have made out among themselves.
    // Where
    // two say so, nodes might choose differently, and what some of them are told would be lost.
    private <C extends StatefulRedisConnection<byte[], byte[]>> C first(Way<C> way) {
        List<String> problems = new ArrayList<>();
        RedisException cause = null;
        C chosen = null;
        for (int i = 0; i < uris.size(); i++) {
            String name = settings.uris().get(i);
            C connection = null;
            try {
                connection = way.connect(uris.get(i));
                String problem = problemWith(name, connection);
                if (problem == null && chosen != null) {
                    connection.closeAsync();
                    chosen.closeAsync();
                    throw new RedisStoreException(
                            "The Redis server at " + name + " and another one both take themselves"
                                    + " for the primary. Make one of them a replica of the other.");
                }
                if (problem == null) {
                    chosen = connection;
                    continue;
                }
                problems.add(problem);
            } catch (RedisException e) {
                problems.add(unreachable(name, e));
                cause = e;
            }
            if (connection != null) connection.closeAsync();
        }
        if (chosen == null) throw new RedisStoreException(String.join(" ", problems), cause);
        return chosen;
    }

    private static String unreachable(String name, RedisException e) {
        Throwable cause = e;
        while (cause.getCause() != null) cause = cause.getCause();
        String told = String.valueOf(cause.getMessage());
        if (told.startsWith("NOAUTH") || told.startsWith("WRONGPASS") || told.startsWith("NOPERM")) {
            return "The Redis server at " + name + " refuses this user or password: " + told + ".";
        }
        if (cause instanceof GeneralSecurityException) {
            return "The Redis server at " + name + " has a certificate that is not trusted: " + told + ".";
        }
        return "The Redis server at " + name + " cannot be reached: " + told + ".";
    }

    // In a sentence for the operator; null if there is none.
    private static @Nullable String problemWith(String name, StatefulRedisConnection<byte[], byte[]> connection) {
        String version = told(connection, "server", "redis_version");
        Matcher major = Pattern.compile("^(\\d+)\\.").matcher(version);
        if (!major.find() || Integer.parseInt(major.group(1)) < MAJOR_MIN) {
            return "The Redis server at " + name + " has version " + version + ", but 7.0 or later is needed.";
        }
        if (told(connection, "cluster", "cluster_enabled").equals("1")) {
            return "The Redis server at " + name + " is part of a cluster, which cannot be used yet.";
        }
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
