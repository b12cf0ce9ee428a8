package io.switchboard.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.quic.QuicStreamType;
import io.switchboard.server.Http3Client.Stream;
import java.util.Arrays;
import java.util.function.Consumer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a peer of HTTP/3 must not do, or not so often: it ends its own connection, by the right name, and no other. */
@Tag("slow")
class Http3AttacksTest {
    private static final long H3_STREAM_CREATION_ERROR = 0x103; // RFC 9114, section 8.1
    private static final long H3_CLOSED_CRITICAL_STREAM = 0x104;
    private static final long H3_FRAME_UNEXPECTED = 0x105;
    private static final long H3_EXCESSIVE_LOAD = 0x107;
    private static final long H3_SETTINGS_ERROR = 0x109;
    private static final long H3_MISSING_SETTINGS = 0x10a;
    private static final long H3_REQUEST_CANCELLED = 0x10c;
    private static final long H3_REQUEST_INCOMPLETE = 0x10d;
    private static final long H3_MESSAGE_ERROR = 0x10e;
    private static final long QPACK_DECOMPRESSION_FAILED = 0x200; // RFC 9204, section 6
    private static final long QPACK_ENCODER_STREAM_ERROR = 0x201;

    private static final long FLOOD_NANOS = 20_000_000_000L;

    private static final int CONTROL = 0x00; // types of streams
    private static final int PUSH = 0x01;
    private static final int ENCODER = 0x02;

    private static final int DATA = 0x00; // types of frames
    private static final int HEADERS = 0x01;
    private static final int SETTINGS = 0x04;
    private static final int GOAWAY = 0x07;
    private static final int MAX_PUSH_ID = 0x0d;
    private static final int RESERVED = 0x40; // RFC 9114, section 7.2.8; of two bytes

    // GET https://h/ with nothing but what everybody knows (RFC 9204, appendix A).
    private static final int[] GET = {HEADERS, 8, 0, 0, 0xd1, 0xd7, 0xc1, 0x50, 0x01, 'h'};

    enum Mistake {
        SETTINGS_ARE_MISSING(H3_MISSING_SETTINGS, client -> control(client).bytes(CONTROL, GOAWAY, 1, 0)),
        SETTINGS_COME_TWICE(H3_FRAME_UNEXPECTED, client -> control(client).bytes(CONTROL, SETTINGS, 0, SETTINGS, 0)),
        A_SETTING_COMES_TWICE(H3_SETTINGS_ERROR, client -> control(client).bytes(CONTROL, SETTINGS, 4, 6, 1, 6, 1)),
        A_SETTING_OF_HTTP_2(H3_SETTINGS_ERROR, client -> control(client).bytes(CONTROL, SETTINGS, 2, 4, 1)),
        CONTENT_ON_THE_CONTROL_STREAM(
                H3_FRAME_UNEXPECTED, client -> control(client).bytes(CONTROL, SETTINGS, 0, DATA, 0)),
        THE_CONTROL_STREAM_ENDS(H3_CLOSED_CRITICAL_STREAM, client -> {
            Stream control = control(client).bytes(CONTROL, SETTINGS, 0);
            control.channel().shutdownOutput();
        }),
        THERE_ARE_TWO_CONTROL_STREAMS(H3_STREAM_CREATION_ERROR, client -> {
            control(client).bytes(CONTROL, SETTINGS, 0);
            control(client).bytes(CONTROL, SETTINGS, 0);
        }),
        THE_CLIENT_PUSHES(H3_STREAM_CREATION_ERROR, client -> {
            well(client);
            control(client).bytes(PUSH, 0, 0);
        }),
        FIELDS_ARE_PUT_INTO_A_TABLE_THAT_HAS_NO_ROOM(QPACK_ENCODER_STREAM_ERROR, client -> {
            well(client);
            control(client).bytes(ENCODER, 0x3f, 0xe1, 0x1f);
        }),
        FIELDS_ARE_TAKEN_FROM_IT(
                QPACK_DECOMPRESSION_FAILED, client -> well(client).bytes(HEADERS, 3, 0, 0, 0x80)),
        FIELDS_WAIT_FOR_IT(QPACK_DECOMPRESSION_FAILED, client -> well(client).bytes(HEADERS, 3, 2, 0, 0x80)),
        A_HEAD_IS_ANNOUNCED_AS_ENDLESS(
                H3_EXCESSIVE_LOAD, client -> well(client).bytes(HEADERS, 0x9f, 0xff, 0xff, 0xff, 0, 0)),
        CONTENT_BEFORE_A_HEAD(H3_FRAME_UNEXPECTED, client -> well(client).bytes(DATA, 1, 'x')),
        A_FRAME_OF_HTTP_2(H3_FRAME_UNEXPECTED, client -> well(client).bytes(0x06, 0)),
        SETTINGS_ON_A_REQUEST(H3_FRAME_UNEXPECTED, client -> well(client).bytes(SETTINGS, 0));

        private final long error;

        @SuppressWarnings("ImmutableEnumChecker") // a lambda without state
        private final Consumer<Http3Client> made;

        Mistake(long error, Consumer<Http3Client> made) {
            this.error = error;
            this.made = made;
        }

        private static Stream control(Http3Client client) {
            return client.raw(QuicStreamType.UNIDIRECTIONAL);
        }

        // A request stream of a client that has done all right before.
        private static Stream well(Http3Client client) {
            control(client).bytes(CONTROL, SETTINGS, 0);
            return client.raw(QuicStreamType.BIDIRECTIONAL);
        }
    }

    @Test
    void whoBreaksTheRulesIsToldWhichAndLosesItsConnectionAlone() {
        try (TestServer server = TlsFiles.start("http3", "on");
                Http3Client bystander = Http3Client.connect(server.port())) {
            for (Mistake mistake : Mistake.values()) {
                try (Http3Client client = Http3Client.bare(server.port())) {
                    mistake.made.accept(client);
                    assertThat(client.goneWith()).as(mistake.name()).isEqualTo(mistake.error);
                }
            }
            assertThat(bystander.ask("GET", "/health/live").answer().status()).isEqualTo(200);
            assertThat(server.getText("/metrics"))
                    .contains("switchboard_http3_errors_total{error=\"h3_missing_settings\"} 1");
        }
    }

    enum Flood {
        STREAMS_THAT_ARE_DROPPED_AT_ONCE {
            @Override
            void once(Http3Client client, Stream request) {
                client.raw(QuicStreamType.BIDIRECTIONAL).bytes(GET).channel().shutdown(0x10c);
            }
        },
        REQUESTS_THAT_ARE_NONE {
            @Override
            void once(Http3Client client, Stream request) {
                client.raw(QuicStreamType.BIDIRECTIONAL).bytes(HEADERS, 3, 0, 0, 0xd1);
            }
        },
        CONTENT_THAT_IS_EMPTY {
            @Override
            void once(Http3Client client, Stream request) {
                request.bytes(DATA, 0, DATA, 0, DATA, 0, DATA, 0);
            }
        },
        FRAMES_THAT_NOBODY_KNOWS {
            @Override
            void once(Http3Client client, Stream request) {
                request.bytes(0x40, RESERVED, 0, 0x40, RESERVED, 0, 0x40, RESERVED, 0);
            }
        },
        PROMISES_ABOUT_PUSHES {
            @Override
            void once(Http3Client client, Stream request) {
                request.bytes(MAX_PUSH_ID, 1, 0, MAX_PUSH_ID, 1, 0, MAX_PUSH_ID, 1, 0, MAX_PUSH_ID, 1, 0);
            }
        };

        /** A little of it. */
        abstract void once(Http3Client client, Stream request);
    }

    @ParameterizedTest
    @EnumSource
    void whoDoesForNothingWhatCostsTheServerIsCutOffAlone(Flood flood) {
        try (TestServer server = TlsFiles.start("http3", "on");
                Http3Client bystander = Http3Client.connect(server.port())) {
            try (Http3Client client = Http3Client.bare(server.port())) {
                Stream control = client.raw(QuicStreamType.UNIDIRECTIONAL).bytes(CONTROL, SETTINGS, 0);
                Stream request = flood == Flood.PROMISES_ABOUT_PUSHES
                        ? control
                        : client.raw(QuicStreamType.BIDIRECTIONAL).bytes(GET);
                long before = Memory.direct();
                long until = System.nanoTime() + FLOOD_NANOS;
                while (client.channel().isActive() && System.nanoTime() < until) {
                    try {
                        if (client.mayOpen()) flood.once(client, request);
                        client.settle();
                    } catch (AssertionError gone) {
                        // cut off in the middle of it, which the loop sees
                    }
                }
                // The room of streams that the server resets may be lost with their last packets (decision 26). Who has
                // none left can do no more of it, and is not waited for.
                boolean outOfRoom = client.channel().isActive() && !client.mayOpen();
                if (!outOfRoom) assertThat(client.goneWith()).isEqualTo(H3_EXCESSIVE_LOAD);
                assertThat(Memory.direct() - before).isLessThan(16L << 20);
            }
            assertThat(bystander.ask("GET", "/health/live").answer().status()).isEqualTo(200);
        }
    }

    @Test
    void aRequestThatIsNotSaidToItsEndIsNone() {
        try (TestServer server = TlsFiles.start("http3", "on", "timeouts.header", "1s");
                Http3Client client = Http3Client.bare(server.port())) {
            client.raw(QuicStreamType.UNIDIRECTIONAL).bytes(CONTROL, SETTINGS, 0);
            Stream empty = client.raw(QuicStreamType.BIDIRECTIONAL);
            empty.channel().shutdownOutput();
            assertThat(empty.resetWith()).isEqualTo(H3_REQUEST_INCOMPLETE);
            Stream half = client.raw(QuicStreamType.BIDIRECTIONAL).bytes(Arrays.copyOf(GET, 5));
            assertThat(half.resetWith()).isEqualTo(H3_MESSAGE_ERROR);
        }
    }

    @Test
    void whatNobodyTakesDoesNotPileUp() {
        try (TestServer server = TlsFiles.start("http3", "on", "threads", "1", "live.stalledMax", "1s");
                Http3Client client = Http3Client.connect(server.port(), 0)) {
            server.create("c", TestServer.BYTES);
            for (int i = 0; i < 4; i++) server.append("c", TestServer.BYTES, new byte[250_000]);
            server.get("/v1/stream/c");
            long before = Memory.direct();
            Stream first = client.ask("GET", "/v1/stream/c");
            for (int i = 1; i < 60; i++) client.ask("GET", "/v1/stream/c");
            server.settle();
            assertThat(Memory.direct() - before).isLessThan(24L << 20); // of 60 MB asked for
            assertThat(first.resetWith()).isEqualTo(H3_REQUEST_CANCELLED); // its window stays shut
        }
    }
}
