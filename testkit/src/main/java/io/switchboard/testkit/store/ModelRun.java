package io.switchboard.testkit.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.core.channel.Append;
import io.switchboard.core.channel.Block;
import io.switchboard.core.channel.ChannelName;
import io.switchboard.core.channel.ContentType;
import io.switchboard.core.channel.Offset;
import io.switchboard.core.channel.Producer;
import io.switchboard.core.store.AppendOutcome;
import io.switchboard.core.store.Create;
import io.switchboard.core.store.CreateOutcome;
import io.switchboard.core.store.DeleteOutcome;
import io.switchboard.core.store.FindOutcome;
import io.switchboard.core.store.Found;
import io.switchboard.core.store.Store;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Random requests, many under way at once, against a store and against the {@link Model}: the outcomes
 * must be alike, and no offset may ever name two different messages.
 */
final class ModelRun {
    private static final String[] NAMES = {
        "a", "b", "c", "d", "count/a", "count/b", "memory/a", "memory/b", "fsync/a", "fsync/b"
    };
    private static final int UNDER_WAY_MAX = 40;

    private final Random random;
    private final int steps;
    private final Model model = new Model();
    private final Map<String, Long> ids = new HashMap<>();
    private final Set<Long> idsEver = ConcurrentHashMap.newKeySet(); // answers add to it
    private final Map<String, String> messageAt = new HashMap<>(); // by name and offset
    private final Map<String, Found> settled = new HashMap<>();
    private final boolean ordered;
    private final List<Pending> underWay = new ArrayList<>();
    private int written;

    private record Pending(String request, String expected, CompletableFuture<String> outcome) {}

    /**
     * @param ordered whether also what a deletion does to other channels happens in the order of the requests, not only
     *     before it is answered
     */
    ModelRun(long seed, int steps, boolean ordered) {
        this.random = new Random(seed);
        this.steps = steps;
        this.ordered = ordered;
    }

    void against(Store first, Callable<Store> reopen) throws Exception {
        Store store = first;
        int done = 0;
        while (done < steps) {
            for (int n = 1 + random.nextInt(UNDER_WAY_MAX); n > 0; n--, done++) underWay.add(request(store));
            settle();
            compare(new Asking(store));
            if (random.nextInt(40) == 0) {
                store = reopen.call();
                compare(new Asking(store));
            }
        }
    }

    private void settle() {
        for (Pending pending : underWay) {
            String outcome = Asking.await(pending.outcome());
            assertThat(outcome).as(pending.request()).isEqualTo(pending.expected());
        }
        underWay.clear();
    }

    private String name() {
        return NAMES[random.nextInt(NAMES.length)];
    }

    private List<String> messages(int max) {
        List<String> messages = new ArrayList<>();
        for (int n = random.nextInt(max + 1); n > 0; n--) {
            int length = random.nextInt(60) == 0 ? 40_000 : 1 + random.nextInt(30);
            String head = "m" + written++ + ".";
            messages.add(head + "x".repeat(length));
        }
        return messages;
    }

    private Pending request(Store store) {
        int kind = random.nextInt(100);
        if (kind < 12) return create(store);
        if (kind < 24) return fork(store);
        if (kind < 34) return delete(store);
        return append(store);
    }

    private Pending create(Store store) {
        String name = name();
        List<String> initial = messages(2);
        boolean closed = random.nextInt(10) == 0;
        CompletableFuture<String> outcome = new CompletableFuture<>();
        Create create = new Create(
                new ChannelName(name),
                ContentType.BINARY,
                null,
                closed,
                Asking.payloads(initial.toArray(new String[0])),
                null,
                null);
        store.create(create, answer -> outcome.complete(seen(answer)));
        String expected = model.create(name, initial, closed);
        if (expected.equals("Created")) madeAnew.add(name);
        return new Pending("create " + name, expected, outcome);
    }

    private String seen(CreateOutcome outcome) {
        return switch (outcome) {
            case CreateOutcome.Created(Found found) -> {
                yield idsEver.add(found.info().id()) ? "Created" : "an id used before";
            }
            case CreateOutcome.Existed existed -> "Existed";
            case CreateOutcome.Conflict conflict -> conflict.toString();
            case CreateOutcome.SourceNotFound notFound -> "SourceNotFound";
            case CreateOutcome.SourceConflict conflict -> conflict.toString();
            case CreateOutcome.BadForkPosition bad -> "BadForkPosition";
            case CreateOutcome.Failed failed -> failed.toString();
        };
    }

    private Pending fork(Store store) {
        String name = name();
        String source = name();
        List<String> initial = messages(1);
        Found known = settled.get(source);
        Model.Channel modelled = model.channels.get(source);
        // an explicit offset makes sense only for the incarnation last seen; others are tested by hand
        boolean same = known != null
                && modelled != null
                && !modelled.deleted
                && known.info().id() == ids.getOrDefault(source, -1L)
                && !madeAnew.contains(source);
        int at = -1 - random.nextInt(2);
        Offset offset = at == -1 ? null : Offset.ZERO;
        if (same && known != null && random.nextBoolean()) {
            at = random.nextInt((int) known.tail().sequence() + 1);
            offset = known.info().lineage().offsetAt(at);
        }
        int subOffset = random.nextInt(3) == 0 ? random.nextInt(12) : 0;
        CompletableFuture<String> outcome = new CompletableFuture<>();
        Create create = new Create(
                new ChannelName(name),
                null,
                null,
                false,
                Asking.payloads(initial.toArray(new String[0])),
                new Create.Fork(new ChannelName(source), offset, subOffset),
                null);
        store.create(create, answer -> outcome.complete(seen(answer)));
        String expected = model.fork(name, source, at, subOffset, source + " " + offset + " " + subOffset, initial);
        if (expected.equals("Created")) madeAnew.add(name);
        return new Pending("fork " + name + " from " + source + " at " + offset + "+" + subOffset, expected, outcome);
    }

    // Names whose channel was made or deleted since the last comparison.
    private final Set<String> madeAnew = new HashSet<>();

    private Pending delete(Store store) {
        String name = name();
        // the incarnation must be known: ask for it in line with the other requests
        CompletableFuture<String> outcome = new CompletableFuture<>();
        Long id = madeAnew.contains(name) ? null : ids.get(name);
        if (id == null) {
            store.delete(new ChannelName(name), 0, answer -> outcome.complete(seen(answer)));
            return new Pending("delete another " + name, "NotFound", outcome);
        }
        boolean alone = !ordered && model.isFork(name);
        if (alone) settle();
        store.delete(new ChannelName(name), id, answer -> outcome.complete(seen(answer)));
        if (alone) Asking.await(outcome);
        String expected = model.delete(name);
        madeAnew.add(name);
        return new Pending("delete " + name, expected, outcome);
    }

    private static String seen(DeleteOutcome outcome) {
        return switch (outcome) {
            case DeleteOutcome.Deleted deleted -> "Deleted";
            case DeleteOutcome.NotFound notFound -> "NotFound";
            case DeleteOutcome.Gone gone -> "Gone";
            case DeleteOutcome.Failed failed -> failed.toString();
        };
    }

    private Pending append(Store store) {
        String name = name();
        List<String> messages = messages(3);
        boolean close = messages.isEmpty() || random.nextInt(60) == 0;
        String producer = random.nextBoolean() ? null : "p" + random.nextInt(3);
        long epoch = random.nextInt(12) == 0 ? random.nextInt(4) : 1;
        long seq = producer == null ? 0 : nextSequence(name, producer, epoch) + (random.nextInt(8) - 6) / 4;
        seq = Math.max(0, seq);
        CompletableFuture<String> outcome = new CompletableFuture<>();
        Append append = new Append(
                new ChannelName(name),
                messages.isEmpty() ? null : ContentType.BINARY,
                Asking.payloads(messages.toArray(new String[0])),
                close,
                producer == null ? null : new Producer(producer, epoch, seq),
                null,
                null);
        store.append(append, answer -> outcome.complete(seen(messages, answer)));
        String expected = model.append(name, messages, close, producer, epoch, seq);
        return new Pending("append to " + name + " by " + append.producer(), expected, outcome);
    }

    private long nextSequence(String name, String producer, long epoch) {
        Model.Channel channel = model.channels.get(name);
        long[] known = channel == null ? null : channel.producers.get(producer);
        return known == null || known[0] != epoch ? 0 : known[1] + 1;
    }

    private static String seen(List<String> messages, AppendOutcome outcome) {
        return switch (outcome) {
            case AppendOutcome.Appended(var id, Block block, Offset offset, var tail) -> {
                if (!messages.isEmpty() && block == null) yield "Appended without its block";
                for (int i = 0; block != null && i < messages.size(); i++) {
                    int index = (int) (offset.sequence() - messages.size() + 1 + i - block.firstSequence());
                    String message = new String(block.message(index), StandardCharsets.UTF_8);
                    if (!message.equals(messages.get(i))) yield "Appended with another's messages";
                }
                yield "Appended";
            }
            case AppendOutcome.Duplicate(var tail, long epoch, long highest) -> "Duplicate " + epoch + " " + highest;
            case AppendOutcome.StaleEpoch stale -> stale.toString();
            case AppendOutcome.EpochNotAtZero not -> "EpochNotAtZero";
            case AppendOutcome.SequenceGap gap -> gap.toString();
            case AppendOutcome.Closed closed -> "Closed";
            case AppendOutcome.WrongType type -> type.toString();
            case AppendOutcome.StreamSequenceRegression regression -> regression.toString();
            case AppendOutcome.TooManyProducers many -> many.toString();
            case AppendOutcome.TooFast fast -> fast.toString();
            case AppendOutcome.NotFound notFound -> "NotFound";
            case AppendOutcome.Gone gone -> "Gone";
            case AppendOutcome.Failed failed -> failed.toString();
        };
    }

    // Nothing is under way: everything must be as the model has it.
    private void compare(Asking ask) {
        madeAnew.clear();
        settled.clear();
        List<String> here = new ArrayList<>();
        for (String name : NAMES) {
            Model.Channel channel = model.channels.get(name);
            FindOutcome found = ask.find(name);
            if (channel == null) {
                assertThat(found).as(name).isEqualTo(new FindOutcome.NotFound());
                ids.remove(name);
            } else if (channel.deleted) {
                assertThat(found).as(name).isEqualTo(new FindOutcome.Gone());
            } else {
                here.add(name);
                compare(ask, channel);
            }
        }
        here.sort(null);
        assertThat(ask.names("", "", 1_000)).isEqualTo(here);
    }

    private void compare(Asking ask, Model.Channel channel) {
        Found found = ask.found(channel.name);
        settled.put(channel.name, found);
        ids.put(channel.name, found.info().id());
        assertThat(found.tail().sequence()).as(channel.name).isEqualTo(channel.messages.size());
        assertThat(found.tail().start()).as(channel.name).isEqualTo(channel.start);
        assertThat(found.tail().closed()).as(channel.name).isEqualTo(channel.closed);
        int portion = 1 + random.nextInt(100_000);
        List<String> messages = ask.all(found.info().id(), channel.start, portion);
        assertThat(messages).as(channel.name).isEqualTo(channel.retained());
        assertThat(found.info().lineage().contains(found.tail().offset())).isTrue();
        for (int i = 0; i < messages.size(); i++) {
            Offset offset = found.info().lineage().offsetAt(channel.start + i + 1);
            @Nullable String before = messageAt.put(channel.name + " " + offset, messages.get(i));
            if (before != null)
                assertThat(messages.get(i)).as("message at " + offset).isEqualTo(before);
        }
    }
}
