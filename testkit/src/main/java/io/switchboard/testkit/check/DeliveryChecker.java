package io.switchboard.testkit.check;

import io.switchboard.core.channel.Offset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
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

    private record Message(@Nullable String before, String payload, Life life) {}

    // A channel from its creation to its end; a name may have several, one after the other.
    private static final class Life {
        String tail;
        long start;

        @Nullable
        String closedAt;

        long trimmedOnce; // and what had been trimmed may have come back, of which nobody need know
        final Set<String> closings = new HashSet<>(); // those that were lost again, too

        boolean over;
        boolean returned; // its end was lost in a crash: where readers of what came after go on is anybody's guess

        Life(String root) {
            this.tail = root;
            this.start = sequence(root);
        }
    }

    private static final class Channel {
        final Map<String, Message> messages = new HashMap<>();
        final Map<String, Life> roots = new HashMap<>();

        @Nullable
        Life life; // null while it is not there

        @Nullable
        Life heard; // the last one that somebody was told of

        int changes; // ends, and tails set back
        long acknowledged; // of the life that was heard of
    }

    private final Map<String, Channel> channels = new HashMap<>();
    private final Map<String, Watch> watches = new LinkedHashMap<>();
    private final List<String> complaints = new ArrayList<>();
    private final long heldBytesMax;
    private boolean mayFail;
    private Consumer<String> history = line -> {};

    /** @param heldBytesMax what may be held for one reader that does not keep up */
    public DeliveryChecker(long heldBytesMax) {
        this.heldBytesMax = heldBytesMax;
    }

    /** From now on every fact and everything a reader gets is told to {@code line} as well, for a person. */
    public void narrateTo(Consumer<String> line) {
        history = line;
    }

    // ---- what happened ----

    /** A channel is there; its beginning is the position {@code root}. */
    public void created(String channel, String root) {
        history.accept(channel + " created at " + root);
        Channel c = channel(channel);
        Life life = new Life(root);
        c.roots.put(root, life);
        c.life = life;
    }

    /** Somebody was told of the channel that began at {@code root}. */
    public void heard(String channel, String root) {
        Channel c = channel(channel);
        Life life = c.roots.get(root);
        if (life == null || life == c.heard) return;
        c.heard = life;
        c.acknowledged = 0;
    }

    /**
     * A message was committed; the channel's tail is behind it.
     *
     * @param before the position it was committed at; null if not known
     */
    public void committed(String channel, @Nullable String before, String offset, String payload) {
        history.accept(channel + " committed " + offset + " after " + before);
        Channel c = channel(channel);
        if (c.life == null) {
            complain(channel + ": " + offset + " committed to no channel");
            return;
        }
        Message known = c.messages.putIfAbsent(offset, new Message(before, payload, c.life));
        if (known != null) complain(channel + ": " + offset + " names two messages");
        c.life.tail = offset;
    }

    /** Somebody was told that the message before this position is committed. */
    public void acknowledged(String channel, String offset) {
        history.accept(channel + " acknowledged " + offset);
        Channel c = channel(channel);
        Life life = lifeOf(c, offset);
        if (life == null) {
            complain(channel + ": acknowledged " + offset + ", which was never committed");
            return;
        }
        if (life != c.heard) {
            c.heard = life;
            c.acknowledged = 0;
        }
        if (isOnChain(c, life, offset)) c.acknowledged = Math.max(c.acknowledged, sequence(offset));
    }

    public void closed(String channel, String at) {
        history.accept(channel + " closed at " + at);
        Life life = channel(channel).life;
        if (life == null) return;
        life.closedAt = at;
        life.closings.add(at);
    }

    /** Retention has taken the messages up to {@code through}. */
    public void trimmed(String channel, long through) {
        Life life = channel(channel).life;
        if (life == null || through <= life.start) return;
        history.accept(channel + " trimmed to " + through);
        life.start = through;
        life.trimmedOnce = Math.max(life.trimmedOnce, through);
    }

    public void removed(String channel) {
        history.accept(channel + " removed");
        Channel c = channel(channel);
        if (c.life == null) return;
        c.changes++;
        c.life.over = true;
        c.life = null;
    }

    /** After a crash: this is where the channel stands, whatever was committed before. */
    public void restored(String channel, String tail, long start, boolean closed) {
        history.accept(channel + " restored at " + tail + " from " + start);
        Channel c = channel(channel);
        Life life = lifeOf(c, tail);
        if (life == null) {
            complain(channel + ": restored at " + tail + ", where it never was");
            return;
        }
        if (life != c.life || !tail.equals(life.tail)) c.changes++;
        if (c.life != null && c.life != life) c.life.over = true;
        c.life = life;
        c.heard = life;
        life.returned |= life.over;
        life.over = false;
        life.tail = tail;
        life.start = start;
        life.closedAt = closed ? tail : null;
        c.acknowledged = Math.min(c.acknowledged, sequence(tail));
    }

    /** From now on the log may at times be unreadable. */
    public void failuresAreAllowed() {
        mayFail = true;
    }

    /** Where the channel ends as far as the facts say; null while it is not there. */
    public @Nullable String tail(String channel) {
        Life life = channel(channel).life;
        return life == null ? null : life.tail;
    }

    /** The names of channels that were ever there. */
    public Set<String> channels() {
        return channels.keySet();
    }

    // ---- what readers get ----

    /**
     * A reader begins. Its name is used in complaints; a second one of that name replaces the first.
     *
     * @param waitsForCreation whether it may wait for a channel that is not there
     */
    public Watch watch(String reader, String channel, Start start, boolean waitsForCreation) {
        history.accept(channel + " reader " + reader + " from " + start);
        Watch watch = new Watch(reader, channel, channel(channel), start, waitsForCreation);
        watches.put(reader, watch);
        return watch;
    }

    /** What one reader was told; its methods are called with everything that reaches it, in order. */
    public final class Watch {
        private static final int GAPS_IN_A_ROW_MAX = 50;

        private final String name;
        private final String channelName;
        private final Channel channel;
        private final Start start;
        private final boolean waitsForCreation;
        private final int changesAtStart;
        private final boolean absentAtStart; // or nobody was told yet that it is there
        private final long acknowledgedAtStart;
        private final long tailAtStart;
        private @Nullable String position;
        private @Nullable End end;
        private boolean away;
        private int gapsInARow;

        private Watch(String name, String channelName, Channel channel, Start start, boolean waitsForCreation) {
            this.waitsForCreation = waitsForCreation;
            this.name = name;
            this.channelName = channelName;
            this.channel = channel;
            this.start = start;
            this.changesAtStart = channel.changes;
            this.absentAtStart = channel.life == null || channel.life != channel.heard;
            this.acknowledgedAtStart = channel.acknowledged;
            this.tailAtStart = channel.life == null ? 0 : sequence(channel.life.tail);
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
                if (position == null) begins(offset, message.life);
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

        private void begins(String offset, Life life) {
            long after = sequence(offset) - 1;
            boolean undisturbed = channel.changes == changesAtStart && !absentAtStart;
            if (!isOnChain(channel, life, offset)) return; // it was lost while it was on its way
            switch (start) {
                case Start.Earliest e -> {
                    if (after > Math.max(life.start, life.trimmedOnce)) {
                        complaint("began at " + offset + " behind the earliest");
                    }
                }
                case Start.Last(long messages) -> {
                    if (after > Math.max(life.start, sequence(life.tail) - messages)) {
                        complaint("began at " + offset + " with fewer than the last " + messages);
                    }
                    if (undisturbed && after < acknowledgedAtStart - messages) {
                        complaint("began at " + offset + " with more than the last " + messages);
                    }
                }
                case Start.Now n -> {
                    if (undisturbed && after < acknowledgedAtStart) {
                        complaint("now was before " + offset + ", which was acknowledged already");
                    }
                }
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
                Life life = lifeOf(channel, at);
                if (life == null) complaint("caught up at " + at + ", which is nowhere");
                else if (!(start instanceof Start.Now) && sequence(at) > life.start && isOnChain(channel, life, at)) {
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
            if (from.equals(to)) complaint("gap from " + from + " to itself");
            if (position != null && !position.equals(from))
                complaint("gap from " + from + " but stands at " + position);
            Life life = lifeOf(channel, to);
            if (life == null) complaint("gap to " + to + ", which is nowhere");
            else if (isOnChain(channel, life, to)) gap(from, to, life);
            position = to;
        }

        private void gap(String from, String to, Life life) {
            if (isOnChain(channel, life, from)) {
                if (sequence(to) <= sequence(from)) complaint("gap goes back from " + from + " to " + to);
                if (sequence(to) > life.start) complaint("gap to " + to + " skips what is retained");
            } else if (lifeOf(channel, from) == life || (lifeOf(channel, from) != null && !life.returned)) {
                long common = lastCommon(from, life);
                if (sequence(to) > Math.max(common, life.start)) {
                    complaint("gap from " + from + " to " + to + " skips messages behind " + common);
                }
                if (sequence(to) < common) {
                    complaint("gap from " + from + " to " + to + " repeats messages up to " + common);
                }
            }
        }

        private long lastCommon(String from, Life life) {
            String at = from;
            while (!isOnChain(channel, life, at)) {
                Message message = channel.messages.get(at);
                if (message == null || message.before == null) return 0;
                at = message.before;
            }
            return sequence(at);
        }

        /** @param at where it was told it stood; null if it was not told */
        public void ended(End how, @Nullable String at) {
            speaks("ended " + how + " at " + at);
            end = how;
            if (position == null) position = at;
            Life life = position == null ? null : lifeOf(channel, position);
            switch (how) {
                case CLOSED -> {
                    if (life == null) complaint("was told the channel closed, but stands nowhere");
                    else if (life.closings.isEmpty()) complaint("was told the channel closed, which it is not");
                    else if (!life.closings.contains(position)) {
                        complaint("ended at " + position + " but the channel closed at " + life.closedAt);
                    }
                }
                case DELETED -> {
                    boolean was = absentAtStart || channel.life == null || channel.changes != changesAtStart;
                    if (!was) complaint("was told the channel is deleted, which it is not");
                }
                case FAILED -> {
                    if (!mayFail) complaint("was told of a failure where there is none");
                }
            }
        }

        /** Its client, or its transport, has gone; it hears nothing until it is {@link #back}. */
        public void away() {
            history.accept(channelName + " reader " + name + " is away");
            away = true;
        }

        /** Its client reads on from {@link #position}. */
        public void back() {
            history.accept(channelName + " reader " + name + " is back at " + position);
            away = false;
            end = null;
        }

        /** So much is held for it beside its position. */
        public void holds(long bytes) {
            if (bytes > heldBytesMax) complaint(bytes + " bytes are held for it, " + heldBytesMax + " may be");
        }

        private void speaks(String what) {
            history.accept(channelName + " reader " + name + ": " + what);
            if (end != null) complaint(what + " after it had ended " + end);
            if (away) complaint(what + " after it had left");
        }

        private void atRest() {
            if (away || end != null) return;
            Life life = channel.life;
            if (life == null) {
                if (!waitsForCreation) complaint("still waits though the channel is no more");
            } else if (position == null) {
                complaint("never heard anything; the channel is at " + life.tail);
            } else if (!position.equals(life.tail)) {
                complaint("rests at " + position + " but the channel is at " + life.tail);
            } else if (life.closedAt != null) {
                complaint("was never told that the channel closed");
            }
        }

        private void complaint(String what) {
            complain(
                    channelName + ", reader " + name + " (from " + start + ", tail then " + tailAtStart + "): " + what);
        }
    }

    // ---- the verdict ----

    /** Nothing is under way any more: whoever stays must have everything. */
    public void atRest() {
        for (Watch watch : watches.values()) watch.atRest();
    }

    /** A complaint of the caller's own. */
    public void complain(String what) {
        history.accept("COMPLAINT " + what);
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

    private static @Nullable Life lifeOf(Channel channel, String position) {
        Message message = channel.messages.get(position);
        return message != null ? message.life : channel.roots.get(position);
    }

    private static boolean isOnChain(Channel channel, Life life, String position) {
        String at = life.tail;
        while (at != null) {
            if (at.equals(position)) return true;
            Message message = channel.messages.get(at);
            at = message == null ? null : message.before;
        }
        return false;
    }
}
