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
        this.engine = engine;
        this.fleet = fleet;
        this.transport = transport;
        this.channel = channel;
        this.publishers = publishers;
        this.window = window;
        Target target = engine.target;
        this.request = switch (transport) {
            case WEBSOCKET -> target.handshake(Requests.stream(channel), "");
            case LIVE -> target.handshake("/live", LINE);
            case SSE, LONG_POLL, POLL ->
                Requests.get(target, Requests.stream(channel), "Accept: text/event-stream\r\n");
        };
        for (Lane lane : engine.lanes()) polls.put(lane, new Polls(lane, pollEverySeconds));
    }

    Client make(Lane lane) {
        Intake intake = new Intake(lane, engine.epoch, publishers, window);
        String path = Requests.stream(channel);
        return switch (transport) {
            case WEBSOCKET -> new SocketReader(lane, fleet, request, null, intake);
            case LIVE -> new SocketReader(lane, fleet, request, subscribe(), intake);
            case SSE -> new EventReader(lane, fleet, request, intake);
            case LONG_POLL -> new PollReader(lane, fleet, engine.target, path, null, intake);
            case POLL -> new PollReader(lane, fleet, engine.target, path, polls.get(lane), intake);
        };
    }

    private String subscribe() {
        return "{\"id\":1,\"action\":\"subscribe\",\"channel\":\"" + channel + "\"}";
    }
}
