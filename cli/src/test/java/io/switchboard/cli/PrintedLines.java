package io.switchboard.cli;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** What a command prints, line by line, for a test that waits for it. Can be closed from the reader's side. */
final class PrintedLines extends OutputStream {
    private static final long LINE_SECONDS_MAX = 20;

    private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();
    private final ByteArrayOutputStream line = new ByteArrayOutputStream(); // only the thread that writes
    private volatile boolean closed;

    /** From now on it is a pipe that nobody reads. */
    void closeReader() {
        closed = true;
    }

    String next() {
        try {
            String next = lines.poll(LINE_SECONDS_MAX, TimeUnit.SECONDS);
            if (next == null) throw new AssertionError("no further line in " + LINE_SECONDS_MAX + " s");
            return next;
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    List<String> next(int count) {
        List<String> next = new ArrayList<>();
        for (int i = 0; i < count; i++) next.add(next());
        return next;
    }

    /** All that has come and was not taken. */
    List<String> rest() {
        List<String> rest = new ArrayList<>();
        lines.drainTo(rest);
        return rest;
    }

    @Override
    public void write(int b) throws IOException {
        if (closed) throw new IOException("Broken pipe");
        if (b == '\n') {
            lines.add(line.toString(StandardCharsets.UTF_8));
            line.reset();
        } else {
            line.write(b);
        }
    }
}
