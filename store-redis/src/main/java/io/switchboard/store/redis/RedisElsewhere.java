package io.switchboard.store.redis;

import io.switchboard.core.channel.ChannelName;
import io.switchboard.core.presence.Elsewhere;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Who is on a channel at other nodes, in Redis: a hash with the number of each node's part, a set of members for each
 * part, and calls on a sharded channel that has the hash's name. A node keeps its own parts alive by looking at them.
 */
final class RedisElsewhere implements Elsewhere {
    /** A part that its node does not look at for so long is removed; that is a few times the pause between looks. */
    private static final long KEPT_MILLIS = 90_000;

    /** Together with the time limit of a command, this keeps a crowd of looks from filling the memory. */
    private static final int LOOKS_MAX = 16_384;

    private final Link link;
    private final Keys keys;
    private final String node;
    private final Subscriptions calls;
    private final AtomicLong garbled = new AtomicLong();
    private final AtomicLong looks = new AtomicLong(); // under way
    private volatile @Nullable Hearer hearer;
    private volatile boolean closed;

    /** @param node the id of this one, which no other has or had */
    RedisElsewhere(Dial dial, Link link, Keys keys, String node) {
        this.link = link;
        this.keys = keys;
        this.node = node;
        this.calls = new Subscriptions(dial, link, new Ears());
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
    public void follow(ChannelName channel) {
        calls.want(Keys.text(keys.here(channel)));
    }

    @Override
    public void unfollow(ChannelName channel) {
        calls.unwant(Keys.text(keys.here(channel)));
    }

    /** How many calls could not be read. */
    long garbled() {
        return garbled.get();
    }

    // ---- what this node lays down ----

    @Override
    public void tell(ChannelName channel, Step step, Consumer<Told> answer) {
        List<byte[]> arguments = new ArrayList<>(List.of(
                Keys.bytes(node),
                Keys.bytes(step.before()),
                Keys.bytes(step.after()),
                Keys.bytes(KEPT_MILLIS),
                new PresenceCall(node, step).bytes(),
                Keys.bytes(step.joined().size())));
        for (String member : step.joined()) arguments.add(Keys.bytes(member));
        for (String member : step.left()) arguments.add(Keys.bytes(member));
        CompletableFuture<Void> _ = run(Script.PART, channel, node, arguments.toArray(new byte[0][]))
                .handle((done, thrown) -> thrown != null ? Told.FAILED : done ? Told.DONE : Told.REFUSED)
                .thenAccept(answer);
    }

    @Override
    public void forget(ChannelName channel, String dead, long number) {
        CompletableFuture<Boolean> _ = run(Script.FORGET, channel, dead, Keys.bytes(dead), Keys.bytes(number))
                .exceptionally(thrown -> false);
    }

    private CompletableFuture<Boolean> run(Script script, ChannelName channel, String of, byte[]... arguments) {
        byte[][] keysOf = {keys.here(channel), keys.here(channel, of)};
        return link.run(script, keysOf, arguments).thenApply(reply -> (long) reply.getFirst() == 1);
    }

    // ---- what all have ----

    @Override
    public void look(ChannelName channel, Map<String, Long> known, Consumer<@Nullable Sight> answer) {
        if (looks.incrementAndGet() > LOOKS_MAX) {
            looks.decrementAndGet();
            answer.accept(null);
            return;
        }
        CompletableFuture<Void> _ = sight(channel, known)
                .exceptionally(thrown -> null)
                .thenAccept(sight -> {
                    looks.decrementAndGet();
                    answer.accept(sight);
                });
    }

    // Whose number is another one is asked for once more, with members and the number they belong to.
    private CompletableFuture<@Nullable Sight> sight(ChannelName channel, Map<String, Long> known) {
        return parts(channel, List.of()).thenCompose(reply -> {
            List<String> others = new ArrayList<>();
            numbers(reply).forEach((other, number) -> {
                if (!other.equals(node) && !number.equals(known.get(other))) others.add(other);
            });
            if (others.isEmpty()) return CompletableFuture.completedFuture(sightOf(reply, others, known));
            return parts(channel, others).thenApply(again -> sightOf(again, others, known));
        });
    }

    private CompletableFuture<List<Object>> parts(ChannelName channel, List<String> others) {
        List<byte[]> asked = new ArrayList<>(List.of(keys.here(channel), keys.here(channel, node)));
        for (String other : others) asked.add(keys.here(channel, other));
        return link.look(Script.PARTS, asked.toArray(new byte[0][]), Keys.bytes(node), Keys.bytes(KEPT_MILLIS));
    }

    private static Map<String, Long> numbers(List<Object> reply) {
        List<?> told = (List<?>) reply.get(1);
        Map<String, Long> numbers = new HashMap<>();
        for (int i = 0; i + 1 < told.size(); i += 2) {
            numbers.put(Keys.text((byte[]) told.get(i)), Long.parseLong(Keys.text((byte[]) told.get(i + 1))));
        }
        return numbers;
    }

    private Sight sightOf(List<Object> reply, List<String> others, Map<String, Long> known) {
        List<Part> parts = new ArrayList<>();
        numbers(reply).forEach((other, number) -> {
            if (other.equals(node)) return;
            int index = others.indexOf(other);
            Long before = known.get(other);
            if (index >= 0) parts.add(new Part(other, number, texts((List<?>) reply.get(2 + index))));
            else if (before != null) parts.add(new Part(other, before, null)); // what came between will be heard
        });
        return new Sight((long) reply.getFirst(), parts);
    }

    private static List<String> texts(List<?> bytes) {
        List<String> texts = new ArrayList<>(bytes.size());
        for (Object each : bytes) texts.add(Keys.text((byte[]) each));
        return texts;
    }

    // ---- hearing ----

    private final class Ears implements Subscriptions.Listener {
        @Override
        public void heard(String called, byte[] message) {
            Hearer listener = hearer;
            if (listener == null || closed) return;
            ChannelName channel = keys.nameOfHere(called);
            if (Arrays.equals(message, Call.changed())) { // from where its slot is being moved to
                listener.missed(channel);
                return;
            }
            PresenceCall call;
            try {
                call = PresenceCall.of(message);
            } catch (IllegalArgumentException e) {
                garbled.incrementAndGet();
                listener.missed(channel);
                return;
            }
            Step step = call.step();
            if (call.node().equals(node)) return;
            if (step == null) listener.missed(channel);
            else listener.called(channel, call.node(), step);
        }

        @Override
        public void listening(String called) {
            Hearer listener = hearer;
            if (listener != null && !closed) listener.missed(keys.nameOfHere(called));
        }
    }

    @Override
    public void close() {
        closed = true;
        calls.close();
    }
}
