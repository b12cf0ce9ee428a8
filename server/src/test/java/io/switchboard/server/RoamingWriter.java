package io.switchboard.server;

import io.switchboard.server.RawClient.Answer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CountDownLatch;

/** Appends one or a few messages at a time, and repeats what it got no answer to. */
final class RoamingWriter extends RoamingClient {
    private static final int LARGE_BYTES = 12_000;

    final String channel;
    final List<String> written = new ArrayList<>();
    /** By the offset after it, the last message of each append that was answered the first time. */
    final Map<String, String> acknowledged = new HashMap<>();

    private final int number;
    private final int appends;
    private final CountDownLatch halfWritten;
    private final Random random;
    private int sequence;
    private List<String> messages = List.of();

    /**
     * @param appends in all; behind three quarters of them it waits for the restart
     * @param halfWritten counted down once
     */
    RoamingWriter(Succession first, long seed, String channel, int number, int appends, CountDownLatch halfWritten) {
        super(first);
        this.channel = channel;
        this.number = number;
        this.appends = appends;
        this.halfWritten = halfWritten;
        this.random = new Random(seed ^ channel.hashCode() ^ number);
    }

    @Override
    boolean step(Succession running) {
        try (Conversation raw = running.server().talk()) {
            while (sequence < appends) {
                if (messages.isEmpty()) messages = some();
                append(raw);
                if (sequence == appends / 2) halfWritten.countDown();
                // So that there is something to write before the restart and behind it.
                if (sequence == appends * 3 / 4) after(first, null);
            }
        }
        return false;
    }

    @Override
    public String toString() {
        return "writer " + number + " of " + channel + " at " + sequence;
    }

    private void append(Conversation raw) {
        raw.post(
                channel,
                TestServer.JSON,
                "[" + String.join(",", messages) + "]",
                "Producer-Id: writer-" + number,
                "Producer-Epoch: 0",
                "Producer-Seq: " + sequence);
        Answer answer = expect(raw.answer(), 200, 204);
        if (answer.status() == 200) {
            acknowledged.put(Objects.requireNonNull(answer.header("Stream-Next-Offset")), messages.getLast());
        }
        written.addAll(messages);
        messages = List.of();
        sequence++;
    }

    // Without commas, so that a batch is easily taken apart.
    private List<String> some() {
        List<String> some = new ArrayList<>();
        int count = 1 + random.nextInt(3);
        for (int i = 0; i < count; i++) {
            String pad = "x".repeat(random.nextInt(20) == 0 ? LARGE_BYTES : random.nextInt(40));
            some.add("\"" + number + "." + sequence + "." + i + pad + "\"");
        }
        return some;
    }
}
