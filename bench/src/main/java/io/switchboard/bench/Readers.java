package io.switchboard.bench;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Makes readers of one channel over one transport. The thread that opens. */
final class Readers {
    static final String LINE = "Sec-WebSocket-Protocol: switchboard.v1\r\n";

    private final Engine engine;
    private final Fleet fleet;
    private final Transport transport;
    private final String channel;
    private final int publishers;
    private final @Nullable Window window;
    private final Dress dress;
    private final String begin;
    private final byte[] request;
    private final Map<Lane, Polls> polls = new HashMap<>();

    Readers(
            Engine engine,
            Fleet fleet,
            Transport transport,
            double pollEverySeconds,
            String channel,
            int publishers,
            @Nullable Window window) {
        this(engine, fleet, transport, pollEverySeconds, channel, publishers, window, Dress.BARE, "now");
    }

    /**
     * @param dress of those who read
     * @param begin the offset they begin at, or {@code now}
     */
    Readers(
            Engine engine,
            Fleet fleet,
            Transport transport,
            double pollEverySeconds,
            String channel,
            int publishers,
            @Nullable Window window,
            Dress dress,
            String begin) {
        this.dress = dress;
        this.begin = begin;
        this.engine = engine;
        this.fleet = fleet;
        this.transport = transport;
        this.channel = channel;
        this.publishers = publishers;
        this.window = window;
        Target target = engine.target;
        String from = begin.equals("now") ? "" : "?offset=" + begin;
        this.request = switch (transport) {
            case WEBSOCKET -> target.handshake(Requests.stream(channel) + from, dress.socket());
            case LIVE -> target.handshake("/live", LINE + dress.socket());
            case SSE, LONG_POLL, POLL ->
                Requests.get(target, Requests.stream(channel) + from, "Accept: text/event-stream\r\n" + dress.events());
        };
        for (Lane lane : engine.lanes()) polls.put(lane, new Polls(lane, pollEverySeconds));
    }

    Client make(Lane lane) {
        Intake intake = new Intake(lane, engine.epoch, publishers, window);
        String path = Requests.stream(channel);
        return switch (transport) {
            case WEBSOCKET -> new SocketReader(lane, fleet, request, null, intake);
            case LIVE -> new SocketReader(lane, fleet, request, subscribe(channel), intake);
            case SSE -> new EventReader(lane, fleet, request, intake);
            case LONG_POLL -> new PollReader(lane, fleet, engine.target, path, begin, dress.fetch(), null, intake);
            case POLL ->
                new PollReader(lane, fleet, engine.target, path, begin, dress.fetch(), polls.get(lane), intake);
        };
    }

    /** What a line is told first. */
    static String subscribe(String channel) {
        return "{\"id\":1,\"action\":\"subscribe\",\"channel\":\"" + channel + "\"}";
    }
}
