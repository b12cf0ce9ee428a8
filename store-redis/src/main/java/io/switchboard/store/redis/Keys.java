package io.switchboard.store.redis;

import io.switchboard.core.channel.ChannelName;
import java.nio.charset.StandardCharsets;

/**
 * What is kept under which key. Everything about one channel has its name in braces, so that a cluster keeps it in one
 * place; names of channels have no braces in them. docs/redis-format.md tells what the values are.
 */
final class Keys {
    /** Names of channels; all of them, but perhaps also some that are not there any more. */
    final byte[] names;

    /** Channels that expire, by their deadline in milliseconds; likewise. */
    final byte[] deadlines;

    /** Nodes, by the end of their leases; what they tell each other has the same name. */
    final byte[] nodes;

    /** Who is revoked, by the moment through which. */
    final byte[] revocations;

    private final String prefix;

    Keys(String prefix) {
        this.prefix = prefix;
        this.names = bytes(prefix + ":names");
        this.deadlines = bytes(prefix + ":deadlines");
        this.nodes = bytes(prefix + ":nodes");
        this.revocations = bytes(prefix + ":revocations");
    }

    /** What is kept of a channel besides messages and producers; calls of it have the same name. */
    byte[] channel(ChannelName name) {
        return bytes(prefix + ":{" + name.value() + "}");
    }

    byte[] log(ChannelName name) {
        return bytes(prefix + ":{" + name.value() + "}:log");
    }

    byte[] producers(ChannelName name) {
        return bytes(prefix + ":{" + name.value() + "}:producers");
    }

    /** What one node laid down for another. */
    byte[] shelf(String key) {
        return bytes(prefix + ":shelf:" + key);
    }

    /** What lies there of one owner. */
    byte[] shelfOf(String owner) {
        return bytes(prefix + ":shelf-of:" + owner);
    }

    /** A value that all nodes use. */
    byte[] agreed(String name) {
        return bytes(prefix + ":agreed:" + name);
    }

    /** The channel whose {@link #channel} key this is. */
    ChannelName nameIn(byte[] channelKey) {
        String key = text(channelKey);
        return new ChannelName(key.substring(prefix.length() + 2, key.length() - 1));
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    static byte[] bytes(long number) {
        return bytes(Long.toString(number));
    }

    static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
