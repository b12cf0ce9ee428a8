package io.switchboard.client;

import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/** A subscription as {@link Flow} has it: demand gates what the inbox gives. */
final class MessageFlow implements Inbox.Receiver, Flow.Subscription {
    private final Flow.Subscriber<? super Message> subscriber;
    private volatile @Nullable Subscription subscription;
    private volatile @Nullable RuntimeException misuse;
    private @Nullable Gap gap; // told with the next message, or as what the end fails with

    private MessageFlow(Flow.Subscriber<? super Message> subscriber) {
        this.subscriber = subscriber;
    }

    static void begin(
            Switchboard client, String channel, Subscribing how, Flow.Subscriber<? super Message> subscriber) {
        MessageFlow flow = new MessageFlow(subscriber);
        Subscription made = client.prepare(channel, how, flow, 0);
        flow.subscription = made;
        subscriber.onSubscribe(flow);
        client.begin(made);
    }

    @Override
    public void request(long n) {
        Subscription current = subscription;
        if (current == null) return;
        if (n <= 0) {
            misuse = new IllegalArgumentException("demand has to be above 0: " + n);
            current.close();
        } else {
            current.request(n);
        }
    }

    @Override
    public void cancel() {
        Subscription current = subscription;
        if (current != null) current.silence();
    }

    @Override
    public void message(Message message) {
        Gap missing = gap;
        gap = null;
        subscriber.onNext(missing == null ? message : message.behind(missing));
    }

    @Override
    public void gap(Gap missing) {
        gap = gap == null ? missing : new Gap(gap.from(), missing.to());
    }

    @Override
    public void state(State state) {}

    @Override
    public void presence(Presence presence) {}

    @Override
    public void end(End end) {
        RuntimeException own = misuse;
        if (own != null) subscriber.onError(own);
        else if (end.error().isPresent()) subscriber.onError(end.error().get());
        else if (end.kind() == End.Kind.CANCELLED) subscriber.onError(SwitchboardException.clientClosed());
        else if (gap != null) subscriber.onError(SwitchboardException.missing(gap));
        else subscriber.onComplete();
    }
}
