package io.switchboard.core.reading;

import io.switchboard.core.channel.ChannelName;
import io.switchboard.core.channel.ContentType;
import io.switchboard.core.channel.Offset;
import io.switchboard.core.channel.Run;
import java.util.ArrayList;
import java.util.List;

/**
 * Messages on their way to readers, encoded at most once in each form. Belongs to the loop that made
 * it, which releases it when all readers were offered it; an outlet that needs the bytes longer
 * takes its own hold on them.
 */
public final class Delivery {
    private record Memo<E>(Form<E> form, E encoded) {
        void release() {
            form.release(encoded);
        }
    }

    private final ChannelName channel;
    private final Run run;
    private final long payloadBytes;
    private final ContentType type;
    private final boolean reachesTail;
    private final boolean closes;
    private final List<Memo<?>> memos = new ArrayList<>(1);

    /**
     * @param channel where they were published
     * @param run the messages
     * @param type of the channel
     * @param reachesTail whether nothing was committed after them yet
     * @param closes whether nothing ever will be
     */
    public Delivery(ChannelName channel, Run run, ContentType type, boolean reachesTail, boolean closes) {
        this.channel = channel;
        this.run = run;
        this.payloadBytes = run.payloadBytes();
        this.type = type;
        this.reachesTail = reachesTail;
        this.closes = closes;
    }

    public ChannelName channel() {
        return channel;
    }

    public Run run() {
        return run;
    }

    /** Of all messages together. */
    long payloadBytes() {
        return payloadBytes;
    }

    public ContentType type() {
        return type;
    }

    public boolean reachesTail() {
        return reachesTail;
    }

    public boolean closes() {
        return closes;
    }

    public Offset lastOffset() {
        return run.lastOffset();
    }

    /** These messages in {@code form}; valid until the delivery is released. */
    @SuppressWarnings("unchecked") // a memo holds what its own form encoded
    public <E> E as(Form<E> form) {
        for (Memo<?> memo : memos) {
            if (memo.form().equals(form)) return (E) memo.encoded();
        }
        E encoded = form.encode(this);
        memos.add(new Memo<>(form, encoded));
        return encoded;
    }

    public void release() {
        for (Memo<?> memo : memos) memo.release();
        memos.clear();
    }
}
