package io.switchboard.server;

import io.switchboard.http.AccessLog;
import io.switchboard.server.config.AccessLogTo;
import java.io.ByteArrayOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/**
 * Writes a line of JSON for each request, on a thread of its own: no loop waits for a disk or a pipe. What finds no
 * room in its queue is counted, and the count is a line too.
 */
final class AccessLogFile implements AccessLog, AutoCloseable {
    static final int WAITING_MAX = 10_000;
    private static final long CLOSE_MILLIS = 2_000;
    private static final long LOOK_MILLIS = 250;
    private static final int PIECE_BYTES = 64 * 1024;
    private static final Logger LOG = LoggerFactory.getLogger(AccessLogFile.class);
    private static final JsonFactory JSON = new JsonFactory();

    private final OutputStream out;
    private final BlockingQueue<Served> waiting = new ArrayBlockingQueue<>(WAITING_MAX);
    private final AtomicLong dropped = new AtomicLong();
    private final Thread writer;
    private volatile boolean closing;
    private boolean failed; // the writer's

    /** @param out is closed with this log */
    AccessLogFile(OutputStream out) {
        this.out = out;
        writer = Thread.ofPlatform().daemon().name("access-log").start(this::run);
    }

    @Override
    public void served(Served served) {
        if (!waiting.offer(served)) dropped.incrementAndGet();
    }

    // Never interrupted: that would close the file under a write.
    private void run() {
        try {
            boolean last = false;
            while (!last) {
                last = closing; // what came before that is written yet
                Served next = waiting.poll(last ? 0 : LOOK_MILLIS, TimeUnit.MILLISECONDS);
                while (next != null) {
                    ByteArrayOutputStream lines = new ByteArrayOutputStream(512);
                    for (; next != null && lines.size() < PIECE_BYTES; next = waiting.poll()) write(next, lines);
                    flush(lines);
                }
                long lost = dropped.getAndSet(0);
                if (lost > 0) flush(line("{\"dropped\":" + lost + "}\n"));
            }
        } catch (InterruptedException e) {
            LOG.error("The access log has ended", e);
        }
    }

    private static ByteArrayOutputStream line(String text) {
        ByteArrayOutputStream line = new ByteArrayOutputStream(text.length());
        line.writeBytes(text.getBytes(StandardCharsets.US_ASCII));
        return line;
    }

    // Told of once; a disk that has space again is written to again.
    private void flush(ByteArrayOutputStream lines) {
        try {
            lines.writeTo(out);
            out.flush();
            failed = false;
        } catch (IOException e) {
            if (!failed) LOG.warn("The access log cannot be written: {}", e.getMessage());
            failed = true;
        }
    }

    private static void write(Served served, OutputStream to) {
        try (JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), new Unclosed(to))) {
            json.writeStartObject();
            json.writeStringProperty(
                    "time", Instant.ofEpochMilli(served.beganMillis()).toString());
            json.writeStringProperty("address", served.address());
            if (served.subject() != null) json.writeStringProperty("sub", served.subject());
            json.writeStringProperty("method", served.method());
            json.writeStringProperty("path", served.path());
            json.writeStringProperty("http", served.version());
            json.writeNumberProperty("status", served.status());
            json.writeNumberProperty("bytes", served.bytes());
            json.writeNumberProperty("millis", served.millis());
            json.writeEndObject();
            json.writeRaw('\n');
        }
    }

    /** Whoever writes one line must not close what all are written to. */
    private static final class Unclosed extends FilterOutputStream {
        Unclosed(OutputStream out) {
            super(out);
        }

        @Override
        public void write(byte[] bytes, int from, int length) throws IOException {
            out.write(bytes, from, length);
        }

        @Override
        public void close() {}
    }

    /** Writes what is waiting, and ends. Blocks for {@value #CLOSE_MILLIS} ms at most. */
    @Override
    public void close() {
        closing = true;
        try {
            writer.join(CLOSE_MILLIS);
            out.close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            LOG.warn("The access log could not be closed: {}", e.getMessage());
        }
    }

    /** @return null if none is wanted */
    static @Nullable AccessLogFile open(AccessLogTo to) throws IOException {
        // not a switch over types: the first one of a process costs its start more than all of this file
        if (to instanceof AccessLogTo.Nowhere) return null;
        OutputStream out = to instanceof AccessLogTo.File(Path path)
                ? Files.newOutputStream(path, StandardOpenOption.CREATE, StandardOpenOption.APPEND)
                : new Unclosed(new FileOutputStream(FileDescriptor.out));
        return new AccessLogFile(out);
    }
}
