package io.switchboard.store.redis;

import io.lettuce.core.Limit;
import io.lettuce.core.Range;
import io.lettuce.core.ScoredValue;
import io.switchboard.core.channel.ChannelName;
import io.switchboard.core.store.ChannelState;
import io.switchboard.core.store.Failure;
import io.switchboard.core.store.PersistenceException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Channels by their names and by their deadlines, each in several parts, which a cluster keeps on several servers. All may
 * name what is not there, for they are kept up beside the channels: a name is added before its channel is made and once
 * more afterwards, and is removed when the channel is gone; whoever removes one looks once more, and adds it again if
 * the channel is back. So whoever looks finds all there is, and has to look each one up.
 *
 * <p>Any thread; what blocks says so.
 */
final class Index {
    private static final int PAGE_MAX = 1_000;
    private static final int PART_PAGE_MIN = 8;

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
        byte[] names = keys.names(Keys.part(name));
        CompletableFuture<Long> added = link.change(names, commands -> commands.zadd(names, 0, member));
        return deadlineMillis == Long.MAX_VALUE ? added : added.thenCompose(done -> deadline(name, deadlineMillis));
    }

    /** Puts a channel in its place among those that expire. */
    CompletableFuture<?> deadline(ChannelName name, long deadlineMillis) {
        byte[] member = Keys.bytes(name.value());
        byte[] deadlines = keys.deadlines(Keys.part(name));
        return deadlineMillis == Long.MAX_VALUE
                ? link.change(deadlines, commands -> commands.zrem(deadlines, member))
                : link.change(deadlines, commands -> commands.zadd(deadlines, (double) deadlineMillis, member));
    }

    /** Takes out a name whose channel is gone. Blocks. */
    void remove(ChannelName name) {
        byte[] member = Keys.bytes(name.value());
        byte[] names = keys.names(Keys.part(name));
        CompletableFuture<Long> named = link.change(names, commands -> commands.zrem(names, member));
        CompletableFuture<?> due = deadline(name, Long.MAX_VALUE);
        Link.await(named);
        Link.await(due);
        Known back = Link.await(channels.look(name)).known();
        if (back != null && !back.state().deleted()) {
            Link.await(add(name, back.state().deadlineMillis()));
        }
    }

    // ---- what is read of the parts, in one order ----

    /** What a part has next, in its order: a page that came, and how to ask for the next one. */
    private abstract static class Part<E> {
        private final int pageMax;
        private CompletableFuture<List<E>> asked;
        private final ArrayDeque<E> page = new ArrayDeque<>();
        private boolean ended;

        Part(int pageMax) {
            this.pageMax = pageMax;
            this.asked = CompletableFuture.completedFuture(List.of());
        }

        abstract CompletableFuture<List<E>> ask(@Nullable E after, int count);

        Part<E> begin() {
            asked = ask(null, pageMax);
            return this;
        }

        // Blocks.
        void fill() {
            List<E> came = Link.await(asked);
            page.addAll(came);
            ended = came.size() < pageMax;
        }

        @Nullable
        E peek() {
            return page.peek();
        }

        void advance() {
            E last = page.remove();
            if (!page.isEmpty() || ended) return;
            asked = ask(last, pageMax);
            fill();
        }
    }

    private static int pageOf(int count) {
        return Math.min(PAGE_MAX, Math.max(PART_PAGE_MIN, 2 * count / Keys.PARTS));
    }

    /** Takes from the parts what comes first. */
    private static final class Merge<E> {
        private final PriorityQueue<Part<E>> parts;

        Merge(Comparator<E> order) {
            this.parts = new PriorityQueue<>(Keys.PARTS, (a, b) -> order.compare(first(a), first(b)));
        }

        private static <E> E first(Part<E> part) {
            E first = part.peek();
            if (first == null) throw new IllegalStateException("an empty part");
            return first;
        }

        void add(Part<E> part) {
            part.fill();
            if (part.peek() != null) parts.add(part);
        }

        List<E> next(int count) {
            List<E> next = new ArrayList<>(count);
            while (next.size() < count) {
                Part<E> part = parts.poll();
                if (part == null) break;
                next.add(first(part));
                part.advance();
                if (part.peek() != null) parts.add(part);
            }
            return next;
        }
    }

    // ---- by name ----

    /** Channels in the order of their names, as {@link io.switchboard.core.store.Persistence#list}. Blocks. */
    List<ChannelState> list(String prefix, String after, int limit) {
        Merge<ChannelName> names = names(prefix, prefix.compareTo(after) > 0 ? null : after, limit);
        List<ChannelState> found = new ArrayList<>();
        while (true) {
            int count = Math.min(PAGE_MAX, limit - found.size());
            List<ChannelName> page = names.next(count);
            for (ChannelState channel : here(page)) {
                if (!channel.deleted()) found.add(channel);
            }
            if (page.size() < count || found.size() == limit) return found;
        }
    }

    private Merge<ChannelName> names(String prefix, @Nullable String after, int count) {
        // no name has such a character
        Range.Boundary<byte[]> upper = Range.Boundary.excluding(Keys.bytes(prefix + "\u007f"));
        Range.Boundary<byte[]> lower = after == null
                ? Range.Boundary.including(Keys.bytes(prefix))
                : Range.Boundary.excluding(Keys.bytes(after));
        List<Part<ChannelName>> parts = new ArrayList<>(Keys.PARTS);
        for (int i = 0; i < Keys.PARTS; i++) {
            byte[] key = keys.names(i);
            parts.add(
                    new Part<ChannelName>(pageOf(count)) {
                        @Override
                        CompletableFuture<List<ChannelName>> ask(@Nullable ChannelName last, int most) {
                            Range<byte[]> range = last == null
                                    ? Range.from(lower, upper)
                                    : Range.from(Range.Boundary.excluding(Keys.bytes(last.value())), upper);
                            return link.look(key, commands -> commands.zrangebylex(key, range, Limit.from(most)))
                                    .thenApply(Index::namesOf);
                        }
                    }.begin());
        }
        Merge<ChannelName> merge = new Merge<>(Comparator.comparing(ChannelName::value));
        parts.forEach(merge::add);
        return merge;
    }

    private static List<ChannelName> namesOf(List<byte[]> members) {
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

    // ---- by deadline ----

    private record Due(long millis, ChannelName name) {}

    /**
     * Channels whose deadline is at or before {@code nowMillis}, the earliest first. Parts that cannot be looked at are left
     * for another time. Blocks.
     */
    List<ChannelName> expired(long nowMillis, int limit) {
        Merge<Due> deadlines = deadlines(nowMillis, limit);
        List<ChannelName> due = new ArrayList<>();
        List<ChannelName> wrong = new ArrayList<>(); // put right afterwards, so that pages stay where they are
        while (due.size() < limit) {
            int count = Math.min(PAGE_MAX, limit - due.size());
            List<ChannelName> page =
                    deadlines.next(count).stream().map(Due::name).toList();
            List<CompletableFuture<Channels.Seen>> looks =
                    page.stream().map(channels::look).toList();
            for (int i = 0; i < page.size(); i++) {
                Known known = Link.await(looks.get(i)).known();
                boolean isDue = known != null
                        && !known.state().deleted()
                        && known.state().deadlineMillis() <= nowMillis;
                (isDue ? due : wrong).add(page.get(i));
            }
            if (page.size() < count) break;
        }
        for (ChannelState channel : here(wrong)) {
            Link.await(deadline(channel.name(), channel.deleted() ? Long.MAX_VALUE : channel.deadlineMillis()));
        }
        return due;
    }

    private Merge<Due> deadlines(long nowMillis, int count) {
        Range<Long> range = Range.from(Range.Boundary.unbounded(), Range.Boundary.including(nowMillis));
        List<Part<Due>> parts = new ArrayList<>(Keys.PARTS);
        for (int i = 0; i < Keys.PARTS; i++) {
            byte[] key = keys.deadlines(i);
            parts.add(
                    new Part<Due>(pageOf(count)) {
                        private long taken;

                        @Override
                        CompletableFuture<List<Due>> ask(@Nullable Due last, int most) {
                            Limit page = Limit.create(taken, most);
                            taken += most;
                            return link.look(key, commands -> commands.zrangebyscoreWithScores(key, range, page))
                                    .thenApply(Index::duesOf);
                        }
                    }.begin());
        }
        Merge<Due> merge = new Merge<>(Comparator.comparingLong(Due::millis));
        for (Part<Due> part : parts) {
            try {
                merge.add(part);
            } catch (PersistenceException e) {
                if (e.failure() != Failure.UNAVAILABLE) throw e;
            }
        }
        return merge;
    }

    private static List<Due> duesOf(List<ScoredValue<byte[]>> members) {
        List<Due> dues = new ArrayList<>(members.size());
        for (ScoredValue<byte[]> member : members) {
            dues.add(new Due((long) member.getScore(), new ChannelName(Keys.text(member.getValue()))));
        }
        return dues;
    }
}
