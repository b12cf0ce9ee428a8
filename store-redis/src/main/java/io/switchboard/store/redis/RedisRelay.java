package io.switchboard.store.redis;

import io.switchboard.core.channel.ChannelName;
import io.switchboard.core.relay.Relay;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Hears the calls of followed channels. */
final class RedisRelay implements Relay, Subscriptions.Listener {
    private final Keys keys;
    private final CallDelay delay;
    private final Subscriptions subscriptions;
    private final AtomicLong garbled = new AtomicLong();
    private volatile @Nullable Hearer hearer;

    RedisRelay(Dial dial, Link link, Keys keys, CallDelay delay) {
        this.keys = keys;
        this.delay = delay;
        this.subscriptions = new Subscriptions(dial, link, this);
        delay.expect(subscriptions::isWanted);
    }

    @Override
    public boolean isShared() {
        return true;
    }

    @Override
    public void start(Hearer listener) {
        if (hearer != null) throw new IllegalStateException("started already");
        hearer = listener;
    }

    @Override
    public void follow(ChannelName name) {
        subscriptions.want(Keys.text(keys.channel(name)));
    }

    @Override
    public void unfollow(ChannelName name) {
        subscriptions.unwant(Keys.text(keys.channel(name)));
    }

    /** How many calls could not be read. */
    long garbled() {
        return garbled.get();
    }

    @Override
    public void heard(String channel, byte[] message) {
        Hearer told = hearer;
        if (told == null) return;
        Call call;
        try {
            call = Call.of(message);
        } catch (IllegalArgumentException e) {
            garbled.incrementAndGet();
            call = new Call.Changed();
        }
        ChannelName name = keys.nameIn(channel);
        switch (call) {
            case Call.Committed committed -> {
                delay.heard(channel);
                told.called(name, committed.id(), committed.block(), committed.tail());
            }
            case Call.Changed changed -> told.changed(name);
        }
    }

    @Override
    public void listening(String channel) {
        Hearer told = hearer;
        if (told != null) told.changed(keys.nameIn(channel));
    }

    @Override
    public void close() {
        subscriptions.close();
    }
}
