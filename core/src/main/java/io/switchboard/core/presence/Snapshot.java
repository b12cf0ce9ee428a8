package io.switchboard.core.presence;

import java.util.List;

/** Who was on a channel at one moment: by name, or only how many where they are many. Immutable. */
public sealed interface Snapshot {
    /**
     * All of them, in no order.
     *
     * @param ids each once, up to {@value Presence#NAMED_MAX}
     */
    record Members(List<String> ids) implements Snapshot {
        public Members {
            ids = List.copyOf(ids);
        }

        @Override
        public int count() {
            return ids.size();
        }
    }

    /**
     * Too many to be named.
     *
     * @param count how many, more than {@value Presence#NAMED_AGAIN}
     */
    record Crowd(int count) implements Snapshot {}

    /** How many members there were. */
    int count();
}
