package io.switchboard.server;

import static io.switchboard.server.FrameClient.BINARY;
import static io.switchboard.server.FrameClient.CLOSE;
import static io.switchboard.server.FrameClient.CONTINUATION;
import static io.switchboard.server.FrameClient.FIN;
import static io.switchboard.server.FrameClient.PING;
import static io.switchboard.server.FrameClient.PONG;
import static io.switchboard.server.FrameClient.TEXT;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import java.util.zip.Deflater;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** RFC 6455 and 7692 against an echo: what is answered, and with which code what is not. */
final class WebSocketProtocolTest {
    private static final String ECHO = "/v1/stream/tests?echo";
    private static final int MESSAGE_MAX = 1 << 20;

    private static TestServer server;

    @BeforeAll
    static void start() {
        server = TestServer.start("limits.messageBytes", "1MB");
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    /**
     * What a client sends, and what comes back.
     *
     * @param frames as bytes
     * @param answers {@code op:payload} each; the last may be {@code close CODE}
     */
    record Case(String name, List<byte[]> frames, List<String> answers) {
        static Case of(String name) {
            return new Case(name, new ArrayList<>(), new ArrayList<>());
        }

        Case send(int first, byte[] payload) {
            frames.add(FrameClient.frame(first, payload));
            return this;
        }

        Case send(int first, String payload) {
            return send(first, payload.getBytes(StandardCharsets.UTF_8));
        }

        Case raw(int... bytes) {
            byte[] raw = new byte[bytes.length];
            for (int i = 0; i < raw.length; i++) raw[i] = (byte) bytes[i];
            frames.add(raw);
            return this;
        }

        Case gives(int opcode, String payload) {
            answers.add(Integer.toHexString(FIN | opcode) + ":" + payload);
            return this;
        }

        Case closes(int code) {
            answers.add("close " + code);
            return this;
        }

        byte[] bytes() {
            ByteArrayOutputStream all = new ByteArrayOutputStream();
            frames.forEach(all::writeBytes);
            return all.toByteArray();
        }

        @Override
        public String toString() {
            return name;
        }
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] code(int code, String reason) {
        byte[] text = utf8(reason);
        return ByteBuffer.allocate(2 + text.length)
                .putShort((short) code)
                .put(text)
                .array();
    }

    private static byte[] bytes(int... values) {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < bytes.length; i++) bytes[i] = (byte) values[i];
        return bytes;
    }

    static Stream<Case> cases() {
        List<Case> cases = new ArrayList<>();
        for (int size : new int[] {0, 1, 125, 126, 127, 128, 65_535, 65_536, 65_537}) {
            String payload = "*".repeat(size);
            cases.add(Case.of("text of " + size).send(FIN | TEXT, payload).gives(TEXT, payload));
            cases.add(Case.of("binary of " + size).send(FIN | BINARY, payload).gives(BINARY, payload));
        }
        cases.add(Case.of("ping").send(FIN | PING, "hello").gives(PONG, "hello"));
        cases.add(Case.of("empty ping").send(FIN | PING, "").gives(PONG, ""));
        cases.add(Case.of("ping of 125").send(FIN | PING, "p".repeat(125)).gives(PONG, "p".repeat(125)));
        cases.add(Case.of("ping of 126").send(FIN | PING, "p".repeat(126)).closes(1002));
        cases.add(Case.of("pong nobody asked for")
                .send(FIN | PONG, "news")
                .send(FIN | PING, "x")
                .gives(PONG, "x"));
        cases.add(Case.of("ten pings")
                .send(FIN | PING, "1")
                .send(FIN | PING, "2")
                .send(FIN | PING, "3")
                .gives(PONG, "1")
                .gives(PONG, "2")
                .gives(PONG, "3"));
        cases.add(Case.of("ping in pieces")
                .send(PING, "a")
                .send(FIN | CONTINUATION, "b")
                .closes(1002));
        for (int bit : new int[] {0x10, 0x20, 0x40}) {
            cases.add(Case.of("reserved bit " + bit).send(FIN | bit | TEXT, "x").closes(1002));
            cases.add(Case.of("reserved bit on a ping " + bit)
                    .send(FIN | bit | PING, "x")
                    .closes(1002));
        }
        for (int opcode : new int[] {3, 4, 5, 6, 7, 11, 12, 13, 14, 15}) {
            cases.add(Case.of("opcode " + opcode)
                    .send(FIN | TEXT, "before")
                    .send(FIN | opcode, "x")
                    .gives(TEXT, "before")
                    .closes(1002));
        }
        cases.add(Case.of("two pieces")
                .send(TEXT, "frag")
                .send(FIN | CONTINUATION, "ment")
                .gives(TEXT, "fragment"));
        cases.add(Case.of("ping between pieces")
                .send(TEXT, "frag")
                .send(FIN | PING, "now")
                .send(CONTINUATION, "")
                .send(FIN | CONTINUATION, "ment")
                .gives(PONG, "now")
                .gives(TEXT, "fragment"));
        cases.add(Case.of("empty pieces")
                .send(BINARY, "")
                .send(CONTINUATION, "")
                .send(FIN | CONTINUATION, "")
                .gives(BINARY, ""));
        cases.add(Case.of("piece of nothing").send(FIN | CONTINUATION, "x").closes(1002));
        cases.add(Case.of("open piece of nothing").send(CONTINUATION, "x").closes(1002));
        cases.add(Case.of("message within a message")
                .send(TEXT, "x")
                .send(FIN | TEXT, "y")
                .closes(1002));
        cases.add(Case.of("unmasked").raw(0x81, 0x01, 'x').closes(1002));
        cases.add(Case.of("length of 2^62")
                .raw(0x82, 0xff, 0x40, 0, 0, 0, 0, 0, 0, 0)
                .closes(1009));
        cases.add(Case.of("negative length")
                .raw(0x82, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 0)
                .closes(1002));
        cases.add(Case.of("length not least, 16 bits")
                .raw(0x82, 0xfe, 0, 5, 1, 2, 3, 4, 0, 0, 0, 0, 0)
                .closes(1002));
        cases.add(Case.of("length not least, 64 bits")
                .raw(0x82, 0xff, 0, 0, 0, 0, 0, 0, 0xff, 0xff)
                .closes(1002));
        cases.add(Case.of("one byte more than allowed")
                .raw(0x82, 0xff, 0, 0, 0, 0, 0, 0x10, 0, 1)
                .closes(1009));
        cases.add(Case.of("pieces beyond what is allowed")
                .send(BINARY, new byte[MESSAGE_MAX - 1])
                .send(FIN | CONTINUATION, "xy")
                .closes(1009));
        utf8Cases(cases);
        closeCases(cases);
        return cases.stream();
    }

    private static void utf8Cases(List<Case> cases) {
        String good = "Hello-µ@ßöäüàá-UTF-8!! κόσμε \ud83d\ude00 \ud7ff\ue000\uffff";
        cases.add(Case.of("all kinds of characters").send(FIN | TEXT, good).gives(TEXT, good));
        byte[] text = utf8(good);
        Case inPieces = Case.of("a character in pieces");
        for (int i = 0; i < text.length; i++) {
            int first = (i == 0 ? TEXT : CONTINUATION) | (i == text.length - 1 ? FIN : 0);
            inPieces.send(first, new byte[] {text[i]});
        }
        cases.add(inPieces.gives(TEXT, good));
        List<byte[]> bad = List.of(
                bytes(0xc0, 0xaf), // overlong
                bytes(0xe0, 0x80, 0xaf),
                bytes(0xf0, 0x80, 0x80, 0xaf),
                bytes(0xed, 0xa0, 0x80), // a surrogate
                bytes(0xf4, 0x90, 0x80, 0x80), // beyond the last character
                bytes(0xf8, 0x88, 0x80, 0x80, 0x80),
                bytes(0xff),
                bytes(0x80),
                bytes(0xce), // cut off
                bytes(0xf0, 0x9f, 0x98));
        for (byte[] wrong : bad) {
            byte[] withText = Arrays.copyOf(utf8("hello "), 6 + wrong.length);
            System.arraycopy(wrong, 0, withText, 6, wrong.length);
            cases.add(Case.of("text that is none " + Arrays.toString(wrong))
                    .send(FIN | TEXT, withText)
                    .closes(1007));
            cases.add(Case.of("binary is not looked into " + Arrays.toString(wrong))
                    .send(FIN | BINARY, withText)
                    .gives(BINARY, new String(withText, StandardCharsets.UTF_8)));
        }
        // known before the message is whole: nothing more has to come
        cases.add(Case.of("wrong from the first piece on")
                .send(TEXT, bytes('a', 0xf4, 0x90))
                .closes(1007));
        cases.add(Case.of("wrong where two pieces meet")
                .send(TEXT, bytes('a', 0xce))
                .send(CONTINUATION, bytes('b'))
                .closes(1007));
    }

    private static void closeCases(List<Case> cases) {
        cases.add(Case.of("close without a code").send(FIN | CLOSE, "").closes(0));
        for (int good : new int[] {1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999}) {
            cases.add(Case.of("close " + good)
                    .send(FIN | CLOSE, code(good, "bye"))
                    .closes(good));
        }
        for (int bad : new int[] {0, 999, 1004, 1005, 1006, 1016, 1100, 2000, 2999, 5000, 65_535}) {
            cases.add(Case.of("close with the wrong code " + bad)
                    .send(FIN | CLOSE, code(bad, ""))
                    .closes(1002));
        }
        cases.add(Case.of("close with half a code").send(FIN | CLOSE, "x").closes(1002));
        cases.add(Case.of("close with the longest reason")
                .send(FIN | CLOSE, code(1000, "r".repeat(123)))
                .closes(1000));
        cases.add(Case.of("close with too long a reason")
                .send(FIN | CLOSE, code(1000, "r".repeat(124)))
                .closes(1002));
        cases.add(Case.of("frames after the close")
                .send(FIN | CLOSE, code(1000, ""))
                .send(FIN | TEXT, "too late")
                .send(FIN | PING, "too late")
                .closes(1000));
        cases.add(Case.of("a message that is not whole, and the close")
                .send(TEXT, "x")
                .send(FIN | CLOSE, code(1000, ""))
                .closes(1000));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void whole(Case one) {
        try (FrameClient client = FrameClient.open(server.port(), ECHO)) {
            client.raw(one.bytes());
            check(client, one);
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void byteByByte(Case one) {
        byte[] bytes = one.bytes();
        if (bytes.length > 1_000) return; // the long ones differ in nothing but their length
        try (FrameClient client = FrameClient.open(server.port(), ECHO)) {
            for (byte b : bytes) client.raw(new byte[] {b});
            check(client, one);
        } catch (java.io.UncheckedIOException gone) {
            // a server that has said all may close before it has read the rest
            assertThat(one.answers().getLast()).startsWith("close");
        }
    }

    private static void check(FrameClient client, Case one) {
        boolean closes = one.answers().getLast().startsWith("close");
        if (!closes) client.send(FIN | CLOSE, code(1000, ""));
        List<String> answers = new ArrayList<>();
        for (FrameClient.@Nullable Frame frame = client.nextOrEnd(); frame != null; frame = client.nextOrEnd()) {
            answers.add(frame.toString());
        }
        List<String> expected = new ArrayList<>(one.answers());
        if (!closes) expected.add("close 1000");
        assertThat(answers).isEqualTo(expected);
    }

    @Test
    void textThatGoesWrongIsToldBeforeItEnds() {
        try (FrameClient client = FrameClient.open(server.port(), ECHO)) {
            client.send(TEXT, bytes('a', 0xf4, 0x90));
            FrameClient.Frame close = client.nextClose();
            assertThat(close.code()).isEqualTo(1007);
            assertThat(close.payload().length).isBetween(3, 125);
            assertThat(client.ends()).isTrue();
        }
    }

    @Test
    void tinyPiecesByTheTenThousandMakeOneMessage() {
        try (FrameClient client = FrameClient.open(server.port(), ECHO)) {
            ByteArrayOutputStream all = new ByteArrayOutputStream();
            all.writeBytes(FrameClient.frame(TEXT, utf8("")));
            for (int i = 0; i < 50_000; i++) all.writeBytes(FrameClient.frame(CONTINUATION, utf8("x")));
            all.writeBytes(FrameClient.frame(FIN | CONTINUATION, utf8("")));
            client.raw(all.toByteArray());
            assertThat(client.next().payload().length).isEqualTo(50_000);
        }
    }

    @Test
    void twentyThousandPingsThatNobodyReadsTheAnswersOfCostNothing() throws Exception {
        try (FrameClient client = FrameClient.open(server.port(), 4 * 1024, ECHO)) {
            Thread flood = Thread.ofVirtual().start(() -> {
                byte[] payload = new byte[125];
                for (int i = 0; i < 20_000; i++) {
                    ByteBuffer.wrap(payload).putInt(i);
                    client.send(FIN | PING, payload);
                }
                client.text("done");
            });
            // other clients are served meanwhile
            for (int i = 0; i < 20; i++)
                assertThat(server.get("/health/live").statusCode()).isEqualTo(200);
            int last = -1;
            int pongs = 0;
            boolean echoed = false;
            while (last < 19_999 || !echoed) {
                FrameClient.Frame frame = client.next();
                if (frame.opcode() == PONG) {
                    int number = ByteBuffer.wrap(frame.payload()).getInt();
                    assertThat(number).isGreaterThan(last);
                    last = number;
                    pongs++;
                } else {
                    assertThat(frame.text()).isEqualTo("done");
                    echoed = true;
                }
            }
            assertThat(pongs).isLessThanOrEqualTo(20_000);
            flood.join();
        }
    }

    // --- the handshake

    private RawClient.Answer shake(String method, String version, String... fields) {
        try (RawClient client = server.raw()) {
            StringBuilder head = new StringBuilder(method + " /v1/stream/tests?echo HTTP/" + version + "\r\n");
            for (String field : fields) head.append(field).append("\r\n");
            return client.send(head.append("\r\n").toString()).answer();
        }
    }

    private static final String[] GOOD = {
        "Host: test",
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="
    };

    private static String[] good(String removed, String... added) {
        List<String> fields = new ArrayList<>();
        for (String field : GOOD) {
            if (removed.isEmpty() || !field.startsWith(removed)) fields.add(field);
        }
        fields.addAll(List.of(added));
        return fields.toArray(new String[0]);
    }

    @Test
    void theHandshakeIsAnswered() {
        try (FrameClient client = FrameClient.open(server.port(), ECHO, "Origin: http://example.com")) {
            assertThat(client.header("Sec-WebSocket-Accept")).isEqualTo("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
            assertThat(client.header("Upgrade")).isEqualToIgnoringCase("websocket");
            assertThat(client.header("Connection")).isEqualToIgnoringCase("upgrade");
            assertThat(client.header("Sec-WebSocket-Extensions")).isNull();
            assertThat(client.header("Sec-WebSocket-Protocol")).isNull();
        }
    }

    @Test
    void anotherVersionIsToldWhichOneThereIs() {
        for (String version : new String[] {"8", "14", "x", "13, 8"}) {
            RawClient.Answer answer =
                    shake("GET", "1.1", good("Sec-WebSocket-Version", "Sec-WebSocket-Version: " + version));
            assertThat(answer.status()).as(version).isEqualTo(426);
            assertThat(answer.header("Sec-WebSocket-Version")).isEqualTo("13");
            assertThat(answer.header("Upgrade")).isEqualTo("websocket");
            assertThat(answer.body()).contains("\"code\":\"upgrade_required\"");
        }
        assertThat(shake("GET", "1.1", good("Sec-WebSocket-Version")).status()).isEqualTo(426);
    }

    @Test
    void aProxyThatStripsTheUpgradeIsToldApart() {
        assertThat(shake("GET", "1.1", good("Upgrade")).status()).isEqualTo(426);
        assertThat(shake("GET", "1.1", good("Connection")).status()).isEqualTo(426);
        assertThat(shake("GET", "1.1", good("Connection", "Connection: close")).status())
                .isEqualTo(426);
    }

    @Test
    void badHandshakesAreRefused() {
        String other = "Sec-WebSocket-Key: AQIDBAUGBwgJCgsMDQ4PEC==";
        for (String[] fields : List.of(
                good("Sec-WebSocket-Key"),
                good("Sec-WebSocket-Key", "Sec-WebSocket-Key: short"),
                good("Sec-WebSocket-Key", "Sec-WebSocket-Key: !!!!!!!!!!!!!!!!!!!!!!!!"),
                good("Sec-WebSocket-Key", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZWFi"),
                good("", other),
                good("", "Sec-WebSocket-Version: 13"),
                good("", "Host: other"),
                good("", "Sec-WebSocket-Protocol: a, a"),
                good("", "Sec-WebSocket-Protocol: a b"),
                good("", "Content-Length: 0", "Transfer-Encoding: chunked"))) {
            assertThat(shake("GET", "1.1", fields).status())
                    .as(String.join(" ", fields))
                    .isEqualTo(400);
        }
        assertThat(shake("POST", "1.1", good("", "Content-Length: 0")).status()).isEqualTo(400);
        assertThat(shake("GET", "1.0", GOOD).status()).isEqualTo(426);
        try (RawClient client = server.raw()) {
            String head = String.join("\r\n", good("", "Content-Length: 3"));
            client.send("GET /v1/stream/tests?echo HTTP/1.1\r\n" + head + "\r\n\r\nabc");
            assertThat(client.answer().status()).isEqualTo(400);
        }
    }

    @Test
    void whoSpeaksBeforeTheAnswerLosesNothing() {
        try (RawClient client = server.raw()) {
            byte[] head = utf8("GET /v1/stream/tests?echo HTTP/1.1\r\n" + String.join("\r\n", GOOD) + "\r\n\r\n");
            byte[] frame = FrameClient.frame(FIN | TEXT, utf8("early"));
            byte[] both = Arrays.copyOf(head, head.length + frame.length);
            System.arraycopy(frame, 0, both, head.length, frame.length);
            assertThat(client.send(both).head().status()).isEqualTo(101);
            assertThat(new String(client.bytes(7), StandardCharsets.UTF_8)).endsWith("early");
        }
    }

    // --- compression

    @Test
    void offersAreTakenOrDeclinedWithoutHarm() {
        String base = "permessage-deflate; server_no_context_takeover; client_no_context_takeover";
        for (String[] offer : new String[][] {
            {"permessage-deflate", base},
            {"permessage-deflate; client_max_window_bits", base},
            {"permessage-deflate; client_max_window_bits=10", base},
            {"permessage-deflate; server_max_window_bits=9", base + "; server_max_window_bits=9"},
            {"permessage-deflate; server_max_window_bits=\"9\"", base + "; server_max_window_bits=9"},
            {"permessage-deflate; server_no_context_takeover; client_no_context_takeover", base},
            {"permessage-deflate; server_max_window_bits=7, permessage-deflate", base},
            {"x-other; a=b, Permessage-Deflate", base},
            {"permessage-deflate; server_max_window_bits=7", null},
            {"permessage-deflate; server_max_window_bits=16", null},
            {"permessage-deflate; server_max_window_bits=08", null},
            {"permessage-deflate; server_max_window_bits", null},
            {"permessage-deflate; client_max_window_bits=99999999999", null},
            {"permessage-deflate; server_no_context_takeover=1", null},
            {"permessage-deflate; server_no_context_takeover; server_no_context_takeover", null},
            {"permessage-deflate; unknown", null},
            {"permessage-deflate;", null},
            {"x-webkit-deflate-frame", null},
            {",;=\"", null},
        }) {
            try (FrameClient client = FrameClient.open(server.port(), ECHO, "Sec-WebSocket-Extensions: " + offer[0])) {
                assertThat(client.header("Sec-WebSocket-Extensions"))
                        .as(offer[0])
                        .isEqualTo(offer[1]);
                client.text("works");
                assertThat(client.nextText()).isEqualTo("works");
            }
        }
    }

    private static byte[] deflate(byte[] plain) {
        Deflater deflater = new Deflater(9, true);
        deflater.setInput(plain);
        byte[] out = new byte[plain.length + 64];
        int size = deflater.deflate(out, 0, out.length, Deflater.SYNC_FLUSH);
        deflater.end();
        return Arrays.copyOf(out, size - 4);
    }

    private static byte[] inflate(byte[] compressed, int bytesMax) throws Exception {
        java.util.zip.Inflater inflater = new java.util.zip.Inflater(true);
        byte[] input = Arrays.copyOf(compressed, compressed.length + 4);
        input[input.length - 2] = (byte) 0xff;
        input[input.length - 1] = (byte) 0xff;
        inflater.setInput(input);
        byte[] out = new byte[bytesMax];
        int size = inflater.inflate(out);
        inflater.end();
        return Arrays.copyOf(out, size);
    }

    private static FrameClient compressed(String parameters) {
        return FrameClient.open(server.port(), ECHO, "Sec-WebSocket-Extensions: permessage-deflate" + parameters);
    }

    @Test
    void messagesGoCompressedBothWays() throws Exception {
        try (FrameClient client = compressed("")) {
            for (int size : new int[] {256, 1_000, 70_000, MESSAGE_MAX}) {
                byte[] plain = utf8("0123456789abcdef".repeat(size / 16));
                byte[] small = deflate(plain);
                client.send(FIN | 0x40 | TEXT, small);
                FrameClient.Frame echo = client.next();
                assertThat(echo.first()).isEqualTo(FIN | 0x40 | TEXT);
                assertThat(echo.payload().length).isLessThan(plain.length);
                assertThat(inflate(echo.payload(), MESSAGE_MAX)).isEqualTo(plain);
                // in pieces, the first of which says that it is compressed
                client.send(0x40 | TEXT, Arrays.copyOf(small, 3))
                        .send(FIN | PING, utf8("x"))
                        .send(FIN | CONTINUATION, Arrays.copyOfRange(small, 3, small.length));
                assertThat(client.next().opcode()).isEqualTo(PONG);
                assertThat(inflate(client.next().payload(), MESSAGE_MAX)).isEqualTo(plain);
            }
        }
    }

    @Test
    void tinyMessagesAndNoiseGoAsTheyAre() {
        try (FrameClient client = compressed("")) {
            client.text("a".repeat(255));
            assertThat(client.next().first()).isEqualTo(FIN | TEXT);
            byte[] noise = new byte[4_000];
            new Random(1).nextBytes(noise);
            client.send(FIN | BINARY, noise);
            FrameClient.Frame echo = client.next();
            assertThat(echo.first()).isEqualTo(FIN | BINARY);
            assertThat(echo.payload()).isEqualTo(noise);
        }
    }

    @Test
    void nothingPointsFurtherBackThanTheWindow() throws Exception {
        try (FrameClient client = compressed("; server_max_window_bits=9")) {
            client.text("ab".repeat(256)); // 512 bytes: the whole of the window
            FrameClient.Frame echo = client.next();
            assertThat(echo.first()).isEqualTo(FIN | 0x40 | TEXT);
            assertThat(inflate(echo.payload(), 1_000)).isEqualTo(utf8("ab".repeat(256)));
            client.text("ab".repeat(257)); // would have to be cut
            assertThat(client.next().first()).isEqualTo(FIN | TEXT);
        }
    }

    @Test
    void whatCannotBeExpandedClosesWithTheRightCode() {
        @SuppressWarnings("ArrayRecordComponent") // a row of a table
        record Wrong(int first, byte[] payload, int code) {}
        byte[] bomb = deflate(new byte[64 << 20]);
        assertThat(bomb.length).isLessThan(MESSAGE_MAX);
        for (Wrong wrong : List.of(
                new Wrong(FIN | 0x40 | BINARY, bomb, 1009),
                new Wrong(FIN | 0x40 | BINARY, deflate(new byte[MESSAGE_MAX + 1]), 1009),
                new Wrong(FIN | 0x40 | TEXT, bytes(0xff, 0xff, 0xff), 1007),
                new Wrong(FIN | 0x40 | TEXT, deflate(bytes(0xff, 0xfe, 0xfd)), 1007),
                new Wrong(FIN | 0x40 | PING, utf8("x"), 1002),
                new Wrong(FIN | 0x20 | TEXT, utf8("x"), 1002),
                new Wrong(FIN | 0x60 | TEXT, utf8("x"), 1002))) {
            try (FrameClient client = compressed("")) {
                client.send(wrong.first(), wrong.payload());
                assertThat(client.nextClose().code())
                        .as(Integer.toHexString(wrong.first()))
                        .isEqualTo(wrong.code());
            }
        }
        try (FrameClient client = compressed("")) {
            client.send(TEXT, utf8("x")).send(FIN | 0x40 | CONTINUATION, utf8("y"));
            assertThat(client.nextClose().code()).isEqualTo(1002);
        }
    }
}
