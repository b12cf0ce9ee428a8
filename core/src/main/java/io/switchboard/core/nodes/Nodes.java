package io.switchboard.core.nodes;

import java.util.Set;

/**
 * The servers that share one store, as one of them sees them. Each holds a lease that it renews; one that died is taken
 * for living until its lease is over, and at most a renewal longer.
 *
 * <p>Any thread may ask and tell; nothing blocks.
 */
public interface Nodes {
    /** Bytes of one message; a longer one is a mistake of the caller. */
    int MESSAGE_BYTES_MAX = 64 << 10;

    /** Nodes that know of each other; further ones are served, and not seen by all. */
    int LIVING_MAX = 1_000;

    /** Nobody else has the store. */
    Nodes ALONE = new Nodes() {
        private static final String ID = "alone";

        @Override
        public String id() {
            return ID;
        }

        @Override
        public boolean isShared() {
            return false;
        }

        @Override
        public Set<String> living() {
            return Set.of(ID);
        }

        @Override
        public boolean holdsLease() {
            return true;
        }

        @Override
        public void tell(Topic topic, byte[] message) {}

        @Override
        public void listen(Listener listener) {}
    };

    /** This node among all: 1 to 32 letters and digits, and others after each start. */
    String id();

    /** Whether there may be others. */
    boolean isShared();

    /** Those whose lease holds, as of the last renewal; this one is always among them. */
    Set<String> living();

    /** Whether others still take this node for living, as far as it can know. */
    boolean holdsLease();

    /** Tells all others. A hint: it may be lost, come twice, late or in another order. */
    void tell(Topic topic, byte[] message);

    /** From now on {@code listener} hears of what happens. */
    void listen(Listener listener);

    /** Who hears of it. Called on one thread, one thing after the other; must not block. */
    interface Listener {
        /** Others live than before. */
        default void changed(Set<String> living) {}

        /** This node's lease begins, for the first time or after it was over: others may have forgotten it. */
        default void joined() {}

        /** From now on it is heard what others tell; what they told before may have been missed. */
        default void hearing() {}

        /** Another node told something. It need not be among the living yet. */
        default void told(String from, Topic topic, byte[] message) {}
    }
}
