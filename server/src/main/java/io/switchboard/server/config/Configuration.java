package io.switchboard.server.config;

import io.switchboard.core.channel.ChannelPolicy;
import io.switchboard.core.channel.Policies;
import io.switchboard.core.channel.Retention;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Puts the four sources together: a flag wins over a variable, a variable over the file, the file over the
 * default. All mistakes are reported at once, those in values that another source overrides too.
 */
public final class Configuration {
    /** Variables that begin like ours, but are read by the launcher or the command line. */
    public static final Set<String> OTHER_VARIABLES = Set.of(
            "SWITCHBOARD_CONFIG",
            "SWITCHBOARD_JAVA_HOME",
            "SWITCHBOARD_JAVA_OPTIONS",
            "SWITCHBOARD_SERVER",
            "SWITCHBOARD_TOKEN");

    /** What came of it. */
    public sealed interface Loaded {
        /** @param effective one a key, in the order of {@link Keys#ALL} */
        record Good(Settings settings, List<Effective> effective) implements Loaded {}

        /** @param problems at least one */
        record Bad(List<Problem> problems) implements Loaded {}
    }

    /**
     * What holds for a key.
     *
     * @param place the source it comes from: {@code default}, {@code file:line}, a variable or a flag
     */
    public record Effective(Key<?> key, String text, String place) {}

    private final List<Problem> problems = new ArrayList<>();
    private final Map<String, Given> chosen = new HashMap<>();

    private Configuration() {}

    /**
     * @param file empty for none
     * @param environment all variables; those without our prefix are ignored
     * @param flags by flag, dashes included
     */
    public static Loaded load(Optional<Path> file, Map<String, String> environment, Map<String, String> flags) {
        Configuration configuration = new Configuration();
        Optional<ConfigurationFile> read = file.map(ConfigurationFile::read);
        read.ifPresent(found -> configuration.chosen.putAll(found.values()));
        configuration.takeVariables(environment);
        configuration.takeNamed(flags, byFlag());
        return configuration.build(read);
    }

    /** The defaults and what is given, by key. */
    static Loaded of(Map<String, String> valuesByKey) {
        Configuration configuration = new Configuration();
        Map<String, Key<?>> byName = new LinkedHashMap<>();
        for (Key<?> key : Keys.ALL) byName.put(key.name(), key);
        configuration.takeNamed(valuesByKey, byName);
        return configuration.build(Optional.empty());
    }

    /** The problem with a value, if it is not allowed. */
    static Optional<Problem> check(Key<?> key, String name, Given given) {
        if (key.kind().parse(given.text()).isPresent()) return Optional.empty();
        String fault = given.text().isEmpty() ? "has no value" : "\"" + shortened(given.text()) + "\" is not allowed";
        return Optional.of(new Problem(given.place(), name + ": " + fault + "; allowed: " + key.range() + "."));
    }

    private static String shortened(String text) {
        return text.length() <= 60 ? text : text.substring(0, 60) + "…";
    }

    private static Map<String, Key<?>> byFlag() {
        Map<String, Key<?>> keys = new LinkedHashMap<>();
        for (Key<?> key : Keys.ALL) keys.put(key.flag(), key);
        return keys;
    }

    private void takeVariables(Map<String, String> environment) {
        Map<String, Key<?>> byVariable = new LinkedHashMap<>();
        for (Key<?> key : Keys.ALL) byVariable.put(key.variable(), key);
        Map<String, String> ours = new TreeMap<>();
        environment.forEach((variable, text) -> {
            if (variable.startsWith(Key.VARIABLE_PREFIX) && !OTHER_VARIABLES.contains(variable)) {
                ours.put(variable, text);
            }
        });
        takeNamed(ours, byVariable);
    }

    private void takeNamed(Map<String, String> texts, Map<String, Key<?>> keys) {
        Map<String, Given> values = new LinkedHashMap<>();
        texts.forEach((name, text) -> {
            Key<?> key = keys.get(name);
            if (key == null) {
                problems.add(new Problem(name, "There is no such setting." + Suggestion.near(name, keys.keySet())));
            } else {
                Given given = new Given(text, name);
                check(key, key.name(), given).ifPresent(problems::add);
                values.put(key.name(), given);
            }
        });
        chosen.putAll(values);
    }

    private Loaded build(Optional<ConfigurationFile> file) {
        ChannelPolicy defaults = new ChannelPolicy(
                valid(Keys.DEFAULTS_DURABILITY),
                new Retention(
                        valid(Keys.DEFAULTS_RETENTION_MESSAGES),
                        valid(Keys.DEFAULTS_RETENTION_BYTES),
                        valid(Keys.DEFAULTS_RETENTION_AGE)),
                valid(Keys.DEFAULTS_CREATION));
        Policies policies =
                new Policies(file.map(found -> found.rules(defaults)).orElse(List.of()), defaults);
        List<Route> routes = file.map(ConfigurationFile::routes).orElse(List.of());
        file.ifPresent(found -> problems.addAll(0, found.problems()));
        if (valid(Keys.LIMITS_MESSAGE_BYTES) > valid(Keys.LIMITS_BODY_BYTES_IN_FLIGHT)) {
            problems.add(new Problem(
                    effective(Keys.LIMITS_BODY_BYTES_IN_FLIGHT).place(),
                    "limits.bodyBytesInFlight: \""
                            + effective(Keys.LIMITS_BODY_BYTES_IN_FLIGHT).text()
                            + "\" is not allowed; it has to be at least limits.messageBytes, or the largest body"
                            + " never fits."));
        }
        checkAuth();
        pair(Keys.TLS_CERTIFICATE, Keys.TLS_KEY);
        pair(Keys.TLS_KEY, Keys.TLS_CERTIFICATE);
        if (valid(Keys.PROXY_PROTOCOL) == Switch.ON
                && valid(Keys.PROXY_TRUSTED).all().isEmpty()) {
            problems.add(new Problem(
                    effective(Keys.PROXY_PROTOCOL).place(),
                    "proxy.protocol: \"on\" needs the addresses of the proxies in proxy.trusted."));
        }
        if (!problems.isEmpty()) return new Loaded.Bad(List.copyOf(problems));
        List<Effective> effective = new ArrayList<>();
        for (Key<?> key : Keys.ALL) effective.add(effective(key));
        return new Loaded.Good(settings(policies, routes), List.copyOf(effective));
    }

    private void pair(Key<Optional<Path>> given, Key<Optional<Path>> other) {
        if (valid(given).isEmpty() || valid(other).isPresent()) return;
        problems.add(new Problem(
                effective(given).place(),
                given.name() + ": a certificate and its key go together; set " + other.name() + "."));
    }

    private Settings settings(Policies policies, List<Route> routes) {
        return new Settings(
                valid(Keys.HOST),
                valid(Keys.PORT),
                valid(Keys.DATA),
                valid(Keys.STORE),
                redis(),
                valid(Keys.THREADS),
                policies,
                routes,
                valid(Keys.HTTP2),
                valid(Keys.HTTP3),
                valid(Keys.TLS_CERTIFICATE)
                        .flatMap(certificate -> valid(Keys.TLS_KEY).map(key -> new Tls(certificate, key))),
                new Proxy(valid(Keys.PROXY_TRUSTED), valid(Keys.PROXY_PROTOCOL)),
                limits(),
                new Timeouts(valid(Keys.TIMEOUTS_HEADER), valid(Keys.TIMEOUTS_BODY), valid(Keys.TIMEOUTS_IDLE)),
                new Live(
                        valid(Keys.LIVE_LONG_POLL_TIMEOUT),
                        valid(Keys.LIVE_SSE_MAX_AGE),
                        valid(Keys.LIVE_HEARTBEAT),
                        valid(Keys.LIVE_STALLED_MAX),
                        valid(Keys.LIVE_COMPRESSION),
                        valid(Keys.LIVE_PRESENCE_GRACE)),
                valid(Keys.DRAIN),
                auth(),
                new Observing(valid(Keys.ADMIN_HOST), valid(Keys.ADMIN_PORT), valid(Keys.ACCESS_LOG), valid(Keys.LAB)),
                valid(Keys.CORS_ORIGINS),
                valid(Keys.CACHE_TAIL_BYTES));
    }

    private void checkAuth() {
        boolean file = valid(Keys.AUTH_KEYS).isPresent();
        boolean url = valid(Keys.AUTH_JWKS).isPresent();
        String host = valid(Keys.HOST);
        if (file && url) {
            problems.add(new Problem(
                    effective(Keys.AUTH_JWKS).place(),
                    "auth.jwks: There is auth.keys too ("
                            + effective(Keys.AUTH_KEYS).place()
                            + "); keys come from one of them, so leave out the other."));
        }
        if (!file && !url && valid(Keys.AUTH_OPEN) == Auth.Open.LOOPBACK && !Loopback.is(host)) {
            problems.add(new Problem(
                    effective(Keys.HOST).place(),
                    "host: \"" + host + "\" can be reached from the network, where anybody could do everything: no auth"
                            + " is configured. Set auth.keys or auth.jwks so that tokens are asked for, or write"
                            + " auth.open: network if that is what you want."));
        }
    }

    private Redis redis() {
        return new Redis(
                valid(Keys.REDIS_URLS),
                valid(Keys.REDIS_SENTINEL),
                valid(Keys.REDIS_USER),
                valid(Keys.REDIS_PASSWORD_FILE),
                valid(Keys.REDIS_SECRET_FILE),
                valid(Keys.REDIS_TRUSTED),
                valid(Keys.REDIS_PREFIX),
                valid(Keys.REDIS_TIMEOUT),
                valid(Keys.REDIS_REPLICAS));
    }

    private Auth auth() {
        return new Auth(
                valid(Keys.AUTH_KEYS),
                valid(Keys.AUTH_JWKS),
                valid(Keys.AUTH_JWKS_REFRESH),
                valid(Keys.AUTH_ISSUER),
                valid(Keys.AUTH_AUDIENCE),
                valid(Keys.AUTH_CLOCK_SKEW),
                valid(Keys.AUTH_TOKEN_LIFE_MAX),
                valid(Keys.AUTH_FIRST_MESSAGE),
                valid(Keys.AUTH_OPEN));
    }

    private Limits limits() {
        return new Limits(
                valid(Keys.LIMITS_CONNECTIONS),
                valid(Keys.LIMITS_CONNECTIONS_PER_ADDRESS),
                valid(Keys.LIMITS_STREAMS_PER_CONNECTION),
                valid(Keys.LIMITS_REQUEST_LINE_BYTES),
                valid(Keys.LIMITS_HEADERS),
                valid(Keys.LIMITS_HEADER_BYTES),
                valid(Keys.LIMITS_MESSAGE_BYTES),
                valid(Keys.LIMITS_READ_BYTES),
                valid(Keys.LIMITS_BODY_BYTES_IN_FLIGHT),
                valid(Keys.LIMITS_APPENDS_IN_FLIGHT),
                valid(Keys.LIMITS_APPENDS_PER_SECOND_PER_CHANNEL),
                valid(Keys.LIMITS_APPENDS_PER_SECOND_PER_SUBJECT),
                valid(Keys.LIMITS_LIVE_CHANNELS),
                valid(Keys.LIMITS_SUBSCRIPTIONS),
                valid(Keys.LIMITS_PRODUCERS_PER_CHANNEL));
    }

    private Effective effective(Key<?> key) {
        Given given = chosen.getOrDefault(key.name(), new Given(key.byDefault(), "default"));
        return new Effective(key, given.text(), given.place());
    }

    /** The value that holds; the default where a problem has been noted, so that later checks can go on. */
    private <T> T valid(Key<T> key) {
        return key.kind()
                .parse(effective(key).text())
                .or(() -> key.kind().parse(key.byDefault()))
                .orElseThrow();
    }
}
