package io.switchboard.core.channel;

/**
 * The moving part of a channel, as committed.
 *
 * @param offset after the newest message
 * @param start sequence after which the retained messages begin: the earliest is {@code start + 1}
 * @param bytes payload bytes ever appended up to {@code offset}, inherited and trimmed ones included
 * @param closed whether {@code offset} is final
 */
public record Tail(Offset offset, long start, long bytes, boolean closed) {
    public long sequence() {
        return offset.sequence();
    }
}
