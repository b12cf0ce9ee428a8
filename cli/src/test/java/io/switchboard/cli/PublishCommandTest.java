package io.switchboard.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.switchboard.cli.channel.Time;
import java.io.IOException;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code publish} as a person or a script runs it, against a real server. */
@Timeout(60)
class PublishCommandTest {
    private static final String JSON = "application/json";

    private static ChannelServer server = ChannelServer.inMemory("limits.messageBytes", "1KB");
    private static int channels;

    @BeforeAll
    static void hasAServer() {
        assertThat(server.url()).startsWith("http://");
    }

    @AfterAll
    static void stopTheServer() {
        server.close();
    }

    private static String name() {
        return "publish/" + ++channels;
    }

    private static RunningCommand publish(String in, String... arguments) {
        List<String> all = new ArrayList<>(List.of("publish", "--server", server.url()));
        all.addAll(List.of(arguments));
        return RunningCommand.start(in, all.toArray(String[]::new));
    }

    private static void assertStored(RunningCommand publish) {
        assertThat(publish.exitCode()).as(() -> publish.err.rest().toString()).isEqualTo(ExitCode.OK);
        assertThat(publish.out.rest()).isEmpty();
        assertThat(publish.err.rest()).isEmpty();
    }

    @Test
    void argumentsAreMessages() {
        String channel = name();
        assertStored(publish("not read", "--create", channel, "{\"a\":1}", "[2,3]", "\"@x\""));
        assertThat(server.read(channel)).isEqualTo("[{\"a\":1},[2,3],\"@x\"]");
        assertThat(server.head(channel).headers().firstValue("Content-Type")).contains(JSON);
    }

    @Test
    void linesOfStdinAreMessagesAndBlankOnesAreNot() {
        String channel = name();
        server.create(channel, JSON);
        assertStored(publish("1\n\n [2] \r\n \t\n3", channel));
        assertThat(server.read(channel)).isEqualTo("[1,[2],3]");
    }

    @Test
    void manyLinesGoTogetherAndWhatIsTooLargeIsDivided() {
        String channel = name();
        server.create(channel, JSON);
        List<String> lines = IntStream.range(0, 600).mapToObj(String::valueOf).toList();
        assertStored(publish(String.join("\n", lines), channel));
        assertThat(server.read(channel)).isEqualTo(lines.stream().collect(Collectors.joining(",", "[", "]")));
    }

    @Test
    void textsGoAsTheyAre() {
        String channel = name();
        assertStored(publish("ä b \n{\n", "--create", "--type", "text/plain", channel));
        assertThat(server.read(channel)).isEqualTo("ä b {");
    }

    @Test
    void whatItSaysOfTheTypeIsWhatAFirstMessageCreates() {
        try (ChannelServer first = ChannelServer.inMemory("defaults.creation", "on-first-use")) {
            try (RunningCommand publish =
                    RunningCommand.start("publish", "c", "# a", "--type", "text/markdown", "-s", first.url())) {
                assertThat(publish.exitCode()).isZero();
            }
            assertThat(first.head("c").headers().firstValue("Content-Type")).contains("text/markdown");
        }
    }

    @Test
    void aLaterRunUnderTheSameNameEndsAnEarlierOne() throws IOException {
        String channel = name();
        server.create(channel, JSON);
        PipedOutputStream typed = new PipedOutputStream();
        try (RunningCommand early = RunningCommand.start(
                new PipedInputStream(typed),
                Time.REAL,
                EnumSet.noneOf(Shell.Stream.class),
                "publish",
                channel,
                "--producer",
                "import",
                "-s",
                server.url())) {
            type(typed, "1\n");
            await().until(() -> server.read(channel).equals("[1]"));
            assertStored(publish("", channel, "2", "--producer", "import"));
            type(typed, "3\n");
            assertThat(early.exitCode()).isEqualTo(ExitCode.FAILED);
            assertThat(early.err.next())
                    .contains("Another run publishes as import now")
                    .endsWith("Before that, 1 message was stored.");
        }
        assertThat(server.read(channel)).isEqualTo("[1,2]");
    }

    @Test
    void closesAtTheEnd() {
        String channel = name();
        server.create(channel, JSON);
        assertStored(publish("1\n", "--close", channel));
        assertThat(server.head(channel).headers().firstValue("Stream-Closed")).contains("true");
        try (RunningCommand late = publish("", channel, "2")) {
            assertThat(late.exitCode()).isEqualTo(ExitCode.FAILED);
            assertThat(late.err.next()).contains("is closed and takes no more messages");
        }
    }

    @Test
    void inATerminalCloseAsksForNoLines() {
        String channel = name();
        server.create(channel, JSON);
        try (RunningCommand publish = RunningCommand.start(
                TestShell.in("1\n"),
                Time.REAL,
                EnumSet.allOf(Shell.Stream.class),
                "publish",
                channel,
                "--close",
                "-s",
                server.url())) {
            assertThat(publish.exitCode()).isZero();
            assertThat(publish.err.next())
                    .contains("Published 0 messages to " + channel + ". It is closed now.")
                    .startsWith("\u001b[2m");
        }
        assertThat(server.read(channel)).isEqualTo("[]");
    }

    @Test
    void aLineThatIsNotJsonIsNamedAndThoseBeforeItAreStored() {
        String channel = name();
        server.create(channel, JSON);
        try (RunningCommand publish = publish("1\n\n{\"a\":}\n4\n", channel)) {
            assertThat(publish.exitCode()).isEqualTo(ExitCode.USAGE);
            assertThat(publish.err.next())
                    .startsWith("switchboard: Line 3 is not JSON: at byte 6 there should be a value.")
                    .endsWith("Before that, 1 message was stored.");
        }
        assertThat(server.read(channel)).isEqualTo("[1]");
        try (RunningCommand publish = publish("", channel, "2", "hello")) {
            assertThat(publish.exitCode()).isEqualTo(ExitCode.USAGE);
            assertThat(publish.err.next())
                    .startsWith("switchboard: Message 2 is not JSON")
                    .endsWith("Nothing was sent.");
        }
        assertThat(server.read(channel)).isEqualTo("[1]");
    }

    @Test
    void mistakesAreSentencesWithCodes() {
        try (RunningCommand missing = publish("", name(), "1")) {
            assertThat(missing.exitCode()).isEqualTo(ExitCode.NOT_FOUND);
            assertThat(missing.err.next()).contains("There is no channel").contains("--create");
        }
        String text = name();
        server.create(text, "text/plain");
        try (RunningCommand other = publish("", text, "--type", JSON, "1")) {
            assertThat(other.exitCode()).isEqualTo(ExitCode.USAGE);
            assertThat(other.err.next()).contains("holds text/plain; leave --type out");
        }
        try (RunningCommand large = publish("", text, "x".repeat(2_000))) {
            assertThat(large.exitCode()).isEqualTo(ExitCode.FAILED);
            assertThat(large.err.next()).contains("2000 bytes is more than the server takes");
        }
        try (RunningCommand rate = publish("", text, "--rate", "0", "x")) {
            assertThat(rate.exitCode()).isEqualTo(ExitCode.USAGE);
            assertThat(rate.err.next()).contains("--rate is more than 0");
        }
    }

    @Test
    void rateSpreadsMessages() {
        String channel = name();
        server.create(channel, JSON);
        ManualTime time = new ManualTime();
        try (RunningCommand publish = RunningCommand.start(
                TestShell.in("1\n2\n3\n4\n5\n"),
                time,
                EnumSet.noneOf(Shell.Stream.class),
                "publish",
                channel,
                "--rate",
                "4",
                "-s",
                server.url())) {
            assertThat(publish.exitCode()).isZero();
        }
        assertThat(server.read(channel)).isEqualTo("[1,2,3,4,5]");
        assertThat(time.pauses())
                .containsExactly(
                        Duration.ofMillis(250), Duration.ofMillis(250), Duration.ofMillis(250), Duration.ofMillis(250));
    }

    @Test
    @Tag("slow")
    void linesThatComeWhileTheServerIsAwayAreStoredOnceWhenItIsBack(@TempDir Path data) throws IOException {
        PipedOutputStream typed = new PipedOutputStream();
        try (ChannelServer disk = ChannelServer.onDisk(data);
                RunningCommand publish = RunningCommand.start(
                        new PipedInputStream(typed),
                        new HurriedTime(),
                        EnumSet.noneOf(Shell.Stream.class),
                        "publish",
                        "--create",
                        "c",
                        "-v",
                        "-s",
                        disk.url());
                RunningCommand tail = awaitChannel(disk, typed)) {
            assertThat(tail.out.next()).isEqualTo("1");
            disk.stop();
            type(typed, "2\n");
            assertThat(publish.err.next())
                    .isEqualTo("The server does not answer as it should; trying again, for 2 minutes.");
            type(typed, "3\n4\n");
            disk.startAgain();
            typed.close();
            assertThat(publish.exitCode()).isZero();
            assertThat(disk.read("c")).isEqualTo("[1,2,3,4]");
        }
    }

    private static RunningCommand awaitChannel(ChannelServer disk, PipedOutputStream typed) throws IOException {
        type(typed, "1\n");
        while (true) {
            RunningCommand tail = RunningCommand.start("tail", "c", "--last", "1", "--count", "1", "-s", disk.url());
            if (tail.exitCode() == ExitCode.OK) return tail;
        }
    }

    private static void type(PipedOutputStream in, String text) throws IOException {
        in.write(text.getBytes(StandardCharsets.UTF_8));
        in.flush();
    }
}
