package io.switchboard.store.redis;

import io.lettuce.core.cluster.SlotHash;
import io.switchboard.core.channel.ChannelName;
import java.nio.charset.StandardCharsets;

/**
 * What is kept under which key. Everything about one channel has its name in braces, so that a cluster keeps it in one
 * place; names of channels have no braces in them. docs/redis-format.md tells what the values are.
 */
final class Keys {
    /** Parts of the index, so that a cluster spreads it. */
    static final int PARTS = 16;

    private static final String HERE = ":here";

    /** Nodes, by the end of their leases; what they tell each other has the same name. */
    final byte[] nodes;

    /** Who is revoked, by the moment through which. */
    final byte[] revocations;

    private final String prefix;

    Keys(String prefix) {
        this.prefix = prefix;
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

    /** What is written to find out whether replicas have all before it; of those, each server has one. */
    byte[] replicated(int number) {
        return bytes(prefix + ":replicated:" + number);
    }

    /** A value that all nodes use. */
    byte[] agreed(String name) {
        return bytes(prefix + ":agreed:" + name);
    }

    /** The numbers of all parts of who is on a channel; calls about those have the same name. */
    byte[] here(ChannelName name) {
        return bytes(prefix + ":{" + name.value() + "}" + HERE);
    }

    /** A node's part: its members. */
    byte[] here(ChannelName name, String node) {
        return bytes(prefix + ":{" + name.value() + "}" + HERE + ":" + node);
    }

    /** The channel whose {@link #here(ChannelName)} key this is. */
    ChannelName nameOfHere(String key) {
        return new ChannelName(key.substring(prefix.length() + 2, key.length() - HERE.length() - 1));
    }

    /** The channel whose {@link #channel} key this is. */
    ChannelName nameIn(String channelKey) {
        return new ChannelName(channelKey.substring(prefix.length() + 2, channelKey.length() - 1));
    }

    /** Names of channels; all of a part, but perhaps also some that are not there any more. */
    byte[] names(int part) {
        return bytes(prefix + ":names:{" + part + "}");
    }

    /** Channels that expire, by their deadline in milliseconds; likewise. */
    byte[] deadlines(int part) {
        return bytes(prefix + ":deadlines:{" + part + "}");
    }

    /** In which part of the index a channel is. */
    static int part(ChannelName name) {
        return SlotHash.getSlot(bytes(name.value())) % PARTS;
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
