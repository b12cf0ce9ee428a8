package io.switchboard.http.wire;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.core.channel.Block;
import io.switchboard.core.channel.ChannelName;
import io.switchboard.core.channel.ContentType;
import io.switchboard.core.channel.Payloads;
import java.util.Base64;
import java.util.Random;
import org.junit.jupiter.api.Test;
import tools.jackson.core.io.JsonStringEncoder;

class EnvelopeTest {
    private static final ChannelName CHANNEL = new ChannelName("a-b_c.d:e@f=g,h~i+j/K/9");
    private static final String HEAD = "{\"channel\":\"a-b_c.d:e@f=g,h~i+j/K/9\",\"offset\":\"a7b42\",";

    // The second of three messages, so that what stands around it would be noticed.
    private static String envelope(ContentType type, byte[] message) {
        Block block = new Block.Builder(7, 41, 0)
                .append(Payloads.one("before".getBytes(UTF_8)), 1, null)
                .append(Payloads.one(message), 2, null)
                .append(Payloads.one("behind".getBytes(UTF_8)), 3, null)
                .build();
        byte[] envelope = Envelope.of(CHANNEL, type, block, 1);
        assertThat(envelope.length - message.length)
                .as("what is around it")
                .isLessThanOrEqualTo(
                        type.kind() == ContentType.Kind.JSON ? Envelope.bytesAround(CHANNEL) : Integer.MAX_VALUE);
        return new String(envelope, UTF_8);
    }

    @Test
    void aJsonValueStandsThereVerbatim() {
        assertThat(envelope(ContentType.JSON, "{\"a\": [1.10,\r\n\"\\u00e9\u20ac\"]}".getBytes(UTF_8)))
                .isEqualTo(HEAD + "\"data\":{\"a\": [1.10,\r\n\"\\u00e9\u20ac\"]}}");
    }

    @Test
    void textIsAStringThatNothingGetsOutOf() {
        String text = "\"},{\"channel\":\"x\\\",\n\r\t\b\f\0\u001f\u007f</script>\u2028\ud83d\ude00";
        assertThat(envelope(ContentType.of("text/plain"), text.getBytes(UTF_8)))
                .isEqualTo(
                        HEAD
                                + "\"data\":\"\\\"},{\\\"channel\\\":\\\"x\\\\\\\",\\n\\r\\t\\b\\f\\u0000\\u001F\u007f</script>\u2028\ud83d\ude00\"}");
    }

    @Test
    void everyCharacterIsWrittenAsAnotherWriterDoes() {
        StringBuilder all = new StringBuilder();
        for (int c = 0; c <= Character.MAX_CODE_POINT; c++) {
            if (!Character.isSurrogate((char) c) || c > Character.MAX_VALUE) all.appendCodePoint(c);
        }
        String quoted = new String(JsonStringEncoder.getInstance().quoteAsUTF8(all.toString()), UTF_8);
        String envelope = envelope(ContentType.of("text/plain"), all.toString().getBytes(UTF_8));
        assertThat(envelope.equals(HEAD + "\"data\":\"" + quoted + "\"}")).isTrue();
    }

    @Test
    void bytesAreBase64OfEachMessageAlone() {
        Random random = new Random(5);
        for (int length = 0; length < 100; length++) {
            byte[] bytes = new byte[length];
            random.nextBytes(bytes);
            assertThat(envelope(ContentType.BINARY, bytes))
                    .isEqualTo(HEAD + "\"base64\":\"" + Base64.getEncoder().encodeToString(bytes) + "\"}");
        }
    }

    @Test
    void whatWasSkippedIsTold() {
        Block block = new Block.Builder(7, 42, 0)
                .append(Payloads.one("1".getBytes(UTF_8)), 1, null)
                .build();
        assertThat(new String(Envelope.of(CHANNEL, ContentType.JSON, block, 0, 12), UTF_8))
                .isEqualTo(HEAD + "\"skipped\":12,\"data\":1}");
    }
}
