package io.switchboard.bench;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Stamped messages are found in whatever stands around them. */
class StampReaderTest {
    private static final int SIZE = 64;

    private static String message(int publisher, long sequence, long nanos) {
        byte[] message = Stamp.message(SIZE);
        Stamp.write(message, publisher, sequence, nanos);
        return new String(message, US_ASCII);
    }

    @Test
    void aMessageIsJsonOfItsSize() {
        assertThat(message(1, 2, 0xabc))
                .hasSize(SIZE)
                .startsWith("{\"b\":\"00010000000002000000000abc\",\"x\":\"xxx")
                .endsWith("xx\"}");
        assertThat(new String(Stamp.message(48), US_ASCII)).endsWith("\",\"x\":\"xxxxxxx\"}");
    }

    @Test
    void stampsAreTheSameHoweverTheyAreCut() {
        String text = "id:1\ndata:" + message(0, 1, 5) + "\n\n[" + message(999, 0xffffffffffL, 0xffffffffffffL)
                + ",{{\"b\":\"no stamp\"}," + message(3, 4, 6) + "]";
        byte[] all = text.getBytes(US_ASCII);
        for (int cut = 0; cut <= all.length; cut++) {
            List<String> seen = new ArrayList<>();
            StampReader reader = new StampReader(SIZE);
            StampReader.Sink sink = (publisher, sequence, nanos) -> seen.add(publisher + " " + sequence + " " + nanos);
            reader.feed(all, 0, cut, sink);
            reader.feed(all, cut, all.length, sink);
            assertThat(seen)
                    .as("cut at %d", cut)
                    .containsExactly("0 1 5", "999 1099511627775 281474976710655", "3 4 6");
        }
    }
}
