package io.switchboard.http.sse;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.switchboard.core.channel.Block;
import io.switchboard.core.channel.ChannelInfo;
import io.switchboard.core.channel.ChannelName;
import io.switchboard.core.channel.ContentType;
import io.switchboard.core.channel.Expiry;
import io.switchboard.core.channel.Lineage;
import io.switchboard.core.channel.Offset;
import io.switchboard.core.channel.Payloads;
import io.switchboard.core.channel.Run;
import io.switchboard.core.channel.Tail;
import io.switchboard.core.figures.Figures;
import io.switchboard.core.reading.Feed;
import io.switchboard.core.reading.Page;
import io.switchboard.core.reading.ReadFrom;
import io.switchboard.core.time.Loop;
import io.switchboard.http.Framing;
import io.switchboard.http.Sink;
import io.switchboard.testkit.sim.SimLoop;
import io.switchboard.testkit.sim.SimWorld;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class PlainStreamTest {
    private static final ChannelName NAME = new ChannelName("a");
    private static final ChannelInfo INFO =
            new ChannelInfo(NAME, 1, ContentType.JSON, new Expiry.Never(), Lineage.createdIn(7), 0);

    private final StringBuilder sent = new StringBuilder();
    private final SimLoop loop = new SimWorld(1).newLoop();
    private final ArrayDeque<Consumer<Page>> looks = new ArrayDeque<>();
    private final Feed feed = new Feed(NAME, loop, new Owner(), Figures.unseen(), () -> 0);

    PlainStreamTest() {
        PlainStream stream = new PlainStream(NAME, 25_000);
        stream.begin(new Recorder(), feed.open(new ReadFrom.Now(), stream, false));
    }

    private final class Owner implements Feed.Source {
        @Override
        public void register(Feed feed) {}

        @Override
        public void unregister(Feed feed) {}

        @Override
        public void page(ChannelName channel, ReadFrom from, int bytesMax, Loop answerOn, Consumer<Page> answer) {
            looks.add(answer);
        }

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

    private static Tail tail(long sequence) {
        return new Tail(new Offset(7, sequence), 0, 0, false);
    }

    private static Block message(int sequence) {
        Payloads payloads = Payloads.one(Integer.toString(sequence).getBytes(StandardCharsets.UTF_8));
        return new Block.Builder(7, sequence, 0).append(payloads, 0, null).build();
    }

    @Test
    void whoBeginsNowCanComeBackBeforeTheFirstMessage() {
        feed.registered(ContentType.JSON, tail(4));
        looks.remove().accept(new Page.AtTail(INFO, tail(4)));
        assertThat(sent).asString().isEqualTo("id:a7a4\n\n");
        feed.committed(message(5), tail(5), () -> false);
        while (loop.ready()) loop.step();
        assertThat(sent).asString().isEqualTo("id:a7a4\n\nid:a7a5\ndata:5\n\n");
    }

    @Test
    void whoHadSomethingToCatchUpOnHasAnIdAlready() {
        feed.registered(ContentType.JSON, tail(1));
        looks.remove().accept(new Page.Messages(INFO, tail(1), Run.of(message(1))));
        assertThat(sent).asString().isEqualTo("id:a7a1\ndata:1\n\n");
    }
}
