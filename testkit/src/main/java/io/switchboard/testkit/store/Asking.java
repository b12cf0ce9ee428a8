package io.switchboard.testkit.store;

import io.switchboard.core.channel.Append;
import io.switchboard.core.channel.ChannelName;
import io.switchboard.core.channel.ContentType;
import io.switchboard.core.channel.Payloads;
import io.switchboard.core.channel.Producer;
import io.switchboard.core.channel.Run;
import io.switchboard.core.channel.Tail;
import io.switchboard.core.store.Answer;
import io.switchboard.core.store.AppendOutcome;
import io.switchboard.core.store.Create;
import io.switchboard.core.store.CreateOutcome;
import io.switchboard.core.store.DeleteOutcome;
import io.switchboard.core.store.FindOutcome;
import io.switchboard.core.store.Found;
import io.switchboard.core.store.Listing;
import io.switchboard.core.store.ReadOutcome;
import io.switchboard.core.store.Store;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A store asked in turn: each call waits for its answer. For tests. */
public final class Asking {
    private static final long WAIT_SECONDS = 60;

    private static final ChannelName NEVER_MET = new ChannelName("never-met");

    private final Store store;
    private final Map<Long, ChannelName> names = new ConcurrentHashMap<>(); // under which each id was met

    public Asking(Store store) {
        this.store = store;
    }

    /** The answer to what {@code request} asks. */
    public static <T> T await(Consumer<Answer<T>> request) {
        CompletableFuture<T> answer = new CompletableFuture<>();
        request.accept(answer::complete);
        return await(answer);
    }

    public static <T> T await(CompletableFuture<T> answer) {
        try {
            return answer.get(WAIT_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException | ExecutionException | TimeoutException e) {
            throw new AssertionError("no answer", e);
        }
    }

    public CreateOutcome create(Create create) {
        CreateOutcome outcome = await(answer -> store.create(create, answer));
        if (outcome instanceof CreateOutcome.Created(Found found)) met(found);
        if (outcome instanceof CreateOutcome.Existed(Found found)) met(found);
        return outcome;
    }

    private void met(Found found) {
        names.put(found.info().id(), found.info().name());
    }

    /** Creates a channel of its own, which must be new. */
    public Found created(String name, ContentType type, String... messages) {
        CreateOutcome outcome =
                create(new Create(new ChannelName(name), type, null, false, payloads(messages), null, null));
        if (outcome instanceof CreateOutcome.Created(Found found)) return found;
        throw new AssertionError("expected Created, got " + outcome);
    }

    public AppendOutcome append(Append append) {
        return await(answer -> store.append(append, answer));
    }

    /** Appends text, which must succeed. */
    public AppendOutcome.Appended appended(String name, String... messages) {
        AppendOutcome outcome = append(plain(name, messages));
        if (outcome instanceof AppendOutcome.Appended appended) return appended;
        throw new AssertionError("expected Appended, got " + outcome);
    }

    public AppendOutcome produced(String name, String id, long epoch, long sequence, String... messages) {
        return append(new Append(
                new ChannelName(name),
                ContentType.BINARY,
                payloads(messages),
                false,
                new Producer(id, epoch, sequence),
                null,
                null));
    }

    public FindOutcome find(String name) {
        FindOutcome outcome = await(answer -> store.find(new ChannelName(name), answer));
        if (outcome instanceof FindOutcome.Here(Found found)) met(found);
        return outcome;
    }

    /** What is known of a channel, which must be there. */
    public Found found(String name) {
        FindOutcome outcome = find(name);
        if (outcome instanceof FindOutcome.Here(Found found)) return found;
        throw new AssertionError("expected Here, got " + outcome);
    }

    public DeleteOutcome delete(String name, long id) {
        return await(answer -> store.delete(new ChannelName(name), id, answer));
    }

    public DeleteOutcome delete(String name) {
        return delete(name, found(name).info().id());
    }

    public ReadOutcome read(long id, long sequence, int bytesMax) {
        ChannelName name = names.getOrDefault(id, NEVER_MET);
        return await(answer -> store.read(name, id, sequence, bytesMax, answer));
    }

    /** All retained messages of a channel. */
    public List<String> all(String name) {
        Found found = found(name);
        return all(found.info().id(), found.tail().start(), 64 * 1024);
    }

    /** All messages of an incarnation after {@code sequence}, read in portions of about {@code bytesMax}. */
    public List<String> all(long id, long sequence, int bytesMax) {
        List<String> messages = new ArrayList<>();
        long at = sequence;
        while (true) {
            switch (read(id, at, bytesMax)) {
                case ReadOutcome.Messages(Run run) -> {
                    if (run.firstSequence() != at + 1) {
                        throw new AssertionError("read after " + at + " begins with " + run.firstSequence());
                    }
                    messages.addAll(texts(run));
                    at = run.lastSequence();
                }
                case ReadOutcome.AtTail() -> {
                    return messages;
                }
                case ReadOutcome other -> throw new AssertionError("read after " + at + ": " + other);
            }
        }
    }

    public Listing list(String prefix, String after, int limit) {
        return await(answer -> store.list(prefix, after, limit, answer));
    }

    /** The names on a page of the list, and {@code …} if there are more. */
    public List<String> names(String prefix, String after, int limit) {
        return switch (list(prefix, after, limit)) {
            case Listing.Page(List<Found> channels, boolean more) -> {
                List<String> names = new ArrayList<>();
                for (Found found : channels) names.add(found.info().name().value());
                if (more) names.add("…");
                yield names;
            }
            case Listing.Failed failed -> throw new AssertionError("expected a page, got " + failed);
        };
    }

    public List<String> expired(long nowMillis, int limit) {
        List<ChannelName> names = await(answer -> store.expired(nowMillis, limit, answer));
        return names.stream().map(ChannelName::value).toList();
    }

    public Tail tail(String name) {
        return found(name).tail();
    }

    public static List<String> texts(Run run) {
        List<String> texts = new ArrayList<>();
        for (Run.Slice slice : run.slices()) {
            for (int i = slice.from(); i < slice.to(); i++) {
                texts.add(new String(slice.block().message(i), StandardCharsets.UTF_8));
            }
        }
        return texts;
    }

    public static Payloads payloads(String... messages) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        int[] ends = new int[messages.length];
        for (int i = 0; i < messages.length; i++) {
            bytes.writeBytes(messages[i].getBytes(StandardCharsets.UTF_8));
            ends[i] = bytes.size();
        }
        return new Payloads(bytes.toByteArray(), ends);
    }

    public static Append plain(String name, String... messages) {
        return Append.of(new ChannelName(name), ContentType.BINARY, payloads(messages));
    }

    /** An append that closes, with messages or without. */
    public static Append closing(String name, @Nullable Producer producer, String... messages) {
        return new Append(
                new ChannelName(name),
                messages.length == 0 ? null : ContentType.BINARY,
                payloads(messages),
                true,
                producer,
                null,
                null);
    }
}
