package io.switchboard.store.redis;

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
    /** More would keep Redis from others for long. */
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

    // What comes has as many bytes as are asked for, headers included, and at most one block more.
    private List<Block> blocks(ChannelName name, long sequence, long bytesMax) {
        List<Block> blocks = new ArrayList<>();
        long after = sequence;
        long bytes = 0;
        while (bytes < bytesMax) {
            byte[][] log = {keys.log(name)};
            long wanted = bytesMax - bytes;
            List<Object> page = Link.await(
                    link.look(Script.READ, log, Keys.bytes(after), Keys.bytes(wanted), Keys.bytes(BLOCKS_AT_ONCE_MAX)));
            long came = 0;
            for (Object each : page) {
                Block block = block(name, (byte[]) each);
                blocks.add(block);
                came += ((byte[]) each).length;
                bytes += block.payloadBytes();
                after = block.lastSequence();
            }
            if (page.size() < BLOCKS_AT_ONCE_MAX && came < wanted) break;
        }
        return blocks;
    }

    private static Block block(ChannelName name, byte @Nullable [] entry) {
        if (entry == null) throw new PersistenceException(Failure.DAMAGED, "an entry of " + name + " has no block");
        try {
            return Block.of(entry);
        } catch (IllegalArgumentException e) {
            throw new PersistenceException(Failure.DAMAGED, "a block of " + name + " cannot be read back", e);
        }
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
