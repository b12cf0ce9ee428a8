package io.switchboard.testkit.nodes;

import io.switchboard.core.nodes.Shelf;
import io.switchboard.core.time.Ticker;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A shelf for the nodes of one process; answers within the call. Any thread. */
public final class MemoryShelf implements Shelf {
    @SuppressWarnings("ArrayRecordComponent") // nobody else has it
    private record Thing(@Nullable String owner, byte[] content, long endsAtMillis) {}

    private final Ticker ticker;
    private final Map<String, Thing> things = new HashMap<>(); // guarded by this
    private final Map<String, byte[]> agreed = new HashMap<>(); // guarded by this
    private volatile boolean away;

    public MemoryShelf(Ticker ticker) {
        this.ticker = ticker;
    }

    /** Whether nobody reaches it from now on. */
    public void away(boolean now) {
        away = now;
    }

    /** Whether {@code text} is to be read in anything that lies there. */
    public synchronized boolean shows(String text) {
        return things.entrySet().stream()
                .anyMatch(each -> each.getKey().contains(text)
                        || new String(each.getValue().content(), StandardCharsets.ISO_8859_1).contains(text));
    }

    /** What lies there under one key lies there under the other from now on, and the reverse. */
    public synchronized void exchange(String one, String other) {
        Thing first = things.remove(one);
        Thing second = things.remove(other);
        if (first != null) things.put(other, first);
        if (second != null) things.put(one, second);
    }

    /** All that lies there does so from now on for ever. */
    public synchronized void keepAll() {
        things.replaceAll((key, thing) -> new Thing(thing.owner(), thing.content(), Long.MAX_VALUE));
    }

    /** The keys of all that lies there. */
    public synchronized List<String> keys() {
        return List.copyOf(things.keySet());
    }

    @Override
    public void lay(
            String key, @Nullable String owner, int ownerMax, byte[] content, long lifeMillis, Consumer<Laid> answer) {
        answer.accept(away ? Laid.UNKNOWN : laid(key, owner, ownerMax, content, lifeMillis));
    }

    private synchronized Laid laid(String key, @Nullable String owner, int ownerMax, byte[] content, long lifeMillis) {
        long now = ticker.nowMillis();
        things.values().removeIf(thing -> thing.endsAtMillis() <= now);
        if (owner != null
                && things.values().stream()
                                .filter(thing -> owner.equals(thing.owner()))
                                .count()
                        >= ownerMax) return Laid.TOO_MUCH;
        things.put(key, new Thing(owner, content.clone(), now + lifeMillis));
        return Laid.LAID;
    }

    @Override
    public void take(String key, Consumer<Taken> answer) {
        answer.accept(away ? new Taken.Unknown() : taken(key));
    }

    private synchronized Taken taken(String key) {
        Thing thing = things.remove(key);
        return thing == null || thing.endsAtMillis() <= ticker.nowMillis()
                ? new Taken.Nothing()
                : new Taken.Found(thing.content());
    }

    @Override
    public void agree(String name, byte[] proposal, Consumer<byte @Nullable []> answer) {
        answer.accept(away ? null : agreed(name, proposal));
    }

    private synchronized byte[] agreed(String name, byte[] proposal) {
        byte[] before = agreed.putIfAbsent(name, proposal.clone());
        return before == null ? proposal.clone() : before.clone();
    }
}
