package io.switchboard.cli.client;

import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;

/** The plain event stream (spec/protocol.md, section 2.3). */
final class SseSource implements Source {
    private static final int PROBLEM_BYTES_MAX = 64 * 1024;

    private final Link link;
    private final ChannelAddress address;
    private final Kind kind;
    private final Duration silenceMax;

    SseSource(Link link, ChannelAddress address, Kind kind, Duration silenceMax) {
        this.link = link;
        this.address = address;
        this.kind = kind;
        this.silenceMax = silenceMax;
    }

    @Override
    public End read(String from, Listener listener) throws IOException, InterruptedException {
        HttpResponse<InputStream> answer =
                link.open(Link.request(address.stream("offset=" + from)).header("Accept", "text/event-stream"));
        try (InputStream body = answer.body();
                Silence silence = new Silence(body, silenceMax)) {
            if (answer.statusCode() == 204) return Answers.isClosed(answer) ? new End.Closed() : End.Away.SOMETIME;
            if (answer.statusCode() != 200) return Answers.end(answer, body.readNBytes(PROBLEM_BYTES_MAX), address);
            if (!Answers.header(answer, "Content-Type").startsWith("text/event-stream")) {
                return new End.Refused(Answers.unreachable(address));
            }
            listener.connected();
            return read(body, silence, listener);
        }
    }

    private End read(InputStream body, Silence silence, Listener listener) {
        EventStream events = new EventStream();
        byte[] buffer = new byte[16 * 1024];
        try {
            for (int n = body.read(buffer); n >= 0; n = body.read(buffer)) {
                silence.heard();
                events.add(buffer, n);
                for (var event = events.next(); event.isPresent(); event = events.next()) {
                    Optional<End> end = take(event.get(), listener);
                    if (end.isPresent()) return end.get();
                }
                if (body.available() == 0 && !listener.idle()) return new End.Enough();
            }
        } catch (IOException cut) {
            // As if it had ended: what the server said about coming back holds all the same.
        }
        long retry = events.retryMillis();
        return retry < 0 ? End.Away.SOMETIME : new End.Away(Optional.of(Duration.ofMillis(retry)));
    }

    private Optional<End> take(EventStream.Event event, Listener listener) throws IOException {
        if (event.data().isEmpty()) {
            listener.position(event.id());
            return Optional.empty();
        }
        byte[] data = event.data().get();
        return switch (event.name()) {
            case "", "message" -> more(listener.message(new Message(event.id(), kind, bytes(data))));
            case "gap" -> {
                Map<String, byte[]> members = JsonText.members(data).orElse(Map.of());
                byte[] start = members.getOrDefault("from", new byte[0]);
                yield more(listener.gap(JsonText.unquote(start), event.id()));
            }
            case "closed" -> Optional.of(new End.Closed());
            case "deleted" -> Optional.of(new End.Refused(Answers.deleted(address)));
            default -> Optional.empty();
        };
    }

    private byte[] bytes(byte[] data) throws IOException {
        if (kind != Kind.BYTES) return data;
        try {
            return Base64.getDecoder().decode(data);
        } catch (IllegalArgumentException notBase64) {
            throw new IOException("a binary message that is not base64", notBase64);
        }
    }

    private static Optional<End> more(boolean wanted) {
        return wanted ? Optional.empty() : Optional.of(new End.Enough());
    }
}
