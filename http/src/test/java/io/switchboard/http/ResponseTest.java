package io.switchboard.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
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
}
