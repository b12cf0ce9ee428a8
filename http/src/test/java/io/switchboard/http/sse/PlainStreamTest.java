package io.switchboard.http.sse;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.switchboard.core.channel.Block;
import io.switchboard.core.channel.ChannelName;
import io.switchboard.core.channel.ContentType;
import io.switchboard.core.channel.Offset;
import io.switchboard.core.channel.Payloads;
import io.switchboard.core.channel.Run;
import io.switchboard.core.figures.Figures;
import io.switchboard.core.reading.Delivery;
import io.switchboard.core.reading.Feed;
import io.switchboard.core.reading.Page;
import io.switchboard.core.reading.ReadFrom;
import io.switchboard.core.time.Loop;
import io.switchboard.http.Framing;
import io.switchboard.http.Sink;
import io.switchboard.testkit.sim.SimWorld;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class PlainStreamTest {
    private final StringBuilder sent = new StringBuilder();
    private final PlainStream stream = new PlainStream(new ChannelName("a"), 25_000);

    PlainStreamTest() {
        Feed feed = new Feed(new ChannelName("c"), new SimWorld(1).newLoop(), new Nowhere(), Figures.unseen(), () -> 0);
        stream.begin(new Recorder(), feed.open(new ReadFrom.Now(), stream, false));
    }

    private static final class Nowhere implements Feed.Source {
        @Override
        public void register(Feed feed) {}

        @Override
        public void unregister(Feed feed) {}

        @Override
        public void page(ChannelName channel, ReadFrom from, int bytesMax, Loop answerOn, Consumer<Page> answer) {}

        @Override
        public Feed successor(Feed deleted) {
            return deleted;
        }
    }

    private final class Recorder implements Sink {
        @Override
        public Framing framing() {
            return Framing.BARE;
        }

        @Override
        public boolean isWritable() {
            return true;
        }

        @Override
        public void write(ByteBuf framed) {
            sent.append(framed.toString(StandardCharsets.UTF_8));
            framed.release();
        }

        @Override
        public void share(ByteBuf framed) {
            sent.append(framed.toString(StandardCharsets.UTF_8));
        }

        @Override
        public void end() {}

        @Override
        public void wakeAt(long millis) {}

        @Override
        public long lastWriteMillis() {
            return 0;
        }
    }

    private void offer(int message) {
        Payloads payloads = Payloads.one(Integer.toString(message).getBytes(StandardCharsets.UTF_8));
        Block block = new Block.Builder(7, message, 0).append(payloads, 0, null).build();
        Delivery delivery = new Delivery(new ChannelName("a"), Run.of(block), ContentType.JSON, true, false);
        stream.offer(delivery);
        delivery.release();
    }

    @Test
    void whoBeginsNowCanComeBackBeforeTheFirstMessage() {
        stream.caughtUp(new Offset(7, 4));
        assertThat(sent).asString().isEqualTo("id:a7a4\n\n");
        offer(5);
        stream.caughtUp(new Offset(7, 5));
        assertThat(sent).asString().isEqualTo("id:a7a4\n\nid:a7a5\ndata:5\n\n");
    }

    @Test
    void whoHadSomethingToCatchUpOnHasAnIdAlready() {
        offer(1);
        stream.caughtUp(new Offset(7, 1));
        assertThat(sent).asString().isEqualTo("id:a7a1\ndata:1\n\n");
    }
}
