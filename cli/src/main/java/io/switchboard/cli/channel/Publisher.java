package io.switchboard.cli.channel;

import io.switchboard.cli.place.ChannelAddress;
import io.switchboard.cli.place.Failure;
import io.switchboard.cli.place.Passport;
import io.switchboard.client.About;
import io.switchboard.client.Channel;
import io.switchboard.client.Options;
import io.switchboard.client.Published;
import io.switchboard.client.Switchboard;
import io.switchboard.client.SwitchboardException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Publishes messages to a channel through the client of applications, one append after the other, so that what comes after
 * a refused one is not stored. What comes faster than answers goes together, in one append of a JSON channel; other
 * channels take one message an append.
 *
 * <p>Threads: all methods block, and belong to one thread.
 */
public final class Publisher implements AutoCloseable {
    static final int BATCH_MESSAGES_MAX = 1_000;
    static final int BATCH_BYTES_MAX = 1 << 20;

    private static final Duration GIVE_UP = Duration.ofMinutes(2);
    private static final Duration LATE = Duration.ofSeconds(2);

    /** Who watches. */
    public interface Progress {
        /** So many more messages are stored. */
        void stored(int messages);

        /** The server does not answer as it should; the same is sent again, for so long at most. */
        void late(Duration max);
    }

    private final ChannelAddress address;
    private final Passport passport;
    private final Optional<String> producer;
    private final Duration giveUp;
    private final Time time;
    private final Progress progress;
    private final Switchboard client;
    private Channel channel;
    private Kind kind = Kind.JSON;
    private boolean typeIsKnown = true; // given, or the channel's; else JSON is a guess
    private int batchBytesMax = BATCH_BYTES_MAX; // less once the server has refused so much

    /** @param producer a name to publish under; empty for any */
    public Publisher(
            ChannelAddress address, Passport passport, Optional<String> producer, Time time, Progress progress) {
        this(address, passport, producer, time, progress, GIVE_UP);
    }

    Publisher(
            ChannelAddress address,
            Passport passport,
            Optional<String> producer,
            Time time,
            Progress progress,
            Duration giveUp) {
        this.address = address;
        this.passport = passport;
        this.producer = producer;
        this.giveUp = giveUp;
        this.time = time;
        this.progress = progress;
        Options options = passport.options().publishTimeout(giveUp);
        client = Switchboard.connect(
                address.server(), producer.map(options::producer).orElse(options));
        channel = client.channel(address.channel());
    }

    /**
     * Finds out what the channel takes.
     *
     * @param wanted the content type of messages; empty for that of the channel, or JSON for a new one
     * @param create whether to create a channel that is missing
     */
    public void open(Optional<String> wanted, boolean create) throws Failure, InterruptedException {
        Optional<String> existing = existing();
        String type = existing.orElseGet(() -> wanted.orElse("application/json"));
        typeIsKnown = existing.isPresent() || wanted.isPresent();
        if (existing.isPresent() && wanted.isPresent() && !essence(wanted.get()).equals(essence(existing.get()))) {
            throw otherType(existing.get());
        }
        kind = Kind.of(type);
        try {
            channel = channel.as(type);
            // The channel may be one that its first message creates, or one that this token may write and not read.
            if (existing.isEmpty() && create) Answers.of(channel.create(type));
        } catch (IllegalArgumentException badField) {
            throw new Failure(Failure.Kind.USAGE, "\"" + type + "\" is not a content type.");
        } catch (SwitchboardException why) {
            throw refusal(why);
        }
    }

    private Optional<String> existing() throws Failure, InterruptedException {
        try {
            About about = Answers.of(channel.about());
            return Optional.of(about.contentType());
        } catch (SwitchboardException why) {
            if (why.code().equals("not_found") || why.code().equals("forbidden")) return Optional.empty();
            throw refusal(why);
        }
    }

    private static String essence(String contentType) {
        return contentType.replaceFirst(";.*", "").strip().toLowerCase(Locale.ROOT);
    }

    private Failure otherType(String existing) {
        return new Failure(
                Failure.Kind.USAGE,
                "The channel " + address.channel() + " holds " + existing + "; "
                        + (typeIsKnown ? "leave --type out" : "say --type " + essence(existing))
                        + ", or choose another channel.");
    }

    /** Publishes each message by itself. Nothing is sent if one of them is none. */
    public void publish(List<String> messages, double perSecond) throws Failure, InterruptedException {
        MessageCheck check = new MessageCheck(kind);
        List<byte[]> all = new ArrayList<>();
        for (String message : messages) {
            byte[] bytes = message.getBytes(StandardCharsets.UTF_8);
            Optional<String> flaw = check.flaw(bytes);
            if (flaw.isPresent()) {
                throw new Failure(
                        Failure.Kind.USAGE, "Message " + (all.size() + 1) + " " + flaw.get() + " Nothing was sent.");
            }
            all.add(bytes);
        }
        Pace pace = new Pace(time, perSecond);
        for (byte[] message : all) {
            pace.await();
            pace.spend();
            send(List.of(message));
        }
    }

    /** Publishes each line that is not blank, until the input ends. */
    public void publish(InputStream lines, double perSecond) throws Failure, InterruptedException {
        LineQueue queue = new LineQueue();
        MessageCheck check = new MessageCheck(kind);
        new LineReader(lines, check, queue).start();
        Pace pace = new Pace(time, perSecond);
        while (true) {
            boolean waits = queue.isEmpty();
            Optional<Line> line = queue.take();
            if (waits) pace.idled();
            if (line.isEmpty()) return;
            Optional<String> flaw = line.get().flaw();
            if (flaw.isPresent()) throw new Failure(Failure.Kind.USAGE, flaw.get());
            pace.await();
            pace.spend();
            send(batch(line.get(), queue, pace));
        }
    }

    private List<byte[]> batch(Line first, LineQueue queue, Pace pace) {
        List<byte[]> batch = new ArrayList<>();
        batch.add(first.bytes());
        if (kind != Kind.JSON) return batch;
        long room = (long) batchBytesMax - first.bytes().length;
        while (batch.size() < BATCH_MESSAGES_MAX && pace.isDue()) {
            Optional<Line> next = queue.takeFitting(room);
            if (next.isEmpty()) break;
            pace.spend();
            batch.add(next.get().bytes());
            room -= next.get().bytes().length;
        }
        return batch;
    }

    /** Closes the channel: no more messages, by nobody. */
    public void closeChannel() throws Failure, InterruptedException {
        try {
            await(channel.closeChannel());
        } catch (SwitchboardException why) {
            throw refusal(why);
        }
    }

    private void send(List<byte[]> messages) throws Failure, InterruptedException {
        try {
            await(append(messages));
            progress.stored(messages.size());
        } catch (SwitchboardException why) {
            if (!why.code().equals("too_large")) throw refusal(why);
            if (messages.size() == 1) {
                throw new Failure(
                        Failure.Kind.REFUSED,
                        "A message of " + messages.getFirst().length
                                + " bytes is more than the server takes; split it, or raise limits.messageBytes there.");
            }
            // Refused as a whole.
            batchBytesMax = messages.stream().mapToInt(each -> each.length).sum() / 2;
            send(List.copyOf(messages.subList(0, messages.size() / 2)));
            send(List.copyOf(messages.subList(messages.size() / 2, messages.size())));
        }
    }

    private CompletableFuture<Published> append(List<byte[]> messages) {
        return switch (kind) {
            case JSON ->
                channel.publishAll(messages.stream().map(MessageCheck::text).toList());
            case TEXT -> channel.publishText(MessageCheck.text(messages.getFirst()));
            case BYTES -> channel.publishBytes(messages.getFirst());
        };
    }

    private <T> T await(CompletableFuture<T> answer) throws InterruptedException {
        try {
            answer.get(LATE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException late) {
            progress.late(giveUp);
        } catch (ExecutionException failed) {
            // Told below.
        }
        return Answers.of(answer);
    }

    private Failure refusal(SwitchboardException why) {
        return switch (why.code()) {
            case "conflict" -> conflict(why);
            case "too_many" ->
                new Failure(
                        Failure.Kind.REFUSED,
                        "The channel remembers as many producers as it may; publish under the name of one it knows"
                                + " with --producer NAME, or raise limits.producersPerChannel at the server.");
            case SwitchboardException.FENCED ->
                new Failure(
                        Failure.Kind.REFUSED,
                        "Another run publishes as " + producer.orElse("this one")
                                + " now, so this one was stopped. Give each a --producer of its own.");
            case SwitchboardException.UNKNOWN_OUTCOME ->
                gaveUp("Whether the last append was stored is not known; look with: switchboard tail --last 10 "
                        + address.channel());
            case "timeout" -> gaveUp("Publish the rest when it is back.");
            default -> Sentences.of(why, passport.hasToken(), address);
        };
    }

    private Failure gaveUp(String then) {
        return new Failure(
                Failure.Kind.UNREACHABLE,
                "The server at " + address.server() + " has not answered as it should for " + giveUp.toMinutes()
                        + " minutes. " + then);
    }

    private Failure conflict(SwitchboardException why) {
        return switch (why.reason()) {
            case "closed" ->
                new Failure(
                        Failure.Kind.REFUSED,
                        "The channel " + address.channel() + " is closed and takes no more messages; choose another.");
            case "content_type" -> otherType(why.detail("expected"));
            default -> Sentences.of(why, passport.hasToken(), address);
        };
    }

    /** Ends the client. */
    @Override
    public void close() {
        client.close();
    }
}
