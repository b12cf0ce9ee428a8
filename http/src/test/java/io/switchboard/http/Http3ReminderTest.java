package io.switchboard.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** When the codec is reminded: while packets come and a little longer, and not at all where none do. */
class Http3ReminderTest {
    private int reminded;

    private EmbeddedChannel socket() {
        EmbeddedChannel socket = new EmbeddedChannel(new Http3Reminder(), new ChannelInboundHandlerAdapter() {
            @Override
            public void channelWritabilityChanged(ChannelHandlerContext ctx) {
                reminded++;
            }
        });
        socket.freezeTime();
        return socket;
    }

    private static void pass(EmbeddedChannel socket, long millis) {
        socket.advanceTimeBy(millis, TimeUnit.MILLISECONDS);
        socket.runScheduledPendingTasks();
    }

    @Test
    void itIsRemindedWhilePacketsComeAndALittleLonger() {
        EmbeddedChannel socket = socket();
        for (int i = 0; i < 10; i++) {
            socket.writeInbound("packet");
            socket.writeInbound("packet");
            pass(socket, Http3Reminder.EVERY_MILLIS);
        }
        assertThat(reminded).isEqualTo(10);
        for (int i = 0; i < 10 * Http3Reminder.TIMES; i++) pass(socket, Http3Reminder.EVERY_MILLIS);
        assertThat(reminded).isEqualTo(10 + Http3Reminder.TIMES - 1);
        socket.writeInbound("packet"); // and again
        pass(socket, Http3Reminder.EVERY_MILLIS);
        assertThat(reminded).isEqualTo(10 + Http3Reminder.TIMES);
    }

    @Test
    void whereNothingComesNothingIsDone() {
        EmbeddedChannel socket = socket();
        pass(socket, 1_000_000);
        assertThat(reminded).isZero();
        socket.writeInbound("packet");
        socket.close();
        pass(socket, 1_000_000);
        assertThat(reminded).isZero();
    }
}
