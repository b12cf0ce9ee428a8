package io.switchboard.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.FileRegion;
import io.netty.channel.embedded.EmbeddedChannel;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Parts of files that an answer was given: whatever becomes of it, each is closed, and whoever counts them told once. */
class ResponseTest {
    @TempDir
    Path folder;

    interface Fate {
        void of(Response response, EmbeddedChannel channel, ChannelHandlerContext ctx);
    }

    private static Arguments fate(String name, Fate fate) {
        return Arguments.of(name, fate);
    }

    static Stream<Arguments> fates() {
        return Stream.of(
                fate("nobody is there to send it to", (response, channel, ctx) -> response.release()),
                fate(
                        "only its head is asked for",
                        (response, channel, ctx) -> channel.writeOutbound(response.begin(ctx, true))),
                fate("it is sent", (response, channel, ctx) -> channel.writeOutbound(response.begin(ctx, false))),
                fate("the client leaves first", (response, channel, ctx) -> {
                    response.begin(ctx, false);
                    channel.close();
                    assertThatThrownBy(channel::checkException).isInstanceOf(ClosedChannelException.class);
                }),
                fate("the client has left", (response, channel, ctx) -> {
                    channel.close();
                    response.begin(ctx, false);
                }));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("fates")
    void partsAreClosedOnce(String name, Fate fate) throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "twelve bytes");
        List<FileChannel> files = List.of(FileChannel.open(file), FileChannel.open(file));
        AtomicInteger closed = new AtomicInteger();
        Response response = Response.of(200);
        for (FileChannel open : files) response.file(open, 0, 12, closed::incrementAndGet);
        EmbeddedChannel channel = new EmbeddedChannel(new ChannelInboundHandlerAdapter());
        fate.of(response, channel, channel.pipeline().firstContext());
        channel.releaseOutbound();
        assertThat(closed).hasValue(2);
        assertThat(files).noneMatch(FileChannel::isOpen);
        channel.close();
    }

    @Test
    void aLongFileIsSentInPiecesWithPausesBetween() throws IOException {
        long length = 2 * Response.PIECE_BYTES + 7;
        AtomicInteger closed = new AtomicInteger();
        FileChannel open = FileChannel.open(Files.writeString(folder.resolve("file"), "few bytes"));
        Response response = Response.of(200).file(open, 3, length, closed::incrementAndGet);
        assertThat(response.length()).isEqualTo(length);
        EmbeddedChannel channel = new EmbeddedChannel(new ChannelInboundHandlerAdapter());
        channel.writeOutbound(response.begin(channel.pipeline().firstContext(), false));

        List<FileRegion> sent = new ArrayList<>();
        for (Object message : channel.outboundMessages()) {
            if (message instanceof FileRegion region) sent.add(region);
        }
        assertThat(sent).hasSize(5);
        assertThat(sent.stream().filter(region -> !(region instanceof Pause)))
                .extracting(FileRegion::position, FileRegion::count)
                .containsExactly(
                        tuple(3L, Response.PIECE_BYTES),
                        tuple(3 + Response.PIECE_BYTES, Response.PIECE_BYTES),
                        tuple(3 + 2 * Response.PIECE_BYTES, 7L));
        assertThat(sent.get(1)).isInstanceOf(Pause.class);
        assertThat(sent.get(3)).isInstanceOf(Pause.class);
        for (FileRegion region : sent.subList(0, 4)) region.release();
        assertThat(open.isOpen()).isTrue();
        sent.getLast().release();
        assertThat(open.isOpen()).isFalse();
        assertThat(closed).hasValue(1);
    }

    @Test
    void aPauseIsOverOnceItHasKeptTheSocketFromMore() {
        Pause pause = new Pause();
        assertThat(pause.transferred()).isLessThan(pause.count());
        assertThat(pause.transferTo(Channels.newChannel(OutputStream.nullOutputStream()), 0))
                .isZero();
        assertThat(pause.transferred()).isEqualTo(pause.count());
    }
}
