package io.switchboard.client;

import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;

/** A channel of a server, to read and to publish to. Any thread. */
public final class Channel {
    private final Switchboard client;
    private final String name;

    Channel(Switchboard client, String name) {
        this.client = client;
        this.name = name;
    }

    public String name() {
        return name;
    }

    /**
     * Reads every message from there on.
     *
     * @param from an offset, {@code -1} for the earliest message that is retained, or {@code now}
     */
    public Subscription subscribe(String from, Listener listener) {
        return subscribe(Subscribing.from(from), listener);
    }

    /** A client has one subscription a channel: a second one ends at once, refused with {@code conflict}. */
    public Subscription subscribe(Subscribing how, Listener listener) {
        return client.subscribe(name, how, new Listening(listener), Long.MAX_VALUE);
    }

    /**
     * The messages from there on, as many as are asked for. When demand has run out and {@value Inbox#MESSAGES_MAX} more
     * wait, reading pauses; with new demand it goes on from the offset where it stopped. Completes when the channel is
     * closed or deleted. Each subscriber is a subscription of its own, and a client has one a channel: a second subscriber
     * gets an error with {@code conflict} while the first is there.
     *
     * @param from as {@link #subscribe} has it
     */
    public Flow.Publisher<Message> messages(String from) {
        Subscribing how = Subscribing.from(from);
        return subscriber -> MessageFlow.begin(client, name, how, subscriber);
    }

    /**
     * Appends one message to a JSON channel.
     *
     * @param json one JSON value; an array is one message
     * @return what came of it; cancelling changes nothing. Fails with a {@link SwitchboardException}
     * @throws IllegalArgumentException if it is no JSON value
     */
    public CompletableFuture<Published> publish(String json) {
        try {
            Json.check(json);
        } catch (Json.Malformed malformed) {
            throw new IllegalArgumentException("not a JSON value, " + malformed.getMessage(), malformed);
        }
        return client.publish(name, Publishing.Kind.JSON, json.getBytes(StandardCharsets.UTF_8));
    }

    /** Appends one message, not empty, to a text channel. */
    public CompletableFuture<Published> publishText(String text) {
        return client.publish(name, Publishing.Kind.TEXT, notEmpty(text.getBytes(StandardCharsets.UTF_8)));
    }

    /** Appends one message, not empty, to a channel that is neither JSON nor text. */
    public CompletableFuture<Published> publishBytes(byte[] bytes) {
        return client.publish(name, Publishing.Kind.BYTES, notEmpty(bytes.clone()));
    }

    private static byte[] notEmpty(byte[] payload) {
        if (payload.length == 0) throw new IllegalArgumentException("a message is not empty");
        return payload;
    }
}
