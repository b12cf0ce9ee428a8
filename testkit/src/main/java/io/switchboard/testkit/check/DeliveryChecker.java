package io.switchboard.testkit.check;

import io.switchboard.core.channel.Offset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Holds what readers are told against what happened, and complains where a promise of spec/protocol.md,
 * section 1, was broken: order, no loss, no duplicate, gaps with the right ends, an end that is true
 * and comes once, bounded memory, and everybody at the tail when all is quiet.
 *
 * <p>Facts are told as they happen (from the store, or from whoever appends), and what each reader gets
 * goes to its {@link Watch}. Offsets and payloads are texts. A message's predecessor may be told with
 * it; then a reader that was at another position of the same sequence, one of a lost tail, is found out
 * too. One thread.
 */
public final class DeliveryChecker {
    private static final int COMPLAINTS_MAX = 50;

    /** Where a reader asked to begin. */
    public sealed interface Start {
        record Earliest() implements Start {}

        record Now() implements Start {}

        record Last(long messages) implements Start {}

        record At(String offset) implements Start {}
    }

    /** How a reader may be told to end. */
    public enum End {
        CLOSED,
        DELETED,
        FAILED
    }

    private record Message(@Nullable String before, String payload) {}

    private static final class Channel {
        final Map<String, Message> messages = new HashMap<>();
        final Set<String> roots = new HashSet<>();
        @Nullable String tail; // null while it is not there
        long start;
        @Nullable String closedAt;
        int changes; // removals and tails set back
        long acknowledged;
    }

    private final Map<String, Channel> channels = new HashMap<>();
    private final Map<String, Watch> watches = new LinkedHashMap<>();
    private final List<String> complaints = new ArrayList<>();
    private final long heldBytesMax;
    private boolean mayFail;

    /** @param heldBytesMax what may be held for one reader that does not keep up */
    public DeliveryChecker(long heldBytesMax) {
        this.heldBytesMax = heldBytesMax;
    }

    // ---- what happened ----

    /** A channel is there; its beginning is the position {@code root}. */
    public void created(String channel, String root) {
        Channel c = channel(channel);
        c.roots.add(root);
        c.tail = root;
        c.start = sequence(root);
        c.closedAt = null;
        c.acknowledged = 0;
    }

    /**
     * A message was committed; the channel's tail is behind it.
     *
     * @param before the position it was committed at; null if not known
     */
    public void committed(String channel, @Nullable String before, String offset, String payload) {
        Channel c = channel(channel);
        Message known = c.messages.putIfAbsent(offset, new Message(before, payload));
        if (known != null) complain(channel + ": " + offset + " names two messages");
        c.tail = offset;
    }

    /** Somebody was told that the message before this position is committed. */
    public void acknowledged(String channel, String offset) {
        Channel c = channel(channel);
        if (isOnChain(c, offset)) c.acknowledged = Math.max(c.acknowledged, sequence(offset));
    }

    public void closed(String channel, String at) {
        channel(channel).closedAt = at;
    }

    /** Retention has taken the messages up to {@code through}. */
    public void trimmed(String channel, long through) {
        Channel c = channel(channel);
        c.start = Math.max(c.start, through);
    }

    public void removed(String channel) {
        Channel c = channel(channel);
        if (c.tail != null) c.changes++;
        c.tail = null;
        c.closedAt = null;
    }

    /** After a crash: this is where the channel stands, whatever was committed before. */
    public void restored(String channel, String tail, long start, boolean closed) {
        Channel c = channel(channel);
        if (!tail.equals(c.tail)) c.changes++;
        c.tail = tail;
        c.start = start;
        c.closedAt = closed ? tail : null;
        c.acknowledged = Math.min(c.acknowledged, sequence(tail));
    }

    /** From now on the log may at times be unreadable. */
    public void failuresAreAllowed() {
        mayFail = true;
    }

    /** Where the channel ends as far as the facts say; null while it is not there. */
    public @Nullable String tail(String channel) {
        return channel(channel).tail;
    }

    /** The names of channels that were ever there. */
    public Set<String> channels() {
        return channels.keySet();
    }

    // ---- what readers get ----

    /** A reader begins. Its name is used in complaints; a second one of that name replaces the first. */
    public Watch watch(String reader, String channel, Start start) {
        Watch watch = new Watch(reader, channel, channel(channel), start);
        watches.put(reader, watch);
        return watch;
    }

    /** What one reader was told; its methods are called with everything that reaches it, in order. */
    public final class Watch {
        private static final int GAPS_IN_A_ROW_MAX = 3;

        private final String name;
        private final String channelName;
        private final Channel channel;
        private final Start start;
        private final int changesAtStart;
        private final boolean absentAtStart;
        private final long acknowledgedAtStart;
        private final long tailAtStart;
        private @Nullable String position;
        private @Nullable End end;
        private boolean away;
        private int gapsInARow;

        private Watch(String name, String channelName, Channel channel, Start start) {
            this.name = name;
            this.channelName = channelName;
            this.channel = channel;
            this.start = start;
            this.changesAtStart = channel.changes;
            this.absentAtStart = channel.tail == null;
            this.acknowledgedAtStart = channel.acknowledged;
            this.tailAtStart = channel.tail == null ? 0 : sequence(channel.tail);
            this.position = start instanceof Start.At(String offset) ? offset : null;
        }

        /** After the last message it got, or where it was told to stand; null if it heard nothing yet. */
        public @Nullable String position() {
            return position;
        }

        public @Nullable End end() {
            return end;
        }

        public void message(String offset, String payload) {
            speaks("message " + offset);
            gapsInARow = 0;
            Message message = channel.messages.get(offset);
            if (message == null) {
                complaint("got " + offset + ", which was never committed");
            } else {
                if (!message.payload.equals(payload)) complaint("got another payload than committed at " + offset);
                if (position == null) begins(offset);
                else follows(position, offset, message);
            }
            position = offset;
        }

        private void follows(String at, String offset, Message message) {
            if (sequence(offset) <= sequence(at)) complaint("got " + offset + " again or late, at " + at);
            else if (sequence(offset) > sequence(at) + 1) complaint("lost what lies between " + at + " and " + offset);
            else if (message.before != null && !message.before.equals(at)) {
                complaint("went on from " + at + " to " + offset + ", which follows " + message.before);
            }
        }

        private void begins(String offset) {
            long after = sequence(offset) - 1;
            boolean undisturbed = channel.changes == changesAtStart;
            switch (start) {
                case Start.Earliest e -> {
                    if (after > channel.start) complaint("began at " + offset + " behind the earliest");
                }
                case Start.Last(long messages) -> {
                    long tail = channel.tail == null ? Long.MAX_VALUE : sequence(channel.tail);
                    if (undisturbed && after > Math.max(channel.start, tail - messages)) {
                        complaint("began at " + offset + " with fewer than the last " + messages);
                    }
                    if (undisturbed && after < acknowledgedAtStart - messages) {
                        complaint("began at " + offset + " with more than the last " + messages);
                    }
                }
                case Start.Now n -> complaint("got " + offset + " before it heard where now is");
                case Start.At a -> throw new AssertionError("has a position");
            }
        }

        public void caughtUp(String at) {
            speaks("caught up at " + at);
            gapsInARow = 0;
            if (position == null) {
                boolean undisturbed = channel.changes == changesAtStart && !absentAtStart;
                if (start instanceof Start.Now && undisturbed && sequence(at) < acknowledgedAtStart) {
                    complaint("now was " + at + ", before what was acknowledged already");
                }
                if (!(start instanceof Start.Now) && sequence(at) > channel.start) {
                    complaint("caught up at " + at + " without a message");
                }
                position = at;
            } else if (!position.equals(at)) {
                complaint("caught up at " + at + " but stands at " + position);
            }
        }

        public void gap(String from, String to) {
            speaks("gap from " + from + " to " + to);
            if (++gapsInARow > GAPS_IN_A_ROW_MAX) complaint("is told of one gap after the other");
            if (position != null && !position.equals(from)) complaint("gap from " + from + " but stands at " + position);
            // The log may not know yet what the store already lost: hold it against any tail only if it is there.
            if (channel.tail != null && isOnChain(channel, to)) {
                if (isOnChain(channel, from)) {
                    if (sequence(to) <= sequence(from)) complaint("gap goes back from " + from + " to " + to);
                    if (sequence(to) > channel.start) complaint("gap to " + to + " skips what is retained");
                } else if (isKnown(channel, from)) {
                    long common = lastCommon(from);
                    if (sequence(to) > Math.max(common, channel.start)) {
                        complaint("gap from " + from + " to " + to + " skips messages behind " + common);
                    }
                    if (sequence(to) < common) {
                        complaint("gap from " + from + " to " + to + " repeats messages up to " + common);
                    }
                }
            }
            position = to;
        }

        private long lastCommon(String from) {
            String at = from;
            while (!isOnChain(channel, at)) {
                Message message = channel.messages.get(at);
                if (message == null || message.before == null) return 0;
                at = message.before;
            }
            return sequence(at);
        }

        public void ended(End how) {
            speaks("ended " + how);
            end = how;
            switch (how) {
                case CLOSED -> {
                    boolean disturbed = channel.changes != changesAtStart;
                    if (!disturbed && channel.closedAt == null) complaint("was told the channel closed, which it is not");
                    if (position != null && channel.closedAt != null && !position.equals(channel.closedAt) && !disturbed) {
                        complaint("ended at " + position + " but the channel closed at " + channel.closedAt);
                    }
                }
                case DELETED -> {
                    boolean was = absentAtStart || channel.tail == null || channel.changes != changesAtStart;
                    if (!was) complaint("was told the channel is deleted, which it is not");
                }
                case FAILED -> {
                    if (!mayFail) complaint("was told of a failure where there is none");
                }
            }
        }

        /** Its client, or its transport, has gone; it hears nothing until it is {@link #back}. */
        public void away() {
            away = true;
        }

        /** Its client reads on from {@link #position}. */
        public void back() {
            away = false;
            end = null;
        }

        /** So much is held for it beside its position. */
        public void holds(long bytes) {
            if (bytes > heldBytesMax) complaint(bytes + " bytes are held for it, " + heldBytesMax + " may be");
        }

        private void speaks(String what) {
            if (end != null) complaint(what + " after it had ended " + end);
            if (away) complaint(what + " after it had left");
        }

        private void atRest() {
            if (away || end != null) return;
            if (channel.tail == null) {
                if (!absentAtStart || channel.changes != changesAtStart) {
                    complaint("still waits though the channel is no more");
                }
            } else if (position == null) {
                complaint("never heard anything; the channel is at " + channel.tail);
            } else if (!position.equals(channel.tail)) {
                complaint("rests at " + position + " but the channel is at " + channel.tail);
            } else if (channel.closedAt != null) {
                complaint("was never told that the channel closed");
            }
        }

        private void complaint(String what) {
            complain(channelName + ", reader " + name + " (from " + start + ", tail then " + tailAtStart + "): " + what);
        }
    }

    // ---- the verdict ----

    /** Nothing is under way any more: whoever stays must have everything. */
    public void atRest() {
        for (Watch watch : watches.values()) watch.atRest();
    }

    /** A complaint of the caller's own. */
    public void complain(String what) {
        if (complaints.size() < COMPLAINTS_MAX) complaints.add(what);
    }

    /** The first {@value #COMPLAINTS_MAX} complaints. */
    public List<String> complaints() {
        return List.copyOf(complaints);
    }

    private Channel channel(String name) {
        return channels.computeIfAbsent(name, n -> new Channel());
    }

    private static long sequence(String offset) {
        Offset parsed = Offset.parse(offset);
        if (parsed == null) throw new IllegalArgumentException("not an offset: " + offset);
        return parsed.sequence();
    }

    private static boolean isKnown(Channel channel, String position) {
        return channel.roots.contains(position) || channel.messages.containsKey(position);
    }

    private static boolean isOnChain(Channel channel, String position) {
        String at = channel.tail;
        while (at != null) {
            if (at.equals(position)) return true;
            Message message = channel.messages.get(at);
            at = message == null ? null : message.before;
        }
        return false;
    }
}
