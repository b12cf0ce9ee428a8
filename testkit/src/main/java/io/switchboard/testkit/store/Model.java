package io.switchboard.testkit.store;

import io.switchboard.core.store.AppendOutcome;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A store that is too simple to be wrong: every channel has a list of all its messages, and a fork
 * copies them. It says what an outcome must look like, not what it is: offsets are checked by
 * {@link ModelRun}.
 */
final class Model {
    /** What {@code count/**} keeps. */
    static final int COUNTED_MESSAGES = 5;

    static final class Channel {
        final String name;
        final @Nullable Channel parent;
        final List<String> messages = new ArrayList<>();
        final List<Integer> appendStarts = new ArrayList<>(); // indices into messages
        final Map<String, long[]> producers = new HashMap<>();
        int start;
        int forks;
        boolean closed;
        boolean deleted;
        final String asked;

        Channel(String name, @Nullable Channel parent, String asked) {
            this.name = name;
            this.parent = parent;
            this.asked = asked;
        }

        void append(List<String> more) {
            if (more.isEmpty()) return;
            appendStarts.add(messages.size());
            messages.addAll(more);
            if (name.startsWith("count/")) start = Math.max(start, messages.size() - COUNTED_MESSAGES);
        }

        List<String> retained() {
            return messages.subList(start, messages.size());
        }
    }

    final TreeMap<String, Channel> channels = new TreeMap<>();

    String create(String name, List<String> initial, boolean closed) {
        String asked = "own";
        Channel there = channels.get(name);
        if (there != null) return existing(there, asked, closed);
        Channel channel = new Channel(name, null, asked);
        channels.put(name, channel);
        channel.append(initial);
        channel.closed = closed;
        return "Created";
    }

    private static String existing(Channel there, String asked, boolean closed) {
        if (there.deleted) return "Conflict[reason=DELETED_BUT_FORKED]";
        if (there.closed != closed) return "Conflict[reason=OTHER_CLOSURE]";
        return there.asked.equals(asked) ? "Existed" : "Conflict[reason=OTHER_FORK]";
    }

    /** @param at how many messages to inherit; -1 for all, -2 for none that is retained */
    String fork(String name, String sourceName, int at, int subOffset, String asked, List<String> initial) {
        Channel there = channels.get(name);
        if (there != null) return existing(there, asked, false);
        Channel source = channels.get(sourceName);
        if (source == null) return "SourceNotFound";
        if (source.deleted) return "SourceConflict[reason=DELETED_BUT_FORKED]";
        int sequence = at == -1 ? source.messages.size() : at == -2 ? source.start : at;
        if (sequence < source.start || sequence > source.messages.size()) return "BadForkPosition";
        List<String> part = new ArrayList<>();
        int left = subOffset;
        int through = sequence;
        while (left > 0) {
            boolean nextAppend = through > sequence && source.appendStarts.contains(through);
            if (through == source.messages.size() || nextAppend) return "BadForkPosition";
            String message = source.messages.get(through);
            if (message.length() > left) {
                part.add(message.substring(0, left));
                left = 0;
            } else {
                left -= message.length();
                through++;
            }
        }
        Channel fork = new Channel(name, source, asked);
        channels.put(name, fork);
        fork.messages.addAll(source.messages.subList(0, through));
        for (int first : source.appendStarts) {
            if (first < through) fork.appendStarts.add(first);
        }
        fork.start = source.start;
        source.forks++;
        fork.append(part);
        fork.append(initial);
        return "Created";
    }

    String append(String name, List<String> messages, boolean close, @Nullable String producer, long epoch, long seq) {
        Channel channel = channels.get(name);
        if (channel == null) return "NotFound";
        if (channel.deleted) return "Gone";
        long[] known = producer == null ? null : channel.producers.get(producer);
        if (known != null) {
            if (epoch < known[0]) return new AppendOutcome.StaleEpoch(known[0]).toString();
            if (epoch == known[0] && seq <= known[1]) return "Duplicate " + known[0] + " " + known[1];
            if (epoch > known[0] && seq != 0) return "EpochNotAtZero";
        }
        if (channel.closed) return producer == null && messages.isEmpty() ? "Appended" : "Closed";
        if (producer != null) {
            long expected = known == null || epoch > known[0] ? 0 : known[1] + 1;
            if (seq != expected) return new AppendOutcome.SequenceGap(expected, seq).toString();
            channel.producers.put(producer, new long[] {epoch, seq});
        }
        channel.append(messages);
        channel.closed = close;
        return "Appended";
    }

    /** Whether deleting it touches the channel it was forked from too. */
    boolean isFork(String name) {
        Channel channel = channels.get(name);
        return channel != null && channel.parent != null;
    }

    String delete(String name) {
        Channel channel = channels.get(name);
        if (channel == null) return "NotFound";
        if (channel.deleted) return "Gone";
        channel.deleted = true;
        for (Channel at = channel; at != null && at.deleted && at.forks == 0; at = at.parent) {
            channels.remove(at.name);
            if (at.parent != null) at.parent.forks--;
        }
        return "Deleted";
    }
}
