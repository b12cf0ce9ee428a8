package io.switchboard.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.UnpooledByteBufAllocator;
import org.junit.jupiter.api.Test;

/** A check for leaks that finds none proves nothing, unless it finds this one. Netty logs it as an error as well. */
class LeakCheckTest {
    @Test
    void aBufferThatNobodyReleasesIsFound() throws InterruptedException {
        for (ByteBufAllocator allocator :
                new ByteBufAllocator[] {ByteBufAllocator.DEFAULT, UnpooledByteBufAllocator.DEFAULT}) {
            allocator.directBuffer(16).release();
            assertThat(LeakCheck.leaks()).isEmpty();
            leak(allocator, allocator.toString());
            assertThat(LeakCheck.leaks()).singleElement().asString().contains("leaked on purpose");
        }
    }

    private static void leak(ByteBufAllocator allocator, String hint) {
        ByteBuf leaked = allocator.directBuffer(16);
        leaked.touch("leaked on purpose: " + hint);
    }
}
