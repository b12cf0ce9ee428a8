package io.switchboard.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.core.channel.Offset;
import io.switchboard.server.RawClient.Answer;
import io.switchboard.testkit.check.DeliveryChecker;
import io.switchboard.testkit.check.DeliveryChecker.Watch;
import io.switchboard.testkit.sse.EventStreamParser.Event;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Reads on from where it stands, in one way or in several by turns, until all its channels are closed. */
final class RoamingReader extends RoamingClient {
    /** A reader that hops stays for so many events or answers. */
    private static final int STAY_MAX = 12;
    /** What a plain socket gave has to be found again elsewhere, to know where it stands. */
    private static final int PLAIN_SOCKET_STAY_MAX = 50;

    private static final String EVENTS = "Accept: text/event-stream";
    private static final Pattern NEXT_OFFSET = Pattern.compile("\"streamNextOffset\":\"([^\"]*)\"");
    private static final Pattern ENVELOPE =
            Pattern.compile("\\{\"channel\":\"([^\"]*)\",\"offset\":\"([^\"]*)\",\"data\":(.*)}");
    private static final Pattern ABOUT = Pattern.compile("\\{\"channel\":\"([^\"]*)\"}");

    /** How to read. */
    enum Way {
        CATCH_UP,
        LONG_POLL,
        ENVELOPES,
        LONG_POLL_ENVELOPES,
        DURABLE_EVENTS,
        PLAIN_EVENTS,
        SHARED_LINE,
        PLAIN_SOCKET,
        LINE_SOCKET
    }

    /** What a reader was told. */
    private sealed interface Told {
        /** @param next the position after the last message; those of the others follow from it */
        record Messages(String next, List<String> messages) implements Told {}

        record CaughtUp(String at) implements Told {}

        record Closed() implements Told {}
    }

    private final String name;
    private final List<Way> ways;
    private final Random random;
    private final Map<String, String> starts;
    private final Map<String, String> positions; // in the order in which the shared line names them
    private final Map<String, List<Told>> told = new HashMap<>();
    private final Set<String> closed = new HashSet<>();

    RoamingReader(Succession first, long seed, String name, Map<String, String> starts, List<Way> ways) {
        super(first);
        this.name = name;
        this.ways = ways;
        this.starts = starts;
        this.positions = new LinkedHashMap<>(starts);
        this.random = new Random(seed ^ name.hashCode() ^ starts.hashCode());
        for (String channel : starts.keySet()) told.put(channel, new ArrayList<>());
    }

    @Override
    boolean step(Succession running) {
        Way way = ways.get(random.nextInt(ways.size()));
        int stay = ways.size() == 1 ? Integer.MAX_VALUE : 1 + random.nextInt(STAY_MAX);
        if (way == Way.LINE_SOCKET) {
            lineSocket(running.server(), stay);
            return closed.size() < positions.size();
        }
        try (Conversation raw = running.server().talk()) {
            if (way == Way.SHARED_LINE) {
                line(raw, stay);
            } else if (way == Way.PLAIN_SOCKET) {
                for (String channel : positions.keySet()) {
                    if (!closed.contains(channel)) plainSocket(running.server(), channel, stay);
                }
            } else {
                for (String channel : positions.keySet()) {
                    if (!closed.contains(channel)) read(raw, channel, way, stay);
                }
            }
        }
        return closed.size() < positions.size();
    }

    @Override
    public String toString() {
        return name + " at " + positions + ", told of the end of " + closed;
    }

    private void read(Conversation raw, String channel, Way way, int stay) {
        switch (way) {
            case CATCH_UP -> poll(raw, channel, "", stay);
            case LONG_POLL -> poll(raw, channel, "&live=long-poll", stay);
            case ENVELOPES -> pollEnvelopes(raw, channel, "", stay);
            case LONG_POLL_ENVELOPES -> pollEnvelopes(raw, channel, "&live=long-poll", stay);
            case DURABLE_EVENTS -> durableEvents(raw, channel, stay);
            case PLAIN_EVENTS -> plainEvents(raw, channel, stay);
            case SHARED_LINE, PLAIN_SOCKET, LINE_SOCKET -> throw new AssertionError("reads in its own way");
        }
    }

    private String from(String channel) {
        return "GET /v1/stream/" + channel + "?offset=" + positions.get(channel);
    }

    private void tell(String channel, Told what) {
        Objects.requireNonNull(told.get(channel)).add(what);
    }

    private void messages(String channel, String next, List<String> messages) {
        if (!messages.isEmpty()) tell(channel, new Told.Messages(next, messages));
        positions.put(channel, next);
    }

    private void closed(String channel) {
        tell(channel, new Told.Closed());
        closed.add(channel);
    }

    private void poll(Conversation raw, String channel, String live, int stay) {
        for (int i = 0; i < stay && !closed.contains(channel); i++) {
            Answer answer = expect(raw.ask(from(channel) + live).answer(), 200, 204);
            String next = Objects.requireNonNull(answer.header("Stream-Next-Offset"));
            messages(channel, next, batch(answer.body()));
            boolean upToDate = answer.header("Stream-Up-To-Date") != null;
            if (upToDate) tell(channel, new Told.CaughtUp(next));
            if (answer.header("Stream-Closed") != null) closed(channel);
            else if (upToDate && live.isEmpty()) Pause.millis(5);
        }
    }

    private void pollEnvelopes(Conversation raw, String channel, String live, int stay) {
        for (int i = 0; i < stay && !closed.contains(channel); i++) {
            Answer answer =
                    expect(raw.ask(from(channel) + live + "&as=envelopes").answer(), 200, 204);
            String next = Objects.requireNonNull(answer.header("Stream-Next-Offset"));
            for (String part : answer.body().split("(?<=})[,\\]]", -1)) {
                Matcher envelope = ENVELOPE.matcher(part.startsWith("[") ? part.substring(1) : part);
                if (part.equals("[]") || part.isEmpty()) continue;
                assertThat(envelope.matches()).as(part).isTrue();
                assertThat(envelope.group(1)).isEqualTo(channel);
                messages(channel, envelope.group(2), List.of(envelope.group(3)));
            }
            if (answer.body().length() > 2) {
                assertThat(next).as("behind the last envelope").isEqualTo(positions.get(channel));
            }
            positions.put(channel, next);
            boolean upToDate = answer.header("Stream-Up-To-Date") != null;
            if (upToDate) tell(channel, new Told.CaughtUp(next));
            if (answer.header("Stream-Closed") != null) closed(channel);
            else if (upToDate && live.isEmpty()) Pause.millis(5);
        }
    }

    private static List<String> batch(String array) {
        if (array.length() <= 2) return List.of();
        return Arrays.asList(array.substring(1, array.length() - 1).split(",", -1));
    }

    private void durableEvents(Conversation raw, String channel, int stay) {
        raw.ask(from(channel) + "&live=sse");
        EventClient client = EventClient.over(raw, expect(raw.head(), 200));
        List<String> batch = List.of();
        for (int i = 0; i < stay; ) {
            Event event = client.nextIfAny();
            if (event == null) return;
            if (event.type().equals("data")) {
                assertThat(batch).as("data without its control event").isEmpty();
                batch = batch(event.data());
                continue;
            }
            assertThat(event.type()).isEqualTo("control");
            Matcher next = NEXT_OFFSET.matcher(event.data());
            assertThat(next.find()).as(event.data()).isTrue();
            messages(channel, next.group(1), batch);
            batch = List.of();
            if (event.data().contains("\"upToDate\":true")) tell(channel, new Told.CaughtUp(next.group(1)));
            if (event.data().contains("\"streamClosed\":true")) {
                closed(channel);
                return;
            }
            i++;
        }
    }

    private void plainEvents(Conversation raw, String channel, int stay) {
        // Both ways to say where to begin; a page's reconnect has the offset of its first request as well.
        if (random.nextBoolean()) raw.ask(from(channel), EVENTS);
        else raw.ask("GET /v1/stream/" + channel, EVENTS, "Last-Event-ID: " + positions.get(channel));
        Answer head = expect(raw.head(), 200, 204);
        if (head.status() == 204) {
            closed(channel);
            return;
        }
        EventClient client = EventClient.over(raw, head);
        for (int i = 0; i < stay; i++) {
            Event event = client.nextIfAny();
            if (event == null) return;
            if (event.type().equals("closed")) {
                closed(channel);
                return;
            }
            assertThat(event.type()).as(event.toString()).isEqualTo("message");
            messages(channel, event.lastEventId(), List.of(event.data()));
        }
    }

    private void line(Conversation raw, int stay) {
        raw.ask(
                "GET /live?channel=" + String.join("&channel=", positions.keySet()),
                EVENTS,
                "Last-Event-ID: " + String.join(",", positions.values()));
        Answer head = expect(raw.head(), 200, 204);
        if (head.status() == 204) {
            for (String channel : positions.keySet()) if (!closed.contains(channel)) closed(channel);
            return;
        }
        EventClient client = EventClient.over(raw, head);
        for (int i = 0; i < stay; i++) {
            Event event = client.nextIfAny();
            if (event == null) return;
            if (event.type().equals("closed")) {
                Matcher about = ABOUT.matcher(event.data());
                assertThat(about.matches()).as(event.data()).isTrue();
                // Who comes back for the other channels is told again.
                if (!closed.contains(about.group(1))) closed(about.group(1));
                continue;
            }
            assertThat(event.type()).as(event.toString()).isEqualTo("message");
            Matcher envelope = ENVELOPE.matcher(event.data());
            assertThat(envelope.matches()).as(event.data()).isTrue();
            messages(envelope.group(1), envelope.group(2), List.of(envelope.group(3)));
            assertThat(event.lastEventId())
                    .as("where it stands in all channels")
                    .isEqualTo(String.join(",", positions.values()));
        }
    }

    private FrameClient socket(TestServer server, String target, String... fields) {
        FrameClient client = server.askForSocket(target, fields);
        if (client.isOpen()) return client;
        client.close();
        if (client.status() == 503) throw new CutOff("503");
        throw new AssertionError(target + " gave " + client.status());
    }

    // Its messages carry no offsets, so the same ones are read once more with them.
    private void plainSocket(TestServer server, String channel, int stay) {
        List<String> got = new ArrayList<>();
        boolean ended = false;
        String target = "/v1/stream/" + channel + "?offset=" + positions.get(channel);
        try (FrameClient client = socket(server, target)) {
            while (!ended && got.size() < Math.min(stay, PLAIN_SOCKET_STAY_MAX)) {
                FrameClient.Frame frame = client.nextOrEnd();
                if (frame == null) break;
                if (frame.opcode() == FrameClient.CLOSE) {
                    assertThat(frame.code()).isIn(4009, 1012);
                    ended = frame.code() == 4009;
                    break;
                }
                assertThat(frame.first()).isEqualTo(FrameClient.FIN | FrameClient.TEXT);
                got.add(frame.text());
            }
        }
        if (!got.isEmpty()) {
            try (Conversation raw = server.talk()) {
                raw.ask(from(channel), EVENTS);
                EventClient events = EventClient.over(raw, expect(raw.head(), 200));
                List<Event> same = new ArrayList<>();
                while (same.size() < got.size()) {
                    Event event = events.nextIfAny();
                    if (event == null) return; // and none of it was told
                    same.add(event);
                }
                assertThat(same.stream().map(Event::data)).isEqualTo(got);
                for (Event event : same) messages(channel, event.lastEventId(), List.of(event.data()));
            }
        }
        if (ended) closed(channel);
    }

    private void lineSocket(TestServer server, int stay) {
        try (FrameClient client = socket(server, "/live", "Sec-WebSocket-Protocol: switchboard.v1")) {
            for (String channel : positions.keySet()) {
                if (closed.contains(channel)) continue;
                client.text("{\"action\":\"subscribe\",\"channel\":\"" + channel + "\",\"offset\":\""
                        + positions.get(channel) + "\"}");
            }
            for (int i = 0; i < stay && closed.size() < positions.size(); i++) {
                FrameClient.Frame frame = client.nextOrEnd();
                if (frame == null || frame.opcode() == FrameClient.CLOSE) return;
                if (frame.text().startsWith("{\"event\":\"reconnect\"")) continue;
                if (frame.text().startsWith("{\"event\":\"closed\"")) {
                    closed(frame.text().replaceFirst(".*\"channel\":\"([^\"]*)\".*", "$1"));
                    continue;
                }
                Matcher envelope = ENVELOPE.matcher(frame.text());
                assertThat(envelope.matches()).as(frame.text()).isTrue();
                messages(envelope.group(1), envelope.group(2), List.of(envelope.group(3)));
            }
        }
    }

    /** Tells the checker what this reader was told of the channel; nothing if it does not read it. */
    void tell(DeliveryChecker checker, String channel, List<Event> log) {
        String start = starts.get(channel);
        if (start == null) return;
        Watch watch = checker.watch(
                name + " " + channel,
                channel,
                start.equals("-1") ? new DeliveryChecker.Start.Earliest() : new DeliveryChecker.Start.At(start),
                false);
        Map<Long, String> offsets = log.stream()
                .map(Event::lastEventId)
                .collect(Collectors.toMap(RoamingReader::sequence, offset -> offset));
        for (Told what : Objects.requireNonNull(told.get(channel))) {
            switch (what) {
                case Told.CaughtUp(String at) -> watch.caughtUp(at);
                case Told.Closed _ -> watch.ended(DeliveryChecker.End.CLOSED, null);
                case Told.Messages(String next, List<String> messages) -> {
                    long at = sequence(next) - messages.size();
                    for (String message : messages) {
                        at++;
                        watch.message(at == sequence(next) ? next : offsets.getOrDefault(at, next), message);
                    }
                }
            }
        }
    }

    private static long sequence(String offset) {
        return Objects.requireNonNull(Offset.parse(offset), offset).sequence();
    }
}
