package io.switchboard.bench.claims;

import io.switchboard.bench.BenchFailure;
import io.switchboard.bench.ServerFigures;
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

    private static final int READERS = 20;
    private static final int ROUNDS = 3;
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
            "Messages of quotes as JSON, no two alike, to " + READERS
                    + " WebSockets that offer compression and to as many that do not, in turns: bytes of TCP"
                    + " to each, and the server's processor for each message with its " + READERS
                    + " deliveries. Then the server's memory after a collection of garbage, for each of several hundred connections of either kind that have"
                    + " been sent such messages.",
            "Servers that keep a window for each connection, which makes small messages smaller and takes up to some hundred KB each; this one compresses"
                    + " a message once for all who read it, and keeps nothing. What the client takes to expand it.",
            45,
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

    /** Bytes that a connection took. */
    record Kept(int connections, double plain, double deflated) {}

    private static Finding measure(Stage stage) throws BenchFailure, IOException {
        List<Size> sizes = new ArrayList<>();
        try (OwnServer own = stage.server(false, 3_000, Map.of())) {
            for (int size : SIZES) sizes.add(size(stage, own, size));
            stage.say("memory");
            int connections = stage.pick(500, 50);
            memory(own, connections / 5, false);
            double plain = memory(own, connections, false);
            double deflated = memory(own, connections, true);
            return judge(sizes, new Kept(connections, plain, deflated));
        }
    }

    private static Size size(Stage stage, OwnServer own, int size) throws BenchFailure, IOException {
        Random random = new Random(SEED + size);
        int messages = stage.pick(size > 4_096 ? 600 : 1_500, 50);
        String path = "/v1/stream/claims/quotes-" + size;
        long[] bytes = new long[2];
        double[] used = new double[2];
        long compressed = 0;
        try (Talk publisher = Talk.open(own.url(), null);
                Audience plain = new Audience();
                Audience deflated = new Audience()) {
            publisher.send("PUT", path, "");
            List<Audience> both = List.of(plain, deflated);
            for (int round = 0; round <= ROUNDS; round++) {
                for (int which = 0; which < both.size(); which++) {
                    Audience audience = both.get(which);
                    stage.say(size + " bytes, " + (which == 0 ? "as they are" : "compressed") + ", "
                            + (round == 0 ? "warming up" : "round " + round + " of " + ROUNDS));
                    audience.open(own.url(), path, which == 0 ? "" : OFFER, READERS);
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
                    audience.close();
                }
            }
        }
        double deliveries = (double) ROUNDS * messages * READERS;
        double micros = 1e6 / (ROUNDS * (double) messages);
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

    /** What each of these connections keeps of the server's memory once it has been sent messages. */
    private static double memory(OwnServer own, int connections, boolean offers) throws BenchFailure, IOException {
        String path = "/v1/stream/claims/kept-" + connections + offers;
        Random random = new Random(SEED);
        try (Talk publisher = Talk.open(own.url(), null);
                Audience audience = new Audience()) {
            publisher.send("PUT", path, "");
            double before = resident(own);
            audience.open(own.url(), path, offers ? OFFER : "", connections);
            for (int i = 0; i < 10; i++) publisher.send("POST", path, "[" + quotes(random, 2_048) + "]");
            audience.awaitEach(10);
            return (resident(own) - before) / connections;
        }
    }

    private static double resident(OwnServer own) throws BenchFailure {
        if (!own.collect())
            throw BenchFailure.failed("The server's garbage cannot be collected; it takes a JDK, with jcmd.");
        ServerFigures figures = own.figures();
        return figures.residentBytes().orElseThrow(() -> BenchFailure.failed("This system does not tell of memory."));
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
        measures.add(new Measure("resident memory of one that does not compress", kept.plain(), Unit.MEMORY));
        measures.add(new Measure("resident memory of one that does", kept.deflated(), Unit.MEMORY));
        List<Size> touched =
                sizes.stream().filter(each -> each.compressed() > 0).toList();
        if (touched.isEmpty()) return new Finding(Verdict.FALSE_HERE, "Nothing came compressed.", measures);
        boolean all = touched.stream()
                .allMatch(each -> each.times() >= SMALLER && each.deflatedMicros() > each.plainMicros());
        boolean some = touched.stream().anyMatch(each -> each.times() >= SMALLER);
        boolean keeps = kept.deflated() - kept.plain() >= CONTEXT;
        Verdict verdict = all && keeps ? Verdict.TRUE : some ? Verdict.WITHIN_LIMITS : Verdict.FALSE_HERE;
        return new Finding(
                verdict,
                words(touched.getFirst()) + "; m" + words(touched.getLast()).substring(1) + ". A connection keeps "
                        + Unit.MEMORY.text(kept.deflated()) + " with it and " + Unit.MEMORY.text(kept.plain())
                        + " without.",
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
