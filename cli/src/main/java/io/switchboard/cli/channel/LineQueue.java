package io.switchboard.cli.channel;

import java.util.ArrayDeque;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Lines between the thread that reads them and the one that publishes them. It holds at most {@value #LINES_MAX} lines
 * and about {@value #BYTES_MAX} bytes; when it is full, the reader waits, and so does whoever writes to its pipe.
 */
final class LineQueue {
    static final int LINES_MAX = 10_000;
    static final int BYTES_MAX = 8 << 20;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final ArrayDeque<Line> lines = new ArrayDeque<>(); // these three: who holds the lock
    private long bytes;
    private boolean ended;

    /** Blocks while it is full. */
    void put(Line line) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (lines.size() >= LINES_MAX || bytes >= BYTES_MAX) changed.await();
            lines.add(line);
            bytes += line.bytes().length;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** No line will come any more. */
    void end() {
        lock.lock();
        try {
            ended = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Whether {@link #take} would have to wait. */
    boolean isEmpty() {
        lock.lock();
        try {
            return lines.isEmpty() && !ended;
        } finally {
            lock.unlock();
        }
    }

    /** The next line, good or bad, when there is one; empty at the end. */
    Optional<Line> take() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (lines.isEmpty() && !ended) changed.await();
            return Optional.ofNullable(remove());
        } finally {
            lock.unlock();
        }
    }

    /** The next line if it is already there, is good, and has no more than so many bytes. */
    Optional<Line> takeFitting(long bytesMax) {
        lock.lock();
        try {
            Line next = lines.peek();
            if (next == null || next.flaw().isPresent() || next.bytes().length > bytesMax) return Optional.empty();
            return Optional.ofNullable(remove());
        } finally {
            lock.unlock();
        }
    }

    private @Nullable Line remove() {
        Line line = lines.poll();
        if (line != null) bytes -= line.bytes().length;
        changed.signalAll();
        return line;
    }
}
