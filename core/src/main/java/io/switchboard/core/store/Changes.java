package io.switchboard.core.store;

import java.util.List;

/**
 * What one commit changes. A channel whose policy promises nothing skips the log; to keep what is
 * found after a crash a prefix of what was written, all later changes of such a channel skip it too,
 * and one that must not is preceded by making everything before it durable.
 *
 * @param unlogged may be lost in a crash, but only together with everything unlogged after it
 * @param flushFirst whether all that is unlogged so far, {@code unlogged} included, becomes durable first
 * @param logged survive the end of the process, in one step
 */
public record Changes(List<Change> unlogged, boolean flushFirst, List<Change> logged) {
    public boolean isEmpty() {
        return unlogged.isEmpty() && logged.isEmpty();
    }
}
