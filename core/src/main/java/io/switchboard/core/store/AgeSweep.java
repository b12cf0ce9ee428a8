package io.switchboard.core.store;

import io.switchboard.core.channel.ChannelName;
import io.switchboard.core.channel.ChannelPolicy;
import io.switchboard.core.channel.Policies;
import io.switchboard.core.channel.Retention;
import java.util.List;
import java.util.function.Consumer;

/** Retention by age for channels that nobody appends to: goes round all channels, some at a time. Any thread. */
public final class AgeSweep {
    /** How the store lists its channels, in the order of their names. May block. */
    public interface Channels {
        /** At most {@code limit} of them, behind this name. */
        List<ChannelState> after(String name, int limit);
    }

    private final Policies policies;
    private String through = ""; // guarded by this

    public AgeSweep(Policies policies) {
        this.policies = policies;
    }

    /** Whether any channel may have messages that become too old. */
    public boolean isNeeded() {
        return limitsAge(policies.otherwise()) || policies.rules().stream().anyMatch(rule -> limitsAge(rule.policy()));
    }

    private static boolean limitsAge(ChannelPolicy policy) {
        return policy.retention().ageMaxMillis() != Retention.UNLIMITED;
    }

    /** Goes on to the next {@code channelsMax}, and has those trimmed whose messages become too old. */
    public void goOn(int channelsMax, Channels channels, Consumer<ChannelName> trim) {
        List<ChannelState> next = channels.after(through(), channelsMax);
        for (ChannelState channel : next) {
            if (limitsAge(policies.of(channel.name()))) trim.accept(channel.name());
        }
        through(next.size() < channelsMax ? "" : next.getLast().name().value());
    }

    private synchronized String through() {
        return through;
    }

    private synchronized void through(String name) {
        through = name;
    }
}
