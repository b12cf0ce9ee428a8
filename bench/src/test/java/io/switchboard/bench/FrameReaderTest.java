package io.switchboard.bench;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Frames of a server, cut anywhere. */
class FrameReaderTest {
    private static final class Recorder implements FrameReader.Reader {
        final List<String> seen = new ArrayList<>();
        private final StringBuilder message = new StringBuilder();

        @Override
        public void payload(byte[] bytes, int from, int to) {
            message.append(new String(bytes, from, to - from, ISO_8859_1));
        }

        @Override
        public void message() {
            seen.add(message.toString());
            message.setLength(0);
        }

        @Override
        public void ping(byte[] payload, int length) {
            seen.add("ping " + new String(payload, 0, length, ISO_8859_1));
        }

        @Override
        public void closed(int code) {
            seen.add("close " + code);
        }
    }

    private static byte[] frame(int first, String payload) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(first);
        int length = payload.length();
        if (length < 126) {
            out.write(length);
        } else if (length < 65_536) {
            out.write(126);
            out.write(length >> 8);
            out.write(length);
        } else {
            out.write(127);
            for (int shift = 56; shift >= 0; shift -= 8) out.write((int) ((long) length >> shift));
        }
        out.writeBytes(payload.getBytes(ISO_8859_1));
        return out.toByteArray();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 125, 126, 127, 65_535, 65_536})
    void aMessageOfEveryLengthIsWhole(int length) {
        String text = "y".repeat(length);
        byte[] all = frame(0x81, text);
        Recorder recorder = new Recorder();
        FrameReader frames = new FrameReader();
        frames.feed(all, 0, all.length, recorder);
        frames.feed(all, 0, all.length, recorder);
        assertThat(recorder.seen).containsExactly(text, text);
    }

    @Test
    void framesAreTheSameHoweverTheyAreCut() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(frame(0x01, "in ")); // a message in two frames, with a ping between
        out.writeBytes(frame(0x89, "hey"));
        out.writeBytes(frame(0x80, "two"));
        out.writeBytes(frame(0x8a, "pong"));
        out.writeBytes(frame(0x82, "z".repeat(130)));
        out.writeBytes(frame(0x88, "\u0003\u00f4going"));
        byte[] all = out.toByteArray();
        for (int cut = 0; cut <= all.length; cut++) {
            Recorder recorder = new Recorder();
            FrameReader frames = new FrameReader();
            frames.feed(all, 0, cut, recorder);
            frames.feed(all, cut, all.length, recorder);
            assertThat(recorder.seen)
                    .as("cut at %d", cut)
                    .containsExactly("ping hey", "in two", "z".repeat(130), "close 1012");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "c100", // compressed, which nobody offered
                "8180", // masked
                "8a7e", // a control frame that is too long
                "8300", // no opcode
                "817fffffffffffffffff" // longer than anything
            })
    void whatIsNoFrameIsRefused(String hex) {
        byte[] all = HexFormat.of().parseHex(hex);
        assertThatThrownBy(() -> new FrameReader().feed(all, 0, all.length, new Recorder()))
                .isInstanceOf(Malformed.class);
    }
}
