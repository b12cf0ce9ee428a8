package io.switchboard.bench;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.SocketTimeoutException;
import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * The side of a {@link Conversation} on the event loop: what comes waits in a queue for who reads. Its lane's thread, but for the
 * conversation itself.
 */
final class Speech extends Client {
    /** Pieces of up to 64 KB that wait; whoever leaves more of them unread loses the connection. */
    private static final int PIECES_MAX = 4_096;

    /** Done when it may speak, or with the reason why it never will. */
    final CompletableFuture<Optional<Trouble>> there = new CompletableFuture<>();

    private final BlockingQueue<byte[]> pieces = new LinkedBlockingQueue<>(PIECES_MAX);
    private volatile int patienceMillis;

    Speech(Lane lane, Fleet fleet, int patienceMillis) {
        super(lane, fleet);
        this.patienceMillis = patienceMillis;
    }

    @Override
    boolean isReader() {
        return true; // its version of HTTP is what is asked for
    }

    @Override
    void opened() {
        ready();
        there.complete(Optional.empty());
    }

    @Override
    void received(byte[] bytes, int from, int to, long now) {
        if (!pieces.offer(Arrays.copyOfRange(bytes, from, to))) gone(Trouble.NONSENSE);
    }

    @Override
    void ended(Trouble trouble) {
        there.complete(Optional.of(trouble));
        pieces.offer(new byte[0]); // whoever waits looks up; if it is full, nobody waits
    }

    /** Any thread. */
    void end() {
        lane.eventLoop.execute(() -> gone(Trouble.CLOSED));
    }

    Conversation conversation() {
        return new Spoken();
    }

    private final class Spoken implements Conversation {
        private final InputStream input = new Incoming();
        private final OutputStream output = new Outgoing();

        @Override
        public InputStream input() {
            return input;
        }

        @Override
        public OutputStream output() {
            return output;
        }

        @Override
        public long bytesIn() {
            return Engine.on(lane, mine -> cameBytes());
        }

        @Override
        public long bytesOut() {
            return Engine.on(lane, mine -> wentBytes());
        }

        @Override
        public void patience(int millis) {
            patienceMillis = millis;
        }

        @Override
        public void close() {
            end();
        }
    }

    /** One thread reads it. */
    private final class Incoming extends InputStream {
        private byte[] piece = new byte[0];
        private int at;

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] bytes, int from, int length) throws IOException {
            Objects.checkFromIndexSize(from, length, bytes.length);
            if (length == 0) return 0;
            while (at == piece.length) {
                if (isGone() && pieces.isEmpty()) return -1;
                piece = next();
                at = 0;
            }
            int count = Math.min(length, piece.length - at);
            System.arraycopy(piece, at, bytes, from, count);
            at += count;
            return count;
        }

        private byte[] next() throws IOException {
            try {
                byte[] next = pieces.poll(patienceMillis, TimeUnit.MILLISECONDS);
                if (next == null) throw new SocketTimeoutException("nothing came for " + patienceMillis + " ms");
                return next;
            } catch (InterruptedException ended) {
                Thread.currentThread().interrupt();
                throw new IOException("interrupted", ended);
            }
        }
    }

    private final class Outgoing extends OutputStream {
        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int from, int length) throws IOException {
            if (isGone()) throw new IOException("The connection is closed.");
            byte[] whole = Arrays.copyOfRange(bytes, from, from + length);
            lane.eventLoop.execute(() -> {
                if (!isGone()) Speech.this.write(whole);
            });
        }
    }
}
