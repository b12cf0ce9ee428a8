package io.switchboard.store.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.core.channel.Block;
import io.switchboard.core.channel.ChannelName;
import io.switchboard.core.channel.Tail;
import io.switchboard.core.relay.Relay;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** What a relay is told, one after the other. */
final class Hearing implements Relay.Hearer {
    /** @param called false if the channel may have changed */
    record Heard(
            String name,
            boolean called,
            long id,
            @Nullable Block block,
            @Nullable Tail tail) {}

    private final BlockingQueue<Heard> heard = new LinkedBlockingQueue<>();

    @Override
    public void called(ChannelName name, long id, @Nullable Block block, Tail tail) {
        heard.add(new Heard(name.value(), true, id, block, tail));
    }

    @Override
    public void changed(ChannelName name) {
        heard.add(new Heard(name.value(), false, 0, null, null));
    }

    Heard next() throws InterruptedException {
        Heard next = heard.poll(20, TimeUnit.SECONDS);
        if (next == null) throw new AssertionError("nothing is heard");
        return next;
    }

    void hears(String changed) throws InterruptedException {
        Heard next = next();
        assertThat(next.called()).as("%s", next).isFalse();
        assertThat(next.name()).isEqualTo(changed);
    }

    Heard hearsCall(String name) throws InterruptedException {
        Heard next = next();
        assertThat(next.called()).as("%s", next).isTrue();
        assertThat(next.name()).isEqualTo(name);
        return next;
    }

    /** Passes over what else is heard until this call. */
    void hearsAtLast(String name, long sequence) throws InterruptedException {
        Heard next = next();
        while (next.tail() == null || !next.name().equals(name) || next.tail().sequence() != sequence) next = next();
    }

    /** Whether nothing is left. */
    boolean isEmpty() {
        return heard.isEmpty();
    }
}
