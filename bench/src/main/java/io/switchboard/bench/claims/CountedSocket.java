package io.switchboard.bench.claims;

import java.io.FilterInputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.util.concurrent.atomic.AtomicLong;

/** A connection that counts what TCP takes and gives: below TLS, if that is spoken over it. One reader and one writer. */
final class CountedSocket extends Socket {
    private final AtomicLong in = new AtomicLong();
    private final AtomicLong out = new AtomicLong();

    long bytesIn() {
        return in.get();
    }

    long bytesOut() {
        return out.get();
    }

    @Override
    public InputStream getInputStream() throws IOException {
        return new FilterInputStream(super.getInputStream()) {
            @Override
            public int read() throws IOException {
                int read = super.read();
                if (read >= 0) CountedSocket.this.in.incrementAndGet();
                return read;
            }

            @Override
            public int read(byte[] bytes, int from, int length) throws IOException {
                int read = super.read(bytes, from, length);
                if (read > 0) CountedSocket.this.in.addAndGet(read);
                return read;
            }
        };
    }

    @Override
    public OutputStream getOutputStream() throws IOException {
        return new FilterOutputStream(super.getOutputStream()) {
            @Override
            public void write(int b) throws IOException {
                CountedSocket.this.out.incrementAndGet();
                out.write(b);
            }

            @Override
            public void write(byte[] bytes, int from, int length) throws IOException {
                CountedSocket.this.out.addAndGet(length);
                out.write(bytes, from, length);
            }
        };
    }
}
