package io.switchboard.bench.claims;

import io.switchboard.bench.BenchFailure;
import io.switchboard.bench.Text;
import io.switchboard.bench.own.OwnServer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;

/** What permessage-deflate saves on JSON, and what it takes. */
final class Compression {
    private static final String OFFER = "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n";
    /** The first is below what this server compresses. */
    private static final List<Integer> SIZES = List.of(128, 512, 2_048, 16_384);

    private static final int WARM_SIZE = 1_024;
    private static final int READERS = 20;
    private static final int KEPT_MESSAGES = 10;
    private static final int ROUNDS = 5;
    private static final double SMALLER = 2;
    private static final double CONTEXT = 16 * 1024;
    private static final long SEED = 20_261_123;

    static final Claim CLAIM = new Claim(
            "compression",
            "Compression makes JSON several times smaller, and costs processor time and memory for each connection.",
            "Said of permessage-deflate, by those who turn it on and by those who turn it off.",
            "Of messages that are compressed at all. True if each size becomes " + Text.rate(SMALLER)
                    + " times smaller or more, takes more of the processor, and a connection takes "
                    + Text.bytes(CONTEXT)
                    + " more than one that does not compress; true within limits if some size becomes that much smaller;"
                    + " else false.",
            "Messages of quotes as JSON with random numbers, no two alike, to " + READERS
                    + " WebSockets that offer compression and to as many that do not, in turns: bytes of TCP"
                    + " to each, and the server's processor for each message with its " + READERS
                    + " deliveries. Then another server's memory after a collection of garbage, by how much it grows for each of a thousand connections of either kind that have"
                    + " been sent such messages.",
            "Servers that keep a window for each connection, which makes small messages smaller and takes up to some hundred KB each; this one compresses"
                    + " a message once for all who read it, and keeps nothing. What the client takes to expand it.",
            42,
            false,
            Compression::measure);

    private Compression() {}

    /**
     * Of one size, for one delivery or one message.
     *
     * @param compressed share of the messages that came compressed where it was offered, 0 to 1
     * @param plainMicros of the server's processor, for a message to all readers, as it is
     */
    record Size(
            int size,
            double plainBytes,
            double deflatedBytes,
            double compressed,
            double plainMicros,
            double deflatedMicros) {
        double times() {
            return plainBytes / deflatedBytes;
        }
    }

    /** What one connection took of the server's memory. */
    record Kept(int connections, Memory.Use plain, Memory.Use deflated) {
        double more() {
            return deflated.resident() - plain.resident();
        }
    }

    private static Finding measure(Stage stage) throws BenchFailure, IOException {
        List<Size> sizes = new ArrayList<>();
        try (OwnServer own = stage.server(false, 3_000, Map.of());
                Talks talks = Talks.with(own)) {
            size(stage, own, talks, WARM_SIZE);
            for (int size : SIZES) sizes.add(size(stage, own, talks, size));
        }
        return judge(sizes, kept(stage, stage.pick(1_000, 100)));
    }

    /** Of a server that has done nothing else. */
    private static Kept kept(Stage stage, int connections) throws BenchFailure, IOException {
        stage.say("memory");
        try (OwnServer own = stage.server(false, 3 * connections, Map.of());
                Talks talks = Talks.with(own);
                Audience first = new Audience();
                Audience plain = new Audience();
                Audience deflated = new Audience()) {
            send(talks, first, connections / 2, "");
            first.leave();
            send(talks, first, connections / 2, OFFER);
            first.leave();
            Memory.Use none = use(own);
            send(talks, plain, connections, "");
            Memory.Use one = use(own);
            send(talks, deflated, connections, OFFER);
            Memory.Use both = use(own);
            return new Kept(
                    connections,
                    one.minus(none).each(connections),
                    both.minus(one).each(connections));
        }
    }

    /** Has them come, and sends some messages to each. */
    private static void send(Talks talks, Audience audience, int connections, String fields)
            throws BenchFailure, IOException {
        String path = "/v1/stream/claims/kept-" + connections + (fields.isEmpty() ? "-plain" : "-deflated");
        Random random = new Random(SEED);
        try (Talk publisher = talks.publisher()) {
            publisher.send("PUT", path, "");
            audience.open(talks, path, fields, connections);
            for (int i = 0; i < KEPT_MESSAGES; i++) publisher.send("POST", path, "[" + quotes(random, 2_048) + "]");
            audience.awaitEach(KEPT_MESSAGES);
        }
    }

    private static Memory.Use use(OwnServer own) throws BenchFailure {
        return Memory.use(own)
                .orElseThrow(() ->
                        BenchFailure.failed("The server's memory cannot be looked at; it takes a JDK, with jcmd."));
    }

    private static Size size(Stage stage, OwnServer own, Talks talks, int size) throws BenchFailure, IOException {
        Random random = new Random(SEED + size);
        int messages = stage.pick(size > 4_096 ? 600 : 1_500, 50);
        int rounds = stage.pick(ROUNDS, 2);
        String path = "/v1/stream/claims/quotes-" + size;
        long[] bytes = new long[2];
        double[] used = new double[2];
        long compressed = 0;
        try (Talk publisher = talks.publisher();
                Audience plain = new Audience();
                Audience deflated = new Audience()) {
            publisher.send("PUT", path, "");
            List<Audience> both = List.of(plain, deflated);
            for (int round = 0; round <= rounds; round++) {
                for (int which = 0; which < both.size(); which++) {
                    Audience audience = both.get(which);
                    stage.say(size + " bytes, " + (which == 0 ? "as they are" : "compressed") + ", "
                            + (round == 0 ? "warming up" : "round " + round + " of " + rounds));
                    audience.open(talks, path, which == 0 ? "" : OFFER, READERS);
                    double cpu = processor(own);
                    for (int i = 0; i < messages; i++) {
                        if (i % 50 == 0) stage.check();
                        publisher.send("POST", path, "[" + quotes(random, size) + "]");
                    }
                    audience.awaitEach(messages);
                    if (round > 0) {
                        used[which] += processor(own) - cpu;
                        bytes[which] += audience.bytes();
                        compressed += which == 0 ? 0 : audience.compressed();
                    }
                    audience.leave();
                }
            }
        }
        double deliveries = (double) rounds * messages * READERS;
        double micros = 1e6 / (rounds * (double) messages);
        return new Size(
                size,
                bytes[0] / deliveries,
                bytes[1] / deliveries,
                compressed / deliveries,
                used[0] * micros,
                used[1] * micros);
    }

    private static double processor(OwnServer own) throws BenchFailure {
        return own.figures().cpuSeconds().orElse(Double.NaN);
    }

    /** A JSON object of just this many bytes. */
    static String quotes(Random random, int size) {
        StringBuilder text =
                new StringBuilder(size).append("{\"at\":").append(1_700_000_000_000L + random.nextInt(1 << 30));
        text.append(",\"quotes\":[");
        String end = "],\"note\":\"";
        String between = "";
        while (true) {
            String quote = String.format(
                    Locale.ROOT,
                    "%s{\"symbol\":\"%c%c%c-USD\",\"bid\":%.2f,\"ask\":%.2f,\"volume\":%d}",
                    between,
                    'A' + random.nextInt(26),
                    'A' + random.nextInt(26),
                    'A' + random.nextInt(26),
                    random.nextDouble() * 1_000,
                    random.nextDouble() * 1_000,
                    random.nextInt(100_000));
            if (text.length() + quote.length() + end.length() + 2 > size) break;
            text.append(quote);
            between = ",";
        }
        text.append(end);
        while (text.length() < size - 2) text.append((char) ('a' + random.nextInt(26)));
        return text.append("\"}").toString();
    }

    static Finding judge(List<Size> sizes, Kept kept) {
        List<Measure> measures = new ArrayList<>();
        for (Size each : sizes) {
            String label = "message of " + Text.count(each.size()) + ": ";
            measures.add(Measure.bytes(label + "bytes to each as it is", each.plainBytes()));
            measures.add(Measure.bytes(label + "bytes to each with compression", each.deflatedBytes()));
            measures.add(new Measure(label + "came compressed", each.compressed(), Unit.SHARE));
            measures.add(new Measure(label + "processor as it is", each.plainMicros(), Unit.MICROS));
            measures.add(new Measure(label + "processor with compression", each.deflatedMicros(), Unit.MICROS));
        }
        measures.add(new Measure("connections held, of each kind", kept.connections(), Unit.COUNT));
        measures.add(
                new Measure("heap of one that does not compress", kept.plain().heap(), Unit.MEMORY));
        measures.add(new Measure("heap of one that does", kept.deflated().heap(), Unit.MEMORY));
        measures.add(
                new Measure("resident memory of one that does not", kept.plain().resident(), Unit.MEMORY));
        measures.add(
                new Measure("resident memory of one that does", kept.deflated().resident(), Unit.MEMORY));
        List<Size> touched =
                sizes.stream().filter(each -> each.compressed() > 0).toList();
        if (touched.isEmpty()) return new Finding(Verdict.FALSE_HERE, "Nothing came compressed.", measures);
        boolean all = touched.stream()
                .allMatch(each -> each.times() >= SMALLER && each.deflatedMicros() > each.plainMicros());
        boolean some = touched.stream().anyMatch(each -> each.times() >= SMALLER);
        boolean keeps = kept.more() >= CONTEXT;
        Verdict verdict = all && keeps ? Verdict.TRUE : some ? Verdict.WITHIN_LIMITS : Verdict.FALSE_HERE;
        return new Finding(
                verdict,
                words(touched.getFirst()) + "; m" + words(touched.getLast()).substring(1)
                        + ". A connection that compresses takes "
                        + Unit.MEMORY.text(kept.deflated().resident()) + " of resident memory, one that does not "
                        + Unit.MEMORY.text(kept.plain().resident()) + ".",
                measures);
    }

    private static String words(Size size) {
        return String.format(
                Locale.ROOT,
                "Messages of %,d bytes %.1f times smaller, for %,.0f µs of processor in place of %,.0f",
                size.size(),
                size.times(),
                size.deflatedMicros(),
                size.plainMicros());
    }
}
