package io.switchboard.store.rocksdb;

import io.switchboard.core.channel.Block;
import io.switchboard.core.channel.Offset;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;

/** The rows that tell what is in a pack (docs/storage-format.md). */
final class PackRows {
    private static final byte VERSION = 1;
    /** Takes the place of a block's version where the payload lies in a pack. */
    private static final byte PACKED = 2;

    private static final int PLACE_BYTES = 1 + 8 + 8 + 4;

    private PackRows() {}

    /**
     * A whole pack: the value of its row.
     *
     * @param length in bytes
     * @param generation of its last message
     */
    record Pack(long firstSequence, long length, long generation) {
        byte[] bytes() {
            return ByteBuffer.allocate(25)
                    .put(VERSION)
                    .putLong(firstSequence)
                    .putLong(length)
                    .putLong(generation)
                    .array();
        }

        /** @throws IllegalArgumentException if the bytes are none */
        static Pack of(byte[] bytes) {
            if (bytes.length != 25 || bytes[0] != VERSION) throw new IllegalArgumentException("damaged pack row");
            ByteBuffer row = ByteBuffer.wrap(bytes, 1, 24);
            return new Pack(row.getLong(), row.getLong(), row.getLong());
        }
    }

    /** A whole pack with what its key says. */
    record Row(Pack pack, long lastSequence) {
        /** After its last message. */
        Offset end() {
            return new Offset(pack.generation(), lastSequence);
        }
    }

    /**
     * Where a block's payload lies, and what else the block holds.
     *
     * @param packLast last message of the pack
     * @param position of the payload in it
     * @param checksum CRC-32C of the payload
     */
    @SuppressWarnings("ArrayRecordComponent") // compared by nobody
    record Place(long packLast, long position, int checksum, byte[] head) {
        static boolean isOne(byte[] row) {
            return row.length > 0 && row[0] == PACKED;
        }

        /** @throws IllegalArgumentException if the bytes are none */
        static Place of(byte[] row) {
            if (row.length < PLACE_BYTES || row[0] != PACKED) throw new IllegalArgumentException("damaged place");
            ByteBuffer bytes = ByteBuffer.wrap(row, 1, row.length - 1);
            long packLast = bytes.getLong();
            long position = bytes.getLong();
            int checksum = bytes.getInt();
            byte[] head = new byte[bytes.remaining()];
            bytes.get(head);
            return new Place(packLast, position, checksum, head);
        }

        byte[] bytes() {
            return ByteBuffer.allocate(PLACE_BYTES + head.length)
                    .put(PACKED)
                    .putLong(packLast)
                    .putLong(position)
                    .putInt(checksum)
                    .put(head)
                    .array();
        }

        /**
         * The block, of its head and the payload behind it.
         *
         * @throws IllegalArgumentException if the payload is not what was written
         */
        Block with(byte[] headAndPayload) {
            if (checksumOf(headAndPayload, head.length) != checksum) {
                throw new IllegalArgumentException("damaged payload in a pack");
            }
            return Block.of(headAndPayload);
        }
    }

    /** The rows of blocks that make a pack, in their order. */
    static List<Place> places(List<Block> blocks) {
        long last = blocks.getLast().lastSequence();
        List<Place> places = new ArrayList<>(blocks.size());
        long position = 0;
        for (Block block : blocks) {
            places.add(new Place(last, position, checksumOf(block.bytes(), block.start(0)), block.head()));
            position += block.payloadBytes();
        }
        return places;
    }

    private static int checksumOf(byte[] bytes, int from) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, from, bytes.length - from);
        return (int) crc.getValue();
    }
}
