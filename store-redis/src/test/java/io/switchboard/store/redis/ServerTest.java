package io.switchboard.store.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class ServerTest {
    /** As where each append is told to go to a server that is down. */
    @Test
    void whoHangsUpIsNotDialledByEachWhoWantsIt() throws IOException {
        AtomicInteger taken = new AtomicInteger();
        try (ServerSocket socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
                Dial dial = new Dial(RedisSettings.of("redis://127.0.0.1:" + socket.getLocalPort()))) {
            Thread.startVirtualThread(() -> hangUp(socket, taken));
            Place place = new Place("127.0.0.1", socket.getLocalPort());
            Server server = new Server(place, dial, true, slot -> true, () -> {});
            long begun = System.nanoTime();
            int asked = 0;
            for (; asked < 1_000; asked++) {
                assertThatThrownBy(() -> server.open().join()).isInstanceOf(CompletionException.class);
            }
            long pauses = Duration.ofNanos(System.nanoTime() - begun).toMillis() / 50;
            assertThat(taken.get()).isBetween(1, (int) (4 * (1 + pauses))); // some tries of a handshake each
            int before = taken.get();
            await().until(() -> {
                assertThatThrownBy(() -> server.open().join()).isInstanceOf(CompletionException.class);
                return taken.get() > before;
            });
        }
    }

    private static void hangUp(ServerSocket socket, AtomicInteger taken) {
        while (!socket.isClosed()) {
            try {
                socket.accept().close();
                taken.incrementAndGet();
            } catch (IOException e) {
                return; // the test is over
            }
        }
    }
}
