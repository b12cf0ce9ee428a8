package io.switchboard.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.cli.channel.Time;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code tail} as a person or a script runs it, against a real server. */
@Timeout(60)
@Tag("slow") // it waits for real time
class TailCommandTest {
    private static final String JSON = "application/json";

    private static ChannelServer server = ChannelServer.inMemory();
    private static int channels;

    @BeforeAll
    static void hasAServer() {
        assertThat(server.url()).startsWith("http://");
    }

    @AfterAll
    static void stopTheServer() {
        server.close();
    }

    private static String channel(String type) {
        String channel = "tail/" + ++channels;
        server.create(channel, type);
        return channel;
    }

    private static RunningCommand tail(String channel, String... more) {
        List<String> arguments = new ArrayList<>(List.of("tail", channel, "--server", server.url(), "--verbose"));
        arguments.addAll(List.of(more));
        return RunningCommand.start(
                TestShell.in(""),
                new HurriedTime(),
                EnumSet.noneOf(Shell.Stream.class),
                arguments.toArray(String[]::new));
    }

    private static void awaitConnected(RunningCommand tail) {
        assertThat(tail.err.next()).startsWith("Connected to ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"sse", "long-poll", "poll", "websocket"})
    void everyTransportPrintsWhatIsThereAndWhatComesUntilTheChannelIsClosed(String transport) {
        String channel = channel(JSON);
        server.append(channel, JSON, "[1,{\"a\" : \"b\\n\"}]");
        try (RunningCommand tail = tail(channel, "--from", "-1", "--transport", transport)) {
            assertThat(tail.out.next(2)).containsExactly("1", "{\"a\" : \"b\\n\"}");
            server.append(channel, JSON, "{\n\"c\":3\n}");
            assertThat(tail.out.next()).isEqualTo("{ \"c\":3 }");
            server.closeChannel(channel);
            assertThat(tail.exitCode()).isEqualTo(ExitCode.OK);
            assertThat(tail.out.rest()).isEmpty();
            assertThat(tail.err.rest()).contains("The channel is closed; that was its last message.");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"sse", "long-poll", "poll", "websocket"})
    void withoutFromItBeginsNow(String transport) {
        String channel = channel(JSON);
        server.append(channel, JSON, "1");
        try (RunningCommand tail = tail(channel, "--transport", transport)) {
            awaitConnected(tail);
            server.append(channel, JSON, "2");
            assertThat(tail.out.next()).isEqualTo("2");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"sse", "long-poll", "poll", "websocket"})
    void aRestartOfTheServerLosesAndRepeatsNothing(String transport, @TempDir Path data) {
        try (ChannelServer disk = ChannelServer.onDisk(data)) {
            disk.create("c", JSON);
            disk.append("c", JSON, "[1,2]");
            try (RunningCommand tail = RunningCommand.start(
                    TestShell.in(""),
                    new HurriedTime(),
                    EnumSet.noneOf(Shell.Stream.class),
                    "tail",
                    "c",
                    "--from",
                    "-1",
                    "--transport",
                    transport,
                    "--server",
                    disk.url(),
                    "--json",
                    "-v")) {
                List<String> seen = new ArrayList<>(tail.out.next(2));
                disk.stop();
                String away = tail.err.next();
                while (!away.startsWith("Not connected; trying again in ")) away = tail.err.next();
                disk.startAgain();
                String last = disk.append("c", JSON, "[3,4,5]");
                disk.append("c", JSON, "6");
                seen.addAll(tail.out.next(4));
                assertThat(seen.stream().map(line -> line.replaceFirst(".*\"data\":", "")))
                        .containsExactly("1}", "2}", "3}", "4}", "5}", "6}");
                assertThat(seen.get(4)).contains("\"offset\":\"" + last + "\"");
                disk.closeChannel("c");
                assertThat(tail.exitCode()).isEqualTo(ExitCode.OK);
                assertThat(tail.out.rest()).isEmpty();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"sse", "long-poll", "websocket"})
    void objectsSayWhereToResume(String transport) {
        String channel = channel(JSON);
        String first = server.append(channel, JSON, "{\"n\":1}");
        String last = server.append(channel, JSON, "[2,3]");
        try (RunningCommand tail = tail(channel, "--from", first, "--json", "--count", "2", "-t", transport)) {
            assertThat(tail.exitCode()).isEqualTo(ExitCode.OK);
            List<String> lines = tail.out.rest();
            assertThat(lines).hasSize(2);
            assertThat(lines.get(1))
                    .isEqualTo("{\"channel\":\"" + channel + "\",\"offset\":\"" + last + "\",\"data\":3}");
            String middle = lines.getFirst().replaceFirst(".*\"offset\":\"([^\"]*)\".*", "$1");
            try (RunningCommand again = tail(channel, "--from", middle, "--count", "1", "-t", transport)) {
                assertThat(again.out.next()).isEqualTo("3");
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"sse", "long-poll", "poll", "websocket"})
    void fromTheBeginningTooEachMessageHasItsOwnOffset(String transport) {
        String channel = channel(JSON);
        List<String> offsets = List.of(
                server.append(channel, JSON, "1"),
                server.append(channel, JSON, "2"),
                server.append(channel, JSON, "3"));
        try (RunningCommand tail = tail(channel, "--from", "-1", "--json", "--count", "3", "-t", transport)) {
            assertThat(tail.exitCode()).isZero();
            assertThat(tail.out.rest().stream().map(line -> line.replaceFirst(".*\"offset\":\"([^\"]*)\".*", "$1")))
                    .containsExactlyElementsOf(offsets);
        }
    }

    private static RunningCommand inATerminal(String channel, String count) {
        return RunningCommand.start(
                TestShell.in(""),
                Time.REAL,
                EnumSet.of(Shell.Stream.OUT),
                "tail",
                channel,
                "--from",
                "-1",
                "--count",
                count,
                "--server",
                server.url());
    }

    @Test
    void textsAreStringsInObjectsAndLinesWithout() {
        String channel = channel("text/plain");
        server.append(channel, "text/plain", "say \"ä\"\u001b[1m");
        try (RunningCommand json = tail(channel, "--from", "-1", "--json", "--count", "1");
                RunningCommand plain = tail(channel, "--from", "-1", "--count", "1")) {
            assertThat(json.out.next()).endsWith("\"data\":\"say \\\"ä\\\"\\u001b[1m\"}");
            assertThat(plain.out.next()).isEqualTo("say \"ä\"\u001b[1m");
        }
        try (RunningCommand terminal = inATerminal(channel, "1")) {
            assertThat(terminal.out.next()).as("no control of the terminal").isEqualTo("say \"ä\"\uFFFD[1m");
        }
    }

    @Test
    void bytesAreRawInAPipeAndBase64InATerminalAndInObjects() {
        String channel = channel("application/octet-stream");
        server.append(channel, "application/octet-stream", "ab");
        server.append(channel, "application/octet-stream", "c\n");
        try (RunningCommand raw = tail(channel, "--from", "-1", "--count", "2")) {
            assertThat(raw.out.next()).isEqualTo("abc");
        }
        try (RunningCommand json = tail(channel, "--from", "-1", "--count", "1", "--json")) {
            assertThat(json.out.next()).endsWith("\"base64\":\"YWI=\"}");
        }
        try (RunningCommand terminal = inATerminal(channel, "2")) {
            assertThat(terminal.out.next(2)).containsExactly("YWI=", "Ywo=");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"sse", "long-poll", "poll", "websocket"})
    void lastBeginsWithTheNewest(String transport) {
        String channel = channel(JSON);
        server.append(channel, JSON, "[1,2,3,4]");
        try (RunningCommand tail = tail(channel, "--last", "3", "--count", "2", "-t", transport)) {
            assertThat(tail.exitCode()).isZero();
            assertThat(tail.out.rest()).containsExactly("2", "3");
        }
    }

    @Test
    void aClosedPipeEndsItQuietly() {
        String channel = channel(JSON);
        server.append(channel, JSON, "1");
        try (RunningCommand tail = RunningCommand.start("tail", channel, "--from", "-1", "--server", server.url())) {
            assertThat(tail.out.next()).isEqualTo("1");
            tail.out.closeReader();
            server.append(channel, JSON, "2");
            assertThat(tail.exitCode()).isEqualTo(ExitCode.OK);
            assertThat(tail.err.rest()).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"sse", "long-poll", "poll", "websocket"})
    void aDeletedChannelEndsItWithASentence(String transport) {
        String channel = channel(JSON);
        try (RunningCommand tail = tail(channel, "-t", transport)) {
            awaitConnected(tail);
            server.delete(channel);
            assertThat(tail.exitCode()).isEqualTo(ExitCode.GONE);
            assertThat(tail.err.rest()).anyMatch(line -> line.contains(" was deleted; "));
        }
    }

    @ParameterizedTest
    @CsvSource({"sse,now", "long-poll,now", "poll,now", "websocket,now", "sse,-1", "websocket,-1"})
    void aChannelThatIsNotThereWhenTheServerIsBackWasDeleted(String transport, String from) {
        try (ChannelServer forgetful = ChannelServer.inMemory()) {
            forgetful.create("c", JSON);
            try (RunningCommand tail =
                    RunningCommand.start("tail", "c", "-v", "-t", transport, "--from", from, "-s", forgetful.url())) {
                awaitConnected(tail);
                forgetful.stop();
                forgetful.startAgain();
                assertThat(tail.exitCode()).isEqualTo(ExitCode.GONE);
                assertThat(tail.err.rest()).anyMatch(line -> line.contains(" was deleted; "));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"long-poll", "poll"})
    void textsAndBytesAreMessagesHoweverTheyAreAskedFor(String transport) {
        String text = channel("text/plain");
        server.append(text, "text/plain", "a b");
        server.append(text, "text/plain", "c");
        String bytes = channel("application/octet-stream");
        server.append(bytes, "application/octet-stream", "ab");
        server.append(bytes, "application/octet-stream", "c");
        try (RunningCommand texts = tail(text, "--from", "-1", "--count", "2", "-t", transport);
                RunningCommand objects = tail(bytes, "--from", "-1", "--count", "2", "--json", "-t", transport)) {
            assertThat(texts.out.next(2)).containsExactly("a b", "c");
            assertThat(objects.out.next(2).get(1)).endsWith("\"base64\":\"Yw==\"}");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"sse", "long-poll", "poll", "websocket"})
    void anOffsetThatIsGoneIsNotSkippedOver(String transport) {
        String channel = channel(JSON);
        server.append(channel, JSON, "1");
        try (RunningCommand tail = tail(channel, "--from", "a1b99", "-t", transport)) {
            assertThat(tail.exitCode()).isEqualTo(ExitCode.GONE);
            assertThat(tail.out.rest()).isEmpty();
            assertThat(tail.err.rest().getLast())
                    .startsWith("switchboard: The messages after a1b99 are gone; read on")
                    .containsPattern("--from [a-p]\\d+a0, ");
        }
    }

    @Test
    void mistakesAreSentencesWithCodes() throws IOException {
        assertMistake(ExitCode.NOT_FOUND, "There is no channel nobody/home", "tail", "nobody/home", "-s", server.url());
        assertMistake(ExitCode.USAGE, "\"soon\" is not an offset", "tail", "c", "--from", "soon", "-s", server.url());
        assertMistake(ExitCode.USAGE, "\"a//b\" is not the name of a channel", "tail", "a//b", "-s", server.url());
        assertMistake(ExitCode.USAGE, "\"ftp://x\" is not the address of a server", "tail", "c", "-s", "ftp://x");
        assertMistake(ExitCode.USAGE, "not both", "tail", "c", "--from", "-1", "--last", "2", "-s", server.url());
        assertMistake(ExitCode.USAGE, "[sse, long-poll, poll, websocket]", "tail", "c", "--transport", "pigeon");
        int free;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            free = socket.getLocalPort();
        }
        assertMistake(ExitCode.UNREACHABLE, "No Switchboard server answers at", "tail", "c", "-s", "localhost:" + free);
    }

    private static void assertMistake(int code, String sentence, String... arguments) {
        try (RunningCommand command = RunningCommand.start(arguments)) {
            assertThat(command.exitCode()).as(String.join(" ", arguments)).isEqualTo(code);
            List<String> said = command.err.rest();
            assertThat(said.getFirst()).startsWith("switchboard: ").contains(sentence);
            assertThat(String.join("\n", said)).doesNotContain("Exception");
        }
    }

    @Test
    void aLongHistoryComesWhole() {
        String channel = channel(JSON);
        List<String> all = IntStream.range(0, 5_000).mapToObj(String::valueOf).toList();
        server.append(channel, JSON, all.toString());
        for (String transport : List.of("sse", "poll")) {
            try (RunningCommand tail = tail(channel, "--from", "-1", "--count", "5000", "-t", transport)) {
                assertThat(tail.exitCode()).isZero();
                assertThat(tail.out.rest()).isEqualTo(all);
            }
        }
    }
}
