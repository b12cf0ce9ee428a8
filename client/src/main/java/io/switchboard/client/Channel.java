package io.switchboard.client;

import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.function.Consumer;

/** A channel of a server, to read and to publish to. Any thread. */
public final class Channel {
    static final int TOGETHER_MAX = 1_000;

    private static final int PAGE_MESSAGES_MAX = 10_000;
    private static final int OK = 200;
    private static final int CREATED = 201;
    private static final int NO_CONTENT = 204;

    private final Switchboard client;
    private final String name;
    private final Optional<String> contentType;

    Channel(Switchboard client, String name, Optional<String> contentType) {
        this.client = client;
        this.name = name;
        this.contentType = contentType;
    }

    public String name() {
        return name;
    }

    /**
     * The same channel, to which is published with this content type, such as {@code text/markdown}: that of a channel
     * which its first message creates. Without it a text goes to text channels of any type, and bytes to binary ones.
     *
     * @throws IllegalArgumentException if no request can carry it
     */
    public Channel as(String type) {
        return new Channel(client, name, Optional.of(checkedType(type)));
    }

    private static String checkedType(String type) {
        HttpRequest.newBuilder().header("Content-Type", type); // which throws what a field cannot carry
        return type;
    }

    /**
     * Reads every message from there on.
     *
     * @param from an offset, {@code -1} for the earliest message that is retained, or {@code now}
     */
    public Subscription subscribe(String from, Listener listener) {
        return subscribe(Subscribing.from(from), listener);
    }

    /** Reads it in this way. A channel may be subscribed to many times; each subscription gets what it asked for. */
    public Subscription subscribe(Subscribing how, Listener listener) {
        return client.subscribe(name, how, new Listening(listener), Long.MAX_VALUE);
    }

    /**
     * The messages from there on, as many as are asked for. When demand has run out and {@value Inbox#MESSAGES_MAX} more
     * wait, reading pauses; with new demand it goes on from the offset where it stopped. Completes when the channel is
     * closed or deleted, and fails with {@link SwitchboardException#GAP} if messages are missing right before that. Each subscriber is a subscription of its own, with a demand of its own.
     *
     * @param from as {@link #subscribe} has it
     */
    public Flow.Publisher<Message> messages(String from) {
        Subscribing how = Subscribing.from(from);
        return subscriber -> MessageFlow.begin(client, name, how, subscriber);
    }

    /** What there is of it now. Fails with {@code not_found} if there is none. */
    public CompletableFuture<About> about() {
        return ask("", request -> request.method("HEAD", HttpRequest.BodyPublishers.noBody()), false)
                .thenApply(answer -> new About(answer.header("Content-Type"), answer.offset(OK), answer.isClosed()));
    }

    /**
     * What the server advises its readers to read it by, from what it has observed (docs/advice.md); all transports
     * where it has no advice, or does not answer. It fails only if the client is closed.
     */
    public CompletableFuture<Advised> advised() {
        return client.ask("/v1/advice?channel=" + Http.parameter(name), request -> {}, false)
                .exceptionally(Channel::unlessClosed)
                .thenApply(Advised::of);
    }

    private static Answer unlessClosed(Throwable why) {
        if (why instanceof SwitchboardException told && told.code().equals(SwitchboardException.CLIENT_CLOSED)) {
            throw told;
        }
        return Answer.none("");
    }

    /**
     * Reads once, as much as the server gives at a time.
     *
     * @param from as {@link #subscribe} has it. Fails with {@code gone} if what follows is; {@code earliest} or
     *     {@code resume} among its details is where to go on
     */
    public CompletableFuture<Page> read(String from) {
        return page("?offset=" + Http.parameter(Subscribing.from(from).from()));
    }

    /** Reads the newest messages once: at most so many, 1 to 10,000, fewer if that is too much for one answer. */
    public CompletableFuture<Page> newest(int messages) {
        return page("?last=" + count(messages));
    }

    /**
     * Reads the messages right before a place once: at most so many, 1 to 10,000.
     *
     * @param offset {@link Page#previous} of the page behind
     */
    public CompletableFuture<Page> before(String offset, int messages) {
        return page("?before=" + Http.parameter(Subscribing.from(offset).from()) + "&limit=" + count(messages));
    }

    private static int count(int messages) {
        if (messages < 1 || messages > PAGE_MESSAGES_MAX) {
            throw new IllegalArgumentException("not 1 to " + PAGE_MESSAGES_MAX + " messages: " + messages);
        }
        return messages;
    }

    private CompletableFuture<Page> page(String query) {
        return ask(query + "&as=envelopes", request -> {}, false).thenApply(answer -> answer.page(OK));
    }

    /**
     * Creates it if it is not there. Returns whether it was not; fails with {@code conflict} if there is another one.
     *
     * @param type such as {@code application/json}
     * @throws IllegalArgumentException if no request can carry it
     */
    public CompletableFuture<Boolean> create(String type) {
        checkedType(type);
        return ask("", request -> request.header("Content-Type", type).PUT(HttpRequest.BodyPublishers.noBody()), false)
                .thenApply(answer -> {
                    answer.offset(OK, CREATED);
                    return answer.status() == CREATED;
                });
    }

    /**
     * Closes it for good: it takes no more messages, and whoever reads it comes to an end. Wait for what was published
     * before.
     *
     * @return the offset behind its last message
     */
    public CompletableFuture<String> closeChannel() {
        return ask(
                        "",
                        request -> request.header("Stream-Closed", "true").POST(HttpRequest.BodyPublishers.noBody()),
                        true)
                .thenApply(answer -> answer.offset(OK, NO_CONTENT));
    }

    private CompletableFuture<Answer> ask(String query, Consumer<HttpRequest.Builder> request, boolean patient) {
        return client.ask(Http.path(name) + query, request, patient);
    }

    /**
     * Appends one message to a JSON channel.
     *
     * @param json one JSON value; an array is one message
     * @return what came of it; cancelling changes nothing. Fails with a {@link SwitchboardException}
     * @throws IllegalArgumentException if it is no JSON value
     */
    public CompletableFuture<Published> publish(String json) {
        return publish(Publishing.Kind.JSON, checked(json), 1);
    }

    /**
     * Appends messages that belong together to a JSON channel, in one step: all of them are stored, or none is.
     *
     * @param values at least one, at most {@value #TOGETHER_MAX}, each as {@link #publish} has it; 8 MB of them are the
     *     most that can wait
     * @return what came of it; the offset is that behind the last
     */
    public CompletableFuture<Published> publishAll(List<String> values) {
        if (values.isEmpty() || values.size() > TOGETHER_MAX) {
            throw new IllegalArgumentException("not 1 to " + TOGETHER_MAX + " messages: " + values.size());
        }
        List<byte[]> payloads = values.stream().map(Channel::checked).toList();
        return publish(Publishing.Kind.JSON, Publishing.joined(payloads), payloads.size());
    }

    private static byte[] checked(String json) {
        try {
            Json.check(json);
        } catch (Json.Malformed malformed) {
            throw new IllegalArgumentException("not a JSON value, " + malformed.getMessage(), malformed);
        }
        return json.getBytes(StandardCharsets.UTF_8);
    }

    /** Appends one message, not empty, to a text channel. */
    public CompletableFuture<Published> publishText(String text) {
        return publish(Publishing.Kind.TEXT, notEmpty(text.getBytes(StandardCharsets.UTF_8)), 1);
    }

    /** Appends one message, not empty, to a channel that is neither JSON nor text. */
    public CompletableFuture<Published> publishBytes(byte[] bytes) {
        return publish(Publishing.Kind.BYTES, notEmpty(bytes.clone()), 1);
    }

    private CompletableFuture<Published> publish(Publishing.Kind kind, byte[] payload, int messages) {
        return client.publish(new Publishing.Key(name, kind, contentType), payload, messages);
    }

    private static byte[] notEmpty(byte[] payload) {
        if (payload.length == 0) throw new IllegalArgumentException("a message is not empty");
        return payload;
    }
}
