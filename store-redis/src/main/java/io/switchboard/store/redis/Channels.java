package io.switchboard.store.redis;

import io.lettuce.core.Limit;
import io.lettuce.core.Range;
import io.lettuce.core.StreamMessage;
import io.switchboard.core.channel.Block;
import io.switchboard.core.channel.ChannelName;
import io.switchboard.core.store.ChannelState;
import io.switchboard.core.store.Failure;
import io.switchboard.core.store.Lookup;
import io.switchboard.core.store.PersistenceException;
import io.switchboard.core.store.ProducerState;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** What is kept of channels, looked up. Any thread. */
final class Channels {
    // A page is asked for in steps: how large blocks are is known only once one is there.
    private static final int BLOCKS_AT_ONCE_MAX = 512;

    private final Link link;
    private final Keys keys;

    Channels(Link link, Keys keys) {
        this.link = link;
        this.keys = keys;
    }

    /**
     * What was found.
     *
     * @param known null if there is no channel of that name
     * @param micros when that was, by the server's clock
     */
    record Seen(@Nullable Known known, long micros) {}

    CompletableFuture<Seen> look(ChannelName name) {
        return link.look(Script.LOOK, keys.channel(name)).thenApply(reply -> seen(name, reply));
    }

    /** What {@code look.lua} says. */
    static Seen seen(ChannelName name, List<Object> reply) {
        long micros = ChannelFormat.number(reply.get(0)) * 1_000_000 + ChannelFormat.number(reply.get(1));
        return new Seen(ChannelFormat.known(name, (List<?>) reply.get(2)), micros);
    }

    private List<Block> blocks(ChannelName name, long sequence, long bytesMax) {
        List<Block> blocks = new ArrayList<>();
        long after = sequence;
        long bytes = 0;
        while (bytes < bytesMax) {
            long average = blocks.isEmpty() ? Long.MAX_VALUE : Math.max(1, bytes / blocks.size());
            int count = (int) Math.min(BLOCKS_AT_ONCE_MAX, 1 + (bytesMax - bytes) / average);
            byte[] log = keys.log(name);
            Range<String> range = Range.from(Range.Boundary.excluding(after + "-0"), Range.Boundary.unbounded());
            List<StreamMessage<byte[], byte[]>> page =
                    Link.await(link.look(log, commands -> commands.xrange(log, range, Limit.from(count))));
            for (StreamMessage<byte[], byte[]> entry : page) {
                Block block = block(name, entry);
                blocks.add(block);
                bytes += block.payloadBytes();
                after = block.lastSequence();
                if (bytes >= bytesMax) break;
            }
            if (page.size() < count) break;
        }
        return blocks;
    }

    private static Block block(ChannelName name, StreamMessage<byte[], byte[]> entry) {
        for (byte[] value : entry.getBody().values()) {
            try {
                return Block.of(value);
            } catch (IllegalArgumentException e) {
                throw new PersistenceException(Failure.DAMAGED, "a block of " + name + " cannot be read back", e);
            }
        }
        throw new PersistenceException(Failure.DAMAGED, "an entry of " + name + " has no block");
    }

    private @Nullable ProducerState producer(ChannelName name, String producer) {
        byte[] key = keys.producers(name);
        byte[] state = Link.await(link.look(key, commands -> commands.hget(key, Keys.bytes(producer))));
        if (state == null) return null;
        String text = Keys.text(state);
        int colon = text.indexOf(':');
        return new ProducerState(
                Long.parseLong(text, 0, colon, 10), Long.parseLong(text, colon + 1, text.length(), 10));
    }

    /**
     * These channels as they were looked up, and their messages as they are: what rules are asked about. Its methods
     * block.
     */
    Lookup of(@Nullable Known... channels) {
        Map<ChannelName, ChannelState> states = new HashMap<>();
        Map<Long, ChannelName> names = new HashMap<>();
        for (Known channel : channels) {
            if (channel == null) continue;
            states.put(channel.state().name(), channel.state());
            names.putAll(channel.ancestors());
            names.put(channel.state().id(), channel.state().name());
        }
        return new Lookup() {
            @Override
            public @Nullable ChannelState channel(ChannelName name) {
                return states.get(name);
            }

            @Override
            public @Nullable ChannelState channel(long id) {
                ChannelName name = names.get(id);
                if (name == null) return null;
                ChannelState looked = states.get(name);
                if (looked != null) return looked;
                Known known = Link.await(look(name)).known();
                return known == null || known.state().id() != id ? null : known.state();
            }

            @Override
            public @Nullable ProducerState producer(long channelId, String producer) {
                ChannelName name = names.get(channelId);
                return name == null ? null : Channels.this.producer(name, producer);
            }

            @Override
            public List<Block> blocks(long channelId, long sequence, long bytesMax) {
                ChannelName name = names.get(channelId);
                return name == null ? List.of() : Channels.this.blocks(name, sequence, bytesMax);
            }
        };
    }
}
