package io.switchboard.client;

import java.io.ByteArrayOutputStream;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.DoubleSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Brings publications to the server: over the line where that is in use, else by POST; each channel in order, and each
 * message once ({@link Producer} says what to send when). On the loop, but {@link #publish}.
 */
final class Publishing {
    /** Channels published to at a time; beyond, those with nothing under way are forgotten, or it is refused. */
    static final int CHANNELS_MAX = 1_000;

    /** Of all publications that wait, of all channels. */
    static final long WAITING_BYTES_MAX = 64 << 20;

    // What a publication weighs beside its payload.
    private static final long WEIGHT_BYTES = 200;
    private static final long ATTEMPT_MILLIS_MAX = 15_000;
    private static final int OK = 200;
    private static final int NO_CONTENT = 204;

    /** What kind of channel the payload is for; only JSON channels take several messages in an append. */
    enum Kind {
        JSON("application/json"),
        TEXT("text/plain"),
        BYTES("application/octet-stream");

        final String contentType;

        Kind(String contentType) {
            this.contentType = contentType;
        }
    }

    /**
     * What one producer publishes to.
     *
     * @param contentType what the application says that it is; else what the channel says
     */
    record Key(String channel, Kind kind, Optional<String> contentType) {}

    private static final class Pending {
        private final byte[] payload;
        private final int messages;
        private final CompletableFuture<Published> result;

        Pending(byte[] payload, int messages, CompletableFuture<Published> result) {
            this.payload = payload;
            this.messages = messages;
            this.result = result;
        }

        byte[] payload() {
            return payload;
        }

        CompletableFuture<Published> result() {
            return result;
        }

        long weight() {
            return payload.length + WEIGHT_BYTES;
        }
    }

    /** One channel. */
    private final class Outgoing {
        final Key key;
        final Producer producer;
        final Map<Long, Pending> pending = new HashMap<>();
        String contentType;
        Loop.@Nullable Timer timer;
        Http.@Nullable Call call;
        long attempt; // answers to earlier ones do not count
        boolean awaitsToken;
        Runnable held = () -> {}; // what is to be sent once there is a token

        @Nullable
        SwitchboardException refusal; // that of the answer being taken

        String offset = ""; // that of the answer being taken
        boolean duplicate;

        // The append under way: sent again it has the same messages, also those that were given up meanwhile.
        List<Long> sentIds = List.of();
        List<byte[]> sent = List.of();

        Outgoing(Key key) {
            this.key = key;
            this.contentType = key.contentType().orElse(key.kind().contentType);
            boolean joins = key.kind() == Kind.JSON;
            this.producer = new Producer(
                    options.producer(),
                    random.getAsDouble(),
                    System.currentTimeMillis(),
                    joins,
                    options.publishTimeoutMillis());
        }
    }

    private final Loop loop;
    private final Executor callers;
    private final Http http;
    private final Tokens tokens;
    private final Supplier<@Nullable LineLink> line;
    private final DoubleSupplier random;
    private final Options options;
    private final Map<Key, Outgoing> channels = new LinkedHashMap<>(16, 0.75f, true); // the one used longest ago first
    private final AtomicLong waitingBytes = new AtomicLong();
    private final long startedMillis; // the loop's clock is not that of 1970
    private long lastId;
    private @Nullable SwitchboardException end;

    /** @param line the line that is read over now; null if none is */
    Publishing(
            Loop loop,
            Executor callers,
            Http http,
            Tokens tokens,
            Supplier<@Nullable LineLink> line,
            DoubleSupplier random,
            Options options) {
        this.loop = loop;
        this.callers = callers;
        this.http = http;
        this.tokens = tokens;
        this.line = line;
        this.random = random;
        this.options = options;
        this.startedMillis = System.currentTimeMillis() - loop.nowMillis();
    }

    // Since 1970, and only forward.
    private long now() {
        return startedMillis + loop.nowMillis();
    }

    /**
     * Any thread.
     *
     * @param payload the message; of several, those of a JSON array without its brackets
     * @param messages how many they are
     */
    CompletableFuture<Published> publish(Key to, byte[] payload, int messages) {
        CompletableFuture<Published> result = new CompletableFuture<>();
        long weight = payload.length + WEIGHT_BYTES;
        if (waitingBytes.addAndGet(weight) > WAITING_BYTES_MAX) {
            waitingBytes.addAndGet(-weight);
            result.completeExceptionally(tooMany("More than 64 MB of publications wait."));
            return result;
        }
        boolean taken = loop.offer(() -> take(to, new Pending(payload, messages, result)));
        if (!taken) result.completeExceptionally(SwitchboardException.clientClosed());
        return result;
    }

    private static SwitchboardException tooMany(String sentence) {
        return new SwitchboardException("too_many", "", sentence);
    }

    private void take(Key key, Pending pending) {
        if (end != null) {
            refuse(pending, end);
            return;
        }
        Outgoing outgoing = channels.get(key);
        if (outgoing == null) {
            if (channels.size() >= CHANNELS_MAX && !forgetOne()) {
                refuse(pending, tooMany("Publications to too many channels wait."));
                return;
            }
            outgoing = new Outgoing(key);
            channels.put(key, outgoing);
        }
        long id = ++lastId;
        outgoing.pending.put(id, pending);
        run(outgoing, outgoing.producer.publish(id, pending.messages, pending.payload().length, now()));
    }

    private boolean forgetOne() {
        for (Iterator<Outgoing> each = channels.values().iterator(); each.hasNext(); ) {
            if (!each.next().producer.isIdle()) continue;
            each.remove();
            return true;
        }
        return false;
    }

    // ---- what the producer says

    private void run(Outgoing outgoing, List<Producer.Command> commands) {
        for (Producer.Command command : commands) {
            if (command instanceof Producer.Command.Send send) {
                outgoing.attempt++;
                send(outgoing, send, true);
            } else if (command instanceof Producer.Command.Done done) {
                Published published = new Published(outgoing.offset, outgoing.duplicate);
                List<Pending> settled = settle(outgoing, done.ids());
                tell(() -> settled.forEach(each -> each.result().complete(published)));
            } else if (command instanceof Producer.Command.Fail fail) {
                fail(settle(outgoing, fail.ids()), failure(outgoing, fail.code()));
            }
        }
        outgoing.refusal = null;
        if (outgoing.producer.isIdle()) {
            outgoing.sentIds = List.of();
            outgoing.sent = List.of();
        }
        if (outgoing.timer != null) outgoing.timer.cancel();
        OptionalLong until = outgoing.producer.waitUntil();
        outgoing.timer = until.isEmpty()
                ? null
                : loop.after(until.getAsLong() - now(), () -> run(outgoing, outgoing.producer.tick(now())));
    }

    private List<Pending> settle(Outgoing outgoing, List<Long> ids) {
        List<Pending> settled = new ArrayList<>(ids.size());
        for (long id : ids) {
            Pending pending = outgoing.pending.remove(id);
            if (pending == null) throw new IllegalStateException("settled twice: " + id);
            waitingBytes.addAndGet(-pending.weight());
            settled.add(pending);
        }
        return settled;
    }

    private void refuse(Pending pending, SwitchboardException why) {
        waitingBytes.addAndGet(-pending.weight());
        fail(List.of(pending), why);
    }

    private void fail(List<Pending> settled, SwitchboardException why) {
        tell(() -> settled.forEach(each -> each.result().completeExceptionally(why)));
    }

    // What depends on a publication is the application's, so it does not run on the loop.
    private void tell(Runnable completion) {
        Callers.tell(callers, completion);
    }

    private static SwitchboardException failure(Outgoing outgoing, String code) {
        SwitchboardException refusal = outgoing.refusal;
        return switch (code) {
            case "unknown" ->
                new SwitchboardException(
                        SwitchboardException.UNKNOWN_OUTCOME, "", "No answer came in time: it may be stored.");
            case "timeout" ->
                new SwitchboardException("timeout", "", "It could not be sent in time: it is not stored.");
            case SwitchboardException.FENCED ->
                new SwitchboardException(code, "", "Another client publishes under this name now.");
            default ->
                refusal != null && refusal.code().equals(code)
                        ? refusal
                        : new SwitchboardException(code, "", "Too much waits for this channel.");
        };
    }

    // ---- sending

    private void send(Outgoing outgoing, Producer.Command.Send send, boolean anew) {
        long attempt = outgoing.attempt;
        LineLink open = line.get();
        List<byte[]> payloads = payloads(outgoing, send.ids());
        long length = payloads.stream().mapToLong(each -> each.length).sum();
        // A line carries no content type.
        if (open != null
                && length <= LineLink.PUBLISH_BYTES_MAX
                && outgoing.key.contentType().isEmpty()) {
            overLine(open, outgoing, send, payloads, attempt);
        } else {
            whenReady(outgoing, tokens::ready, () -> {
                if (outgoing.attempt == attempt) post(outgoing, send, payloads, attempt, anew);
            });
        }
    }

    // Of what waits for a token only the last counts, so nothing piles up while there is none.
    private static void whenReady(Outgoing outgoing, Consumer<Runnable> ask, Runnable then) {
        outgoing.held = then;
        if (outgoing.awaitsToken) return;
        outgoing.awaitsToken = true;
        ask.accept(() -> {
            outgoing.awaitsToken = false;
            outgoing.held.run();
        });
    }

    private static List<byte[]> payloads(Outgoing outgoing, List<Long> ids) {
        if (!ids.equals(outgoing.sentIds)) {
            List<byte[]> payloads = new ArrayList<>(ids.size());
            for (long id : ids) {
                Pending pending = outgoing.pending.get(id);
                if (pending == null) throw new IllegalStateException("not there: " + id);
                payloads.add(pending.payload());
            }
            outgoing.sentIds = ids;
            outgoing.sent = payloads;
        }
        return outgoing.sent;
    }

    private void overLine(
            LineLink open, Outgoing outgoing, Producer.Command.Send send, List<byte[]> payloads, long attempt) {
        String producer = ",\"producer\":{\"id\":" + Json.quote(send.producer()) + ",\"epoch\":" + send.epoch()
                + ",\"seq\":" + send.seq() + "}";
        Loop.Timer deadline = loop.after(ATTEMPT_MILLIS_MAX, () -> unanswered(outgoing, attempt));
        open.publish(
                outgoing.key.channel(),
                members(outgoing.key.kind(), payloads) + producer,
                reply -> {
                    deadline.cancel();
                    if (outgoing.attempt != attempt) return;
                    if (reply.ok() != null) {
                        boolean again = "true".equals(reply.ok().get("duplicate"));
                        stored(outgoing, Envelope.text(reply.ok(), "offset"), again);
                    } else {
                        Map<String, String> error = reply.error() == null ? Map.of() : reply.error();
                        long millis = Envelope.number(error, "afterMillis");
                        refused(
                                outgoing,
                                LineLink.exception(error),
                                error,
                                millis > 0 ? new Backoff.Told.Exactly(millis) : Backoff.Told.NOTHING);
                    }
                },
                () -> {
                    deadline.cancel();
                    unanswered(outgoing, attempt);
                });
    }

    private static String members(Kind kind, List<byte[]> payloads) {
        return switch (kind) {
            case JSON -> ",\"batch\":" + new String(array(payloads), StandardCharsets.UTF_8);
            case TEXT -> ",\"data\":" + Json.quote(new String(payloads.get(0), StandardCharsets.UTF_8));
            case BYTES -> ",\"base64\":\"" + Base64.getEncoder().encodeToString(payloads.get(0)) + "\"";
        };
    }

    private static byte[] array(List<byte[]> values) {
        ByteArrayOutputStream array = new ByteArrayOutputStream();
        array.write('[');
        array.writeBytes(joined(values));
        array.write(']');
        return array.toByteArray();
    }

    /** Values of JSON as an array has them between its brackets. */
    static byte[] joined(List<byte[]> values) {
        ByteArrayOutputStream joined = new ByteArrayOutputStream();
        for (int i = 0; i < values.size(); i++) {
            if (i > 0) joined.write(',');
            joined.writeBytes(values.get(i));
        }
        return joined.toByteArray();
    }

    private void post(
            Outgoing outgoing, Producer.Command.Send send, List<byte[]> payloads, long attempt, boolean anew) {
        byte[] body = outgoing.key.kind() == Kind.JSON ? array(payloads) : payloads.get(0);
        String token = tokens.token();
        HttpRequest request = http.request(Http.path(outgoing.key.channel()), token)
                .header("Content-Type", outgoing.contentType)
                .header("Producer-Id", send.producer())
                .header("Producer-Epoch", Long.toString(send.epoch()))
                .header("Producer-Seq", Long.toString(send.seq()))
                .POST(HttpRequest.BodyPublishers.ofByteArray(body))
                .build();
        outgoing.call = http.send(request, ATTEMPT_MILLIS_MAX, answer -> {
            if (outgoing.attempt != attempt) return;
            boolean good = answer.status() == OK || answer.status() == NO_CONTENT;
            String offset = answer.header(Answer.NEXT_OFFSET);
            if (good && !offset.isEmpty()) {
                tokens.accepted();
                stored(outgoing, offset, answer.status() == NO_CONTENT);
            } else if (good || answer.status() == 0) { // what is good but not the server's is no answer
                unanswered(outgoing, attempt);
            } else if (answer.status() == 401) {
                whenReady(outgoing, then -> tokens.refused(token, then), () -> {
                    if (outgoing.attempt == attempt) send(outgoing, send, anew);
                });
            } else if (anew && takesType(outgoing, answer)) {
                post(outgoing, send, payloads, attempt, false);
            } else {
                refused(outgoing, answer.refusal(), answer.problem(), answer.told());
            }
        });
    }

    // A text channel may be text/markdown, and what is neither JSON nor text may be image/png.
    private static boolean takesType(Outgoing outgoing, Answer answer) {
        String expected = Envelope.text(answer.problem(), "expected");
        boolean json = expected.startsWith(Kind.JSON.contentType);
        boolean fits = outgoing.key.contentType().isEmpty()
                && switch (outgoing.key.kind()) {
                    case JSON -> false;
                    case TEXT -> expected.startsWith("text/");
                    case BYTES -> !expected.isEmpty() && !expected.startsWith("text/") && !json;
                };
        if (fits) outgoing.contentType = expected;
        return fits;
    }

    // ---- answers

    private void stored(Outgoing outgoing, String offset, boolean duplicate) {
        outgoing.offset = offset;
        outgoing.duplicate = duplicate;
        outgoing.attempt++;
        run(outgoing, outgoing.producer.stored());
    }

    private void unanswered(Outgoing outgoing, long attempt) {
        if (outgoing.attempt != attempt || end != null) return;
        outgoing.attempt++;
        run(outgoing, outgoing.producer.unanswered(random.getAsDouble(), now()));
    }

    private void refused(Outgoing outgoing, SwitchboardException why, Map<String, String> problem, Backoff.Told told) {
        outgoing.attempt++;
        outgoing.refusal = why;
        Producer.Refusal refusal = new Producer.Refusal(
                why.code(), why.reason(), number(problem, "currentEpoch"), number(problem, "producersMax"));
        run(outgoing, outgoing.producer.refused(refusal, random.getAsDouble(), now(), told));
    }

    private static long number(Map<String, String> members, String name) {
        return members.containsKey(name) ? Envelope.number(members, name) : -1;
    }

    /** Nothing more is sent, for this reason. */
    void close(SwitchboardException why) {
        if (end != null) return;
        end = why;
        for (Outgoing outgoing : channels.values()) {
            if (outgoing.call != null) outgoing.call.cancel();
            if (outgoing.timer != null) outgoing.timer.cancel();
            outgoing.attempt++;
            outgoing.refusal = why;
            for (Producer.Command command : outgoing.producer.close(why.code())) {
                if (!(command instanceof Producer.Command.Fail fail)) continue;
                fail(settle(outgoing, fail.ids()), failure(outgoing, fail.code()));
            }
        }
        channels.clear();
    }
}
