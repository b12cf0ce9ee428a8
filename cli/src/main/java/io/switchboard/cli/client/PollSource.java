package io.switchboard.cli.client;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;

/**
 * Asks again and again: the server waits for news (long-poll, spec/protocol.md, section 2.1), or the client waits
 * before it asks the next time (poll).
 */
final class PollSource implements Source {
    private static final Duration POLL_EVERY = Duration.ofSeconds(1);
    private static final int LIMIT_MAX = 10_000;

    private final Link link;
    private final ChannelAddress address;
    private final Kind kind;
    private final boolean serverWaits;
    private final Time time;

    PollSource(Link link, ChannelAddress address, Kind kind, boolean serverWaits, Time time) {
        this.link = link;
        this.address = address;
        this.kind = kind;
        this.serverWaits = serverWaits;
        this.time = time;
    }

    @Override
    public End read(String from, Listener listener) throws IOException, InterruptedException {
        String at = from;
        String cursor = "";
        boolean connected = false;
        while (true) {
            HttpResponse<byte[]> answer = link.send(Link.request(address.stream(
                    // The first answer comes at once, so that everybody knows soon that there is a server.
                    connected && serverWaits ? waiting(at, cursor) : "offset=" + at)));
            int status = answer.statusCode();
            String earliest = Answers.header(answer, Answers.EARLIEST_OFFSET);
            String next = Answers.header(answer, Answers.NEXT_OFFSET);
            if (status == 410 && !earliest.isEmpty()) {
                if (!listener.gap(at, earliest)) return new End.Enough();
                at = earliest;
                continue;
            }
            if (status != 200 && status != 204) return Answers.end(answer, answer.body(), address);
            if (next.isEmpty()) return new End.Refused(Answers.unreachable(address));
            if (!connected) listener.connected();
            connected = true;
            if (!messages(at, next, answer.body(), listener)) return new End.Enough();
            at = next;
            cursor = Answers.header(answer, "Stream-Cursor");
            listener.position(at);
            if (!listener.idle()) return new End.Enough();
            if (Answers.isClosed(answer)) return new End.Closed();
            boolean upToDate = !Answers.header(answer, "Stream-Up-To-Date").isEmpty();
            if (!serverWaits && upToDate) time.pause(POLL_EVERY);
        }
    }

    private static String waiting(String at, String cursor) {
        return "offset=" + at + "&live=long-poll" + (cursor.isEmpty() ? "" : "&cursor=" + cursor);
    }

    private boolean messages(String start, String end, byte[] body, Listener listener)
            throws IOException, InterruptedException {
        if (body.length == 0) return true;
        if (kind != Kind.JSON) return listener.message(new Message(end, kind, body));
        List<byte[]> elements =
                JsonText.elements(body).orElseThrow(() -> new IOException("an answer that is no JSON array"));
        String sure = sure(start, end, elements.size());
        for (int i = 0; i < elements.size(); i++) {
            String offset = Offsets.within(start, sure, end, elements.size(), i);
            if (!listener.message(new Message(offset, kind, elements.get(i)))) return false;
        }
        return true;
    }

    /** Where a page begins that was asked for from the beginning, or from another generation, has to be asked. */
    private String sure(String start, String end, int count) throws IOException, InterruptedException {
        if (count < 2 || Offsets.haveOneGeneration(start, end)) return start;
        int limit = Math.min(count - 1, LIMIT_MAX);
        HttpResponse<byte[]> before = link.send(Link.request(address.stream("before=" + end + "&limit=" + limit)));
        String sure = Answers.header(before, "Stream-Previous-Offset");
        return Offsets.haveOneGeneration(sure, end) ? sure : start;
    }
}
