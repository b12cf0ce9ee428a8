package io.switchboard.core.presence;

import io.switchboard.core.channel.ChannelName;
import io.switchboard.core.nodes.Nodes;
import io.switchboard.core.nodes.Topic;
import io.switchboard.core.time.Loop;
import io.switchboard.core.time.PerLoop;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Who is on which channel (spec/protocol.md, section 4). Every channel's board is owned by one of the
 * loops; those who attend may be on any, and hear of it there.
 *
 * <pre>
 *  attend, leave ─► Boards (owner's loop) ─► Audience (each loop that attends) ─► Watcher
 * </pre>
 *
 * A member is there from its first attendance until a grace after its last one has ended: many tabs are one
 * member, and whoever comes back within the grace was never away.
 *
 * <p>A board with more than {@value #NAMED_MAX} members is crowded, and its watchers are only told how many
 * there are: at once when it becomes so, but at most every {@value #COUNT_EVERY_MILLIS} ms and always
 * once more after the last change. At {@value #NAMED_AGAIN} members they are shown names again. The distance
 * keeps a board that swings about its limit from showing a thousand names at each turn.
 *
 * <p>All methods are called on one of the loops, and none blocks. How many attendances there are is for
 * the caller to bound; each costs an object here, each member one more, and no timers.
 */
public final class Presence {
    public static final int MEMBER_BYTES_MAX = 256;
    public static final int NAMED_MAX = 1_000;
    public static final int NAMED_AGAIN = 900;
    public static final long COUNT_EVERY_MILLIS = 1_000;
    public static final long GRACE_MILLIS_DEFAULT = 10_000;

    private static final class Place {
        final Boards boards;
        final Map<ChannelName, Audience> audiences = new HashMap<>(); // of those who attend on this loop

        Place(Boards boards) {
            this.boards = boards;
        }

        void forget(Audience audience) {
            audiences.remove(audience.channel(), audience);
        }
    }

    private final PerLoop<Place> places;
    private final Nodes nodes;

    /**
     * @param loops at least one; channels are spread over them
     * @param graceMillis how long a member without attendances is still there, 0 or more; it may be up to
     *     {@value Boards#LOOK_EVERY_MILLIS} ms longer
     */
    public Presence(List<? extends Loop> loops, long graceMillis) {
        this(loops, graceMillis, Nodes.ALONE, Elsewhere.NOWHERE);
    }

    /**
     * @param nodes those whose members count
     * @param elsewhere how this node and those tell each other who is with them
     */
    public Presence(List<? extends Loop> loops, long graceMillis, Nodes nodes, Elsewhere elsewhere) {
        this(loops, graceMillis, NAMED_MAX, NAMED_AGAIN, nodes, elsewhere);
    }

    Presence(
            List<? extends Loop> loops,
            long graceMillis,
            int namedMax,
            int namedAgain,
            Nodes nodes,
            Elsewhere elsewhere) {
        if (graceMillis < 0) throw new IllegalArgumentException("a grace of less than nothing: " + graceMillis);
        this.nodes = nodes;
        this.places =
                new PerLoop<>(loops, loop -> new Place(new Boards(loop, graceMillis, namedMax, namedAgain, elsewhere)));
        elsewhere.start(new Ears());
        Muster muster = new Muster();
        nodes.listen(muster);
        muster.changed(nodes.living());
    }

    /** Brings what is heard of other nodes to the loops that own it. */
    private final class Ears implements Elsewhere.Hearer {
        @Override
        public void called(ChannelName channel, String node, Elsewhere.Step step) {
            Boards owner = places.ownerOf(channel).boards;
            owner.loop().execute(() -> owner.gathering().called(channel, node, step));
        }

        @Override
        public void missed(ChannelName channel) {
            Boards owner = places.ownerOf(channel).boards;
            owner.loop().execute(() -> owner.gathering().missed(channel));
        }
    }

    /** Hears who lives. */
    private final class Muster implements Nodes.Listener {
        @Override
        public void changed(Set<String> living) {
            everywhere(gathering -> gathering.live(nodes.living())); // by then, whatever order this is told in
        }

        @Override
        public void joined() {
            everywhere(Gathering::lookAtAll);
        }

        @Override
        public void told(String from, Topic topic, byte[] message) {
            if (topic == Topic.PRESENCE) everywhere(gathering -> gathering.departs(from));
        }

        private void everywhere(Consumer<Gathering> what) {
            for (Place place : places.all()) {
                place.boards.loop().execute(() -> what.accept(place.boards.gathering()));
            }
        }
    }

    /**
     * Makes {@code member} one of those on the channel until the attendance ends. The watcher's first
     * picture shows it.
     *
     * @param member whom the connection speaks for, 1 to {@value #MEMBER_BYTES_MAX} bytes in UTF-8; one that
     *     speaks for nobody is a member of its own, by an id that the caller makes up
     * @param caller the loop this is called on; the attendance belongs to it
     * @throws IllegalArgumentException if {@code member} is empty or too long
     */
    public Attendance attend(ChannelName channel, String member, Loop caller, Watcher watcher) {
        if (!isMember(member)) {
            throw new IllegalArgumentException("A member's id has 1 to " + MEMBER_BYTES_MAX + " bytes.");
        }
        Place place = places.of(caller);
        Audience audience = place.audiences.get(channel);
        if (audience == null) {
            audience = new Audience(channel, caller, places.ownerOf(channel).boards, place::forget);
            place.audiences.put(channel, audience);
        }
        return audience.enter(member, watcher);
    }

    private static boolean isMember(String id) {
        return !id.isEmpty()
                && id.length() <= MEMBER_BYTES_MAX
                && id.getBytes(StandardCharsets.UTF_8).length <= MEMBER_BYTES_MAX;
    }

    /**
     * Who is on the channel now; nobody where there is no such channel. A watcher on the same loop may hear
     * of changes later that this shows already.
     *
     * @param caller the loop this is called on; the answer comes there, never within the call
     */
    public void snapshot(ChannelName channel, Loop caller, Consumer<Snapshot> answer) {
        Boards owner = places.ownerOf(channel).boards;
        owner.loop().execute(() -> owner.snapshot(channel, snapshot -> caller.execute(() -> answer.accept(snapshot))));
    }

    /** This node is about to leave the others; its members have their grace to come back elsewhere. Any thread. */
    public void depart() {
        nodes.tell(Topic.PRESENCE, new byte[0]);
    }

    /** Channels with members, over all loops. */
    int boards() {
        return places.all().stream().mapToInt(place -> place.boards.count()).sum();
    }

    /** Members without attendances, over all loops. */
    int leaving() {
        return places.all().stream().mapToInt(place -> place.boards.leaving()).sum();
    }

    /** Channels attended, on each loop anew. */
    int audiences() {
        return places.all().stream().mapToInt(place -> place.audiences.size()).sum();
    }
}
