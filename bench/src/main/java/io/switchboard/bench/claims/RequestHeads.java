package io.switchboard.bench.claims;

import io.switchboard.bench.BenchFailure;
import io.switchboard.bench.Dress;
import io.switchboard.bench.Text;
import io.switchboard.bench.own.OwnServer;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/** How much stands around a message that is asked for. */
final class RequestHeads {
    private static final int HUNDREDS = 200;
    private static final String PATH = "/v1/stream/claims/heads";
    private static final int TIMES = 10;
    private static final String BARE = "User-Agent: curl/8.14.1\r\nAccept: */*\r\n";

    static final Claim CLAIM = new Claim(
            "headers",
            "Every HTTP request carries hundreds of bytes of headers.",
            "The other half of that argument: what polling pays for an answer of a few bytes.",
            "True if the fields of a browser's request and of its answer take " + HUNDREDS
                    + " bytes or more each time, over HTTP/1.1 and HTTP/2; true within limits if only over HTTP/1.1.",
            "The same GET " + TIMES
                    + " times on one connection, with the fields that a page in Chromium sends and no cookies. HTTP/1.1: status"
                    + " line and fields as they came. HTTP/2, without TLS: the frames of the exchange without the body; the last of the "
                    + TIMES
                    + " is the repeated one, for which both sides had put the fields into their tables (HPACK, all of them indexed). A poll that"
                    + " goes on from another offset has another path each time.",
            "Cookies and tokens, which come on top each time in HTTP/1.1 and once in HTTP/2; TLS, with 22 bytes for each record; TCP and IP.",
            3,
            false,
            RequestHeads::measure);

    private RequestHeads() {}

    /** Bytes of a request's head and its answer's. */
    record Heads(int request, int reply) {
        int both() {
            return request + reply;
        }
    }

    /**
     * @param first over HTTP/2, on a new connection
     * @param repeated the same again, and again
     * @param moved the same with another path
     * @param beginning of the connection itself, both ways
     */
    record Measured(Heads bare, Heads http1, Heads first, Heads repeated, Heads moved, long beginning) {}

    private static Finding measure(Stage stage) throws BenchFailure, IOException {
        try (OwnServer own = stage.server(false, 10, Map.of())) {
            String fields = Dress.chromium(own.url()).fetch();
            stage.say("asking");
            String here;
            String next;
            Heads bare;
            Heads http1;
            try (Talk talk = Talk.open(own.url(), null)) {
                talk.send("PUT", PATH, "[\"" + "x".repeat(62) + "\"]");
                here = PATH + "?offset=-1";
                bare = heads(talk, here, BARE);
                next = PATH + "?offset="
                        + talk.get(here, "").field("stream-next-offset").orElse("now");
                for (int i = 1; i < TIMES; i++) heads(talk, here, fields);
                http1 = heads(talk, here, fields);
            }
            try (Http2Talk talk = Http2Talk.open(own.url())) {
                long beginning = talk.bytes();
                Heads first = heads(talk, here, fields);
                Heads repeated = first;
                for (int i = 1; i < TIMES; i++) repeated = heads(talk, here, fields);
                return judge(new Measured(bare, http1, first, repeated, heads(talk, next, fields), beginning));
            }
        }
    }

    private static Heads heads(Talk talk, String path, String fields) throws IOException {
        long before = talk.bytesOut();
        Talk.Reply reply = talk.get(path, fields);
        if (reply.status() != 200) throw new IOException("The server answers a read with " + reply.status() + ".");
        return new Heads((int) (talk.bytesOut() - before), reply.headBytes());
    }

    private static Heads heads(Http2Talk talk, String path, String fields) throws IOException {
        Http2Talk.Exchange exchange = talk.get(path, fields);
        if (exchange.status() != 200)
            throw new IOException("The server answers a read with " + exchange.status() + ".");
        return new Heads(exchange.requestBytes(), exchange.replyBytes());
    }

    static Finding judge(Measured measured) {
        boolean one = measured.http1().both() >= HUNDREDS;
        boolean two = measured.repeated().both() >= HUNDREDS;
        Verdict verdict = one && two ? Verdict.TRUE : one ? Verdict.WITHIN_LIMITS : Verdict.FALSE_HERE;
        return new Finding(
                verdict,
                "HTTP/1.1: " + count(measured.http1()) + " each time. HTTP/2: " + count(measured.first())
                        + " the first time, " + count(measured.repeated()) + " when the same is asked again, "
                        + count(measured.moved()) + " with another path.",
                List.of(
                        Measure.bytes(
                                "HTTP/1.1, request of a browser",
                                measured.http1().request()),
                        Measure.bytes(
                                "HTTP/1.1, head of its answer", measured.http1().reply()),
                        Measure.bytes(
                                "HTTP/1.1, request with Host, User-Agent and Accept",
                                measured.bare().request()),
                        Measure.bytes(
                                "HTTP/1.1, head of its answer", measured.bare().reply()),
                        Measure.bytes("HTTP/2, beginning of a connection, both ways", measured.beginning()),
                        Measure.bytes("HTTP/2, first request", measured.first().request()),
                        Measure.bytes("HTTP/2, its answer", measured.first().reply()),
                        Measure.bytes(
                                "HTTP/2, repeated request", measured.repeated().request()),
                        Measure.bytes("HTTP/2, its answer", measured.repeated().reply()),
                        Measure.bytes(
                                "HTTP/2, request with another path",
                                measured.moved().request()),
                        Measure.bytes("HTTP/2, its answer", measured.moved().reply())));
    }

    private static String count(Heads heads) {
        return Text.count(heads.both()) + " bytes";
    }
}
