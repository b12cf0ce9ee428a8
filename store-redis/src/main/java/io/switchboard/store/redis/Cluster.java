package io.switchboard.store.redis;

import io.lettuce.core.RedisException;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.async.RedisAsyncCommands;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Who keeps which slots, as servers of a cluster say. Some are asked, and the one that heard of the newest change is
 * believed: a primary that was cut off goes on naming itself.
 */
final class Cluster implements Topology {
    // Servers say so themselves where somebody asks for what they do not keep.
    private static final Duration LOOK_EVERY = Duration.ofSeconds(5);

    /** Servers that are asked at a time. */
    private static final int ASKED_MAX = 5;

    private static final int KNOWN_MAX = 1_000;
    private static final Pattern EPOCH = Pattern.compile("cluster_current_epoch:(\\d+)");

    private record View(long epoch, Layout layout, Set<Place> servers) {}

    private final Dial dial;
    private List<Place> known = List.of(); // primaries and replicas, as the last look found them

    Cluster(Dial dial) {
        this.dial = dial;
    }

    @Override
    public Layout look(Collection<Server> servers) {
        View newest = askThoseThatAreUp(servers);
        if (newest == null) newest = askAnew();
        known = newest.servers().stream().limit(KNOWN_MAX).toList();
        return newest.layout();
    }

    private @Nullable View askThoseThatAreUp(Collection<Server> servers) {
        List<Server> shuffled = new ArrayList<>(servers);
        Collections.shuffle(shuffled);
        List<CompletableFuture<View>> asked = new ArrayList<>();
        for (Server server : shuffled) {
            Server.Session session = server.session();
            if (session != null && asked.size() < ASKED_MAX) asked.add(ask(server.place(), session.looking()));
        }
        @Nullable View newest = null;
        for (CompletableFuture<View> each : asked) {
            try {
                View view = each.join();
                if (newest == null || view.epoch() > newest.epoch()) newest = view;
            } catch (CompletionException e) {
                // another one may know
            }
        }
        return newest;
    }

    private View askAnew() {
        List<Place> shuffled = new ArrayList<>(known);
        Collections.shuffle(shuffled);
        Set<Place> places = new LinkedHashSet<>(shuffled.subList(0, Math.min(ASKED_MAX, shuffled.size())));
        places.addAll(dial.places());
        List<CompletableFuture<View>> asked = new ArrayList<>();
        for (Place place : places) {
            asked.add(CompletableFuture.supplyAsync(() -> askAt(place), Server.ON_A_THREAD_OF_ITS_OWN));
        }
        List<String> problems = new ArrayList<>();
        @Nullable View newest = null;
        for (CompletableFuture<View> each : asked) {
            try {
                View view = each.join();
                if (newest == null || view.epoch() > newest.epoch()) newest = view;
            } catch (CompletionException e) {
                problems.add(String.valueOf(Failures.causeOf(e).getMessage()));
            }
        }
        if (newest == null) throw new RedisStoreException(String.join(" ", problems));
        return newest;
    }

    private View askAt(Place place) {
        StatefulRedisConnection<byte[], byte[]> connection = dial.connect(place);
        try {
            return ask(place, connection).join();
        } catch (CompletionException e) {
            if (!(Failures.causeOf(e) instanceof RedisException refused)) throw e;
            throw new RedisStoreException(dial.unreachable("Redis server", place, refused), refused);
        } finally {
            connection.close();
        }
    }

    private static CompletableFuture<View> ask(Place place, StatefulRedisConnection<byte[], byte[]> connection) {
        try {
            RedisAsyncCommands<byte[], byte[]> commands = connection.async();
            CompletableFuture<String> info = commands.clusterInfo().toCompletableFuture();
            return commands.clusterSlots().toCompletableFuture().thenCombine(info, (ranges, told) -> {
                Matcher epoch = EPOCH.matcher(told);
                return view(epoch.find() ? Long.parseLong(epoch.group(1)) : 0, place, ranges);
            });
        } catch (RuntimeException e) {
            return CompletableFuture.failedFuture(e); // the connection was closed a moment ago
        }
    }

    // A range is: first slot, last slot, its primary, replicas; a server is: host, port, and what does not matter here.
    private static View view(long epoch, Place told, List<Object> ranges) {
        List<@Nullable Place> owners = new ArrayList<>(Collections.nCopies(Layout.SLOTS, null));
        Set<Place> servers = new LinkedHashSet<>();
        for (Object each : ranges) {
            List<?> range = (List<?>) each;
            for (Object server : range.subList(2, range.size())) servers.add(place(told, (List<?>) server));
            Place primary = place(told, (List<?>) range.get(2));
            for (int slot = (int) (long) range.get(0); slot <= (int) (long) range.get(1); slot++) {
                owners.set(slot, primary);
            }
        }
        return new View(epoch, new Layout(owners), servers);
    }

    private static Place place(Place told, List<?> server) {
        Object host = server.getFirst();
        String name = host == null ? "" : Keys.text((byte[]) host);
        return new Place(Place.known(name, told), (int) (long) server.get(1));
    }

    @Override
    public Duration lookEvery() {
        return LOOK_EVERY;
    }

    @Override
    public boolean isCluster() {
        return true;
    }
}
