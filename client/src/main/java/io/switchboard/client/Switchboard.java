package io.switchboard.client;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A client of a Switchboard server: reads channels from where you say, each message once and in order, over whatever
 * transport gets through, and publishes so that a retry is never a second message. One is enough for an application. Its
 * threads are daemons, so it does not keep a program alive. Any thread.
 */
public final class Switchboard implements AutoCloseable {
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(15);
    private static final int SEGMENTS_MAX = 16;
    private static final Pattern SEGMENT = Pattern.compile("[A-Za-z0-9\\-_.:@=,~+]{1,128}");

    private final Options options;
    private final Executor callers;
    private final Loop loop;
    private final Http http;
    private final Engine engine;
    private final Publishing publishing;
    private final Questions questions;
    private final CatchingUp catchingUp;
    private final AtomicBoolean closed = new AtomicBoolean();
    private final AtomicReference<Status> untold = new AtomicReference<>(); // of which the application is not told yet
    private volatile Status status =
            new Status(State.CONNECTING, Optional.empty(), "", 0, OptionalLong.empty(), Instant.now());

    private Switchboard(URI server, Options options, int speed) {
        this.options = options;
        SecureRandom random = new SecureRandom();
        callers = options.executor().orElseGet(Callers::start);
        loop = new Loop(options.onError(), speed);
        HttpClient client = options.httpClient().orElseGet(() -> HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(CONNECT_TIMEOUT)
                .build());
        http = new Http(client, server, loop);
        Tokens tokens = new Tokens(options, loop, callers, random::nextDouble, this::unauthorized);
        List<Transport> transports = options.transports().stream().sorted().toList();
        engine = new Engine(
                loop,
                (transport, owner, token) -> link(http, transport, owner, token),
                tokens,
                random::nextDouble,
                transports,
                this::tell);
        publishing = new Publishing(loop, callers, http, tokens, engine::line, random::nextDouble, options);
        catchingUp = new CatchingUp(loop, http, tokens, random::nextDouble);
        questions = new Questions(loop, callers, http, tokens, random::nextDouble, options.publishTimeoutMillis());
    }

    /** @param server such as {@code http://127.0.0.1:8080} */
    public static Switchboard connect(URI server) {
        return connect(server, Options.defaults());
    }

    /**
     * A client. Returns at once; it connects when something is subscribed, or published.
     *
     * @param server such as {@code https://live.example.com}, with a path if the server is behind one
     */
    public static Switchboard connect(URI server, Options options) {
        return connect(server, options, 1);
    }

    /** @param speed that of the loop's time */
    static Switchboard connect(URI server, Options options, int speed) {
        String scheme = server.getScheme() == null ? "" : server.getScheme().toLowerCase(Locale.ROOT);
        boolean known = scheme.equals("http") || scheme.equals("https");
        if (!known || server.getHost() == null || server.getRawQuery() != null || server.getRawFragment() != null) {
            throw new IllegalArgumentException("not the address of a server, such as http://127.0.0.1:8080");
        }
        String text = server.toString();
        while (text.endsWith("/")) text = text.substring(0, text.length() - 1);
        return new Switchboard(URI.create(text), options, speed);
    }

    private Link link(Http http, Transport transport, Link.Owner owner, String token) {
        return switch (transport) {
            case WEBSOCKET -> new LineLink(http, loop, owner, token, options.heartbeatMillis());
            case SSE -> new EventStreamLink(http, loop, owner, token, options.heartbeatMillis());
            case LONG_POLL -> new PollLink(http, loop, owner, token, options, true);
            case POLLING -> new PollLink(http, loop, owner, token, options, false);
        };
    }

    /**
     * A channel of the server, which need not be there yet.
     *
     * @param name 1 to 16 segments joined by slashes, each of letters, digits and {@code -_.:@=,~+}
     */
    public Channel channel(String name) {
        String[] segments = name.split("/", -1);
        boolean good = segments.length <= SEGMENTS_MAX && !segments[0].equals("__ds");
        for (String segment : segments) {
            good &= SEGMENT.matcher(segment).matches() && !segment.equals(".") && !segment.equals("..");
        }
        if (!good) throw new IllegalArgumentException("not the name of a channel: " + name);
        return new Channel(this, name, Optional.empty());
    }

    /** How it is doing now. */
    public Status status() {
        return status;
    }

    /** For programs that know: the machine has another network. What did not work before is tried again at once. */
    public void networkChanged() {
        loop.execute(engine::networkChanged);
    }

    /** Ends all subscriptions; questions and publications that are under way fail, those that were sent with an unknown outcome. */
    @Override
    public void close() {
        if (closed.getAndSet(true)) return;
        SwitchboardException why = SwitchboardException.clientClosed();
        loop.execute(() -> {
            publishing.close(why);
            questions.close(why);
            engine.close(why);
            loop.end();
        });
    }

    private void unauthorized(SwitchboardException why) {
        call(() -> options.onUnauthorized().accept(why));
        publishing.close(why);
        questions.close(why);
        engine.close(why);
    }

    Subscription subscribe(String channel, Subscribing how, Inbox.Receiver receiver, long demand) {
        Subscription made = prepare(channel, how, receiver, demand);
        begin(made);
        return made;
    }

    /** A subscription that does not read yet. */
    Subscription prepare(String channel, Subscribing how, Inbox.Receiver receiver, long demand) {
        Reading reading = new Reading(loop, channel, how, catchingUp);
        Inbox inbox = new Inbox(
                how.from(), callers, receiver, demand, () -> loop.execute(reading::resume), options.onError());
        reading.deliverTo(inbox);
        return new Subscription(loop, reading, inbox);
    }

    void begin(Subscription made) {
        if (closed.get()) made.refuse(SwitchboardException.clientClosed());
        else loop.execute(() -> engine.add(made.reading()));
    }

    CompletableFuture<Published> publish(Publishing.Key to, byte[] payload, int messages) {
        if (closed.get()) return CompletableFuture.failedFuture(SwitchboardException.clientClosed());
        return publishing.publish(to, payload, messages);
    }

    /** @param request made of one for this target */
    CompletableFuture<Answer> ask(String target, Consumer<HttpRequest.Builder> request, boolean patient) {
        if (closed.get()) return CompletableFuture.failedFuture(SwitchboardException.clientClosed());
        return questions.ask(
                token -> {
                    HttpRequest.Builder builder = http.request(target, token);
                    request.accept(builder);
                    return builder.build();
                },
                patient);
    }

    // On the loop; the application is told elsewhere, of the newest.
    private void tell(Status newest) {
        status = newest;
        if (untold.getAndSet(newest) == null) call(this::tellNewest);
    }

    private void tellNewest() {
        @Nullable Status newest = untold.getAndSet(null);
        if (newest != null) options.onStatus().accept(newest);
    }

    private void call(Runnable told) {
        try {
            callers.execute(() -> {
                try {
                    told.run();
                } catch (RuntimeException thrown) {
                    options.onError().accept(thrown);
                }
            });
        } catch (RejectedExecutionException gone) {
            untold.set(null); // the application has taken its threads away: there is nobody to tell
        }
    }
}
