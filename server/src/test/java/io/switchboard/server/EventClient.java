package io.switchboard.server;

import io.switchboard.testkit.sse.EventStreamParser;
import io.switchboard.testkit.sse.EventStreamParser.Event;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** An event stream over a socket of its own, read as far as the test asks for it. One thread. */
final class EventClient implements AutoCloseable {
    private final Conversation conversation;
    private final RawClient.Answer head;
    private final boolean chunked;
    private final EventStreamParser parser = new EventStreamParser();
    private final Deque<Event> events = new ArrayDeque<>();
    private final byte[] buffer = new byte[16 * 1024];
    private boolean ended;

    private EventClient(Conversation conversation, RawClient.Answer head) {
        this.conversation = conversation;
        this.head = head;
        this.chunked = "chunked".equals(head.header("Transfer-Encoding"));
    }

    static EventClient open(int port, String target, String... headers) {
        RawClient raw = RawClient.connect(port);
        String[] fields = new String[headers.length + 1];
        fields[0] = "Accept: text/event-stream";
        System.arraycopy(headers, 0, fields, 1, headers.length);
        raw.ask("GET " + target, fields);
        return over(raw);
    }

    /** The request was sent already. */
    static EventClient over(RawClient raw) {
        return over(raw, raw.head());
    }

    /** The head of the answer was read already. */
    static EventClient over(Conversation conversation, RawClient.Answer head) {
        if (head.status() != 200 || !"text/event-stream".equals(head.header("Content-Type"))) {
            throw new AssertionError("no event stream: " + head);
        }
        return new EventClient(conversation, head);
    }

    RawClient.Answer head() {
        return head;
    }

    /** The next event; fails if the stream ends first. */
    Event next() {
        while (events.isEmpty()) {
            if (!more()) throw new AssertionError("the stream ended");
        }
        return events.remove();
    }

    /** The next event; null if the stream ends first. */
    @Nullable
    Event nextIfAny() {
        while (events.isEmpty() && more()) {}
        return events.poll();
    }

    /** The next {@code n} events. */
    List<Event> next(int n) {
        List<Event> taken = new ArrayList<>(n);
        while (taken.size() < n) taken.add(next());
        return taken;
    }

    /** All events up to the end of the stream. */
    List<Event> rest() {
        while (more()) {}
        List<Event> all = List.copyOf(events);
        events.clear();
        return all;
    }

    /** Reads until the client has the id that a reconnect would send; for streams that begin with one. */
    String id() {
        while (parser.lastEventId().isEmpty()) {
            if (!more()) throw new AssertionError("the stream ended");
        }
        return parser.lastEventId();
    }

    /** Reads until the id is another one. */
    void awaitId() {
        String before = parser.lastEventId();
        while (parser.lastEventId().equals(before)) {
            if (!more()) throw new AssertionError("the stream ended");
        }
    }

    /** Reads until a comment has come. */
    void awaitComment() {
        int before = parser.comments().size();
        while (parser.comments().size() == before) {
            if (!more()) throw new AssertionError("the stream ended");
        }
    }

    EventStreamParser parser() {
        return parser;
    }

    private boolean more() {
        if (ended) return false;
        if (chunked) {
            byte[] chunk = conversation.chunk();
            ended = chunk.length == 0;
            events.addAll(parser.feed(chunk));
        } else {
            int read = conversation.read(buffer, buffer.length);
            ended = read == 0;
            events.addAll(parser.feed(buffer, 0, read));
        }
        return !ended;
    }

    RawClient raw() {
        if (!(conversation instanceof RawClient raw)) throw new IllegalStateException("not over bare bytes");
        return raw;
    }

    @Override
    public void close() {
        conversation.close();
    }
}
