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
    private static final String BODY = "[\"" + "x".repeat(62) + "\"]";
    /** Settings are agreed on by then. */
    private static final int BEGINNING_MILLIS = 200;

    private static final String BARE = "User-Agent: curl/8.14.1\r\nAccept: */*\r\n";

    static final Claim CLAIM = new Claim(
            "headers",
            "Every HTTP request carries hundreds of bytes of headers.",
            "The other half of that argument: what polling pays for an answer of a few bytes.",
            "True if the fields of a browser's request and of its answer take " + HUNDREDS
                    + " bytes or more each time, over HTTP/1.1 and HTTP/2 (with `--http 3`: HTTP/3); true within limits if only over"
                    + " HTTP/1.1.",
            "The same GET " + TIMES
                    + " times on one connection, with the fields that a page in Chromium sends and no cookies. HTTP/1.1: status"
                    + " line and fields as they came. HTTP/2, without TLS: all that crossed for the exchange but the body; the last of the "
                    + TIMES
                    + " is the repeated one, for which both sides had put the fields into their tables (HPACK, all of them indexed but the path,"
                    + " as Chromium does it). HTTP/3: what UDP carried for the exchange, TLS and acknowledgements with it, without a table of"
                    + " fields. A poll that goes on from another offset has another path each time.",
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
     * @param version beside HTTP/1.1
     * @param first over it, on a new connection
     * @param repeated the same again, and again
     * @param moved the same with another path
     * @param beginning of the connection itself, both ways
     */
    record Measured(int version, Heads bare, Heads http1, Heads first, Heads repeated, Heads moved, long beginning) {}

    private static Finding measure(Stage stage) throws BenchFailure, IOException {
        Stage older = stage.over(1);
        Stage newer = stage.over(Math.max(2, stage.http()));
        String here = PATH + "?offset=-1";
        Heads bare;
        Heads http1;
        try (OwnServer own = older.server(false, 10, Map.of());
                Talks talks = Talks.with(own);
                Talk talk = talks.open()) {
            stage.say("asking");
            String fields = Dress.chromium(own.url()).fetch();
            talk.send("PUT", PATH, BODY);
            bare = heads(older, talk, here, BARE);
            for (int i = 1; i < TIMES; i++) heads(older, talk, here, fields);
            http1 = heads(older, talk, here, fields);
        }
        try (OwnServer own = newer.server(false, 10, Map.of());
                Talks talks = Talks.with(own)) {
            stage.say("asking over HTTP/" + newer.http());
            String fields = Dress.chromium(own.url()).fetch();
            String next;
            try (Talk talk = talks.publisher()) {
                next = PATH + "?offset="
                        + talk.send("PUT", PATH, BODY)
                                .field("stream-next-offset")
                                .orElse("now");
            }
            try (Talk talk = talks.open()) {
                newer.pause(BEGINNING_MILLIS);
                long beginning = talk.bytesIn() + talk.bytesOut();
                Heads first = heads(newer, talk, here, fields);
                Heads repeated = first;
                for (int i = 1; i < TIMES; i++) repeated = heads(newer, talk, here, fields);
                Heads moved = heads(newer, talk, next, fields);
                return judge(new Measured(newer.http(), bare, http1, first, repeated, moved, beginning));
            }
        }
    }

    private static Heads heads(Stage stage, Talk talk, String path, String fields) throws BenchFailure, IOException {
        long up = talk.bytesOut();
        long down = talk.bytesIn();
        Talk.Reply reply = talk.get(path, fields);
        if (reply.status() != 200) throw new IOException("The server answers a read with " + reply.status() + ".");
        stage.still();
        int body = reply.body().length(); // of ASCII
        return new Heads((int) (talk.bytesOut() - up), (int) (talk.bytesIn() - down) - body);
    }

    static Finding judge(Measured measured) {
        boolean one = measured.http1().both() >= HUNDREDS;
        boolean two = measured.repeated().both() >= HUNDREDS;
        Verdict verdict = one && two ? Verdict.TRUE : one ? Verdict.WITHIN_LIMITS : Verdict.FALSE_HERE;
        String newer = "HTTP/" + measured.version();
        return new Finding(
                verdict,
                "HTTP/1.1: " + count(measured.http1()) + " each time. " + newer + ": " + count(measured.first())
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
                        Measure.bytes(newer + ", beginning of a connection, both ways", measured.beginning()),
                        Measure.bytes(
                                newer + ", first request", measured.first().request()),
                        Measure.bytes(newer + ", its answer", measured.first().reply()),
                        Measure.bytes(
                                newer + ", repeated request",
                                measured.repeated().request()),
                        Measure.bytes(
                                newer + ", its answer", measured.repeated().reply()),
                        Measure.bytes(
                                newer + ", request with another path",
                                measured.moved().request()),
                        Measure.bytes(newer + ", its answer", measured.moved().reply())));
    }

    private static String count(Heads heads) {
        return Text.count(heads.both()) + " bytes";
    }
}
