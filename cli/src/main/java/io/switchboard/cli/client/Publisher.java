package io.switchboard.cli.client;

import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * Publishes messages to a channel, one append after the other. What comes faster than answers goes together, in one
 * append of a JSON channel; other channels take one message an append.
 *
 * <p>Threads: all methods block, and belong to one thread.
 */
public final class Publisher {
    static final int BATCH_MESSAGES_MAX = 1_000;
    static final int BATCH_BYTES_MAX = 1 << 20;

    private static final Duration GIVE_UP = Duration.ofMinutes(2);

    /** Who watches. */
    public interface Progress {
        /** So many more messages are stored. */
        void stored(int messages);

        /** The server does not answer as it should; the same is sent again after {@code duration}. */
        void away(Duration duration);
    }

    private final Link link;
    private final ChannelAddress address;
    private final Time time;
    private final Progress progress;
    private final Backoff backoff;
    private final Producer producer;
    private String type = "application/json";
    private boolean typeIsKnown = true; // given, or the channel's; else JSON is a guess
    private int batchBytesMax = BATCH_BYTES_MAX; // less once the server has refused so much

    /** @param producer a name to publish under; empty for any */
    public Publisher(
            Link link,
            ChannelAddress address,
            Optional<String> producer,
            Time time,
            RandomGenerator random,
            Progress progress) {
        this.link = link;
        this.address = address;
        this.time = time;
        this.progress = progress;
        this.backoff = new Backoff(random);
        this.producer = new Producer(producer, random);
    }

    /**
     * Finds out what the channel takes.
     *
     * @param wanted the content type of messages; empty for that of the channel, or JSON for a new one
     * @param create whether to create a channel that is missing
     */
    public void open(Optional<String> wanted, boolean create) throws Failure, InterruptedException {
        HttpResponse<byte[]> head =
                ask(Link.request(address.stream()).method("HEAD", HttpRequest.BodyPublishers.noBody()), 200, 403, 404);
        if (head.statusCode() == 200) {
            String existing = Answers.header(head, "Content-Type");
            if (wanted.isPresent() && !essence(wanted.get()).equals(essence(existing))) throw otherType(existing);
            type = existing;
            return;
        }
        typeIsKnown = wanted.isPresent();
        type = wanted.orElse(type);
        // The channel may be one that its first message creates, or one that this token may write and not read.
        if (!create) return;
        ask(
                Link.request(address.stream()).header("Content-Type", type).PUT(HttpRequest.BodyPublishers.noBody()),
                200,
                201);
    }

    private HttpResponse<byte[]> ask(HttpRequest.Builder request, int... good) throws Failure, InterruptedException {
        while (true) {
            HttpResponse<byte[]> answer;
            try {
                answer = link.send(request);
            } catch (IOException nobody) {
                throw Answers.unreachable(address);
            } catch (IllegalArgumentException badHeader) {
                throw new Failure(Failure.Kind.USAGE, "\"" + type + "\" is not a content type.");
            }
            int status = answer.statusCode();
            for (int expected : good) if (status == expected) return answer;
            if (!Answers.isPassing(status)) throw Answers.failure(answer, answer.body(), address);
            stayAway(Answers.retryAfter(answer));
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
        MessageCheck check = new MessageCheck(Kind.of(type));
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
        MessageCheck check = new MessageCheck(Kind.of(type));
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
            send(batch(line.get(), check.kind(), queue, pace));
        }
    }

    private List<byte[]> batch(Line first, Kind kind, LineQueue queue, Pace pace) {
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
    public void close() throws Failure, InterruptedException {
        HttpRequest.Builder request = Link.request(address.stream())
                .header("Stream-Closed", "true")
                .POST(HttpRequest.BodyPublishers.noBody());
        append(request);
    }

    private void send(List<byte[]> messages) throws Failure, InterruptedException {
        byte[] body = Kind.of(type) == Kind.JSON ? JsonText.array(messages) : messages.getFirst();
        HttpRequest.Builder request = Link.request(address.stream())
                .header("Content-Type", type)
                .POST(HttpRequest.BodyPublishers.ofByteArray(body));
        if (append(request)) {
            progress.stored(messages.size());
        } else if (messages.size() > 1) {
            // Refused as a whole, so its number is free for a part.
            batchBytesMax = body.length / 2;
            send(List.copyOf(messages.subList(0, messages.size() / 2)));
            send(List.copyOf(messages.subList(messages.size() / 2, messages.size())));
        } else {
            throw new Failure(
                    Failure.Kind.REFUSED,
                    "A message of " + messages.getFirst().length
                            + " bytes is more than the server takes; split it, or raise limits.messageBytes there.");
        }
    }

    /** Sends until it is stored. Returns false if it is too large. */
    private boolean append(HttpRequest.Builder unsigned) throws Failure, InterruptedException {
        boolean uncertain = false; // an earlier try may have been stored
        long began = time.nanos();
        while (true) {
            Optional<Duration> after = Optional.empty();
            HttpRequest.Builder request = unsigned.copy();
            producer.sign(request);
            try {
                HttpResponse<byte[]> answer = link.send(request);
                int status = answer.statusCode();
                if (status == 200 || status == 204) {
                    producer.stored();
                    backoff.reset();
                    return true;
                }
                if (status == 413) return false;
                if (status == 403 && !producer.isNamed() && !uncertain && isFenced(answer)) {
                    producer.rename();
                    continue;
                }
                if (!isPassing(answer)) throw refusal(answer, uncertain);
                uncertain |= status != 429;
                after = Answers.retryAfter(answer);
            } catch (ConnectException notSent) {
                // Nothing has changed.
            } catch (IOException lost) {
                uncertain = true;
            }
            if (time.nanos() - began >= GIVE_UP.toNanos()) throw gaveUp(uncertain);
            stayAway(after);
        }
    }

    private void stayAway(Optional<Duration> after) throws InterruptedException {
        Duration pause = after.orElseGet(backoff::next);
        progress.away(pause);
        time.pause(pause);
    }

    private static boolean isFenced(HttpResponse<byte[]> answer) {
        return !Answers.header(answer, "Producer-Epoch").isEmpty();
    }

    private static boolean isPassing(HttpResponse<byte[]> answer) {
        // A channel that remembers as many producers as it may will not forget any by waiting.
        return Answers.isPassing(answer.statusCode())
                && Answers.problem(answer.body(), "producersMax").isEmpty();
    }

    private Failure gaveUp(boolean uncertain) {
        return new Failure(
                Failure.Kind.UNREACHABLE,
                "The server at " + address.server() + " has not answered as it should for "
                        + GIVE_UP.toMinutes() + " minutes. "
                        + (uncertain
                                ? "Whether the last append was stored is not known; look with: switchboard tail --last 10 "
                                        + address.channel()
                                : "Publish the rest when it is back."));
    }

    private Failure refusal(HttpResponse<byte[]> answer, boolean uncertain) {
        String reason = Answers.problem(answer.body(), "reason");
        return switch (answer.statusCode()) {
            case 409 -> conflict(answer, reason);
            case 429 ->
                new Failure(
                        Failure.Kind.REFUSED,
                        "The channel remembers as many producers as it may; publish under the name of one it knows"
                                + " with --producer NAME, or raise limits.producersPerChannel at the server.");
            case 403 ->
                isFenced(answer)
                        ? new Failure(
                                Failure.Kind.REFUSED,
                                "Another run publishes as " + producer.id() + " now, so this one was stopped."
                                        + (uncertain ? " Whether its last append was stored is not known." : "")
                                        + " Give each a --producer of its own.")
                        : Answers.failure(answer, answer.body(), address);
            default -> Answers.failure(answer, answer.body(), address);
        };
    }

    private Failure conflict(HttpResponse<byte[]> answer, String reason) {
        return switch (reason) {
            case "closed" ->
                new Failure(
                        Failure.Kind.REFUSED,
                        "The channel " + address.channel() + " is closed and takes no more messages; choose another.");
            case "content_type" -> otherType(Answers.problem(answer.body(), "expected"));
            case "sequence_gap" ->
                new Failure(
                        Failure.Kind.REFUSED,
                        "The server has lost messages that it had acknowledged (a crash, or the channel was made anew);"
                                + " look what is there with: switchboard tail --from -1 " + address.channel());
            default -> Answers.failure(answer, answer.body(), address);
        };
    }
}
