package io.switchboard.store.redis;

import io.lettuce.core.Limit;
import io.lettuce.core.Range;
import io.lettuce.core.ScoredValue;
import io.switchboard.core.channel.ChannelName;
import io.switchboard.core.store.ChannelState;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Channels by their names and by their deadlines. Both may name what is not there, for they are kept up beside the
 * channels: a name is added before its channel is made and once more afterwards, and is removed when the channel is
 * gone; whoever removes one looks once more, and adds it again if the channel is back. So whoever looks finds
 * all there is, and has to look each one up.
 *
 * <p>Any thread; what blocks says so.
 */
final class Index {
    private static final int PAGE_MAX = 1_000;

    private final Link link;
    private final Keys keys;
    private final Channels channels;

    Index(Link link, Keys keys, Channels channels) {
        this.link = link;
        this.keys = keys;
        this.channels = channels;
    }

    /** @param deadlineMillis {@link Long#MAX_VALUE} for none */
    CompletableFuture<?> add(ChannelName name, long deadlineMillis) {
        byte[] member = Keys.bytes(name.value());
        CompletableFuture<Long> added = link.change(commands -> commands.zadd(keys.names, 0, member));
        return deadlineMillis == Long.MAX_VALUE ? added : added.thenCompose(done -> deadline(name, deadlineMillis));
    }

    /** Puts a channel in its place among those that expire. */
    CompletableFuture<?> deadline(ChannelName name, long deadlineMillis) {
        byte[] member = Keys.bytes(name.value());
        return deadlineMillis == Long.MAX_VALUE
                ? link.change(commands -> commands.zrem(keys.deadlines, member))
                : link.change(commands -> commands.zadd(keys.deadlines, (double) deadlineMillis, member));
    }

    /** Takes out a name whose channel is gone. Blocks. */
    void remove(ChannelName name) {
        byte[] member = Keys.bytes(name.value());
        CompletableFuture<Long> named = link.change(commands -> commands.zrem(keys.names, member));
        CompletableFuture<Long> due = link.change(commands -> commands.zrem(keys.deadlines, member));
        Link.await(named);
        Link.await(due);
        Known back = Link.await(channels.look(name)).known();
        if (back != null && !back.state().deleted()) {
            Link.await(add(name, back.state().deadlineMillis()));
        }
    }

    /** Channels in the order of their names, as {@link io.switchboard.core.store.Persistence#list}. Blocks. */
    List<ChannelState> list(String prefix, String after, int limit) {
        List<ChannelState> found = new ArrayList<>();
        String from = prefix.compareTo(after) > 0 ? null : after;
        while (true) {
            int count = Math.min(PAGE_MAX, limit - found.size());
            List<ChannelName> page = names(prefix, from, count);
            for (ChannelState channel : here(page)) {
                if (!channel.deleted()) found.add(channel);
            }
            if (page.size() < count || found.size() == limit) return found;
            from = page.getLast().value();
        }
    }

    private List<ChannelName> names(String prefix, @Nullable String after, int count) {
        Range.Boundary<byte[]> lower = after == null
                ? Range.Boundary.including(Keys.bytes(prefix))
                : Range.Boundary.excluding(Keys.bytes(after));
        // no name has such a character
        Range<byte[]> range = Range.from(lower, Range.Boundary.excluding(Keys.bytes(prefix + "\u007f")));
        List<byte[]> members =
                Link.await(link.look(commands -> commands.zrangebylex(keys.names, range, Limit.from(count))));
        List<ChannelName> names = new ArrayList<>(members.size());
        for (byte[] member : members) names.add(new ChannelName(Keys.text(member)));
        return names;
    }

    // Looks them all up at once. What is gone was left behind by a node that died, or is about to be made.
    private List<ChannelState> here(List<ChannelName> names) {
        List<CompletableFuture<Channels.Seen>> looks = new ArrayList<>(names.size());
        for (ChannelName name : names) looks.add(channels.look(name));
        List<ChannelState> here = new ArrayList<>(names.size());
        for (int i = 0; i < names.size(); i++) {
            Known known = Link.await(looks.get(i)).known();
            if (known == null) remove(names.get(i));
            else here.add(known.state());
        }
        return here;
    }

    /** Channels whose deadline is at or before {@code nowMillis}, the earliest first. Blocks. */
    List<ChannelName> expired(long nowMillis, int limit) {
        List<ChannelName> due = new ArrayList<>();
        long offset = 0;
        while (due.size() < limit) {
            int count = Math.min(PAGE_MAX, limit - due.size());
            Limit page = Limit.create(offset, count);
            Range<Long> range = Range.from(Range.Boundary.unbounded(), Range.Boundary.including(nowMillis));
            List<ScoredValue<byte[]>> members =
                    Link.await(link.look(commands -> commands.zrangebyscoreWithScores(keys.deadlines, range, page)));
            List<ChannelName> names = new ArrayList<>(members.size());
            for (ScoredValue<byte[]> member : members) names.add(new ChannelName(Keys.text(member.getValue())));
            int before = due.size();
            for (ChannelState channel : here(names)) {
                if (!channel.deleted() && channel.deadlineMillis() <= nowMillis) due.add(channel.name());
                else
                    Link.await(deadline(channel.name(), channel.deleted() ? Long.MAX_VALUE : channel.deadlineMillis()));
            }
            if (members.size() < count) return due;
            offset += due.size() - before; // what was wrong is not in its place any more
        }
        return due;
    }
}
