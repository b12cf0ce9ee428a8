package io.switchboard.security.keys;

import io.switchboard.core.time.Ticker;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keys from a URL. They are fetched at the start, at intervals, and when a token names one that is not known. An
 * outage leaves the keys from before, is logged once, and is tried again every {@value #RETRY_MILLIS} ms.
 *
 * <pre>
 *   tick, or an unknown kid ──► fetch (a thread of the executor) ──► ring, then all who wait are called
 *                  └── while it is under way: at most WAITING_MAX wait
 * </pre>
 */
public final class JwksKeys implements KeySource, AutoCloseable {
    /** How long after a fetch an unknown {@code kid} starts the next one at the earliest. */
    public static final long RETRY_MILLIS = 30_000;
    /** How soon a fetch that failed is repeated as long as there are no keys at all. */
    public static final long FIRST_RETRY_MILLIS = 2_000;
    /** Tokens that wait for a fetch; the next one is not waited for. */
    public static final int WAITING_MAX = 1_000;

    static final Duration FETCH_MAX = Duration.ofSeconds(10);

    private static final Logger LOG = LoggerFactory.getLogger(JwksKeys.class);

    private final URI url;
    private final long refreshMillis;
    private final Ticker ticker;
    private final Executor executor;
    private final Duration fetchMax;
    private final HttpClient client;
    private volatile @Nullable KeyRing ring;

    // Below: guarded by this, which nobody holds for longer than a few instructions.
    private final List<Runnable> waiting = new ArrayList<>();
    private boolean underWay;
    private boolean failing;
    private long nextFetchMillis;
    private long lastFetchMillis;

    /**
     * @param url see {@link #problemWith}
     * @param refresh how often to fetch while all is well
     * @param executor for a fetch, which blocks for up to 10 s; at most one is under way
     */
    public JwksKeys(URI url, Duration refresh, Ticker ticker, Executor executor) {
        this(url, refresh, ticker, executor, FETCH_MAX);
    }

    JwksKeys(URI url, Duration refresh, Ticker ticker, Executor executor, Duration fetchMax) {
        String problem = problemWith(url);
        if (problem != null) throw new IllegalArgumentException(problem);
        this.url = url;
        this.refreshMillis = refresh.toMillis();
        this.ticker = ticker;
        this.executor = executor;
        this.fetchMax = fetchMax;
        this.client = HttpClient.newBuilder()
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(fetchMax)
                .build();
        this.nextFetchMillis = Long.MIN_VALUE;
    }

    /** Why keys are not fetched from {@code url}, in a sentence; null if they are. */
    public static @Nullable String problemWith(URI url) {
        String scheme = url.getScheme() == null ? "" : url.getScheme().toLowerCase(Locale.ROOT);
        if (url.getHost() == null || !(scheme.equals("https") || scheme.equals("http"))) {
            return "Keys are fetched from a URL such as https://id.example.com/jwks.json.";
        }
        if (url.getUserInfo() != null || url.getFragment() != null) {
            return "The URL of keys has no user, password or fragment in it.";
        }
        if (scheme.equals("http") && !isLoopback(url.getHost())) {
            return "Keys are fetched over https; http is for this machine only, where nobody can change them on the way.";
        }
        return null;
    }

    private static boolean isLoopback(String host) {
        if (host.equalsIgnoreCase("localhost")) return true;
        try {
            return InetAddress.ofLiteral(host).isLoopbackAddress();
        } catch (IllegalArgumentException name) {
            return false;
        }
    }

    @Override
    public @Nullable KeyRing current() {
        return ring;
    }

    @Override
    public Look lookAgain(Runnable whenOver) {
        synchronized (this) {
            if (underWay) {
                if (waiting.size() >= WAITING_MAX) return Look.CROWDED;
                waiting.add(whenOver);
                return Look.UNDER_WAY;
            }
            long pause = ring == null ? FIRST_RETRY_MILLIS : RETRY_MILLIS;
            if (nextFetchMillis != Long.MIN_VALUE && ticker.nowMillis() - lastFetchMillis < pause) return Look.NOT_NOW;
            begin();
            waiting.add(whenOver);
        }
        executor.execute(this::fetch);
        return Look.UNDER_WAY;
    }

    @Override
    public void tick() {
        synchronized (this) {
            if (underWay || ticker.nowMillis() < nextFetchMillis) return;
            begin();
        }
        executor.execute(this::fetch);
    }

    // Holds the lock.
    private void begin() {
        underWay = true;
        lastFetchMillis = ticker.nowMillis();
    }

    private void fetch() {
        @Nullable KeyRing fetched = null;
        String fault = "It could not be asked.";
        try {
            fetched = KeyFormat.read(answer(), KeyFormat.Secrets.PASSED_OVER);
        } catch (KeyException unusable) {
            fault = unusable.sentence();
        } catch (RuntimeException unexpected) {
            LOG.error("Fetching keys for tokens went wrong", unexpected);
        } finally {
            over(fetched, fault);
        }
    }

    private void over(@Nullable KeyRing fetched, String fault) {
        List<Runnable> called;
        synchronized (this) {
            if (fetched != null) {
                if (failing) LOG.info("The keys for tokens could be fetched again from {}", url);
                ring = fetched;
            } else if (!failing) {
                LOG.warn(
                        "The keys for tokens could not be fetched from {}; {}. {}",
                        url,
                        ring == null
                                ? "nobody with a token gets in until they can be"
                                : "those from before go on counting",
                        fault);
            }
            failing = fetched == null;
            long pause = !failing
                    ? refreshMillis
                    : ring == null ? FIRST_RETRY_MILLIS : Math.min(refreshMillis, RETRY_MILLIS);
            nextFetchMillis = ticker.nowMillis() + pause;
            underWay = false;
            called = List.copyOf(waiting);
            waiting.clear();
        }
        for (Runnable whenOver : called) {
            try {
                whenOver.run();
            } catch (RuntimeException unexpected) {
                LOG.error("Whoever waited for keys could not go on", unexpected);
            }
        }
    }

    private byte[] answer() throws KeyException {
        HttpRequest request = HttpRequest.newBuilder(url)
                .header("Accept", "application/jwk-set+json, application/json")
                .timeout(fetchMax)
                .GET()
                .build();
        HttpResponse.BodyHandler<byte[]> bounded =
                HttpResponse.BodyHandlers.limiting(HttpResponse.BodyHandlers.ofByteArray(), KeyFormat.BYTES_MAX);
        // A body for anything but 200 is of no interest.
        CompletableFuture<HttpResponse<byte[]>> asked = client.sendAsync(
                request,
                info -> info.statusCode() == 200
                        ? bounded.apply(info)
                        : HttpResponse.BodySubscribers.replacing(new byte[0]));
        try {
            // For the whole answer: the request's own limit ends with its headers.
            HttpResponse<byte[]> answer = asked.get(fetchMax.toMillis(), TimeUnit.MILLISECONDS);
            if (answer.statusCode() == 200) return answer.body();
            throw new KeyException("It answered " + answer.statusCode() + " instead of 200"
                    + (answer.statusCode() / 100 == 3 ? "; redirects are not followed." : "."));
        } catch (TimeoutException slow) {
            asked.cancel(true);
            throw new KeyException("It took longer than " + fetchMax.toMillis() + " ms.", slow);
        } catch (ExecutionException failed) {
            throw new KeyException(
                    failed.getCause() instanceof IOException io
                                    && String.valueOf(io.getMessage()).contains("exceed")
                            ? "Its answer is larger than " + KeyFormat.BYTES_MAX + " bytes."
                            : "It cannot be reached, or does not answer in full.",
                    failed);
        } catch (InterruptedException ending) {
            Thread.currentThread().interrupt();
            throw new KeyException("The server is stopping.", ending);
        }
    }

    /** Ends a fetch that is under way. */
    @Override
    public void close() {
        client.shutdownNow();
    }
}
