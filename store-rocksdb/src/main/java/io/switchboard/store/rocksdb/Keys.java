package io.switchboard.store.rocksdb;

import io.switchboard.core.channel.ChannelName;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** The keys, as docs/storage-format.md tells them. Numbers are big-endian, so that they sort. */
final class Keys {
    static final byte LIVE_NAME = 'n';
    static final byte RETIRED_NAME = 'g';
    static final byte CHANNEL = 'c';
    static final byte TAIL = 't';
    static final byte PRODUCER = 'p';
    static final byte HOT = 'h';
    static final byte SEALED = 's';
    static final byte PACK = 'f';
    static final byte DEADLINE = 'd';
    static final byte REMOVED = 'x';

    static final byte[] FORMAT = meta("format");
    static final byte[] GENERATIONS = meta("generations");
    static final byte[] CLEAN = meta("clean");

    private Keys() {}

    private static byte[] meta(String name) {
        return ("m" + name).getBytes(StandardCharsets.US_ASCII);
    }

    static byte[] name(byte kind, ChannelName name) {
        return text(kind, name.value());
    }

    static byte[] text(byte kind, String text) {
        byte[] ascii = text.getBytes(StandardCharsets.UTF_8);
        byte[] key = new byte[1 + ascii.length];
        key[0] = kind;
        System.arraycopy(ascii, 0, key, 1, ascii.length);
        return key;
    }

    static byte[] id(byte kind, long id) {
        return ByteBuffer.allocate(9).put(kind).putLong(id).array();
    }

    /** Of a block, by its last sequence; of a deadline, its moment and the channel's id. */
    static byte[] numbers(byte kind, long first, long second) {
        return ByteBuffer.allocate(17).put(kind).putLong(first).putLong(second).array();
    }

    static byte[] producer(long id, String producer) {
        byte[] text = producer.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(9 + text.length)
                .put(PRODUCER)
                .putLong(id)
                .put(text)
                .array();
    }

    static byte[] number(long number) {
        return ByteBuffer.allocate(8).putLong(number).array();
    }

    static long numberAt(byte[] key, int at) {
        return ByteBuffer.wrap(key).getLong(at);
    }

    /** Whether {@code key} is of this kind and, right behind it, of this number. */
    static boolean is(byte[] key, byte kind, long number) {
        return key.length >= 9 && key[0] == kind && numberAt(key, 1) == number;
    }
}
