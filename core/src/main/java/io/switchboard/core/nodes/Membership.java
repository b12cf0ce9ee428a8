package io.switchboard.core.nodes;

import io.switchboard.core.time.Loop;
import io.switchboard.core.time.Ticker;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One node among those that meet at a {@link Rendezvous}: renews its lease again and again, and passes on what it hears.
 * All of it happens on one loop.
 *
 * <pre>
 *   every 5 s ─► renew ─┬─► who lives ─► others than before? ─► changed
 *                       ├─► this node was not on the list ─► joined; for a lease's length nobody is taken for dead,
 *                       │                                    as the list may have been lost and others come back to it
 *                       └─► no answer ─► the lease goes on, and may be over
 *   joined, left (heard) ─► renew at once
 *   goes down (heard) ─► lives, and does not stay
 * </pre>
 *
 * A message is a version, a code (8 bits each), the length of the sender's id and that id, and what is told.
 */
public final class Membership implements Nodes, Rendezvous.Hearer, AutoCloseable {
    /**
     * How long a node may be silent.
     *
     * @param renewedEveryMillis 1 or more
     * @param lengthMillis twice that or more
     */
    public record Lease(long renewedEveryMillis, long lengthMillis) {
        public static final Lease DEFAULT = new Lease(5_000, 15_000);

        public Lease {
            if (renewedEveryMillis < 1 || lengthMillis < 2 * renewedEveryMillis) {
                throw new IllegalArgumentException(
                        "a lease of " + lengthMillis + " ms renewed every " + renewedEveryMillis + " ms");
            }
        }
    }

    private static final byte VERSION = 1;
    private static final int ID_LENGTH_MAX = 32;
    private static final byte JOINED = '+';
    private static final byte LEFT = '-';
    private static final byte GOES = '!';

    private final String id;
    private final Rendezvous rendezvous;
    private final Lease lease;
    private final Loop loop;
    private final Ticker ticker;
    private final List<Listener> listeners = new CopyOnWriteArrayList<>(); // as many rooms as want to hear
    private final AtomicLong garbled = new AtomicLong();

    // Written on the loop, read by all.
    private volatile Set<String> living;
    private volatile long heldFromMillis = Long.MAX_VALUE; // when the last renewal that was answered was asked for
    private volatile Set<String> going = Set.of(); // of the living, those that told that they go down
    private volatile boolean closed;

    private final Object renewals = new Object();
    private boolean leaving; // guarded by `renewals`: no renewal is asked for any more

    // The loop's.
    private boolean renewing;
    private boolean renewAgain;
    private long doubtUntilMillis;
    private boolean
            missed; // whether the last renewal was not answered: so it may be with others, whose leases end sooner

    /** @param id 1 to 32 letters and digits, which no other node has or had */
    public Membership(String id, Rendezvous rendezvous, Lease lease, Loop loop, Ticker ticker) {
        if (!isId(id)) throw new IllegalArgumentException("no id of a node: " + id);
        this.id = id;
        this.rendezvous = rendezvous;
        this.lease = lease;
        this.loop = loop;
        this.ticker = ticker;
        this.living = Set.of(id);
    }

    private static boolean isId(String id) {
        return !id.isEmpty() && id.length() <= ID_LENGTH_MAX && id.chars().allMatch(Membership::isLetterOrDigit);
    }

    private static boolean isLetterOrDigit(int c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    }

    /** Joins the others, and stays with them. Once. */
    public void start() {
        rendezvous.hear(this);
        loop.execute(this::beat);
    }

    @Override
    public String id() {
        return id;
    }

    @Override
    public boolean isShared() {
        return true;
    }

    @Override
    public Set<String> living() {
        return living;
    }

    @Override
    public boolean holdsLease() {
        long from = heldFromMillis;
        long now = ticker.nowMillis();
        return from <= now && now < from + lease.lengthMillis(); // a clock that was set back proves nothing
    }

    @Override
    public void listen(Listener listener) {
        listeners.add(listener);
    }

    /** How many messages could not be read. */
    public long garbled() {
        return garbled.get();
    }

    /** Tells the others that this node goes down; until {@link #close} everything is as before. Any thread. */
    public void goesDown() {
        send(GOES, new byte[0]);
    }

    /**
     * Whether another node lives that has not told that it goes down. One that died is among them until its lease is over,
     * and what one told may be lost.
     */
    public boolean othersStay() {
        Set<String> gone = going;
        return living.stream().anyMatch(each -> !each.equals(id) && !gone.contains(each));
    }

    // ---- the lease ----

    private void beat() {
        if (closed) return;
        renew();
        loop.after(lease.renewedEveryMillis(), this::beat);
    }

    private void renew() {
        if (closed) return;
        if (renewing) {
            renewAgain = true;
            return;
        }
        synchronized (renewals) {
            if (leaving) return;
            renewing = true;
            long asked = ticker.nowMillis();
            rendezvous.renew(id, lease.lengthMillis(), roll -> loop.execute(() -> renewed(asked, roll)));
        }
    }

    private void renewed(long asked, Rendezvous.@Nullable Roll roll) {
        renewing = false;
        if (closed || isLeaving()) return;
        if (roll == null) {
            missed = true;
        } else {
            heldFromMillis = asked;
            if (!roll.wasListed() || missed) doubtUntilMillis = ticker.nowMillis() + lease.lengthMillis();
            missed = false;
            Set<String> now = new HashSet<>(roll.living());
            now.add(id);
            if (ticker.nowMillis() < doubtUntilMillis) now.addAll(living);
            live(now);
            if (!roll.wasListed()) {
                send(JOINED, new byte[0]);
                for (Listener listener : listeners) listener.joined();
            }
        }
        if (renewAgain) {
            renewAgain = false;
            renew();
        }
    }

    private boolean isLeaving() {
        synchronized (renewals) {
            return leaving;
        }
    }

    private void live(Set<String> now) {
        if (now.equals(living)) return;
        Set<String> told = Set.copyOf(now);
        living = told;
        going = both(going, told);
        for (Listener listener : listeners) listener.changed(told);
    }

    private static Set<String> both(Set<String> one, Set<String> other) {
        Set<String> both = new HashSet<>(one);
        both.retainAll(other);
        return Set.copyOf(both);
    }

    // ---- messages ----

    @Override
    public void tell(Topic topic, byte[] message) {
        if (message.length > MESSAGE_BYTES_MAX) {
            throw new IllegalArgumentException("a message of " + message.length + " bytes");
        }
        send(topic.code, message);
    }

    private void send(byte code, byte[] message) {
        if (closed) return;
        byte[] from = id.getBytes(StandardCharsets.US_ASCII);
        byte[] sent = new byte[3 + from.length + message.length];
        sent[0] = VERSION;
        sent[1] = code;
        sent[2] = (byte) from.length;
        System.arraycopy(from, 0, sent, 3, from.length);
        System.arraycopy(message, 0, sent, 3 + from.length, message.length);
        rendezvous.call(sent);
    }

    @Override
    public void hearing() {
        onLoop(Listener::hearing);
    }

    private void onLoop(Consumer<Listener> what) {
        loop.execute(() -> {
            if (!closed) listeners.forEach(what);
        });
    }

    @Override
    public void heard(byte[] message) {
        if (message.length < 3 || message[0] != VERSION || message[2] < 1 || message.length < 3 + message[2]) {
            garbled.incrementAndGet();
            return;
        }
        String from = new String(message, 3, message[2], StandardCharsets.ISO_8859_1);
        if (!isId(from)) {
            garbled.incrementAndGet();
            return;
        }
        if (from.equals(id)) return;
        byte code = message[1];
        if (code == JOINED || code == LEFT) {
            loop.execute(() -> cameOrWent(from, code == LEFT));
            return;
        }
        if (code == GOES) {
            loop.execute(() -> goes(from));
            return;
        }
        Topic topic = Topic.of(code);
        if (topic == null) {
            garbled.incrementAndGet();
            return;
        }
        byte[] told = Arrays.copyOfRange(message, 3 + message[2], message.length);
        onLoop(listener -> listener.told(from, topic, told));
    }

    // The list tells; but of one that left on purpose there is no doubt.
    private void cameOrWent(String from, boolean left) {
        if (closed) return;
        if (left && living.contains(from)) {
            Set<String> others = new HashSet<>(living);
            others.remove(from);
            live(others);
        }
        renew();
    }

    private void goes(String from) {
        Set<String> more = new HashSet<>(going);
        more.add(from);
        going = both(more, living);
    }

    /** Leaves the others, so that they need not wait for the end of the lease. Blocks; not on the loop. */
    @Override
    public void close() {
        synchronized (renewals) {
            if (leaving) return;
            leaving = true;
        }
        rendezvous.leave(id);
        send(LEFT, new byte[0]);
        closed = true;
        rendezvous.close();
    }
}
