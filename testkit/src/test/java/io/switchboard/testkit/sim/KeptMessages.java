package io.switchboard.testkit.sim;

import io.switchboard.core.channel.Retention;
import java.util.ArrayList;
import java.util.List;

/**
 * What a channel's retention says must be there, by its words alone: the newest message, and whatever is within its
 * messages, bytes and age. A store takes whole blocks, and may take them later than it could, so it has more; readers
 * may be told that everything else is gone, whether a commit has written that down or not.
 */
final class KeptMessages {
    private record Message(long sequence, long bytesThrough, long millis) {}

    private final Retention retention;
    private final List<Message> messages = new ArrayList<>();

    KeptMessages(Retention retention) {
        this.retention = retention;
    }

    /** The next message. */
    void committed(long sequence, int bytes, long millis) {
        messages.add(new Message(sequence, bytes() + bytes, millis));
    }

    /** After a crash: nothing behind {@code sequence} is there. */
    void cutBehind(long sequence) {
        messages.removeIf(message -> message.sequence() > sequence);
    }

    /** The last message that may be gone; 0 for none. */
    long goneThrough(long nowMillis) {
        for (int i = messages.size() - 2; i >= 0; i--) {
            Message message = messages.get(i);
            if (mayGo(message, nowMillis)) return message.sequence();
        }
        return 0;
    }

    private boolean mayGo(Message message, long nowMillis) {
        return messages.getLast().sequence() - message.sequence() >= retention.messagesMax()
                || bytes() - message.bytesThrough() >= retention.bytesMax()
                || nowMillis - message.millis() > retention.ageMaxMillis();
    }

    private long bytes() {
        return messages.isEmpty() ? 0 : messages.getLast().bytesThrough();
    }
}
