package io.switchboard.testkit.redis;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A Redis cluster of servers on this machine, which takes one of them for dead after a second. Slots can be moved step
 * by step, as an operator's tool does it.
 */
public final class RedisCluster implements AutoCloseable {
    public static final int SLOTS = 16_384;

    private static final long WAIT_SECONDS = 30;
    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    /** A member: its server, its bus and its id. */
    private record Member(RedisServer server, int bus, String id) {}

    private static @Nullable RedisCluster shared; // guarded by the class

    private final Path folder;
    private final List<Member> members = new ArrayList<>();
    private final List<Member> owners = new ArrayList<>(SLOTS); // by slot

    private RedisCluster(Path folder) {
        this.folder = folder;
    }

    /** Starts one whose slots are spread over so many primaries. */
    public static RedisCluster start(Path folder, int primaries) {
        RedisCluster cluster = new RedisCluster(folder);
        try {
            for (int i = 0; i < primaries; i++) cluster.addMember();
            for (int i = 0; i < primaries; i++) {
                Member member = cluster.members.get(i);
                int from = SLOTS * i / primaries;
                int to = SLOTS * (i + 1) / primaries;
                member.server().ask("CLUSTER ADDSLOTSRANGE " + from + " " + (to - 1));
                member.server().ask("CLUSTER SET-CONFIG-EPOCH " + (i + 1));
                for (int slot = from; slot < to; slot++) cluster.owners.add(member);
            }
            for (Member member : cluster.members) cluster.meet(member);
            cluster.awaitAgreement();
            return cluster;
        } catch (RuntimeException e) {
            cluster.close();
            throw e;
        }
    }

    /**
     * Three primaries without keys, for tests one after the other that kill nobody and settle what they move: a server takes
     * two seconds until it serves its slots. Not to be closed; it ends with the process.
     */
    public static synchronized RedisCluster shared() {
        RedisCluster there = shared;
        if (there != null && !there.isSettled()) {
            there.close(); // a test ended in the middle of something
            there = null;
        }
        if (there == null) there = start(temporaryFolder(), 3);
        shared = there;
        there.flush();
        return there;
    }

    private static Path temporaryFolder() {
        try {
            Path folder = Files.createTempDirectory("switchboard-cluster");
            folder.toFile().deleteOnExit();
            return folder;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    // Whether all is well, and no slot is open.
    private boolean isSettled() {
        try {
            return members.stream().allMatch(member -> {
                String nodes = member.server().ask("CLUSTER NODES");
                return isWell(member) && !nodes.contains("->-") && !nodes.contains("-<-");
            });
        } catch (UncheckedIOException e) {
            return false;
        }
    }

    private Member addMember() {
        try {
            int bus = RedisServer.freePort();
            RedisServer server = RedisServer.start(
                    folder,
                    "--cluster-enabled",
                    "yes",
                    "--cluster-config-file",
                    "nodes-" + bus + ".conf",
                    "--cluster-port",
                    Integer.toString(bus),
                    "--cluster-node-timeout",
                    "1000",
                    "--repl-diskless-sync-delay",
                    "0");
            Member member = new Member(server, bus, server.ask("CLUSTER MYID"));
            members.add(member);
            return member;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void meet(Member member) {
        RedisServer first = members.getFirst().server();
        if (member.server().equals(first)) return;
        first.ask("CLUSTER MEET 127.0.0.1 " + member.server().port() + " " + member.bus());
    }

    /** Waits until all know each other, and that all is well. */
    public void awaitAgreement() {
        await("the cluster is no cluster yet", () -> members.stream().allMatch(this::isWell));
    }

    private boolean isWell(Member member) {
        String info = member.server().ask("CLUSTER INFO");
        return info.contains("cluster_state:ok") && info.contains("cluster_known_nodes:" + members.size() + "\r\n");
    }

    static void await(String otherwise, BooleanSupplier condition) {
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(WAIT_SECONDS);
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > until) throw new IllegalStateException(otherwise);
            LockSupport.parkNanos(LOOK_NANOS);
        }
    }

    /** Adds a server that takes the place of {@code primary} when that is dead. */
    public RedisServer addReplica(RedisServer primary) {
        Member added = addMember();
        RedisServer replica = added.server();
        meet(added);
        await("it does not know its primary", () -> replica.ask("CLUSTER NODES").contains(id(primary)));
        replica.ask("CLUSTER REPLICATE " + id(primary));
        await("it is no replica", () -> replica.ask("INFO replication").contains("master_link_status:up"));
        // who does not know it does not vote for it
        await("not all know of it", () -> members.stream()
                .allMatch(member -> member.server().ask("CLUSTER NODES").contains("slave " + id(primary))));
        awaitAgreement();
        return replica;
    }

    private String id(RedisServer server) {
        return member(server).id();
    }

    private Member member(RedisServer server) {
        return members.stream()
                .filter(member -> member.server().equals(server))
                .findFirst()
                .orElseThrow();
    }

    /** All of them, replicas too. */
    public List<RedisServer> servers() {
        return members.stream().map(Member::server).toList();
    }

    public int slot(String key) {
        return Integer.parseInt(members.getLast().server().ask("CLUSTER KEYSLOT " + key));
    }

    /** The primary that keeps a key, as far as nobody but this has changed it. */
    public RedisServer owner(String key) {
        return owners.get(slot(key)).server();
    }

    /** Forgets all keys. */
    public void flush() {
        for (Member member : members) {
            if (owners.contains(member)) member.server().ask("FLUSHALL");
        }
    }

    // ---- moving a slot ----

    /** From now on keys of the slot may be carried over; new ones are made at {@code to}. */
    public void openSlot(int slot, RedisServer to) {
        Member from = owners.get(slot);
        to.ask("CLUSTER SETSLOT " + slot + " IMPORTING " + from.id());
        from.server().ask("CLUSTER SETSLOT " + slot + " MIGRATING " + id(to));
    }

    public void carry(int slot, RedisServer to, String... keys) {
        owners.get(slot).server().ask("MIGRATE 127.0.0.1 " + to.port() + " \"\" 0 5000 KEYS " + String.join(" ", keys));
    }

    /** Carries over all that is left of a slot. */
    public void carryAll(int slot, RedisServer to) {
        RedisServer from = owners.get(slot).server();
        while (!from.ask("CLUSTER COUNTKEYSINSLOT " + slot).equals("0")) {
            carry(slot, to, from.ask("CLUSTER GETKEYSINSLOT " + slot + " 1"));
        }
    }

    /** The slot is that of {@code to}: it is told first, then who had it, then the others. */
    public void closeSlot(int slot, RedisServer to) {
        Member from = owners.get(slot);
        Member now = member(to);
        String settled = "CLUSTER SETSLOT " + slot + " NODE " + now.id();
        to.ask(settled);
        from.server().ask(settled);
        for (Member member : owners.stream().distinct().toList())
            member.server().ask(settled);
        owners.set(slot, now);
    }

    @Override
    public void close() {
        members.forEach(member -> member.server().close());
    }
}
