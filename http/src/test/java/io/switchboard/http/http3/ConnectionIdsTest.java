package io.switchboard.http.http3;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

/** What the name of a connection tells, and to whom. */
class ConnectionIdsTest {
    private static final int LANE = 513;

    private final ConnectionIds ids = new ConnectionIds(LANE, new byte[ConnectionIds.KEY_BYTES]);

    private static ByteBuf small(ByteBuffer name) {
        return Unpooled.buffer().writeByte(0x40).writeBytes(name.duplicate());
    }

    private static ByteBuf large(ByteBuffer name) {
        return Unpooled.buffer()
                .writeByte(0xc0)
                .writeInt(1)
                .writeByte(name.remaining())
                .writeBytes(name.duplicate());
    }

    @Test
    void aNameTellsItsLane() {
        ByteBuffer name = ids.newId(ConnectionIds.BYTES);
        assertThat(ConnectionIds.laneOf(small(name))).isEqualTo(LANE);
        assertThat(ConnectionIds.laneOf(large(name))).isEqualTo(ConnectionIds.NO_LANE);
        assertThat(ConnectionIds.laneOf(Unpooled.wrappedBuffer(new byte[] {0x40, 1, 2})))
                .isEqualTo(ConnectionIds.NO_LANE);
        assertThat(ids.newId(ConnectionIds.BYTES)).isNotEqualTo(ids.newId(ConnectionIds.BYTES));
    }

    @Test
    void allNamesOfAConnectionTellWhichItIs() {
        ByteBuffer name = ids.newId(ByteBuffer.allocate(5), ByteBuffer.allocate(8), ConnectionIds.BYTES);
        long connection = ids.connectionOf(small(name));
        assertThat(ids.connectionOf(large(name))).isEqualTo(connection);
        ByteBuffer another = name;
        for (int i = 0; i < 10; i++) {
            ByteBuffer before = another;
            another = ids.newId(before.duplicate(), ConnectionIds.BYTES);
            assertThat(ids.connectionOf(small(another))).isEqualTo(connection);
            assertThat(another.getLong(2)).as("not to be seen").isNotEqualTo(before.getLong(2));
            assertThat(another.getLong(10)).isNotEqualTo(before.getLong(10));
        }
        assertThat(ids.connectionOf(small(ids.newId(ConnectionIds.BYTES)))).isNotEqualTo(connection);
        byte[] key = new byte[ConnectionIds.KEY_BYTES];
        key[0] = 1;
        assertThat(new ConnectionIds(LANE, key).connectionOf(small(name))).isNotEqualTo(connection);
    }

    @Test
    void whatHasNotTheFormOfANameNamesNoConnection() {
        ByteBuffer name = ids.newId(ConnectionIds.BYTES);
        for (ByteBuf packet : new ByteBuf[] {small(name), large(name)}) {
            for (int bytes = 0; bytes < packet.readableBytes(); bytes++) {
                assertThat(ids.connectionOf(packet.copy(0, bytes))).isEqualTo(ConnectionIds.NO_CONNECTION);
            }
        }
        assertThat(ids.connectionOf(large(name.slice(0, 8)).writeZero(100))).isEqualTo(ConnectionIds.NO_CONNECTION);
    }

    @Test
    void toLookAtAPacketTakesNoMemory() {
        var thread = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        ByteBuf packet = small(ids.newId(ConnectionIds.BYTES));
        long sum = ids.connectionOf(packet); // loads what is needed
        int times = 100_000;
        long before = thread.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < times; i++) sum += ids.connectionOf(packet);
        assertThat(thread.getCurrentThreadAllocatedBytes() - before).isLessThan(times);
        assertThat(sum).isEqualTo((times + 1L) * ids.connectionOf(packet));
    }
}
