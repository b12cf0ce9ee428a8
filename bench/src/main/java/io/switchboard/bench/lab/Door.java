package io.switchboard.bench.lab;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/**
 * One port of the relay, for the readers of one carrier: so that what is counted here is what this carrier costs. The
 * relay's loop.
 */
final class Door {
    /** Connections at once; one more is reset. A browser opens six. */
    static final int CONNECTIONS_MAX = 256;

    private final Carrier carrier;
    private final Bootstrap toServer;
    private final Supplier<Conditions> conditions;
    private final Tally tally = new Tally();
    private final Set<Passage> passages = new HashSet<>();
    private int connecting;

    /** @param toServer makes connections to the server, on the relay's loop */
    Door(Carrier carrier, Bootstrap toServer, Supplier<Conditions> conditions) {
        this.carrier = carrier;
        this.toServer = toServer;
        this.conditions = conditions;
    }

    Conditions conditions() {
        return conditions.get();
    }

    Tally tally() {
        return tally;
    }

    boolean strips() {
        return carrier == Carrier.WEBSOCKET && conditions().stripsUpgrade();
    }

    /** A client is there, of whom nothing is read yet. */
    void enter(Channel front) {
        if (!conditions().plugged() || passages.size() + connecting >= CONNECTIONS_MAX) {
            Passage.reset(front);
            return;
        }
        tally.opened++;
        connecting++;
        ChannelFuture connected =
                toServer.clone().handler(new ChannelInboundHandlerAdapter()).connect();
        connected.addListener(done -> {
            connecting--;
            Channel back = connected.channel();
            if (!done.isSuccess() || !front.isActive() || !conditions().plugged()) {
                Passage.reset(front);
                Passage.reset(back);
                return;
            }
            passages.add(new Passage(this, front, back));
            front.config().setAutoRead(true);
            back.config().setAutoRead(true);
        });
    }

    /** The client is gone. */
    void left(Passage passage) {
        passages.remove(passage);
    }

    void cutAll() {
        for (Passage passage : Set.copyOf(passages)) passage.cut();
    }

    Map<String, Object> figures() {
        return tally.figures(passages.size() + connecting);
    }
}
