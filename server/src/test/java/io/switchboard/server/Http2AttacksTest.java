package io.switchboard.server;

import static io.switchboard.server.Http2Client.CANCEL;
import static io.switchboard.server.Http2Client.CONTINUATION;
import static io.switchboard.server.Http2Client.DATA;
import static io.switchboard.server.Http2Client.END_HEADERS;
import static io.switchboard.server.Http2Client.END_STREAM;
import static io.switchboard.server.Http2Client.ENHANCE_YOUR_CALM;
import static io.switchboard.server.Http2Client.HEADERS;
import static io.switchboard.server.Http2Client.PING;
import static io.switchboard.server.Http2Client.PRIORITY;
import static io.switchboard.server.Http2Client.PROTOCOL_ERROR;
import static io.switchboard.server.Http2Client.RST_STREAM;
import static io.switchboard.server.Http2Client.WINDOW_UPDATE;
import static io.switchboard.server.Http2Client.frame;
import static io.switchboard.server.Http2Client.integer;
import static io.switchboard.server.Http2Client.join;
import static io.switchboard.server.TestServer.JSON;
import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.server.Http2Client.Frame;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What can be done to a server over HTTP/2 alone: each attack is told to calm down and cut off, and a healthy reader
 * beside it gets its messages.
 */
@Tag("slow") // twenty thousand frames each
class Http2AttacksTest {
    private static final int TIMES = 20_000;
    private static final long SOON_MILLIS = 2_000;

    private static TestServer server;
    private static EventClient reader;

    @BeforeAll
    static void start() {
        server = TestServer.start();
        server.create("healthy", JSON);
        reader = server.events("/v1/stream/healthy");
    }

    @AfterAll
    static void stop() {
        reader.close();
        server.close();
    }

    /** What is sent over and over. */
    enum Flood {
        RAPID_RESET(ENHANCE_YOUR_CALM) {
            @Override
            byte[] piece(Http2Client client, int number) {
                int stream = client.newStream();
                return join(request(client, stream), integer(RST_STREAM, stream, CANCEL));
            }
        },
        /** The server is brought to reset what it has begun to do. */
        MADE_YOU_RESET(ENHANCE_YOUR_CALM) {
            @Override
            byte[] piece(Http2Client client, int number) {
                int stream = client.newStream();
                byte[] head = client.head("POST", "/v1/stream/healthy");
                return join(frame(HEADERS, END_HEADERS, stream, head), integer(WINDOW_UPDATE, stream, 0));
            }
        },
        MADE_YOU_RESET_BY_CONTENT(ENHANCE_YOUR_CALM) {
            @Override
            byte[] piece(Http2Client client, int number) {
                int stream = client.newStream();
                byte[] head = client.head("POST", "/v1/stream/healthy", "content-length", "1");
                return join(
                        frame(HEADERS, END_HEADERS, stream, head), frame(DATA, END_STREAM, stream, (byte) 1, (byte) 2));
            }
        },
        NO_REQUESTS(ENHANCE_YOUR_CALM) {
            @Override
            byte[] piece(Http2Client client, int number) {
                return frame(HEADERS, END_HEADERS | END_STREAM, client.newStream(), client.fields(":method", "GET"));
            }
        },
        /** Far more than may be open at a time. */
        STREAMS(ENHANCE_YOUR_CALM) {
            @Override
            byte[] piece(Http2Client client, int number) {
                return frame(
                        HEADERS,
                        END_HEADERS | END_STREAM,
                        client.newStream(),
                        client.head("GET", "/v1/stream/healthy", "accept", "text/event-stream"));
            }
        },
        PINGS(ENHANCE_YOUR_CALM) {
            @Override
            byte[] piece(Http2Client client, int number) {
                return frame(PING, 0, 0, new byte[8]);
            }
        },
        SETTINGS(ENHANCE_YOUR_CALM) {
            @Override
            byte[] piece(Http2Client client, int number) {
                return Http2Client.settings(4, number);
            }
        },
        AGREEMENTS(ENHANCE_YOUR_CALM) {
            @Override
            byte[] piece(Http2Client client, int number) {
                return frame(Http2Client.SETTINGS, Http2Client.ACK, 0);
            }
        },
        PRIORITIES(ENHANCE_YOUR_CALM) {
            @Override
            byte[] piece(Http2Client client, int number) {
                return frame(PRIORITY, 0, 2 * number + 1, new byte[5]);
            }
        },
        UNKNOWN_FRAMES(ENHANCE_YOUR_CALM) {
            @Override
            byte[] piece(Http2Client client, int number) {
                return frame(0xbb, 0, 0);
            }
        },
        WINDOW_UPDATES(ENHANCE_YOUR_CALM) {
            @Override
            byte[] piece(Http2Client client, int number) {
                return integer(WINDOW_UPDATE, 0, 1);
            }
        },
        EMPTY_CONTENT(ENHANCE_YOUR_CALM) {
            @Override
            byte[] piece(Http2Client client, int number) {
                if (number > 0) return frame(DATA, 0, 1);
                return frame(HEADERS, END_HEADERS, client.newStream(), client.head("POST", "/v1/stream/healthy"));
            }
        },
        CONTENT_BEHIND_A_RESET(ENHANCE_YOUR_CALM) {
            @Override
            byte[] piece(Http2Client client, int number) {
                if (number > 0) return frame(DATA, 0, 1, (byte) 0);
                int stream = client.newStream();
                return frame(HEADERS, END_HEADERS, stream, client.head("POST", "/", "content-length", "999999999"));
            }
        },
        CONTINUATIONS(ENHANCE_YOUR_CALM) {
            @Override
            byte[] piece(Http2Client client, int number) {
                if (number > 0) return frame(CONTINUATION, 0, 1, (byte) 0, (byte) 1, (byte) 'x', (byte) 0);
                return frame(HEADERS, 0, client.newStream(), client.head("GET", "/"));
            }
        },
        LARGE_CONTINUATIONS(PROTOCOL_ERROR) {
            @Override
            byte[] piece(Http2Client client, int number) {
                if (number > 0) return frame(CONTINUATION, 0, 1, new byte[16_000]);
                return frame(HEADERS, 0, client.newStream(), client.head("GET", "/"));
            }
        };

        private final int error;

        Flood(int error) {
            this.error = error;
        }

        abstract byte[] piece(Http2Client client, int number);

        private static byte[] request(Http2Client client, int stream) {
            return frame(HEADERS, END_HEADERS | END_STREAM, stream, client.head("GET", "/v1/stream/healthy"));
        }
    }

    @ParameterizedTest
    @EnumSource
    void aFloodIsToldToCalmDown(Flood flood) {
        try (Http2Client client = Http2Client.connect(server.port())) {
            // Agreed on before, as the agreement would come between a head and its continuation, another error.
            client.next(Http2Client.SETTINGS, 0);
            Thread sending = Thread.ofVirtual().start(() -> send(client, number -> flood.piece(client, number)));
            Frame end = client.goAway();
            assertThat(end.error()).isEqualTo(flood.error);
            client.awaitEnd();
            sending.join();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        isHealthy();
    }

    private static void send(Http2Client client, IntFunction<byte[]> pieces) {
        try {
            for (int i = 0; i < TIMES; i++) client.send(pieces.apply(i));
        } catch (UncheckedIOException ended) {
            // by the server
        }
    }

    private static void isHealthy() {
        long begun = System.nanoTime();
        String message = Long.toString(begun);
        server.append("healthy", JSON, message);
        assertThat(reader.next().data()).isEqualTo(message);
        assertThat(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun)).isLessThan(SOON_MILLIS);
    }

    // A field that stands in the table is sent in one byte, and is four thousand.
    @Test
    void whatSwellsWhenItIsReadIsRefused() {
        try (Http2Client client = Http2Client.connect(server.port())) {
            int first = client.ask("GET", "/health/live", "x", "y".repeat(3_000));
            assertThat(client.answer(first).status()).isEqualTo(200);
            byte[] bomb = new byte[16_000];
            Arrays.fill(bomb, (byte) 0xbe); // the newest field of the table (RFC 7541, section 6.1)
            int second = client.newStream();
            client.send(
                    frame(HEADERS, END_HEADERS | END_STREAM, second, join(client.head("GET", "/health/live"), bomb)));
            assertThat(client.answer(second).status()).isEqualTo(431);
            assertThat(client.answer(client.ask("GET", "/health/live")).status())
                    .isEqualTo(200);
        }
        isHealthy();
    }
}
