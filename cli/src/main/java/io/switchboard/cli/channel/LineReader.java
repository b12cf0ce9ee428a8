package io.switchboard.cli.channel;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;

/** Reads lines into a queue, on a thread of its own, and looks at each: what is no message ends it. */
final class LineReader {
    /** As much as a client publishes in one step. */
    private static final int LINE_BYTES_MAX = 8 << 20;

    private final BufferedInputStream in;
    private final MessageCheck check;
    private final LineQueue queue;

    LineReader(InputStream in, MessageCheck check, LineQueue queue) {
        this.in = new BufferedInputStream(in, 64 * 1024);
        this.check = check;
        this.queue = queue;
    }

    /** The thread is a daemon: nothing ends a read from a terminal. */
    void start() {
        Thread.ofPlatform().daemon().name("lines").start(this::run);
    }

    private void run() {
        long number = 1;
        try {
            ByteArrayOutputStream line = new ByteArrayOutputStream();
            for (int c = in.read(); ; c = in.read()) {
                if (c != '\n' && c >= 0) {
                    line.write(c);
                    if (line.size() <= LINE_BYTES_MAX) continue;
                    queue.put(Line.bad(
                            number, "Line " + number + " is longer than 8 MB; split it, or send it with curl."));
                    return;
                }
                byte[] bytes = line.toByteArray();
                if (!isBlank(bytes) && !take(number, bytes)) return;
                if (c < 0) return;
                line.reset();
                number++;
            }
        } catch (IOException unreadable) {
            fail(number);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        } finally {
            queue.end();
        }
    }

    private boolean take(long number, byte[] line) throws InterruptedException {
        byte[] message = check.trim(line);
        var flaw = check.flaw(message);
        queue.put(flaw.isEmpty() ? Line.good(number, message) : Line.bad(number, "Line " + number + " " + flaw.get()));
        return flaw.isEmpty();
    }

    private void fail(long number) {
        try {
            queue.put(Line.bad(number, "The input cannot be read after line " + (number - 1) + "."));
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    private static boolean isBlank(byte[] line) {
        for (byte b : line) {
            if (b != ' ' && b != '\t' && b != '\r') return false;
        }
        return true;
    }
}
