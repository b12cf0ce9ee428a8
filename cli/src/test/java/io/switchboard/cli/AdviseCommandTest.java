package io.switchboard.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.switchboard.cli.channel.Time;
import io.switchboard.core.advice.Evidence;
import io.switchboard.security.keys.Algorithm;
import io.switchboard.security.minting.SigningKey;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class AdviseCommandTest {
    // As a server answers that has seen enough, which takes it a minute.
    private static final String ADVISED = """
            {"alone":false,"channels":{"observed":1234,"notObserved":5,"none":1000,"stay":200,"move":34},\
            "now":{"requestsPerHour":720000,"bytesPerHour":334000000,"cpuSecondsPerHour":34.5,"memoryBytes":180000,\
            "delaySeconds":0.5},\
            "then":{"requestsPerHour":0,"bytesPerHour":22500000,"cpuSecondsPerHour":2.2,"memoryBytes":240000,\
            "delaySeconds":0},\
            "advice":[{"channel":"prices/btc","kind":"move","rule":5,"transport":"sse","confidence":"high",\
            "sentence":"720 messages an hour, read by many.","writers":"Somebody posts.","traffic":{},\
            "options":{"sse":{"requestsPerHour":0,"bytesPerHour":22500000,"cpuSecondsPerHour":2.2,\
            "memoryBytes":240000,"delaySeconds":0}}}],\
            "evidence":{"digest":"0123456789ab","origin":"one day"}}""";

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(Map<String, String> environment, Set<Shell.Stream> terminals, String... arguments) {
        Shell shell = new Shell(environment, TestShell.in(""), OutputStream.nullOutputStream(), terminals, Time.REAL);
        String[] all = new String[arguments.length + 1];
        all[0] = "advise";
        System.arraycopy(arguments, 0, all, 1, arguments.length);
        return Main.commandLine(shell)
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(all);
    }

    private int run(String... arguments) {
        return run(Map.of(), Set.of(), arguments);
    }

    /** Somebody who answers everything with that. */
    private static HttpServer answering(int status, String body) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 8);
        server.createContext("/", exchange -> {
            byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(status, bytes.length);
            exchange.getResponseBody().write(bytes);
            exchange.close();
        });
        server.start();
        return server;
    }

    private static String url(HttpServer server) {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    @Test
    void aServerThatSawLittleSaysSo() {
        try (ChannelServer server = ChannelServer.inMemory()) {
            server.create("text", "text/plain");
            server.append("text", "text/plain", "hello");
            assertThat(run(server.url())).as("%s%s", out, err).isEqualTo(ExitCode.OK);
            assertThat(out.toString())
                    .startsWith("1 channels observed: 0 could be read cheaper, 0 are read well, 1 cannot be advised.\n")
                    .contains("\ntext  no advice  (rule 1)\n    Too little was seen: 1 appends in ")
                    .contains("Reckoned with what was measured: ")
                    .doesNotContain("\u001b");
            out.getBuffer().setLength(0);
            assertThat(run(server.url(), "--channel", "text")).isEqualTo(ExitCode.OK);
            assertThat(out.toString()).startsWith("text  no advice  (rule 1)\n");
            out.getBuffer().setLength(0);
            assertThat(run(server.url(), "--channel", "text", "--json")).isEqualTo(ExitCode.OK);
            assertThat(out.toString())
                    .startsWith("{\"alone\":true,\"advice\":{\"channel\":\"text\",\"kind\":\"none\"")
                    .contains("\"digest\":\"" + Evidence.shipped().digest() + "\"");
        }
    }

    @Test
    void adviceIsPrintedForPeople() throws Exception {
        HttpServer server = answering(200, ADVISED);
        try {
            assertThat(run(url(server), "--limit", "1")).as("%s", err).isEqualTo(ExitCode.OK);
            assertThat(out.toString().lines().map(line -> line.strip().replaceAll(" +", " ")))
                    .containsExactly(
                            "1,234 channels observed: 34 could be read cheaper, 200 are read well, 1000 cannot be advised;"
                                    + " 5 more are not observed, as there are too many.",
                            "an hour requests bytes processor memory",
                            "now 720,000 334.0 MB 34.5 s 180.0 KB",
                            "as advised 0 22.5 MB 2.2 s 240.0 KB",
                            "",
                            "prices/btc move to sse, confidence high (rule 5)",
                            "720 messages an hour, read by many.",
                            "Somebody posts.",
                            "",
                            "This server shares its channels with others, and saw only what came to it: ask them too.",
                            "Reckoned with what was measured: one day.");
            out.getBuffer().setLength(0);
            run(Map.of(), EnumSet.allOf(Shell.Stream.class), url(server));
            assertThat(out.toString()).contains("\u001b[32mmove to sse\u001b[0m");
        } finally {
            server.stop(0);
        }
    }

    @Test
    void whatIsNoAdviceIsToldSo() throws Exception {
        for (String strange :
                new String[] {"<html>", "[]", "{}", "{\"channels\":{}}", ADVISED.replace("34.5", "\"\"")}) {
            HttpServer server = answering(200, strange);
            try {
                assertThat(run(url(server))).as(strange).isEqualTo(ExitCode.FAILED);
                assertThat(err.toString()).contains("is not what a Switchboard of this version says.");
            } finally {
                server.stop(0);
            }
        }
    }

    @Test
    void mistakesAndRefusalsHaveTheirCodes(@TempDir Path folder) throws Exception {
        assertThat(run("http://127.0.0.1:1", "--limit", "0")).isEqualTo(ExitCode.USAGE);
        assertThat(run("http://127.0.0.1:1", "--limit", "2", "--channel", "a")).isEqualTo(ExitCode.USAGE);
        assertThat(run("http://127.0.0.1:1", "--channel", "a b")).isEqualTo(ExitCode.USAGE);
        assertThat(run()).isEqualTo(ExitCode.USAGE);
        assertThat(run("http://127.0.0.1:1")).isEqualTo(ExitCode.UNREACHABLE);
        assertThat(err.toString()).contains("No server answers at http://127.0.0.1:1;");
        SigningKey key = SigningKey.make(Algorithm.EDDSA);
        Path keys =
                Files.writeString(folder.resolve("keys.jwks"), key.publicJwks().orElseThrow());
        try (ChannelServer server = ChannelServer.guarded(keys, "")) {
            assertThat(run(server.url())).isEqualTo(ExitCode.FAILED);
            assertThat(err.toString()).contains("refuses without a token that it accepts; give one with --token-file.");
        }
    }
}
