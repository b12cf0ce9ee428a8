package io.switchboard.core.rate;

import io.switchboard.core.nodes.Nodes;
import io.switchboard.core.nodes.Topic;
import io.switchboard.core.time.Loop;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Limits that nodes have in common, without asking anybody before something is granted: each tells the others twice a
 * second what it granted, and their buckets owe that.
 *
 * <p>So over a longer time all nodes together grant what the limit says, and at most a hundredth of a second's tokens more
 * for each node and key. What is not told yet is granted twice: at first each node has a full bucket, and then half a second
 * of the rate. With more than about {@value RateLimit#DEBT_SECONDS_MAX} nodes that all grant as much as they may, debts are
 * forgiven before they are paid, and together they grant more. A node that hears nobody keeps the limit by itself.
 *
 * <p>A message is a list of: which limit (8 bits), how many (32 bits), the length of the key (16 bits), and the key.
 */
public final class SharedRates implements Nodes.Listener {
    private static final long EVERY_MILLIS = 500;
    private static final int KEYS_AT_ONCE = 4_096; // the others' turn is the next one
    private static final int HEAD_BYTES = 7;
    private static final int KEY_BYTES_MAX = 4_096; // longer than any name of a channel or a subject

    private record Kept<K>(byte code, RateLimit<K> limit, Function<K, String> nameOf, Function<String, K> keyOf) {
        byte @Nullable [] next() {
            RateLimit.Use<K> use = limit.used();
            if (use == null) return null;
            byte[] name = nameOf.apply(use.key()).getBytes(StandardCharsets.UTF_8);
            if (name.length > KEY_BYTES_MAX) return new byte[0];
            return ByteBuffer.allocate(HEAD_BYTES + name.length)
                    .put(code)
                    .putInt(use.count())
                    .putShort((short) name.length)
                    .put(name)
                    .array();
        }

        void taken(String name, int count) {
            limit.takenElsewhere(keyOf.apply(name), count);
        }
    }

    private final Nodes nodes;
    private final Loop loop;
    private final List<Kept<?>> limits = new ArrayList<>(); // not changed once it runs
    private final ByteBuffer out = ByteBuffer.allocate(Nodes.MESSAGE_BYTES_MAX); // the loop's

    public SharedRates(Nodes nodes, Loop loop) {
        this.nodes = nodes;
        this.loop = loop;
    }

    /**
     * Has a limit kept in common. Before {@link #start}.
     *
     * @param code which of them it is, the same at all nodes
     * @param keyOf may throw {@link IllegalArgumentException} for what is no key
     */
    public <K> void add(char code, RateLimit<K> limit, Function<K, String> nameOf, Function<String, K> keyOf) {
        limit.share();
        limits.add(new Kept<>((byte) code, limit, nameOf, keyOf));
    }

    /** From now on others are told, and heard. */
    public void start() {
        nodes.listen(this);
        loop.execute(this::beat);
    }

    private void beat() {
        tell();
        loop.after(EVERY_MILLIS, this::beat);
    }

    private void tell() {
        for (Kept<?> limit : limits) {
            for (int i = 0; i < KEYS_AT_ONCE; i++) {
                byte[] use = limit.next();
                if (use == null) break;
                if (use.length > out.remaining()) send();
                out.put(use);
            }
        }
        send();
    }

    private void send() {
        if (out.position() == 0) return;
        byte[] message = new byte[out.flip().remaining()];
        out.get(message);
        out.clear();
        nodes.tell(Topic.RATES, message);
    }

    @Override
    public void told(String from, Topic topic, byte[] message) {
        if (topic != Topic.RATES) return;
        ByteBuffer in = ByteBuffer.wrap(message);
        try {
            while (in.hasRemaining()) {
                byte code = in.get();
                int count = in.getInt();
                byte[] name = new byte[Short.toUnsignedInt(in.getShort())];
                in.get(name);
                for (Kept<?> limit : limits) {
                    if (limit.code() == code) limit.taken(new String(name, StandardCharsets.UTF_8), count);
                }
            }
        } catch (BufferUnderflowException | IllegalArgumentException garbled) {
            // what was read counts, and the rest is lost
        }
    }
}
